package payment

import (
	"slices"
	"time"
)

// effect says in which states a call is made, and where its approval takes the leg.
type effect struct {
	states   []State
	from, to LegState
}

var effects = map[StepKind]effect{
	StepAuthorise: {[]State{StateConfirmed, StateAbort}, LegSent, LegHeld}, // of a direct leg: to CAPTURED
	StepLookup:    {[]State{StateConfirmed, StateAbort}, LegSent, LegHeld},
	StepCapture:   {[]State{StateCommit}, LegHeld, LegCaptured}, // R10
	StepVoid:      {[]State{StateAbort}, LegHeld, LegVoided},
	StepRefund:    {[]State{StateAbort}, LegCaptured, LegVoided},
}

// legsAt are the states that the legs may be in when the payment moves there.
var legsAt = map[State][]LegState{
	StateCommit: {LegHeld, LegCaptured},
	StateAbort:  {LegNone, LegHeld, LegDeclined, LegCaptured},
	StatePaid:   {LegCaptured},
	StateFailed: {LegNone, LegDeclined, LegVoided},
	StateReview: {LegNone, LegSent, LegHeld, LegDeclined, LegCaptured, LegVoided},
}

// Apply records what came of a step: of one that called a processor, the outcome; of others, that it was taken. A
// *TransitionError means that the step does not fit the payment, and that nothing was changed.
func (p *Payment) Apply(s Step, out Outcome, now time.Time) error {
	now = stamp(now)
	switch {
	case s.Kind == StepMove:
		return p.applyMove(s, now)
	case s.Kind == StepSend:
		return p.applySend(s, now)
	case s.Calls():
		return p.applyCall(s, out, now)
	}
	return nil
}

func (p *Payment) applyMove(s Step, now time.Time) error {
	for _, l := range p.Legs {
		if !slices.Contains(legsAt[s.State], l.State) {
			return &TransitionError{Payment: p.ID, Leg: -1, From: string(p.State), To: string(s.State)}
		}
	}
	if err := p.move(s.State); err != nil {
		return err
	}
	if s.Reason != "" {
		p.Reason = s.Reason
	}
	if p.State.Final() {
		p.Ended = now
	} else {
		p.Decided = now
	}
	return nil
}

func (p *Payment) applySend(s Step, now time.Time) error {
	l, err := p.own(s, LegNone)
	switch {
	case err == nil && p.State == StateConfirmed:
		l.FirstSent = now
		return p.moveLeg(s.Leg, LegSent)
	case l != nil && p.State == StateAbort && l.State == LegCaptured && l.RefundSent.IsZero():
		l.RefundSent = now
		return nil
	}
	return p.misfit(s, LegSent)
}

func (p *Payment) applyCall(s Step, out Outcome, now time.Time) error {
	e := effects[s.Kind]
	l, err := p.own(s, e.from)
	switch {
	case err != nil:
		return err
	case !slices.Contains(e.states, p.State):
		return p.misfit(s, e.to)
	case s.Kind == StepAuthorise || s.Kind == StepLookup:
		if out.State == Absent && s.Kind == StepLookup && s.Final {
			out = Outcome{State: Declined, Class: TryLater, Code: "absent"}
		}
		return p.applyAuthorised(s.Leg, out, now)
	}
	switch out.State {
	case Approved:
		l.Tries, l.LastTried = 0, time.Time{}
		return p.moveLeg(s.Leg, e.to)
	case Declined:
		l.Refused, l.Code = true, out.Code
	default:
		l.tried(now)
	}
	return nil
}

// applyAuthorised records what became of a leg that is SENT.
func (p *Payment) applyAuthorised(i int, out Outcome, now time.Time) error {
	l := &p.Legs[i]
	to := LegHeld
	switch out.State {
	case Approved:
		if l.Direct {
			to = LegCaptured
		}
		if out.Amount != (Money{}) && out.Amount != l.Amount {
			l.Held, l.Class, l.Code = out.Amount, OtherMethod, "partial approval" // nextConfirmed aborts, and so releases it
		}
	case Declined:
		to, l.Class, l.Code = LegDeclined, out.Class, out.Code
		if l.Class == "" {
			l.Class = OtherMethod
		}
	default:
		l.tried(now)
		return nil
	}
	l.Tries, l.LastTried, l.Reference = 0, time.Time{}, out.Reference
	return p.moveLeg(i, to)
}

// own returns the leg of a step, on a copy of the legs, so that copies of the payment stay as they were. The error is
// for a leg in another state than from, and the leg nil where there is none.
func (p *Payment) own(s Step, from LegState) (*Leg, error) {
	if s.Leg < 0 || s.Leg >= len(p.Legs) {
		return nil, p.misfit(s, from)
	}
	p.Legs = slices.Clone(p.Legs)
	l := &p.Legs[s.Leg]
	if l.State != from {
		return l, p.misfit(s, effects[s.Kind].to)
	}
	return l, nil
}

func (p *Payment) misfit(s Step, to LegState) error {
	e := &TransitionError{Payment: p.ID, Leg: s.Leg, From: "nothing", To: string(to)}
	if s.Leg >= 0 && s.Leg < len(p.Legs) {
		e.From = string(p.Legs[s.Leg].State)
	}
	return e
}

func (l *Leg) tried(now time.Time) { l.Tries, l.LastTried = l.Tries+1, now }
