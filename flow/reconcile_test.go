package flow_test

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// reconcile compares the last day.
func reconcile(w *flowtest.World) ([]flow.Discrepancy, error) {
	now := w.Clock.Now()
	return w.Engine().Reconcile(context.Background(), now.AddDate(0, 0, -1), now.Add(time.Second))
}

// charged makes a charge behind the library's back.
func charged(t *testing.T, w *flowtest.World, id, key string) payment.Hold {
	amount := payment.Money{Minor: 500, Currency: "USD"}
	out, err := w.Sandbox.Authorise(context.Background(),
		payment.Charge{Key: key, Token: paymenttest.TokenVisa, Amount: amount, Payment: id})
	require.NoError(t, err)
	require.Equal(t, payment.Approved, out.State)
	return payment.Hold{Key: key + "x", ChargeKey: key, Reference: out.Reference, Amount: amount}
}

// After calls that paid, were declined and were cut off, all charges are explained; what was charged without a payment,
// or twice for one, is not. A store that lost a call is found out. The names are blinded here.
func TestReconcile(t *testing.T) {
	w, _ := stored(t)
	w.Config.Seal = newSeal(t, "k1")
	c := w.Dial(flowtest.Ann)
	ready(c)
	yes(c).Hear("receipt.approved").HangUp()
	c = w.Dial(flowtest.Ann)
	pin(c)
	c.HangUp()
	found, err := reconcile(w)
	require.NoError(t, err)
	assert.Empty(t, found)

	first, err := w.Engine().Reconcile(context.Background(), w.Clock.Now(), w.Clock.Now())
	require.NoError(t, err)
	assert.Empty(t, first, "until is not in it")
	id := w.Sandbox.Charges()[0].Payment
	charged(t, w, "nobody's", "key-a")
	void := charged(t, w, "nobody's", "key-b")
	_, err = w.Sandbox.Void(context.Background(), void)
	require.NoError(t, err)
	charged(t, w, id, "key-c")
	found, err = reconcile(w)
	require.NoError(t, err)
	require.Len(t, found, 2, "what was released needs nobody")
	assert.Equal(t, "HELD, no call has this payment", found[0].Reason)
	assert.Empty(t, found[0].Session)
	assert.Equal(t, "HELD under a key that the payment does not have", found[1].Reason)
	assert.Equal(t, "call-1", found[1].Session)

	lost := w.Config
	lost.Store = flow.NewMemory(w.Clock.Now)
	e, err := flow.New(lost)
	require.NoError(t, err)
	found, err = e.Reconcile(context.Background(), w.Clock.Now().Add(-time.Hour), w.Clock.Now().Add(time.Second))
	require.NoError(t, err)
	require.Len(t, found, 3)
	assert.Equal(t, id, found[0].Payment)
	assert.Equal(t, "CAPTURED, no call has this payment", found[0].Reason)
}

// lister is a processor with a list of its own.
type lister struct {
	*paymenttest.Sandbox
	list iter.Seq2[payment.Charged, error]
}

func (l lister) Charged(context.Context, time.Time, time.Time) iter.Seq2[payment.Charged, error] {
	return l.list
}

// A processor that charged twice under one key is found out; one that lists a charge twice
// is not.
func TestReconcileFindsASecondChargeOfAKey(t *testing.T) {
	w, _ := stored(t)
	c := w.Dial(flowtest.Ann)
	ready(c)
	yes(c).Hear("receipt.approved").HangUp()
	now := w.Clock.Now()
	var listed []payment.Charged
	for one := range w.Sandbox.Charged(t.Context(), now.AddDate(0, 0, -1), now.Add(time.Second)) {
		listed = append(listed, one, one)
	}
	listed[1].Reference = "second"
	changed := w.Config
	changed.Processor = lister{w.Sandbox, func(yield func(payment.Charged, error) bool) {
		for _, c := range []payment.Charged{listed[0], listed[0], listed[1]} {
			if !yield(c, nil) {
				return
			}
		}
	}}
	e, err := flow.New(changed)
	require.NoError(t, err)
	found, err := e.Reconcile(t.Context(), now.AddDate(0, 0, -1), now)
	require.NoError(t, err)
	require.Len(t, found, 1)
	assert.Equal(t, "second", found[0].Reference)
	assert.Equal(t, "call-1", found[0].Session)
	assert.Contains(t, found[0].Reason, "CAPTURED, and so is charge ")
}

// What cannot be compared is told, and hides nothing of the rest.
func TestReconcileTellsWhatItCannotSay(t *testing.T) {
	w := flowtest.NewWorld(t)
	w.Config.Store = flow.NewMemory(w.Clock.Now)
	w.Config.Bank = struct{ payment.Processor }{paymenttest.New(paymenttest.Config{Direct: true, NoRefunds: true,
		Profile: payment.Profile{Name: "bank"}})}
	w.Config.Processor = lister{w.Sandbox, func(yield func(payment.Charged, error) bool) {
		if yield(payment.Charged{Payment: "a", State: payment.LegCaptured}, nil) {
			yield(payment.Charged{}, errors.New("gone"))
		}
	}}
	found, err := reconcile(w)
	assert.ErrorContains(t, err, `processor "bank" is no payment.Lister`)
	assert.ErrorContains(t, err, `processor "sandbox": gone`)
	require.Len(t, found, 1)

	_, err = w.Engine().Reconcile(context.Background(), w.Clock.Now().AddDate(-10, 0, 0), w.Clock.Now())
	assert.ErrorContains(t, err, "Settings.KeepFor")
	none := w.Config
	none.Store = struct{ flow.Store }{w.Config.Store}
	e, err := flow.New(none)
	require.NoError(t, err)
	_, err = e.Reconcile(context.Background(), w.Clock.Now(), w.Clock.Now())
	assert.ErrorContains(t, err, "Finder")
	_, err = e.InReview(context.Background(), 1)
	assert.ErrorContains(t, err, "Finder")
}

// A payment in review is listed until it is resolved, also where names are blinded.
func TestInReview(t *testing.T) {
	w, _, p := inReview(t)
	ctx := context.Background()
	listed, err := w.Engine().InReview(ctx, 10)
	require.NoError(t, err)
	require.Len(t, listed, 1)
	assert.Equal(t, "call-1", listed[0].Session)
	assert.Equal(t, p, listed[0].Payment)
	none, err := w.Engine().InReview(ctx, 0)
	require.NoError(t, err)
	assert.Empty(t, none)
	require.NoError(t, w.Engine().Resolve(ctx, listed[0].Session, listed[0].ID, resolution(true)))
	listed, err = w.Engine().InReview(ctx, 10)
	require.NoError(t, err)
	assert.Empty(t, listed)
}
