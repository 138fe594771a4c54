package payment

import (
	"context"
	"time"
)

// Processor moves money. A charge is authorised first and captured once all legs of a payment are held; a Processor
// that cannot hold (Profile.AuthCapture false) takes the money in Authorise.
//
// A Processor also implements Capturer if it can hold, and Refunder if it can give back. One that is a Lister can be
// reconciled.
type Processor interface {
	// Profile says what the processor can do and how long it remembers.
	Profile() Profile
	// Authorise holds (or takes) the amount. The same Charge.Key never holds twice: a repetition with the same token and
	// amount gets the first outcome again, one with others an error or a decline. An error, which must not hold secrets,
	// means that the outcome is unknown: the request may have arrived. A decline is an Outcome, not an error.
	Authorise(ctx context.Context, c Charge) (Outcome, error)
	// Lookup tells how the authorisation with this key ended: approved, also where it was captured, voided or refunded
	// since; declined; or absent. Absent is final only as Profile.AbsenceFinalAfter says.
	Lookup(ctx context.Context, key string) (Outcome, error)
}

// Capturer is a Processor that holds before it takes.
type Capturer interface {
	// Capture takes what was held under the key. Capturing twice takes once. What was voided, or never held, cannot be
	// taken: an error or a decline.
	Capture(ctx context.Context, h Hold) (Outcome, error)
	// Void releases what was held. Voiding twice, or what was never held, is harmless. What was captured cannot be
	// released: an error or a decline.
	Void(ctx context.Context, h Hold) (Outcome, error)
}

// Refunder is a Processor that can give back what it took.
type Refunder interface {
	// Refund gives the captured amount back, once per key. Hold.Amount is what was taken.
	Refund(ctx context.Context, h Hold) (Outcome, error)
}

// Charge is a request for money.
type Charge struct {
	// Key is the idempotency key: 26 characters of a–z and 2–7.
	Key string
	// Token is the funding source at the processor.
	Token string
	// Amount is the whole of this leg, fee included.
	Amount Money
	// Points is how many points to take, for a leg of points; Amount is what they are worth. 0 for every other leg.
	Points int64
	// Payment is our payment ID, the merchant's reference at the processor.
	Payment string
	// Statement is what the customer reads on the statement: the payee.
	Statement string
}

// Hold names an authorisation for Capture, Void and Refund.
type Hold struct {
	// Key is the idempotency key of this operation; ChargeKey, that of the authorisation it is about.
	Key, ChargeKey string
	// Reference is the processor's own ID of the authorisation.
	Reference string
	// Amount is what was authorised.
	Amount Money
}

// OutcomeState tells how an operation ended.
type OutcomeState string

// The outcomes. Unknown is a state of its own: money may have moved.
const (
	Approved OutcomeState = "approved"
	Declined OutcomeState = "declined"
	Unknown  OutcomeState = "unknown"
	// Absent is the answer of a Lookup that finds nothing under the key.
	Absent OutcomeState = "absent"
)

// Outcome is how an operation ended.
type Outcome struct {
	State OutcomeState
	// Class and Code say why, for Declined. Code is the processor's own word, for logs, never spoken.
	Class DeclineClass
	Code  string
	// Reference is the processor's ID of the operation.
	Reference string
	// Amount is what was approved, where it is less than what was asked for: a partial approval, which counts as a
	// decline and is released. Zero is all of it.
	Amount Money
}

// DeclineClass sorts declines by what the caller can do about them.
type DeclineClass string

// The classes of declines.
const (
	CorrectEntry DeclineClass = "correct the entry" // wrong number, expiry, CVV or postal code
	OtherMethod  DeclineClass = "other method"      // insufficient funds, do not honour, limit
	TryLater     DeclineClass = "try later"         // issuer unavailable, processing error
	NeverRetry   DeclineClass = "never retry"       // lost, stolen, fraud: the caller hears generic words
)

// Profile is what a Processor can do and how long it remembers. The zero value of a field takes the safe default
// that Normal fills in.
type Profile struct {
	// Name is stored in every leg, and finds the processor again: unique, and for ever the same.
	Name string
	// KeyMax is the longest idempotency key in characters; 0 is 255.
	KeyMax int
	// KeyRetention is how long a repeated key is recognised; 0 is 24 h. Nothing is sent with a key in the last 2 h of
	// it.
	KeyRetention time.Duration
	// AbsenceFinalAfter is how long after the last send an absent charge may still turn up; 0 is 65 min, because
	// search indexes of processors lag.
	AbsenceFinalAfter time.Duration
	// AuthCapture tells that Authorise only holds. Then the Processor is a Capturer.
	AuthCapture bool
	// Refunds tells that what was taken can be given back. Then the Processor is a Refunder.
	Refunds bool
	// ReplaysErrors tells that a repeated key replays a stored error, so that only Lookup can resolve an unknown
	// outcome.
	ReplaysErrors bool
}

// Normal returns the profile with the defaults filled in.
func (p Profile) Normal() Profile {
	if p.KeyMax == 0 {
		p.KeyMax = 255
	}
	if p.KeyRetention == 0 {
		p.KeyRetention = 24 * time.Hour
	}
	if p.AbsenceFinalAfter == 0 {
		p.AbsenceFinalAfter = 65 * time.Minute
	}
	return p
}
