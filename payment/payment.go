package payment

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Payment is what a caller agreed to pay, and how far that has come. It is plain data that can be stored after any
// change, and holds no secrets. Make one with Draft.
type Payment struct {
	ID string `json:"id"`
	// Tenant keeps the keys of several companies at one processor apart; empty for one.
	Tenant string `json:"tenant,omitempty"`
	// Account, Bill and Payee say what is paid (Bill).
	Account string `json:"account,omitempty"`
	Bill    string `json:"bill,omitempty"`
	Payee   string `json:"payee,omitempty"`
	// Amount goes to the bill; Fee comes on top, zero for none.
	Amount Money `json:"amount,omitzero"`
	Fee    Money `json:"fee,omitzero"`
	// Legs are the funding sources in the order in which they are read back. Their sum is Total.
	Legs  []Leg `json:"legs"`
	State State `json:"state,omitempty"`
	// Transaction is the transaction ID that the caller hears (TransactionID); empty for a draft.
	Transaction string `json:"tx,omitempty"`
	// Reason says why the payment is in REVIEW, or was aborted without a decline, for logs and people.
	Reason string `json:"reason,omitempty"`
	// Resolved says who ended a payment that was in REVIEW, and why; empty for every other.
	Resolved string `json:"resolved,omitempty"`
	// Created is when it was drafted, Confirmed when the caller said yes, Decided when it became COMMIT or ABORT,
	// Ended when it reached a final state. All in UTC.
	Created   time.Time `json:"created"`
	Confirmed time.Time `json:"confirmed,omitzero"`
	Decided   time.Time `json:"decided,omitzero"`
	Ended     time.Time `json:"ended,omitzero"`
}

// ErrDraft is what Draft returns for a payment that cannot be made, wrapped with every fault found.
var ErrDraft = errors.New("payment: cannot be drafted")

// Draft returns p as a DRAFT, ready to be stored and read back: what was read back is what will be charged (R1). The
// caller of Draft fills in ID, Account, Bill, Payee, Amount, Fee, and of each leg the source, the processor and the
// amount, and the points where it has some. profile returns what the named processor can do.
//
// It refuses, with ErrDraft, what is incomplete, amounts that are not positive, legs that do not add up to Total,
// processors that forget keys too soon, and two direct legs that cannot be refunded: if the second were declined, the
// first could not be given back (R11).
func Draft(p Payment, now time.Time, profile func(processor string) Profile) (Payment, error) {
	faults := p.faults()
	pivots := 0
	p.Legs = slices.Clone(p.Legs)
	for i := range p.Legs {
		l := &p.Legs[i]
		can := profile(l.Processor).Normal()
		if can.KeyMax < keyLength {
			faults = append(faults, fmt.Errorf("leg %d: processor %q takes keys of %d characters, must take %d", i+1,
				l.Processor, can.KeyMax, keyLength))
		}
		if can.KeyRetention <= keyMargin {
			faults = append(faults, fmt.Errorf("leg %d: processor %q knows a key for %v, must know it for more than %v", i+1,
				l.Processor, can.KeyRetention, keyMargin))
		}
		if !can.AuthCapture && !can.Refunds {
			pivots++
		}
		*l = Leg{Kind: l.Kind, Brand: l.Brand, Last4: l.Last4, Token: l.Token, Processor: l.Processor, Amount: l.Amount,
			Points: l.Points, Direct: !can.AuthCapture, State: LegNone}
	}
	if pivots > 1 {
		faults = append(faults, errors.New("two legs that can neither be held nor refunded: use one of them"))
	}
	if len(faults) > 0 {
		return Payment{}, fmt.Errorf("%w: %q: %w", ErrDraft, p.ID, errors.Join(faults...))
	}
	return Payment{ID: p.ID, Tenant: p.Tenant, Account: p.Account, Bill: p.Bill, Payee: p.Payee, Amount: p.Amount,
		Fee: p.Fee, Legs: p.Legs, State: StateDraft, Created: stamp(now)}, nil
}

