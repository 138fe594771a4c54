package payment

import (
	"errors"
	"fmt"
	"slices"
)

// State is where a Payment stands.
type State string

// The states of a payment.
const (
	// StateDraft was read back to the caller and waits for their yes. Nothing was sent.
	StateDraft State = "DRAFT"
	// StateConfirmed goes forward from now on, with or without the caller: legs are authorised one after the other.
	StateConfirmed State = "CONFIRMED"
	// StateCommit is the decision to take what is held. There is no way back.
	StateCommit State = "COMMIT"
	// StateAbort is the decision to give back what is held.
	StateAbort State = "ABORT"
	// StatePaid ended with exactly Payment.Total taken: by its legs, or by the word of a person (Payment.Resolved).
	StatePaid State = "PAID"
	// StateFailed ended with nothing taken and nothing held: by its legs, or by the word of a person.
	StateFailed State = "FAILED"
	// StateCancelled ended before the caller said yes.
	StateCancelled State = "CANCELLED"
	// StateReview needs a person: the processor could not say what became of the money. Payment.Resolve ends it.
	StateReview State = "REVIEW"
)

// Final tells that nothing more happens to a payment in this state by itself.
func (s State) Final() bool { return len(transitions[s]) == 0 }

// Open tells that money may be moving: the payment is confirmed and has not ended.
func (s State) Open() bool { return s == StateConfirmed || s == StateCommit || s == StateAbort }

// LegState is where a Leg stands. An unknown outcome is no state of its own: it is LegSent.
type LegState string

// The states of a leg.
const (
	LegNone     LegState = "NONE"     // nothing was sent
	LegSent     LegState = "SENT"     // its authorisation may have reached the processor
	LegHeld     LegState = "HELD"     // authorised
	LegDeclined LegState = "DECLINED" // declined, or known never to have arrived
	LegCaptured LegState = "CAPTURED" // taken
	LegVoided   LegState = "VOIDED"   // released; a direct leg: given back
)

// transitions and legTransitions are all the moves that are made without a person (money-protocol: Objects).
var transitions = map[State][]State{
	StateDraft:     {StateConfirmed, StateCancelled},
	StateConfirmed: {StateCommit, StateAbort, StateReview},
	StateCommit:    {StatePaid, StateReview},
	StateAbort:     {StateFailed, StateReview},
	StatePaid:      {},
	StateFailed:    {},
	StateCancelled: {},
	StateReview:    {},
}

var legTransitions = map[LegState][]LegState{
	LegNone:     {LegSent},
	LegSent:     {LegHeld, LegCaptured, LegDeclined}, // to CAPTURED only if direct
	LegHeld:     {LegCaptured, LegVoided},
	LegDeclined: {},
	LegCaptured: {LegVoided}, // only a direct leg, by a refund
	LegVoided:   {},
}

// ErrNotDraft is what Confirm and Cancel return for a payment that was confirmed or cancelled before. A repeated key
// or webhook ends here and changes nothing.
var ErrNotDraft = errors.New("payment: not a draft any more")

// TransitionError is a move that the tables of states do not have: a step that was made for another state of the
// payment. Load the payment again and ask Next.
type TransitionError struct {
	Payment string
	// Leg is the index of the leg, -1 for the payment itself.
	Leg      int
	From, To string
}

// Error names the payment, the leg counted from 1, and the move.
func (e *TransitionError) Error() string {
	what := "payment " + e.Payment
	if e.Leg >= 0 {
		what = fmt.Sprintf("leg %d of %s", e.Leg+1, e.Payment)
	}
	return fmt.Sprintf("payment: %s: no way from %s to %s", what, e.From, e.To)
}

func (p *Payment) move(to State) error {
	if !slices.Contains(transitions[p.State], to) {
		return &TransitionError{Payment: p.ID, Leg: -1, From: string(p.State), To: string(to)}
	}
	p.State = to
	return nil
}

func (p *Payment) moveLeg(i int, to LegState) error {
	from := p.Legs[i].State
	ok := slices.Contains(legTransitions[from], to)
	if (from == LegCaptured || from == LegSent && to == LegCaptured) && !p.Legs[i].Direct {
		ok = false
	}
	if from == LegSent && to == LegHeld && p.Legs[i].Direct {
		ok = false
	}
	if !ok {
		return &TransitionError{Payment: p.ID, Leg: i, From: string(from), To: string(to)}
	}
	p.Legs[i].State = to
	return nil
}
