package payment_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
)

const (
	authorise = payment.StepAuthorise
	lookup    = payment.StepLookup
	capture   = payment.StepCapture
	void      = payment.StepVoid
	refund    = payment.StepRefund
)

type faults map[paymenttest.Op][]paymenttest.Fault

// repeat is so many faults of one kind.
func repeat(n int, f paymenttest.Fault) (list []paymenttest.Fault) {
	for range n {
		list = append(list, f)
	}
	return list
}

func TestProtocol(t *testing.T) {
	visa, noFunds, bank, closed := paymenttest.TokenVisa, paymenttest.TokenNoFunds, paymenttest.TokenBank, paymenttest.TokenBankClosed
	lostRequest := paymenttest.Fault{Kind: paymenttest.LostRequest}
	lostAnswer := paymenttest.Fault{Kind: paymenttest.LostAnswer}
	refused := paymenttest.Fault{Kind: paymenttest.Decline, Class: payment.NeverRetry, Code: "no"}
	for _, c := range []struct {
		rule   string
		legs   []payment.Leg
		faults faults
		calls  []payment.StepKind
		state  payment.State
		after  time.Duration // of virtual time
	}{
		{"a card is held, then captured", []payment.Leg{leg("card", visa, 500)}, nil,
			[]payment.StepKind{authorise, capture}, payment.StatePaid, 0},
		{"a direct leg is paid at once", []payment.Leg{leg("bank", bank, 500)}, nil,
			[]payment.StepKind{authorise}, payment.StatePaid, 0},
		{"a decline fails", []payment.Leg{leg("card", noFunds, 500)}, nil,
			[]payment.StepKind{authorise}, payment.StateFailed, 0},
		{"all legs are held before one is captured", []payment.Leg{leg("card", visa, 300), leg("replays", visa, 200)}, nil,
			[]payment.StepKind{authorise, authorise, capture, capture}, payment.StatePaid, 0},
		{"a later decline releases the earlier leg", []payment.Leg{leg("card", visa, 300), leg("card", noFunds, 200)}, nil,
			[]payment.StepKind{authorise, authorise, void}, payment.StateFailed, 0},
		{"after a decline no other leg is sent", []payment.Leg{leg("card", noFunds, 300), leg("card", visa, 200)}, nil,
			[]payment.StepKind{authorise}, payment.StateFailed, 0},
		{"a direct leg is sent last, also when it was read back first (R11)", []payment.Leg{leg("bank", bank, 300), leg("card", noFunds, 200)}, nil,
			[]payment.StepKind{authorise}, payment.StateFailed, 0},
		{"a declined direct leg releases the held one", []payment.Leg{leg("bank", closed, 300), leg("card", visa, 200)}, nil,
			[]payment.StepKind{authorise, authorise, void}, payment.StateFailed, 0},
		{"of two direct legs the refundable goes first and is refunded (R11)", []payment.Leg{leg("gift", closed, 300), leg("bank", bank, 200)}, nil,
			[]payment.StepKind{authorise, authorise, refund}, payment.StateFailed, 0},
		{"a lost request is sent again at once", []payment.Leg{leg("card", visa, 500)}, faults{paymenttest.Authorise: {lostRequest}},
			[]payment.StepKind{authorise, authorise, capture}, payment.StatePaid, 0},
		{"a lost answer is asked for again with the same key (R5)", []payment.Leg{leg("card", visa, 500)}, faults{paymenttest.Authorise: {lostAnswer}},
			[]payment.StepKind{authorise, authorise, capture}, payment.StatePaid, 0},
		{"then after 2, 5, 15, 60 seconds", []payment.Leg{leg("card", visa, 500)}, faults{paymenttest.Authorise: repeat(5, lostRequest)},
			[]payment.StepKind{authorise, authorise, authorise, authorise, authorise, authorise, capture}, payment.StatePaid, 82 * time.Second},
		{"a replayed error is resolved by looking up, once the index has caught up", []payment.Leg{leg("replays", visa, 500)},
			faults{paymenttest.Authorise: {lostAnswer}},
			[]payment.StepKind{authorise, lookup, authorise, lookup, authorise, lookup, authorise, lookup, capture}, payment.StatePaid,
			(2 + 5 + 15 + 60 + 300 + 900) * time.Second},
		{"a lost request to a processor that replays errors is sent again after a look-up", []payment.Leg{leg("replays", visa, 500)},
			faults{paymenttest.Authorise: {lostRequest}},
			[]payment.StepKind{authorise, lookup, authorise, capture}, payment.StatePaid, 2 * time.Second},
		{"a decline whose answer is lost is a decline", []payment.Leg{leg("card", noFunds, 500)}, faults{paymenttest.Authorise: {lostAnswer}},
			[]payment.StepKind{authorise, authorise}, payment.StateFailed, 0},
		{"a duplicate changes nothing", []payment.Leg{leg("card", visa, 500)},
			faults{paymenttest.Authorise: {{Kind: paymenttest.Twice}}, paymenttest.Capture: {{Kind: paymenttest.Twice}}},
			[]payment.StepKind{authorise, capture}, payment.StatePaid, 0},
		{"a capture is repeated until it is answered", []payment.Leg{leg("card", visa, 500)},
			faults{paymenttest.Capture: {lostAnswer, lostRequest}},
			[]payment.StepKind{authorise, capture, capture, capture}, payment.StatePaid, 2 * time.Second},
		{"a void is repeated until it is answered", []payment.Leg{leg("card", visa, 300), leg("card", noFunds, 200)},
			faults{paymenttest.Void: {lostAnswer, lostRequest}},
			[]payment.StepKind{authorise, authorise, void, void, void}, payment.StateFailed, 2 * time.Second},
		{"a partial approval is a decline and is released", []payment.Leg{leg("card", visa, 500)}, faults{paymenttest.Authorise: {{Kind: paymenttest.Partial}}},
			[]payment.StepKind{authorise, void}, payment.StateFailed, 0},
		{"a partial approval of a direct leg is refunded", []payment.Leg{leg("bank", bank, 500)}, faults{paymenttest.Authorise: {{Kind: paymenttest.Partial}}},
			[]payment.StepKind{authorise, refund}, payment.StateFailed, 0},
		{"a partial approval that cannot be refunded is for a person", []payment.Leg{leg("gift", bank, 500)}, faults{paymenttest.Authorise: {{Kind: paymenttest.Partial}}},
			[]payment.StepKind{authorise}, payment.StateReview, 0},
		{"a refused capture is for a person, and nothing more is taken", []payment.Leg{leg("card", visa, 300), leg("replays", visa, 200)}, faults{paymenttest.Capture: {refused}},
			[]payment.StepKind{authorise, authorise, capture}, payment.StateReview, 0},
		{"a refused void is for a person, after the rest was released", []payment.Leg{leg("card", visa, 200), leg("replays", visa, 200), leg("card", noFunds, 100)},
			faults{paymenttest.Void: {refused}},
			[]payment.StepKind{authorise, authorise, authorise, void, void}, payment.StateReview, 0},
	} {
		t.Run(c.rule, func(t *testing.T) {
			w := newWorld(t, nil)
			for _, name := range []string{"card", "replays", "bank", "gift"} {
				for _, op := range []paymenttest.Op{paymenttest.Authorise, paymenttest.Capture, paymenttest.Void} {
					if w.sandboxes[name] == w.sandboxes[c.legs[0].Processor] {
						w.sandboxes[name].Inject(op, c.faults[op]...)
					}
				}
			}
			p := w.confirmed("p1", c.legs...)
			assert.Equal(t, c.calls, w.drive(&p))
			assert.Equal(t, c.state, p.State, p.Reason)
			assert.Equal(t, c.after, w.now.Sub(start))
			assert.Equal(t, w.now, p.Ended)
			switch c.state {
			case payment.StatePaid:
				assert.EqualValues(t, 500, w.sum("p1", paymenttest.Captured))
			case payment.StateFailed:
				assert.Zero(t, w.sum("p1", paymenttest.Captured))
				assert.Zero(t, w.sum("p1", paymenttest.Held))
				declined, ok := p.Declined()
				assert.True(t, ok)
				assert.NotEmpty(t, declined.Class)
			case payment.StateReview:
				assert.NotEmpty(t, p.Reason)
			}
		})
	}
}

