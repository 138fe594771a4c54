package paymenttest

import (
	"slices"
	"time"

	"github.com/dialpay/dialpay/payment"
)

// ChargeState is what became of a charge.
type ChargeState string

// The states of a charge.
const (
	Declined ChargeState = "declined"
	Held     ChargeState = "held"
	Captured ChargeState = "captured"
	Voided   ChargeState = "voided"
	Refunded ChargeState = "refunded"
)

// Charge is one line of the sandbox's ledger: an authorisation, and what became of it.
type Charge struct {
	Key     string
	Token   string
	Payment string
	// Amount is what was approved, or asked for and declined.
	Amount payment.Money
	State  ChargeState
	// At is when the request arrived.
	At        time.Time
	Reference string

	request payment.Charge
	outcome payment.Outcome
}

// Charges is the ledger, in the order in which the requests arrived.
func (s *Sandbox) Charges() []Charge {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrive()
	return slices.Clone(s.charges)
}

// Sum adds up what the charges in this state come to for a payment: the zero Money for nothing.
func (s *Sandbox) Sum(paymentID string, state ChargeState) payment.Money {
	var sum payment.Money
	for _, c := range s.Charges() {
		if c.Payment == paymentID && c.State == state {
			sum, _ = sum.Add(c.Amount)
		}
	}
	return sum
}
