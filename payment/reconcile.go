package payment

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"
)

// Lister is a Processor that can list what it approved, so that it can be compared with what is stored (R14): every day,
// and after a database was restored or has failed over.
type Lister interface {
	// Charged yields each authorisation that was approved at the time from or later, and before until, by the processor's
	// clock, in any order. Where the account at the processor is shared with other software, it leaves out what that
	// software charged. An error is the last that is yielded.
	Charged(ctx context.Context, from, until time.Time) iter.Seq2[Charged, error]
}

// Charged is an authorisation that a processor approved, as it stands now.
type Charged struct {
	// Payment and Key are those of the Charge; Reference is the processor's own ID.
	Payment, Key, Reference string
	// Amount is what was approved.
	Amount Money
	// State is LegHeld, LegCaptured, or LegVoided for what was released or given back.
	State LegState
	// At is when it was approved.
	At time.Time
}

// Contradicts tells in what the record of a processor contradicts the payment, for a person: "" where it does not. A
// payment that is open is not contradicted, as it is not known yet how it ends; nor is one that a person has to decide on,
// or has decided on.
func (c Charged) Contradicts(processor string, p Payment) string {
	moved := c.State == LegHeld || c.State == LegCaptured
	i := slices.IndexFunc(p.Legs, func(l Leg) bool { return l.Processor == processor && l.Key == c.Key })
	switch {
	case p.State.Open() || p.State == StateReview || p.Resolved != "":
		return ""
	case i < 0 && moved:
		return fmt.Sprintf("%s under a key that the payment does not have", c.State)
	case p.State != StatePaid && moved:
		return fmt.Sprintf("%s, the payment is %s", c.State, p.State)
	case p.State != StatePaid || i < 0:
		return ""
	case c.State != LegCaptured:
		return fmt.Sprintf("%s, the payment is %s", c.State, p.State)
	case c.Amount != p.Legs[i].Amount:
		return fmt.Sprintf("%v, leg %d of the payment is %v", c.Amount, i+1, p.Legs[i].Amount)
	}
	return ""
}