// unanswered is a payment whose first and only request was lost or is late, at the end of its first day.
func unanswered(w *world, f paymenttest.Fault, then ...paymenttest.Fault) payment.Payment {
	p := w.confirmed("p1", leg("card", paymenttest.TokenVisa, 500))
	w.sandboxes["card"].Inject(paymenttest.Authorise, f)
	w.sandboxes["card"].Inject(paymenttest.Lookup, then...)
	w.turn(&p)
	return p
}

func TestNothingIsSentAfterTheKeyWindow(t *testing.T) {
	w := newWorld(t, nil)
	p := unanswered(w, paymenttest.Fault{Kind: paymenttest.LostRequest})
	w.now = start.Add(22 * time.Hour)
	assert.Equal(t, authorise, p.Next(w.now, w.profile).Kind, "24 h less 2 h")
	w.now = w.now.Add(1)
	step := p.Next(w.now, w.profile)
	assert.Equal(t, lookup, step.Kind)
	assert.False(t, step.Final, "absent is not final yet (R7)")
	w.turn(&p)
	assert.Equal(t, payment.LegSent, p.Legs[0].State, "absent, but the request may be on its way")
	w.now = start.Add(23*time.Hour + 5*time.Minute + 1)
	assert.Equal(t, []payment.StepKind{lookup}, w.drive(&p))
	assert.Equal(t, payment.StateFailed, p.State)
	declined, _ := p.Declined()
	assert.Equal(t, payment.TryLater, declined.Class)
	assert.Empty(t, w.sandboxes["card"].Charges())
}

