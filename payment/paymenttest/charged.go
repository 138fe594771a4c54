package paymenttest

import (
	"context"
	"iter"
	"time"

	"github.com/dialpay/dialpay/payment"
)

// became is what the ledger's words are called in a payment's leg.
var became = map[ChargeState]payment.LegState{Held: payment.LegHeld, Captured: payment.LegCaptured,
	Voided: payment.LegVoided, Refunded: payment.LegVoided}

// Charged implements payment.Lister.
func (s *Sandbox) Charged(_ context.Context, from, until time.Time) iter.Seq2[payment.Charged, error] {
	return func(yield func(payment.Charged, error) bool) { list(s.Charges(), from, until, yield) }
}

// Charged implements payment.Lister.
func (r *Remote) Charged(ctx context.Context, from, until time.Time) iter.Seq2[payment.Charged, error] {
	return func(yield func(payment.Charged, error) bool) {
		charges, err := r.Charges(ctx)
		if err != nil {
			yield(payment.Charged{}, err)
			return
		}
		list(charges, from, until, yield)
	}
}

func list(charges []Charge, from, until time.Time, yield func(payment.Charged, error) bool) {
	for _, c := range charges {
		state, approved := became[c.State]
		if !approved || c.At.Before(from) || !c.At.Before(until) {
			continue
		}
		if !yield(payment.Charged{Payment: c.Payment, Key: c.Key, Reference: c.Reference, Amount: c.Amount, State: state,
			At: c.At}, nil) {
			return
		}
	}
}
