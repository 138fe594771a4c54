package wallet_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/wallet"
)

var ctx = context.Background()

func card(token string, year, month int) wallet.Method {
	return wallet.FromToken(payment.Token{ID: token, Brand: payment.Visa, Last4: "4242",
		Expiry: payment.Expiry{Year: year, Month: month}})
}

func tokens(methods []wallet.Method) (list []string) {
	for _, m := range methods {
		list = append(list, m.Token)
	}
	return list
}

func TestCheckFindsEveryFault(t *testing.T) {
	require.NoError(t, card("tok", 2029, 12).Check())
	require.NoError(t, wallet.Method{Kind: payment.KindBank, Token: "t", Brand: "First Bank", Last4: "6789"}.Check())
	err := wallet.Method{Kind: "gold", Last4: "4242424242424242", Expiry: payment.Expiry{Year: 2029, Month: 13}}.Check()
	require.ErrorIs(t, err, wallet.ErrMethod)
	for _, fault := range []string{`kind "gold"`, "a token of 0 characters", "last4 of 16", "expiry"} {
		assert.Contains(t, err.Error(), fault)
	}
	assert.NotContains(t, err.Error(), "4242", "a last4 that is too long may be the whole number")
	for _, last4 := range []string{"", "424", "42424", "42a2", "٤٢"} {
		assert.ErrorIs(t, wallet.Method{Kind: payment.KindCard, Token: "t", Last4: last4}.Check(), wallet.ErrMethod, last4)
	}
}

// What is stored under another name than its own is found out: a token that is something else, a card number anywhere.
func TestCheckFindsCardNumbers(t *testing.T) {
	const number = "4012888888881881"
	for want, harm := range map[string]func(m *wallet.Method){
		"a token of 256 characters":  func(m *wallet.Method) { m.Token = strings.Repeat("t", 256) },
		"the ID is a card number":    func(m *wallet.Method) { m.ID = number },
		"the token is a card number": func(m *wallet.Method) { m.Token = number },
		"the brand is a card number": func(m *wallet.Method) { m.Brand = number },
	} {
		m := card("tok", 2029, 12)
		harm(&m)
		err := m.Check()
		require.ErrorIs(t, err, wallet.ErrMethod)
		assert.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error(), number)
	}
	assert.NoError(t, card(strings.Repeat("t", 255), 2029, 12).Check())
	assert.NoError(t, card("4012888888881882", 2029, 12).Check(), "a wrong check digit: a token like any other")
}

func TestUsable(t *testing.T) {
	now := time.Date(2026, 11, 30, 23, 0, 0, 0, time.UTC)
	favourite := card("default", 2030, 1)
	favourite.Default = true
	expired := card("expired default", 2026, 10)
	expired.Default = true
	bank := wallet.Method{Kind: payment.KindBank, Token: "bank", Last4: "6789"}
	methods := []wallet.Method{card("newest", 2027, 1), card("expired", 2026, 10), bank, expired, favourite, card("last day", 2026, 11)}
	before := fmt.Sprint(methods)
	assert.Equal(t, []string{"default", "newest", "bank", "last day"}, tokens(wallet.Usable(methods, now)))
	assert.Equal(t, before, fmt.Sprint(methods), "the list of the wallet stays as it is")
	assert.Equal(t, []string{"default", "newest", "bank"}, tokens(wallet.Usable(methods, now.Add(time.Hour))))
	assert.Empty(t, wallet.Usable(nil, now))
}

func TestMemory(t *testing.T) {
	var w wallet.Memory
	none, err := w.Methods(ctx, "a")
	require.NoError(t, err)
	assert.Empty(t, none)

	first := card("one", 2029, 1)
	first.Default = true
	first, err = w.Save(ctx, "a", first)
	require.NoError(t, err)
	assert.Equal(t, "pm_1", first.ID)
	_, err = w.Save(ctx, "a", card("two", 2029, 2))
	require.NoError(t, err)
	methods, err := w.Methods(ctx, "a")
	require.NoError(t, err)
	assert.Equal(t, []string{"two", "one"}, tokens(methods), "the last saved first")

	again, err := w.Save(ctx, "a", card("one", 2030, 1))
	require.NoError(t, err)
	assert.Equal(t, "pm_1", again.ID, "the same token is kept once")
	assert.True(t, again.Default)
	favourite := card("three", 2029, 3)
	favourite.Default = true
	_, err = w.Save(ctx, "a", favourite)
	require.NoError(t, err)
	methods, err = w.Methods(ctx, "a")
	require.NoError(t, err)
	assert.Equal(t, []string{"three", "one", "two"}, tokens(methods))
	for _, m := range methods {
		assert.Equal(t, m.Token == "three", m.Default, "one default: %s", m.Token)
	}
	assert.Equal(t, 2030, methods[1].Expiry.Year)

	others, err := w.Methods(ctx, "b")
	require.NoError(t, err)
	assert.Empty(t, others, "accounts are apart")
	methods[0].Token = "changed"
	methods, err = w.Methods(ctx, "a")
	require.NoError(t, err)
	assert.Equal(t, "three", methods[0].Token, "what it returned is the caller's own")
}

func TestMemoryRefuses(t *testing.T) {
	var w wallet.Memory
	_, err := w.Save(ctx, "a", wallet.Method{})
	assert.ErrorIs(t, err, wallet.ErrMethod)
	over, cancel := context.WithCancel(ctx)
	cancel()
	_, err = w.Save(over, "a", card("one", 2029, 1))
	assert.True(t, errors.Is(err, context.Canceled))
	_, err = w.Methods(over, "a")
	assert.True(t, errors.Is(err, context.Canceled))
	methods, err := w.Methods(ctx, "a")
	require.NoError(t, err)
	assert.Empty(t, methods)
}

func TestMemoryIsSafeForManyAtOnce(t *testing.T) {
	var w wallet.Memory
	var group sync.WaitGroup
	for i := range 100 {
		group.Go(func() {
			_, _ = w.Save(ctx, "a", card(fmt.Sprint("tok", i%10), 2029, 1))
			_, _ = w.Methods(ctx, "a")
		})
	}
	group.Wait()
	methods, err := w.Methods(ctx, "a")
	require.NoError(t, err)
	assert.Len(t, methods, 10)
}

func TestMethodAsJSONAndLeg(t *testing.T) {
	m := card("tok", 2029, 1)
	b, err := json.Marshal(m)
	require.NoError(t, err)
	assert.JSONEq(t, `{"kind":"card","token":"tok","brand":"visa","last4":"4242","expiry":"2029-01"}`, string(b))
	b, err = json.Marshal(wallet.Method{Kind: payment.KindBank, Token: "t", Last4: "6789"})
	require.NoError(t, err)
	assert.JSONEq(t, `{"kind":"bank","token":"t","last4":"6789"}`, string(b))
	amount := payment.Money{Minor: 5, Currency: "USD"}
	assert.Equal(t, payment.Leg{Kind: payment.KindCard, Brand: payment.Visa, Last4: "4242", Token: "tok", Processor: "sandbox",
		Amount: amount}, m.Leg("sandbox", amount))
}
