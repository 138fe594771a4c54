package payment

import "time"

// StepKind is a kind of thing to do for a payment.
type StepKind string

// The kinds of steps.
const (
	StepNothing   StepKind = ""          // it is a draft, or over
	StepWait      StepKind = "wait"      // until Step.Until: the outcome is unknown and it is too early to ask again
	StepSend      StepKind = "send"      // store only: write ahead that the leg, or its refund, is being sent (R4)
	StepMove      StepKind = "move"      // store only: the payment moves to Step.State (R9, R12)
	StepAuthorise StepKind = "authorise" // send the leg, or send it again with the same key (R5)
	StepLookup    StepKind = "look up"   // ask what became of the leg
	StepCapture   StepKind = "capture"   // take what is held
	StepVoid      StepKind = "void"      // release what is held
	StepRefund    StepKind = "refund"    // give back what a direct leg took
)

// Step is the one next thing to do for a payment.
type Step struct {
	Kind StepKind
	// Leg is the index of the leg that it is about.
	Leg int
	// Processor is the name of the processor to call (Leg.Processor).
	Processor string
	// State is where StepMove goes.
	State State
	// Reason says why, for REVIEW and for an ABORT without a decline.
	Reason string
	// Until is when to ask Next again, for StepWait.
	Until time.Time
	// Final tells that "absent" answers a StepLookup for good (R7).
	Final bool
}

// Calls tells that the step calls a processor: the payment must be stored before Do, and Apply records what came back.
func (s Step) Calls() bool { _, ok := effects[s.Kind]; return ok }

// How long things are tried.
const (
	// keyMargin is the last part of a key's retention, in which nothing is sent (R6). It covers clocks that differ and
	// a process that was suspended between looking at the clock and sending.
	keyMargin = 2 * time.Hour
	// beginWithin is how long after the caller's yes a leg may still be sent for the first time. Later the caller has
	// every reason to think that it did not work.
	beginWithin = 24 * time.Hour
	// giveUpAfter is how long a processor may fail to answer, once its answer would be final, before a person must
	// look (R15).
	giveUpAfter = 24 * time.Hour
)

// backoff is the pause before each try after the first; the last one repeats.
var backoff = []time.Duration{0, 2 * time.Second, 5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute,
	15 * time.Minute}

// Next returns the one next thing to do. It changes nothing and is the same for the same payment, time and profiles,
// in a live call as in a recovery sweep. profile returns what the named processor can do.
func (p *Payment) Next(now time.Time, profile func(processor string) Profile) Step {
	if !p.State.Open() {
		return Step{}
	}
	for i := range p.Legs {
		if p.Legs[i].Fingerprint != p.fingerprint(i) {
			return Step{Kind: StepMove, State: StateReview, Leg: i, Reason: "fingerprint: the leg was changed after it was drafted"}
		}
	}
	switch p.State {
	case StateCommit:
		return p.nextCommit(now)
	case StateAbort:
		return p.nextAbort(now, profile)
	}
	return p.nextConfirmed(now, profile)
}

// nextConfirmed authorises one leg after the other and decides once all are known (R9).
func (p *Payment) nextConfirmed(now time.Time, profile func(string) Profile) Step {
	for i := range p.Legs {
		if p.Legs[i].State == LegSent {
			return p.resolve(i, now, profile)
		}
	}
	if _, declined := p.Declined(); declined {
		return Step{Kind: StepMove, State: StateAbort}
	}
	i := p.unsent(profile)
	switch {
	case i < 0:
		return Step{Kind: StepMove, State: StateCommit}
	case now.After(p.Confirmed.Add(beginWithin)):
		return Step{Kind: StepMove, State: StateAbort, Reason: "not sent in time"}
	}
	return Step{Kind: StepSend, Leg: i}
}

// unsent returns the leg to send next, -1 for none: those that can be held in their order, then direct legs, and of
// these the one that cannot be refunded last, since it is the pivot (R11).
func (p *Payment) unsent(profile func(string) Profile) int {
	next, best := -1, 3
	for i, l := range p.Legs {
		rank := 0
		switch {
		case l.State != LegNone:
			continue
		case l.Direct && profile(l.Processor).Refunds:
			rank = 1
		case l.Direct:
			rank = 2
		}
		if rank < best {
			next, best = i, rank
		}
	}
	return next
}

