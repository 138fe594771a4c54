package payment_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
)

// start is when the tests begin.
var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// world is a few sandboxes with one clock.
type world struct {
	t         testing.TB
	now       time.Time
	sandboxes map[string]*paymenttest.Sandbox
}

// newWorld has the processors "card", which holds; "replays", which holds and replays errors; "bank" and "points", which
// take and refund; "held", which holds what is on a gift card; and "gift", which takes it for good.
func newWorld(t testing.TB, fault func(op paymenttest.Op, key string) paymenttest.Fault) *world {
	w := &world{t: t, now: start, sandboxes: map[string]*paymenttest.Sandbox{}}
	for _, c := range []paymenttest.Config{
		{Profile: payment.Profile{Name: "card"}},
		{Profile: payment.Profile{Name: "replays", ReplaysErrors: true}, LookupLag: 10 * time.Minute},
		{Profile: payment.Profile{Name: "bank"}, Direct: true},
		{Profile: payment.Profile{Name: "points"}, Direct: true},
		{Profile: payment.Profile{Name: "held"}},
		{Profile: payment.Profile{Name: "gift"}, Direct: true, NoRefunds: true},
	} {
		c.Now, c.Fault = func() time.Time { return w.now }, fault
		w.sandboxes[c.Profile.Name] = paymenttest.New(c)
	}
	return w
}

func (w *world) profile(name string) payment.Profile {
	if s, ok := w.sandboxes[name]; ok {
		return s.Profile()
	}
	return payment.Profile{}
}

// leg is a leg of so many cents.
func leg(processor, token string, cents int64) payment.Leg {
	return payment.Leg{Kind: payment.KindCard, Last4: "4242", Token: token, Processor: processor, Amount: usd(cents)}
}

func (w *world) draft(id string, legs ...payment.Leg) payment.Payment {
	w.t.Helper()
	var total int64
	for _, l := range legs {
		total += l.Amount.Minor
	}
	p, err := payment.Draft(payment.Payment{ID: id, Account: "a1", Bill: "b1", Payee: "City Water", Amount: usd(total - 1),
		Fee: usd(1), Legs: legs}, w.now, w.profile)
	require.NoError(w.t, err)
	return p
}

func (w *world) confirmed(id string, legs ...payment.Leg) payment.Payment {
	w.t.Helper()
	p := w.draft(id, legs...)
	require.NoError(w.t, p.Confirm(w.now))
	return p
}

// turn does everything up to and with the next call of a processor, and returns the step it took.
func (w *world) turn(p *payment.Payment) payment.Step {
	w.t.Helper()
	step, err := p.Advance(w.now, w.profile)
	require.NoError(w.t, err)
	*p = stored(w.t, *p)
	out, _ := payment.Do(context.Background(), step, *p, w.sandboxes[step.Processor])
	require.NoError(w.t, p.Apply(step, out, w.now))
	return step
}

// drive goes on until the payment is over, letting time pass where it must wait, and returns the calls that it made.
func (w *world) drive(p *payment.Payment) (calls []payment.StepKind) {
	w.t.Helper()
	for range 10_000 {
		switch step := w.turn(p); step.Kind {
		case payment.StepNothing:
			return calls
		case payment.StepWait:
			w.now = step.Until
		default:
			calls = append(calls, step.Kind)
		}
	}
	w.t.Fatalf("payment %s does not end: %+v", p.ID, p)
	return nil
}

// stored is the payment after it went through a store. It must be the same.
func stored(t testing.TB, p payment.Payment) payment.Payment {
	t.Helper()
	b, err := json.Marshal(p)
	require.NoError(t, err)
	var back payment.Payment
	require.NoError(t, json.Unmarshal(b, &back))
	require.Equal(t, p, back)
	return back
}

// sum is what all sandboxes have in this state for the payment, in cents.
func (w *world) sum(id string, state paymenttest.ChargeState) (cents int64) {
	for _, box := range w.sandboxes {
		cents += box.Sum(id, state).Minor
	}
	return cents
}
