package payconnector_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/internal/canary"
	"github.com/dialpay/dialpay/ivr/twiml/payconnector"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
)

const (
	number = "4242424242424242"
	good   = `{"transaction_id":"72500aba","method":"tokenize","cardnumber":"` + number + `","cvv":"737",` +
		`"expiry_month":"12","expiry_year":"29","postal_code":"94105","description":null,"parameters":{"a":"b"}}`
)

func now() time.Time { return time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC) }

type rig struct {
	*testing.T
	connector *payconnector.Connector
	log       bytes.Buffer
}

func newRig(t *testing.T, vault payment.Vault) *rig {
	r := &rig{T: t}
	var err error
	r.connector, err = payconnector.New(payconnector.Config{Vault: vault, User: "pay", Password: "12345", Now: now,
		Log: slog.New(slog.NewTextHandler(&r.log, nil))})
	require.NoError(t, err)
	return r
}

func (r *rig) post(body string, change ...func(*http.Request)) (int, string) {
	q := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	q.SetBasicAuth("pay", "12345")
	for _, f := range change {
		f(q)
	}
	w := httptest.NewRecorder()
	r.connector.ServeHTTP(w, q)
	shown := r.log.String() + w.Body.String()
	assert.Empty(r, canary.New(number).In(shown), "the card is shown")
	return w.Code, w.Body.String()
}

func TestATokenIsTheSameWhenItIsAskedForAgain(t *testing.T) {
	r := newRig(t, paymenttest.New(paymenttest.Config{Now: now}))
	var tokens [3]struct {
		Token string  `json:"token_id"`
		Code  *string `json:"error_code"`
	}
	for i, body := range []string{good, good, strings.Replace(good, "72500aba", "another", 1)} {
		status, got := r.post(body)
		require.Equal(t, http.StatusOK, status)
		require.NoError(t, json.Unmarshal([]byte(got), &tokens[i]))
		require.Nil(t, tokens[i].Code)
		require.Contains(t, got, `"error_code":null`, "the key is there")
	}
	assert.NotEmpty(t, tokens[0].Token)
	assert.Equal(t, tokens[0], tokens[1])
	assert.NotEqual(t, tokens[0], tokens[2])
}

// The token of another card is none, however the provider comes to ask for it: it would be charged in its place.
func TestATransactionHasOneCard(t *testing.T) {
	r := newRig(t, paymenttest.New(paymenttest.Config{Now: now}))
	_, got := r.post(good)
	require.Contains(t, got, `"error_code":null`)
	for _, c := range []struct{ old, new string }{
		{number, "5555555555554444"}, {number, "4000000000000002"}, {`"12"`, `"11"`},
	} {
		status, got := r.post(strings.Replace(good, c.old, c.new, 1))
		assert.Equal(t, http.StatusOK, status)
		assert.Contains(t, got, `"token_id":null,"error_code":"transaction"`, c.new)
	}
}

func TestAYearOfFourDigits(t *testing.T) {
	r := newRig(t, paymenttest.New(paymenttest.Config{Now: now}))
	_, got := r.post(strings.Replace(good, `"29"`, `2029`, 1))
	assert.Contains(t, got, `"error_code":null`)
}

func TestCardsThatAreRefused(t *testing.T) {
	for _, c := range []struct{ old, new, code string }{
		{number, "4242424242424241", "card_number_luhn"},
		{number, "42424242", "card_number_length"},
		{number, "", "card_number_length"},
		{`"12"`, `"13"`, "card_expiry_month"},
		{`"29"`, `"25"`, "card_expiry_expired"},
		{`"tokenize"`, `"charge"`, "unsupported"},
	} {
		r := newRig(t, paymenttest.New(paymenttest.Config{Now: now}))
		status, got := r.post(strings.Replace(good, c.old, c.new, 1))
		assert.Equal(t, http.StatusOK, status)
		assert.Contains(t, got, `"token_id":null,"error_code":"`+c.code+`"`)
	}
}

// vault is one that takes no card.
type vault struct{ calls int }

func (v *vault) Tokenise(context.Context, payment.Card, string) (payment.Token, error) {
	v.calls++
	return payment.Token{}, errors.New("out of order")
}

func TestWhatIsRefusedReachesNoVault(t *testing.T) {
	for _, c := range []struct {
		name   string
		status int
		body   string
		change func(*http.Request)
	}{
		{"no password", http.StatusUnauthorized, good, func(r *http.Request) { r.Header.Del("Authorization") }},
		{"another password", http.StatusUnauthorized, good, func(r *http.Request) { r.SetBasicAuth("pay", "1234") }},
		{"another user", http.StatusUnauthorized, good, func(r *http.Request) { r.SetBasicAuth("pai", "12345") }},
		{"GET", http.StatusMethodNotAllowed, good, func(r *http.Request) { r.Method = http.MethodGet }},
		{"cut short", http.StatusBadRequest, good[:len(good)-2], nil},
		{"letters", http.StatusBadRequest, strings.Replace(good, number, "4242x", 1), nil},
		{"no transaction", http.StatusBadRequest, strings.Replace(good, "72500aba", "", 1), nil},
		{"too large", http.StatusRequestEntityTooLarge, good + strings.Repeat(" ", 16<<10), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			v := &vault{}
			change := c.change
			if change == nil {
				change = func(*http.Request) {}
			}
			status, _ := newRig(t, v).post(c.body, change)
			assert.Equal(t, c.status, status)
			assert.Zero(t, v.calls)
		})
	}
}

func TestAVaultThatCannotBeReached(t *testing.T) {
	r := newRig(t, &vault{})
	status, _ := r.post(good)
	assert.Equal(t, http.StatusServiceUnavailable, status)
	assert.Contains(t, r.log.String(), "out of order")
}

func TestConfigFaults(t *testing.T) {
	_, err := payconnector.New(payconnector.Config{})
	for _, what := range []string{"Vault", "User", "Password", "Now"} {
		assert.ErrorContains(t, err, what)
	}
}
