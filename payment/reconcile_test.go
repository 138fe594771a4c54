package payment_test

import (
	"testing"

	"github.com/dialpay/dialpay/payment"
	"github.com/stretchr/testify/assert"
)

// What a processor says of a charge, against what is stored of its payment.
func TestContradicts(t *testing.T) {
	usd := func(minor int64) payment.Money { return payment.Money{Minor: minor, Currency: "USD"} }
	for _, rule := range []struct {
		sentence string
		stored   payment.State
		resolved string
		key      string
		charged  payment.LegState
		amount   int64
		want     string
	}{
		{"paid and taken", payment.StatePaid, "", "k1", payment.LegCaptured, 500, ""},
		{"paid, but only held", payment.StatePaid, "", "k1", payment.LegHeld, 500, "HELD, the payment is PAID"},
		{"paid, but given back", payment.StatePaid, "", "k1", payment.LegVoided, 500, "VOIDED, the payment is PAID"},
		{"paid, but less was taken", payment.StatePaid, "", "k1", payment.LegCaptured, 499,
			"4.99 USD, leg 1 of the payment is 5.00 USD"},
		{"taken twice", payment.StatePaid, "", "k2", payment.LegCaptured, 500,
			"CAPTURED under a key that the payment does not have"},
		{"an earlier hold that was released", payment.StatePaid, "", "k2", payment.LegVoided, 500, ""},
		{"failed and released", payment.StateFailed, "", "k1", payment.LegVoided, 500, ""},
		{"failed, but taken", payment.StateFailed, "", "k1", payment.LegCaptured, 500, "CAPTURED, the payment is FAILED"},
		{"failed, but held", payment.StateFailed, "", "k1", payment.LegHeld, 500, "HELD, the payment is FAILED"},
		{"cancelled, but held", payment.StateCancelled, "", "k1", payment.LegHeld, 500, "HELD, the payment is CANCELLED"},
		{"under way", payment.StateCommit, "", "k1", payment.LegHeld, 500, ""},
		{"for a person", payment.StateReview, "", "k1", payment.LegHeld, 500, ""},
		{"decided by a person", payment.StateFailed, "kim", "k1", payment.LegCaptured, 500, ""},
	} {
		t.Run(rule.sentence, func(t *testing.T) {
			p := payment.Payment{ID: "p", State: rule.stored, Resolved: rule.resolved,
				Legs: []payment.Leg{{Processor: "acme", Key: "k1", Amount: usd(500)}}}
			c := payment.Charged{Payment: "p", Key: rule.key, Amount: usd(rule.amount), State: rule.charged}
			assert.Equal(t, rule.want, c.Contradicts("acme", p))
		})
	}
	p := payment.Payment{State: payment.StatePaid, Legs: []payment.Leg{{Processor: "acme", Key: "k1", Amount: usd(500)}}}
	c := payment.Charged{Key: "k1", Amount: usd(500), State: payment.LegCaptured}
	assert.Contains(t, c.Contradicts("other", p), "does not have", "the same key at another processor")
}