// faults is what is wrong with the parts of a draft that do not depend on the processors.
func (p Payment) faults() (faults []error) {
	check := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf(format, args...))
		}
	}
	check(p.ID != "", "no ID")
	check(p.Account != "", "no account")
	check(p.Bill != "", "no bill")
	check(p.Payee != "", "no payee")
	check(len(p.Legs) > 0, "no legs")
	_, err := NewMoney(p.Amount.Minor, p.Amount.Currency)
	check(err == nil, "amount: %w", err)
	check(p.Amount.Positive(), "amount of %v: must be more than zero", p.Amount)
	check(p.Fee.Minor >= 0, "fee of %v: must not be negative", p.Fee)
	total, err := p.Amount.Add(p.Fee)
	check(err == nil, "fee: %w", err)
	var sum Money
	for i, l := range p.Legs {
		check(slices.Contains(kinds, l.Kind), "leg %d: kind %q: must be card, bank, gift or points", i+1, l.Kind)
		check((l.Kind == KindPoints) == (l.Points > 0) && l.Points >= 0, "leg %d: %d points: kind points has some, no other", i+1, l.Points)
		check(l.Token != "", "leg %d: no token", i+1)
		check(l.Amount.Positive(), "leg %d: amount of %v: must be more than zero", i+1, l.Amount)
		sum, err = sum.Add(l.Amount)
		check(err == nil, "leg %d: %w", i+1, err)
	}
	check(sum == total, "legs of %v: must add up to %v", sum, total)
	return faults
}

// Total is all that the caller pays: Amount and Fee.
func (p Payment) Total() Money {
	return Money{p.Amount.Minor + p.Fee.Minor, p.Amount.Currency}
}

// Declined returns the first leg that was declined, or not held in full, and whether there is one.
func (p Payment) Declined() (Leg, bool) {
	for _, l := range p.Legs {
		if l.Class != "" {
			return l, true
		}
	}
	return Leg{}, false
}

// Unsent tells that the payment is confirmed and nothing of it has been sent.
func (p Payment) Unsent() bool {
	return p.State == StateConfirmed && !slices.ContainsFunc(p.Legs, func(l Leg) bool { return l.State != LegNone })
}

// Withdraw decides that a payment which is Unsent is not to be made. A *TransitionError if it cannot be any more.
func (p *Payment) Withdraw(reason string, now time.Time) error {
	if !p.Unsent() {
		return &TransitionError{Payment: p.ID, Leg: -1, From: string(p.State), To: string(StateAbort)}
	}
	return p.Apply(Step{Kind: StepMove, State: StateAbort, Reason: reason}, Outcome{}, now)
}

// Confirm records the caller's yes, and fixes the transaction ID and the keys of the legs. ErrNotDraft if there was one before, or the payment was cancelled (R2).
func (p *Payment) Confirm(now time.Time) error {
	if p.State != StateDraft {
		return fmt.Errorf("%w: %s is %s", ErrNotDraft, p.ID, p.State)
	}
	p.Confirmed, p.Transaction = stamp(now), TransactionID(p.ID)
	p.Legs = slices.Clone(p.Legs)
	for i := range p.Legs {
		l := &p.Legs[i]
		l.Attempt = 1
		l.Key = p.keyOf(i, StepAuthorise)
		l.Fingerprint = p.fingerprint(i)
	}
	return p.move(StateConfirmed)
}

// Cancel ends a draft that the caller did not agree to. ErrNotDraft if they did before.
func (p *Payment) Cancel(now time.Time) error {
	if p.State != StateDraft {
		return fmt.Errorf("%w: %s is %s", ErrNotDraft, p.ID, p.State)
	}
	p.Ended = stamp(now)
	return p.move(StateCancelled)
}

// ErrNotReview is what Resolve returns for a payment that no person has to look at (any more).
var ErrNotReview = errors.New("payment: not in review")

// Resolve ends a payment in REVIEW, as PAID or as FAILED: a person has found out what became of the money, and says so in
// by, which is kept in Resolved. It is the only way out of REVIEW. The legs stay as they are: they are the record of what
// the processors told us. ErrNotReview for a payment in any other state, so the second of two people changes nothing.
func (p *Payment) Resolve(paid bool, by string, now time.Time) error {
	switch {
	case p.State != StateReview:
		return fmt.Errorf("%w: %s is %s", ErrNotReview, p.ID, p.State)
	case by == "":
		return fmt.Errorf("payment: resolve %s: say who decided, and why", p.ID)
	}
	p.State = StateFailed
	if paid {
		p.State = StatePaid
	}
	p.Resolved, p.Ended = by, stamp(now)
	return nil
}

// stamp drops what JSON does not keep, so that a payment equals itself after it was stored.
func stamp(t time.Time) time.Time { return t.Round(0).UTC() }
