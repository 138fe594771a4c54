package flow_test

import (
	"context"
	"testing"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A payment that a person ended while the payer was told that it is looked into is not told: the payer hears the end, or
// gets the message.
func TestResolvedWhileTheReviewIsHeard(t *testing.T) {
	w, store := stored(t)
	w.Sandbox.Inject(paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.Down, Delay: 80 * time.Hour})
	c := w.Dial(flowtest.Ann)
	ready(c)
	yes(c).Hear("charge.unknown").Over()
	for payments(t, store, "call-1")[0].State != payment.StateReview {
		w.Sweep(time.Hour)
	}
	again := pin(w.Dial(flowtest.Ann)).Hear("resume.review")
	id := payments(t, store, "call-1")[0].ID
	require.NoError(t, w.Engine().Resolve(context.Background(), "call-1", id, resolution(true)))
	again.Press("1").Hear("resume.approved").HangUp()
	w.Sweep(time.Minute)
	require.Len(t, w.Messages.Sent, 1)
	assert.Contains(t, w.Messages.Sent[0].Text, "was approved")
}

// A biller that does not answer any more keeps no payment open for ever: it is not made, its bill is free, and the
// customer is told.
func TestBillerDownForGood(t *testing.T) {
	w, store := stored(t)
	c := w.Dial(flowtest.Ann)
	ready(c)
	w.Biller.Down = true
	yes(c).Hear("charge.unknown").Over()
	for range 26 {
		w.Clock.Advance(time.Hour)
		_, _ = w.Engine().Sweep(context.Background(), 100) // its error is the biller's
	}
	assert.Equal(t, payment.StateFailed, payments(t, store, "call-1")[0].State)
	assert.Empty(t, w.Sandbox.Charges())
	require.Len(t, w.Messages.Sent, 1)
	assert.Contains(t, w.Messages.Sent[0].Text, "was not approved. Nothing was charged for it.")
	w.Biller.Down = false
	again := w.Dial(flowtest.Ann)
	ready(again)
	yes(again).Hear("receipt.approved")
}

// Gift cards and points are saved: whoever may not pay so much with a saved card may not pay it with them and a new card.
func TestSplitWithANewCardNeedsAsMuchAsASavedOne(t *testing.T) {
	w, _ := stored(t)
	w.Gifts()
	w.Biller.Open["acc-cat"][0].Balance.Minor = 60000
	c := w.DialAs(english(flowtest.Stranger)).Press("30034567#")
	c.Hear("identify.pin.ask").Press("4321#")
	full(c).Hear("split.other").Press("2")
	newCard(c, mastercard, "0729", "737")
	c.Hear("card.save.offer").Press("2")
	c.Hear("identify.more").NotHear("confirm.pay")
}

// A yes that comes late, when the caller has gone on in another call and paid there, pays no second part of the bill.
func TestLateYesOfACallThatWasGoneOnWith(t *testing.T) {
	w, _ := stored(t)
	first := pin(w.Dial(flowtest.Ann)).Hear("amount.ask").Press("2")
	turn := savedVisa(first).Hear("confirm.readback.ask").Turn
	w.Clock.Advance(3 * time.Minute)
	second := pin(w.Dial(flowtest.Ann)).Hear("resume.offer.ask").Press("1")
	yes(second).Hear("receipt.approved").Press("3").HangUp()
	require.Len(t, w.Charges(), 1)
	late, err := w.Engine().Handle(context.Background(), "call-1", answer(turn))
	require.NoError(t, err)
	assert.Contains(t, w.Engine().Catalog().Text(late.Locale, late.Prompts...), "has gone on in another call")
	assert.Len(t, w.Charges(), 1)
}

// A hang-up that is reported again calls nobody again.
func TestHangUpReportedAgain(t *testing.T) {
	w, store := stored(t)
	w.Config.Directory = agrees{w.Config.Directory}
	c := w.Dial(flowtest.Ann)
	pin(c).Hear("amount.ask").HangUp()
	for len(w.Dialler.Dialled) == 0 {
		w.Sweep(time.Minute)
	}
	pin(w.Answer()).Hear("amount.ask").HangUp()
	require.Empty(t, open(t, store, "call-1"))
	_, err := w.Engine().Handle(context.Background(), "call-1", ivr.Input{Kind: ivr.HangUp})
	require.NoError(t, err)
	assert.Empty(t, open(t, store, "call-1"))
}

// A line drops unnoticed, the customer calls again and pays: a hang-up that is reported then calls nobody.
func TestHangUpReportedLate(t *testing.T) {
	for _, goesOn := range []bool{true, false} {
		w, store := stored(t)
		w.Config.Directory = agrees{w.Config.Directory}
		first := w.Dial(flowtest.Ann)
		ready(first).Hear("confirm.readback.ask")
		if goesOn {
			w.Clock.Advance(3 * time.Minute)
		}
		second := pin(w.Dial(flowtest.Ann))
		if goesOn {
			second.Hear("resume.offer.ask").Press("1")
		} else {
			savedVisa(full(second))
		}
		yes(second).Hear("receipt.approved").Press("3").HangUp()
		first.HangUp()
		assert.Empty(t, open(t, store, "call-1"))
	}
}

// agrees is a directory whose customers all agreed to be called back when their line drops.
type agrees struct{ auth.Directory }

func (d agrees) ByID(ctx context.Context, id string) (auth.Account, error) {
	a, err := d.Directory.ByID(ctx, id)
	a.CallBack = true
	return a, err
}
