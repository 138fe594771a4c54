package flow_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// inReview is a call whose payment the processor never tells anything of, until it is for a person.
func inReview(t *testing.T) (*flowtest.World, *flow.Memory, payment.Payment) {
	w, store := stored(t)
	w.Sandbox.Inject(paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.Down, Delay: 80 * time.Hour})
	c := w.Dial(flowtest.Ann)
	ready(c)
	yes(c).Hear("charge.unknown").Over()
	for range 80 {
		w.Sweep(time.Hour)
	}
	p := payments(t, store, "call-1")[0]
	require.Equal(t, payment.StateReview, p.State)
	require.Len(t, w.Messages.Sent, 1)
	return w, store, p
}

func resolution(paid bool) flow.Resolution {
	return flow.Resolution{Paid: paid, By: "kim", Note: "seen in the processor's ledger"}
}

// A person ends a payment in review. The customer gets a message that is not the one they got before; a bill that was not
// paid can be paid again, and one that was paid is paid.
func TestResolve(t *testing.T) {
	for _, rule := range []struct {
		sentence string
		paid     bool
		state    payment.State
		text     string
		next     func(c *flowtest.Caller)
	}{
		{"it was paid", true, payment.StatePaid, "was approved. Transaction ID",
			func(c *flowtest.Caller) { c.Hear("bill.none") }},
		{"it was not paid", false, payment.StateFailed, "It was not made. If anything was taken for it, you get it back.",
			func(c *flowtest.Caller) {
				full(c)
				savedVisa(c)
				yes(c).Hear("receipt.approved")
			}},
	} {
		t.Run(rule.sentence, func(t *testing.T) {
			w, store, p := inReview(t)
			require.NoError(t, w.Engine().Resolve(context.Background(), "call-1", p.ID, resolution(rule.paid)))
			now := payments(t, store, "call-1")[0]
			assert.Equal(t, rule.state, now.State)
			assert.Equal(t, "kim: seen in the processor's ledger", now.Resolved)
			assert.Equal(t, w.Clock.Now(), now.Ended)
			assert.Equal(t, p.Legs, now.Legs, "the record of what is known")
			w.Sweep(time.Minute)
			require.Len(t, w.Messages.Sent, 2)
			assert.Contains(t, w.Messages.Sent[1].Text, rule.text)
			assert.NotEqual(t, w.Messages.Sent[0].Key, w.Messages.Sent[1].Key)
			assert.Empty(t, open(t, store, "call-1"))
			assert.Len(t, w.Biller.Posted, map[bool]int{true: 1}[rule.paid])
			c := w.Dial(flowtest.Ann)
			pin(c)
			rule.next(c)
		})
	}
}

// A customer whom no message reaches hears it in the next call.
func TestResolvedIsToldInTheNextCall(t *testing.T) {
	for _, rule := range []struct {
		paid bool
		hear string
	}{{true, "resume.approved"}, {false, "resume.notmade"}} {
		w, _, p := inReview(t)
		require.NoError(t, w.Engine().Resolve(context.Background(), "call-1", p.ID, resolution(rule.paid)))
		c := w.Dial(flowtest.Ann)
		pin(c)
		c.Hear(rule.hear).NotHear("othing was charged").Press("1")
		w.Sweep(time.Hour)
		assert.Len(t, w.Messages.Sent, 1, "who has heard it gets no message")
	}
}

// What is not in review is not resolved, a repetition is refused, and of two people one wins, whoever is first at the
// store.
func TestResolveRefuses(t *testing.T) {
	w, store, p := inReview(t)
	ctx := context.Background()
	assert.ErrorIs(t, w.Engine().Resolve(ctx, "call-9", p.ID, resolution(true)), flow.ErrNoSession)
	assert.ErrorContains(t, w.Engine().Resolve(ctx, "call-1", "pay-9", resolution(true)), `has no payment "pay-9"`)
	for _, r := range []flow.Resolution{{Paid: true, By: "kim"}, {Note: "I know"}} {
		assert.ErrorContains(t, w.Engine().Resolve(ctx, "call-1", p.ID, r), "By and Note are required")
	}
	for _, note := range []string{"it is the card 4242-4242 4242 4242, see there", "case 12 4242 4242 4242 4242, at 9", "4242.4242.4242.4242",
		"on 2026-03-02: 4242424242424242", "4242\u00a04242\u00a04242\u00a04242"} {
		err := w.Engine().Resolve(ctx, "call-1", p.ID, flow.Resolution{By: "kim", Note: note})
		require.ErrorContains(t, err, "looks like a card number")
		assert.NotContains(t, err.Error(), "4242")
	}
	slow := w.Config
	slow.Store = &overtakingStore{Memory: store, overtake: func() {
		require.NoError(t, w.Engine().Resolve(ctx, "call-1", p.ID, resolution(false)))
	}}
	e, err := flow.New(slow)
	require.NoError(t, err)
	err = e.Resolve(ctx, "call-1", p.ID, resolution(true))
	assert.ErrorIs(t, err, flow.ErrNotReview)
	assert.ErrorContains(t, err, "FAILED")
	assert.ErrorIs(t, w.Engine().Resolve(ctx, "call-1", p.ID, resolution(false)), flow.ErrNotReview)
	assert.Equal(t, payment.StateFailed, payments(t, store, "call-1")[0].State)
	w.Sweep(time.Hour)
	assert.Empty(t, w.Biller.Posted)
	assert.Len(t, w.Messages.Sent, 2)
	assert.Equal(t, 1, strings.Count(w.Messages.Sent[1].Text, "It was not made"))

	c := w.Dial(flowtest.Ann)
	ready(c)
	yes(c).Hear("receipt.approved")
	paid := payments(t, store, "call-2")[0]
	assert.ErrorIs(t, w.Engine().Resolve(ctx, "call-2", paid.ID, resolution(false)), flow.ErrNotReview)
}