func TestALateRequestIsFoundAndCaptured(t *testing.T) {
	w := newWorld(t, nil)
	p := unanswered(w, paymenttest.Fault{Kind: paymenttest.Late, Delay: 22*time.Hour + time.Minute})
	w.now = start.Add(22*time.Hour + 1)
	assert.Equal(t, lookup, w.turn(&p).Kind)
	assert.Equal(t, payment.LegSent, p.Legs[0].State)
	w.drive(&p)
	assert.Equal(t, payment.StatePaid, p.State)
	assert.EqualValues(t, 500, w.sum("p1", paymenttest.Captured))
}

func TestAProcessorThatNeverAnswersIsForAPerson(t *testing.T) {
	for _, op := range []paymenttest.Op{paymenttest.Authorise, paymenttest.Capture, paymenttest.Void} {
		t.Run(string(op), func(t *testing.T) {
			w := newWorld(t, nil)
			legs := []payment.Leg{leg("card", paymenttest.TokenVisa, 300), leg("card", paymenttest.TokenVisa, 200)}
			if op == paymenttest.Void {
				legs[1].Token = paymenttest.TokenDeclined
			}
			p := w.confirmed("p1", legs...)
			fault := paymenttest.Fault{Kind: paymenttest.LostRequest}
			w.sandboxes["card"].Inject(op, repeat(1000, fault)...)
			w.sandboxes["card"].Inject(paymenttest.Lookup, repeat(1000, fault)...)
			calls := w.drive(&p)
			assert.Equal(t, payment.StateReview, p.State)
			assert.NotEmpty(t, p.Reason)
			assert.Less(t, w.now.Sub(start), 49*time.Hour, "in bounded time (R15)")
			assert.Less(t, len(calls), 400)
		})
	}
}

func TestAProcessorIsAskedAgainAfterALongStop(t *testing.T) {
	w := newWorld(t, nil)
	p := unanswered(w, paymenttest.Fault{Kind: paymenttest.LostAnswer})
	w.now = start.Add(30 * 24 * time.Hour)
	assert.Equal(t, []payment.StepKind{lookup, capture}, w.drive(&p), "not REVIEW before the processor was asked")
	assert.Equal(t, payment.StatePaid, p.State)
}

func TestALegIsNotBegunADayLater(t *testing.T) {
	w := newWorld(t, nil)
	p := w.confirmed("p1", leg("card", paymenttest.TokenVisa, 500))
	w.now = start.Add(24*time.Hour + 1)
	assert.Empty(t, w.drive(&p))
	assert.Equal(t, payment.StateFailed, p.State)
	assert.Equal(t, "not sent in time", p.Reason)
}

func TestRefundIsNotRepeatedAfterTheKeyWindow(t *testing.T) {
	w := newWorld(t, nil)
	p := w.confirmed("p1", leg("bank", paymenttest.TokenBank, 300), leg("gift", paymenttest.TokenBankClosed, 200))
	w.sandboxes["bank"].Inject(paymenttest.Refund, paymenttest.Fault{Kind: paymenttest.LostRequest})
	for range 3 {
		w.turn(&p)
	}
	assert.Equal(t, start, p.Legs[0].RefundSent)
	w.now = start.Add(22*time.Hour + 1)
	assert.Empty(t, w.drive(&p))
	assert.Equal(t, payment.StateReview, p.State)
}

func TestAChangedLegIsNeverSent(t *testing.T) {
	for rule, change := range map[string]func(p *payment.Payment){
		"amount":    func(p *payment.Payment) { p.Legs[0].Amount = usd(501) },
		"token":     func(p *payment.Payment) { p.Legs[0].Token = paymenttest.TokenMastercard },
		"processor": func(p *payment.Payment) { p.Legs[0].Processor = "bank" },
		"key":       func(p *payment.Payment) { p.Legs[0].Key = payment.Key("x", "", "", 0, "", 1) },
		"payee":     func(p *payment.Payment) { p.Payee = "someone else" },
	} {
		t.Run(rule, func(t *testing.T) {
			w := newWorld(t, nil)
			p := w.confirmed("p1", leg("card", paymenttest.TokenVisa, 500))
			step, err := p.Advance(w.now, w.profile)
			require.NoError(t, err)
			require.Equal(t, authorise, step.Kind)
			change(&p)
			_, err = payment.Do(context.Background(), step, p, w.sandboxes["card"])
			assert.ErrorIs(t, err, payment.ErrFingerprint)
			assert.Empty(t, w.drive(&p))
			assert.Equal(t, payment.StateReview, p.State)
			assert.Empty(t, w.sandboxes["card"].Charges())
		})
	}
}