// resolve finds out what became of a leg that is SENT: by sending it again while its key is known for sure (R5, R6),
// by looking it up afterwards. Where a processor replays stored errors to a key, the two alternate.
func (p *Payment) resolve(i int, now time.Time, profile func(string) Profile) Step {
	l := &p.Legs[i]
	can := profile(l.Processor).Normal()
	closed := l.FirstSent.Add(can.KeyRetention - keyMargin)
	// R7: counted from when the last send was possible rather than from the last that was recorded, because a process
	// that crashed or was overtaken may have sent once more.
	final := closed.Add(can.AbsenceFinalAfter)
	at := l.nextTry()
	// A clock that was ahead when the leg was sent, and is right again, says nothing about how old its key is: look.
	wasAhead := now.Before(l.FirstSent)
	if now.Before(l.LastTried) {
		at = now
	}
	switch {
	case l.gaveUp(final):
		return Step{Kind: StepMove, State: StateReview, Leg: i, Reason: "the processor cannot say what became of a leg"}
	case now.Before(at):
		return Step{Kind: StepWait, Leg: i, Until: at}
	case wasAhead, now.After(closed), can.ReplaysErrors && l.Tries%2 == 1:
		return Step{Kind: StepLookup, Leg: i, Processor: l.Processor, Final: now.After(final)}
	}
	return Step{Kind: StepAuthorise, Leg: i, Processor: l.Processor}
}

// nextCommit captures every leg. A capture that is refused stops it: a person must look before more is taken.
func (p *Payment) nextCommit(now time.Time) Step {
	var steps []Step
	left := false
	for i, l := range p.Legs {
		switch {
		case l.Refused:
			return Step{Kind: StepMove, State: StateReview, Leg: i, Reason: "a capture was refused"}
		case l.State == LegHeld:
			left = true
			steps = p.try(steps, i, StepCapture, now)
		}
	}
	if left {
		return first(steps, "a capture has no answer")
	}
	return Step{Kind: StepMove, State: StatePaid}
}

// nextAbort gives back what was held or taken. What cannot be given back does not keep the rest from it.
func (p *Payment) nextAbort(now time.Time, profile func(string) Profile) Step {
	var steps []Step
	left := false
	for i, l := range p.Legs {
		switch l.State {
		case LegSent:
			return p.resolve(i, now, profile)
		case LegHeld:
			left = true
			steps = p.try(steps, i, StepVoid, now)
		case LegCaptured:
			left = true
			can := profile(l.Processor).Normal()
			switch {
			case !can.Refunds:
			case l.RefundSent.IsZero():
				steps = append(steps, Step{Kind: StepSend, Leg: i})
			case !now.After(l.RefundSent.Add(can.KeyRetention - keyMargin)):
				steps = p.try(steps, i, StepRefund, now)
			}
		}
	}
	if left {
		return first(steps, "a leg could not be given back")
	}
	return Step{Kind: StepMove, State: StateFailed}
}

// try adds the step, or the wait before it, unless the processor refused it or has been silent for too long.
func (p *Payment) try(steps []Step, i int, kind StepKind, now time.Time) []Step {
	l := &p.Legs[i]
	switch at := l.nextTry(); {
	case l.Refused, l.gaveUp(p.Decided):
		return steps
	case now.Before(at):
		return append(steps, Step{Kind: StepWait, Leg: i, Until: at})
	}
	return append(steps, Step{Kind: kind, Leg: i, Processor: l.Processor})
}

// first returns the first of the steps that can be taken now, else the wait that ends first, else REVIEW.
func first(steps []Step, reason string) Step {
	next := Step{Kind: StepMove, State: StateReview, Reason: reason}
	for _, s := range steps {
		if s.Kind != StepWait {
			return s
		}
		if next.Kind != StepWait || s.Until.Before(next.Until) {
			next = s
		}
	}
	return next
}

// nextTry is when the leg may be tried again.
func (l *Leg) nextTry() time.Time {
	if l.Tries == 0 {
		return time.Time{}
	}
	return l.LastTried.Add(backoff[min(l.Tries, len(backoff))-1])
}

// gaveUp tells that the processor was asked often enough, and still long after since.
func (l *Leg) gaveUp(since time.Time) bool {
	return l.Tries > len(backoff) && !l.LastTried.Before(since.Add(giveUpAfter))
}

// Advance takes every step that needs only the store, and returns the next that calls a processor, waits, or is
// nothing. Store the payment after it, in one commit: then the write-ahead (R4) and the decision (R9) are durable
// before a byte leaves, and with a final state go the rows of the outbox (R12).
func (p *Payment) Advance(now time.Time, profile func(processor string) Profile) (Step, error) {
	for {
		s := p.Next(now, profile)
		if s.Kind != StepSend && s.Kind != StepMove {
			return s, nil
		}
		if err := p.Apply(s, Outcome{}, now); err != nil {
			return Step{}, err
		}
	}
}
