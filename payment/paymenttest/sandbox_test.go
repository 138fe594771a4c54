package paymenttest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
)

var ctx = context.Background()

func charge(key, token string) payment.Charge {
	return payment.Charge{Key: key, Token: token, Amount: payment.Money{Minor: 500, Currency: "USD"}, Payment: "pay_1"}
}

func TestTestCardsDecide(t *testing.T) {
	for _, c := range []struct {
		number string
		class  payment.DeclineClass
	}{
		{"4242424242424242", ""}, {"4012888888881881", ""}, {"5555555555554444", ""}, {"5105105105105100", ""},
		{"378282246310005", ""}, {"371449635398431", ""}, {"6011111111111117", ""}, {"30569309025904", ""},
		{"3530111333300000", ""}, {"4000000000000002", payment.OtherMethod}, {"4000000000009995", payment.OtherMethod},
		{"4000000000009987", payment.NeverRetry}, {"4000000000009979", payment.NeverRetry},
		{"4000000000000069", payment.CorrectEntry}, {"4000000000000127", payment.CorrectEntry},
		{"4000000000000119", payment.TryLater},
	} {
		t.Run(c.number, func(t *testing.T) {
			s := paymenttest.New(paymenttest.Config{})
			cvv := "737"
			if strings.HasPrefix(c.number, "3") && c.number[1] == '7' {
				cvv = "7373"
			}
			token, err := s.Tokenise(ctx, paymenttest.Card(c.number, "1229", cvv, ""), "k")
			require.NoError(t, err)
			out, err := s.Authorise(ctx, charge("a", token.ID))
			require.NoError(t, err)
			assert.Equal(t, c.class, out.Class)
			assert.Equal(t, c.class == "", out.State == payment.Approved)
			assert.Equal(t, c.class == "", out.Code == "")
		})
	}
}

func TestVaultRefusesBadCards(t *testing.T) {
	s := paymenttest.New(paymenttest.Config{})
	for _, c := range []struct {
		card payment.Card
		want payment.CardError
	}{
		{paymenttest.Card("4242424242424241", "1229", "737", ""), payment.CardError{Field: payment.CardNumber, Reason: payment.ReasonLuhn}},
		{paymenttest.Card("4242424242424242", "1225", "737", ""), payment.CardError{Field: payment.CardExpiry, Reason: payment.ReasonExpired}},
		{paymenttest.Card("4242424242424242", "1229", "7373", ""), payment.CardError{Field: payment.CardCVV, Reason: payment.ReasonLength}},
	} {
		_, err := s.Tokenise(ctx, c.card, "k")
		assert.Equal(t, &c.want, err)
	}
	s.Inject(paymenttest.Tokenise, paymenttest.Fault{Kind: paymenttest.Decline}, paymenttest.Fault{Kind: paymenttest.LostAnswer})
	_, err := s.Tokenise(ctx, paymenttest.Card("4242424242424242", "1229", "737", ""), "k")
	assert.Equal(t, &payment.CardError{Field: payment.CardNumber, Reason: payment.ReasonRefused}, err)
	_, err = s.Tokenise(ctx, paymenttest.Card("4242424242424242", "1229", "737", ""), "k")
	assert.ErrorIs(t, err, paymenttest.ErrNoAnswer)
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		rule      string
		fault     paymenttest.Fault
		err       error
		now, then int // charges at once, and after a minute
	}{
		{"none", paymenttest.Fault{}, nil, 1, 1},
		{"a lost request is never charged", paymenttest.Fault{Kind: paymenttest.LostRequest}, paymenttest.ErrNoAnswer, 0, 0},
		{"a lost answer is", paymenttest.Fault{Kind: paymenttest.LostAnswer}, paymenttest.ErrNoAnswer, 1, 1},
		{"a late request is charged later", paymenttest.Fault{Kind: paymenttest.Late, Delay: time.Minute}, paymenttest.ErrNoAnswer, 0, 1},
		{"a duplicate is charged once", paymenttest.Fault{Kind: paymenttest.Twice, Delay: time.Minute}, nil, 1, 1},
		{"down is down", paymenttest.Fault{Kind: paymenttest.Down, Delay: time.Second}, paymenttest.ErrNoAnswer, 0, 0},
	} {
		t.Run(c.rule, func(t *testing.T) {
			now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
			s := paymenttest.New(paymenttest.Config{Now: func() time.Time { return now }})
			s.Inject(paymenttest.Authorise, c.fault)
			_, err := s.Authorise(ctx, charge("a", paymenttest.TokenVisa))
			assert.ErrorIs(t, err, c.err)
			assert.Len(t, s.Charges(), c.now)
			now = now.Add(time.Minute)
			assert.Len(t, s.Charges(), c.then)
			out, err := s.Authorise(ctx, charge("a", paymenttest.TokenVisa))
			require.NoError(t, err, "faults are used up")
			assert.Equal(t, payment.Approved, out.State)
			assert.Len(t, s.Charges(), 1)
			assert.Equal(t, charge("a", "").Amount, s.Sum("pay_1", paymenttest.Held))
		})
	}
}

func TestDownStopsEverything(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := paymenttest.New(paymenttest.Config{Now: func() time.Time { return now }})
	s.Inject(paymenttest.Lookup, paymenttest.Fault{Kind: paymenttest.Down, Delay: time.Minute})
	for range 3 {
		_, err := s.Lookup(ctx, "a")
		assert.ErrorIs(t, err, paymenttest.ErrNoAnswer)
		_, err = s.Authorise(ctx, charge("a", paymenttest.TokenVisa))
		assert.ErrorIs(t, err, paymenttest.ErrNoAnswer)
	}
	now = now.Add(time.Minute)
	_, err := s.Authorise(ctx, charge("a", paymenttest.TokenVisa))
	assert.NoError(t, err)
}

