package flow_test

import (
	"context"
	"testing"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A caller who presses 0 while the callback is offered hears the offer again: there is nobody to be given to.
func TestCallbackOfferAgain(t *testing.T) {
	w, _ := stored(t)
	w.People.Closed = true
	c := w.DialAs(english(flowtest.Ann)).Press("0#")
	for range 3 {
		c.Hear("callback.offer.ask").Press("0")
	}
	c.Hear("callback.offer.ask").Press("2").Hear("callback.number.ask").Press("0#").Hear("callback.offer.ask")
}

// A sweep takes no more than it is told to, the longest due first, and one that fails does not keep the others waiting.
func TestSweepGoesOn(t *testing.T) {
	w, _ := stored(t)
	w.Messages.Down = true
	c := w.Dial(flowtest.Ann)
	pin(c)
	for range 3 { // each receipt is asked for by text, and cannot be sent now
		c.Hear("amount.ask").Press("2")
		savedVisa(c)
		yes(c).Hear("receipt.approved").Press("1")
		c.Hear("more.ask").Press("1")
	}
	c.HangUp()
	w.Clock.Advance(time.Hour)
	n, err := w.Engine().Sweep(context.Background(), 2)
	assert.Equal(t, 2, n)
	assert.ErrorIs(t, err, flowtest.ErrDown)
	w.Messages.Down = false
	w.Sweep(time.Hour)
	w.Sweep(time.Hour)
	assert.Len(t, w.Messages.Sent, 3)
	n, err = w.Engine().Sweep(context.Background(), 100)
	require.NoError(t, err)
	assert.Zero(t, n)
}

// A payment whose outcome the processor never tells is not guessed: after its window it is for a person, the caller is
// told nothing that may be wrong, and the bill stays taken.
func TestReview(t *testing.T) {
	w, store := stored(t)
	w.Sandbox.Inject(paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.Down, Delay: 1000 * time.Hour})
	c := w.Dial(flowtest.Ann)
	ready(c)
	yes(c).Hear("charge.unknown").Over()
	for range 80 {
		w.Clock.Advance(time.Hour)
		_, err := w.Engine().Sweep(context.Background(), 100)
		require.NoError(t, err)
	}
	p := payments(t, store, "call-1")[0]
	assert.Equal(t, payment.StateReview, p.State)
	assert.NotEmpty(t, p.Reason)
	require.Len(t, w.Messages.Sent, 1, "the message that was promised")
	assert.Contains(t, w.Messages.Sent[0].Text, "looking into")
	assert.Empty(t, open(t, store, "call-1"))

	c = w.Dial(flowtest.Ann)
	ready(c)
	yes(c).Hear("charge.taken")
}

// The message about a payment goes to where the customer can be reached, in the language of the call, and says what is
// true.
func TestNotices(t *testing.T) {
	for _, rule := range []struct {
		sentence, locale string
		declined         bool
		want             string
	}{
		{"approved", "en-US", false, "Your payment of 123.45 USD to City Water was approved."},
		{"declined", "en-US", true, "was not approved. Nothing was charged for it."},
		{"aprobado", "es-US", false, "Su pago de 123.45 USD a City Water fue aprobado."},
		{"rechazado", "es-US", true, "no fue aprobado. No se cobró nada por él."},
	} {
		t.Run(rule.sentence, func(t *testing.T) {
			w, _ := stored(t)
			w.Sandbox.Inject(paymenttest.Authorise, lostRequests(6)...)
			c := w.DialAs(ivr.Call{From: flowtest.Ann, Attestation: "A", Locale: rule.locale})
			ready(c)
			yes(c).Hear("charge.unknown").Over()
			if rule.declined {
				w.Sandbox.Inject(paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.Decline, Class: payment.OtherMethod})
			}
			for range 60 {
				w.Sweep(time.Minute)
			}
			require.Len(t, w.Messages.Sent, 1)
			assert.Equal(t, flow.SMS, w.Messages.Sent[0].Channel)
			assert.Contains(t, w.Messages.Sent[0].Text, rule.want)
		})
	}
}

func lostRequests(n int) []paymenttest.Fault {
	faults := make([]paymenttest.Fault, n)
	for i := range faults {
		faults[i].Kind = paymenttest.LostRequest
	}
	return faults
}
