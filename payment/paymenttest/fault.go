package paymenttest

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/dialpay/dialpay/payment"
)

// Op is what the sandbox is asked to do.
type Op string

// The operations of the sandbox.
const (
	Tokenise  Op = "tokenise"
	Authorise Op = "authorise"
	Lookup    Op = "look up"
	Capture   Op = "capture"
	Void      Op = "void"
	Refund    Op = "refund"
)

// FaultKind is a way in which a call goes wrong.
type FaultKind string

// The kinds of faults.
const (
	// NoFault is a call that goes well.
	NoFault FaultKind = ""
	// LostRequest never arrives: the caller gets an error.
	LostRequest FaultKind = "lost request"
	// LostAnswer is done, and the caller gets an error. A sandbox that replays errors gives it to every repetition.
	LostAnswer FaultKind = "lost answer"
	// Late gives an error at once, and arrives after Fault.Delay. A card that is late is lost: its secrets are cleared.
	Late FaultKind = "late"
	// Twice is done and answered, and arrives once more after Fault.Delay.
	Twice FaultKind = "twice"
	// Slow sleeps for Fault.Delay (Config.Sleep) and is done then.
	Slow FaultKind = "slow"
	// Decline declines with Fault.Class and Fault.Code.
	Decline FaultKind = "decline"
	// Partial approves one minor unit less than asked for (Authorise only).
	Partial FaultKind = "partial"
	// Down makes this call and all others fail for Fault.Delay.
	Down FaultKind = "down"
)

// Fault is what goes wrong with one call.
type Fault struct {
	Kind  FaultKind
	Delay time.Duration
	Class payment.DeclineClass
	Code  string
}

// Inject lets the next calls of this kind go wrong, one fault each, in order. NoFault lets one pass.
func (s *Sandbox) Inject(op Op, faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.faults == nil {
		s.faults = map[Op][]Fault{}
	}
	s.faults[op] = append(s.faults[op], faults...)
}

// request is what the sandbox does once the fault has let it arrive.
type request func(Fault) (payment.Outcome, error)

// arrival is a request that is still on its way.
type arrival struct {
	at time.Time
	do request
}

// call does what the sandbox is asked, with the fault that it meets on the way.
func (s *Sandbox) call(ctx context.Context, op Op, key string, do request) (payment.Outcome, error) {
	if err := ctx.Err(); err != nil {
		return payment.Outcome{}, fmt.Errorf("%w: %w", ErrNoAnswer, err)
	}
	f := s.fault(op, key)
	if f.Kind == Slow && s.config.Sleep != nil {
		if err := s.config.Sleep(ctx, f.Delay); err != nil {
			return payment.Outcome{}, fmt.Errorf("%w: %w", ErrNoAnswer, err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrive()
	switch {
	case f.Kind == Down:
		s.downUntil = s.now.Add(f.Delay)
		return payment.Outcome{}, ErrNoAnswer
	case f.Kind == LostRequest, s.now.Before(s.downUntil):
		return payment.Outcome{}, ErrNoAnswer
	case f.Kind == Late:
		s.late = append(s.late, arrival{s.now.Add(f.Delay), do})
		return payment.Outcome{}, ErrNoAnswer
	case f.Kind == Decline && op != Authorise && op != Lookup:
		return payment.Outcome{State: payment.Declined, Class: f.Class, Code: f.Code}, nil
	}
	out, err := do(f)
	switch {
	case f.Kind == Twice:
		s.late = append(s.late, arrival{s.now.Add(f.Delay), do})
	case f.Kind == LostAnswer && err == nil:
		err = ErrNoAnswer
		if op == Authorise && s.config.Profile.ReplaysErrors {
			s.replays[key] = err
		}
	}
	if err != nil {
		return payment.Outcome{}, err
	}
	return out, nil
}

// fault takes the fault of the next call.
func (s *Sandbox) fault(op Op, key string) Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	if queue := s.faults[op]; len(queue) > 0 {
		s.faults[op] = queue[1:]
		return queue[0]
	}
	if s.config.Fault != nil {
		return s.config.Fault(op, key)
	}
	return Fault{}
}

// arrive does what was late until now, in the order of its times.
func (s *Sandbox) arrive() {
	now := s.config.Now()
	slices.SortStableFunc(s.late, func(a, b arrival) int { return a.at.Compare(b.at) })
	for len(s.late) > 0 && !s.late[0].at.After(now) {
		a := s.late[0]
		s.late = s.late[1:]
		s.now = a.at
		_, _ = a.do(Fault{}) // nobody waits for the answer
	}
	s.now = now
}
