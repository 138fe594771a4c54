package payment

import "time"

// Kind is a kind of funding source.
type Kind string

// The kinds of funding sources.
const (
	KindCard Kind = "card"
	KindBank Kind = "bank" // a bank account, debited directly
	KindGift Kind = "gift" // a gift card, from its balance
	// KindPoints are reward points: the leg says how many (Leg.Points), and what they are worth (Leg.Amount).
	KindPoints Kind = "points"
)

// kinds are all kinds that a leg may have.
var kinds = []Kind{KindCard, KindBank, KindGift, KindPoints}

// Leg is the part of a payment that one funding source pays. Whoever drafts a payment fills in the fields up to
// Amount; Draft, Next and Apply keep the rest.
type Leg struct {
	// Kind, Brand and Last4 describe the source to the caller.
	Kind  Kind   `json:"kind"`
	Brand Brand  `json:"brand,omitempty"`
	Last4 string `json:"last4,omitempty"`
	// Token is the source at the processor.
	Token string `json:"token"`
	// Processor is the Profile.Name of the processor.
	Processor string `json:"proc"`
	// Amount is the whole of this leg, its part of the fee included.
	Amount Money `json:"amount"`
	// Points is how many points Amount is worth, for KindPoints; 0 for every other.
	Points int64 `json:"points,omitempty"`

	// Direct tells that the processor cannot hold: the money moves when it authorises.
	Direct bool     `json:"direct,omitempty"`
	State  LegState `json:"state,omitempty"`
	// Attempt counts the authorisations, from 1. It changes only after a definite decline or void (R5).
	Attempt int `json:"attempt,omitempty"`
	// Key is the idempotency key of the authorisation, Fingerprint that of its parameters.
	Key         string `json:"key,omitempty"`
	Fingerprint string `json:"print,omitempty"`
	// FirstSent is when the leg became SENT, from which the key's retention counts (R6).
	FirstSent time.Time `json:"first,omitzero"`
	// RefundSent is the same for the refund of a direct leg.
	RefundSent time.Time `json:"refund,omitzero"`
	// Tries counts the calls in the present state that left the outcome unknown, LastTried is when the last came back.
	Tries     int       `json:"tries,omitempty"`
	LastTried time.Time `json:"tried,omitzero"`
	// Held is what was held or taken where that is not Amount: a partial approval, which is given back.
	Held Money `json:"held,omitzero"`
	// Reference is the processor's ID of the authorisation.
	Reference string `json:"ref,omitempty"`
	// Class and Code say why the leg was declined, or why it was not held in full. Code is for logs.
	Class DeclineClass `json:"class,omitempty"`
	Code  string       `json:"code,omitempty"`
	// Refused tells that the processor declined to capture, void or refund: a person must look.
	Refused bool `json:"refused,omitempty"`
}