func TestSlowSleepsForAsLongAsTheCallerWaits(t *testing.T) {
	var slept time.Duration
	s := paymenttest.New(paymenttest.Config{Sleep: func(_ context.Context, d time.Duration) error {
		slept += d
		if d > time.Minute {
			return context.DeadlineExceeded
		}
		return nil
	}})
	s.Inject(paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.Slow, Delay: time.Second},
		paymenttest.Fault{Kind: paymenttest.Slow, Delay: time.Hour})
	_, err := s.Authorise(ctx, charge("a", paymenttest.TokenVisa))
	require.NoError(t, err)
	_, err = s.Authorise(ctx, charge("b", paymenttest.TokenVisa))
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Equal(t, time.Hour+time.Second, slept)
	assert.Len(t, s.Charges(), 1)
}

func TestAKeyIsForgottenAfterItsRetention(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := paymenttest.New(paymenttest.Config{Now: func() time.Time { return now }})
	_, err := s.Authorise(ctx, charge("a", paymenttest.TokenVisa))
	require.NoError(t, err)
	changed := charge("a", paymenttest.TokenVisa)
	changed.Amount.Minor++
	_, err = s.Authorise(ctx, changed)
	assert.ErrorIs(t, err, paymenttest.ErrKeyReused)
	now = now.Add(24*time.Hour + 1)
	_, err = s.Authorise(ctx, charge("a", paymenttest.TokenVisa))
	require.NoError(t, err)
	assert.Len(t, s.Charges(), 2, "this is why nothing may be sent after the key window")
}

func TestErrorsAreReplayedWhereTheProfileSaysSo(t *testing.T) {
	s := paymenttest.New(paymenttest.Config{Profile: payment.Profile{ReplaysErrors: true}})
	s.Inject(paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.LostAnswer})
	for range 3 {
		_, err := s.Authorise(ctx, charge("a", paymenttest.TokenVisa))
		assert.ErrorIs(t, err, paymenttest.ErrNoAnswer)
	}
	out, err := s.Lookup(ctx, "a")
	require.NoError(t, err)
	assert.Equal(t, payment.Approved, out.State)
}

func TestLookupLags(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	s := paymenttest.New(paymenttest.Config{Now: func() time.Time { return now }, LookupLag: time.Hour})
	_, err := s.Authorise(ctx, charge("a", paymenttest.TokenVisa))
	require.NoError(t, err)
	for _, want := range []payment.OutcomeState{payment.Absent, payment.Approved} {
		out, err := s.Lookup(ctx, "a")
		require.NoError(t, err)
		assert.Equal(t, want, out.State)
		now = now.Add(time.Hour)
	}
}

func TestTheLedgerTellsWhatBecameOfEachCharge(t *testing.T) {
	s := paymenttest.New(paymenttest.Config{})
	hold := map[string]payment.Hold{}
	for _, key := range []string{"held", "captured", "voided", "refunded", "declined"} {
		token := paymenttest.TokenVisa
		if key == "declined" {
			token = paymenttest.TokenDeclined
		}
		out, err := s.Authorise(ctx, charge(key, token))
		require.NoError(t, err)
		hold[key] = payment.Hold{ChargeKey: key, Reference: out.Reference}
	}
	do := func(f func(context.Context, payment.Hold) (payment.Outcome, error), key string) {
		out, err := f(ctx, hold[key])
		require.NoError(t, err)
		require.Equal(t, payment.Approved, out.State)
	}
	do(s.Capture, "captured")
	do(s.Capture, "refunded")
	do(s.Refund, "refunded")
	do(s.Void, "voided")
	for _, c := range s.Charges() {
		assert.Equal(t, c.Key, string(c.State))
	}
	assert.EqualValues(t, 500, s.Sum("pay_1", paymenttest.Captured).Minor)
	assert.Zero(t, s.Sum("pay_2", paymenttest.Captured))
	_, err := s.Capture(ctx, payment.Hold{ChargeKey: "never"})
	assert.ErrorIs(t, err, paymenttest.ErrNotHeld)
}

func TestManyAtOnce(t *testing.T) {
	s := paymenttest.New(paymenttest.Config{})
	var group sync.WaitGroup
	for i := range 50 {
		group.Go(func() {
			out, _ := s.Authorise(ctx, charge(fmt.Sprint("k", i%10), paymenttest.TokenVisa))
			_, _ = s.Capture(ctx, payment.Hold{ChargeKey: fmt.Sprint("k", i%10), Reference: out.Reference})
		})
	}
	group.Wait()
	assert.Len(t, s.Charges(), 10)
	assert.EqualValues(t, 5000, s.Sum("pay_1", paymenttest.Captured).Minor)
}

func TestTheSandboxKeepsNoSecrets(t *testing.T) {
	s := paymenttest.New(paymenttest.Config{})
	card := paymenttest.Card("4012888888881881", "1229", "739", "94105")
	token, err := s.Tokenise(ctx, card, "k")
	require.NoError(t, err)
	card.Number.Clear()
	card.CVV.Clear()
	shown := fmt.Sprintf("%+v %#v %+v", token, s.Charges(), errors.Unwrap(err))
	assert.NotContains(t, shown, "401288888")
	assert.NotContains(t, shown, "888881881")
	again, err := s.Tokenise(ctx, paymenttest.Card("4012888888881881", "1229", "739", "94105"), "k")
	require.NoError(t, err)
	assert.Equal(t, token, again)
}
