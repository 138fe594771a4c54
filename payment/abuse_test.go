package payment_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
)

// asked is a processor that remembers what it was asked to give back.
type asked struct {
	*paymenttest.Sandbox
	holds []payment.Hold
}

func (a *asked) Void(ctx context.Context, h payment.Hold) (payment.Outcome, error) {
	a.holds = append(a.holds, h)
	return a.Sandbox.Void(ctx, h)
}

func (a *asked) Refund(ctx context.Context, h payment.Hold) (payment.Outcome, error) {
	a.holds = append(a.holds, h)
	return a.Sandbox.Refund(ctx, h)
}

// What is given back after a partial approval is what was held or taken, not what was asked for.
func TestAPartialApprovalIsGivenBackAsHeld(t *testing.T) {
	for _, name := range []string{"card", "bank"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.sandboxes[name].Inject(paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.Partial})
			p := w.confirmed("p1", leg(name, paymenttest.TokenVisa, 500))
			processor := &asked{Sandbox: w.sandboxes[name]}
			for p.State.Open() {
				step, err := p.Advance(w.now, w.profile)
				assert.NoError(t, err)
				p = stored(t, p)
				out, err := payment.Do(context.Background(), step, p, processor)
				assert.NoError(t, err)
				assert.NoError(t, p.Apply(step, out, w.now))
			}
			assert.Equal(t, payment.StateFailed, p.State)
			assert.Len(t, processor.holds, 1)
			assert.Equal(t, usd(499), p.Legs[0].Held)
			assert.Equal(t, p.Legs[0].Held, processor.holds[0].Amount)
			assert.Equal(t, usd(500), p.Legs[0].Amount, "what was asked for stays as it was")
		})
	}
}

// A clock that was a month ahead when the leg was sent says nothing about the age of its key: once the clock is right,
// the leg is looked up and never sent again. Its tries begin at once, not a month later.
func TestAClockThatWasAheadLooksUp(t *testing.T) {
	w := newWorld(t, nil)
	w.sandboxes["card"] = paymenttest.New(paymenttest.Config{Profile: payment.Profile{Name: "card"}, Now: func() time.Time { return start }})
	w.now = start.Add(30 * 24 * time.Hour)
	p := w.confirmed("p1", leg("card", paymenttest.TokenVisa, 500))
	lostAnswer := paymenttest.Fault{Kind: paymenttest.LostAnswer}
	w.sandboxes["card"].Inject(paymenttest.Authorise, lostAnswer, lostAnswer)
	assert.Equal(t, authorise, w.turn(&p).Kind)
	assert.Equal(t, authorise, w.turn(&p).Kind)
	w.now = start
	assert.Equal(t, []payment.StepKind{lookup, capture}, w.drive(&p))
	assert.Equal(t, payment.StatePaid, p.State)
	assert.Equal(t, start, w.now)
	assert.Len(t, w.sandboxes["card"].Charges(), 1)
}

// Only a payment of which nothing was sent can be withdrawn.
func TestWithdraw(t *testing.T) {
	w := newWorld(t, nil)
	p := w.confirmed("p1", leg("card", paymenttest.TokenVisa, 500))
	assert.True(t, p.Unsent())
	assert.NoError(t, p.Withdraw("the bill has changed", w.now))
	assert.Empty(t, w.drive(&p))
	assert.Equal(t, payment.StateFailed, p.State)
	assert.Equal(t, "the bill has changed", p.Reason)

	draft := w.draft("p2", leg("card", paymenttest.TokenVisa, 500))
	sent := w.confirmed("p3", leg("card", paymenttest.TokenVisa, 500))
	_, err := sent.Advance(w.now, w.profile)
	assert.NoError(t, err)
	for _, other := range []payment.Payment{draft, sent, p} {
		before := stored(t, other)
		transition := (*payment.TransitionError)(nil)
		assert.ErrorAs(t, other.Withdraw("too late", w.now), &transition)
		assert.Equal(t, before, other)
	}
}