func TestApplyRefusesStepsOfAnotherState(t *testing.T) {
	w := newWorld(t, nil)
	fresh := w.draft("p1", leg("card", paymenttest.TokenVisa, 300), leg("card", paymenttest.TokenVisa, 200))
	sent := fresh
	require.NoError(t, sent.Confirm(start))
	_, err := sent.Advance(start, w.profile)
	require.NoError(t, err)
	held := sent
	w.turn(&held)
	paid := held
	w.drive(&paid)
	approved := payment.Outcome{State: payment.Approved}
	for _, c := range []struct {
		rule string
		p    payment.Payment
		step payment.Step
	}{
		{"a draft is not sent", fresh, payment.Step{Kind: payment.StepSend}},
		{"a draft is not authorised", fresh, payment.Step{Kind: authorise}},
		{"a draft is not committed", fresh, payment.Step{Kind: payment.StepMove, State: payment.StateCommit}},
		{"a leg is not sent for the first time twice", sent, payment.Step{Kind: payment.StepSend}},
		{"nothing is captured before the decision (R10)", held, payment.Step{Kind: capture}},
		{"nothing is voided before the decision", held, payment.Step{Kind: void}},
		{"what is held is not refunded", held, payment.Step{Kind: refund}},
		{"an authorisation is known once", held, payment.Step{Kind: authorise}},
		{"there is no commit before every leg is known (R9)", held, payment.Step{Kind: payment.StepMove, State: payment.StateCommit}},
		{"nor an abort while one may be arriving", sent, payment.Step{Kind: payment.StepMove, State: payment.StateAbort}},
		{"nor PAID without a decision", held, payment.Step{Kind: payment.StepMove, State: payment.StatePaid}},
		{"PAID is the end", paid, payment.Step{Kind: payment.StepMove, State: payment.StateReview}},
		{"captured is captured", paid, payment.Step{Kind: capture}},
		{"there is no such leg", sent, payment.Step{Kind: authorise, Leg: 2}},
		{"there is no leg before the first", sent, payment.Step{Kind: payment.StepSend, Leg: -1}},
	} {
		t.Run(c.rule, func(t *testing.T) {
			before := stored(t, c.p)
			err := c.p.Apply(c.step, approved, start)
			var transition *payment.TransitionError
			require.ErrorAs(t, err, &transition)
			assert.Equal(t, before, c.p, "nothing was changed")
			assert.Contains(t, err.Error(), "p1")
		})
	}
}

func TestApplyLeavesCopiesAlone(t *testing.T) {
	w := newWorld(t, nil)
	p := w.confirmed("p1", leg("card", paymenttest.TokenVisa, 500))
	for !p.State.Final() {
		before, copied := stored(t, p), p
		w.turn(&p)
		require.Equal(t, before, copied)
	}
}

func TestDoRefusesWhatCannotBeDone(t *testing.T) {
	w := newWorld(t, nil)
	p := w.confirmed("p1", leg("card", paymenttest.TokenVisa, 500))
	for _, step := range []payment.Step{{Kind: authorise}, {Kind: lookup}, {Kind: capture}, {Kind: void}, {Kind: refund}} {
		out, err := payment.Do(context.Background(), step, p, nil)
		assert.Equal(t, payment.Outcome{State: payment.Unknown}, out)
		assert.ErrorIs(t, err, payment.ErrProcessor)
	}
	plain := struct{ payment.Processor }{w.sandboxes["card"]}
	for _, kind := range []payment.StepKind{capture, void, refund} {
		_, err := payment.Do(context.Background(), payment.Step{Kind: kind}, p, plain)
		assert.ErrorIs(t, err, payment.ErrProcessor, kind)
	}
	out, err := payment.Do(context.Background(), payment.Step{Kind: payment.StepWait}, p, nil)
	assert.NoError(t, err)
	assert.Zero(t, out)
}

func TestAStrangeOutcomeIsUnknown(t *testing.T) {
	w := newWorld(t, nil)
	for _, out := range []payment.Outcome{{}, {State: "pending"}, {State: payment.Absent}} {
		p := w.confirmed("p1", leg("card", paymenttest.TokenVisa, 500))
		step, err := p.Advance(w.now, w.profile)
		require.NoError(t, err)
		require.NoError(t, p.Apply(step, out, w.now))
		assert.Equal(t, payment.LegSent, p.Legs[0].State)
		assert.Equal(t, 1, p.Legs[0].Tries)
	}
}
