package payment

import (
	"errors"
	"fmt"
	"time"
)

// ErrNotPaid is what Payment.Receipt and Payment.Posting return for a payment that is not PAID.
var ErrNotPaid = errors.New("payment: not paid")

// Receipt is what the payer is told and sent after a payment.
type Receipt struct {
	// Payment is the payment's ID, by which a receipt is recognised when it is sent again (R13).
	Payment string `json:"payment"`
	// Transaction is the transaction ID in the form that is spoken.
	Transaction string `json:"transaction"`
	Account     string `json:"account"`
	Bill        string `json:"bill"`
	Payee       string `json:"payee"`
	// Amount went to the bill, Fee came on top, Total is both.
	Amount Money `json:"amount"`
	Fee    Money `json:"fee,omitzero"`
	Total  Money `json:"total"`
	// Parts are what each funding source paid.
	Parts []Part `json:"parts"`
	// At is when the payment ended, UTC.
	At time.Time `json:"at"`
}

// Part is what one funding source paid.
type Part struct {
	Kind   Kind   `json:"kind"`
	Brand  Brand  `json:"brand,omitempty"`
	Last4  string `json:"last4,omitempty"`
	Amount Money  `json:"amount"`
	// Points is how many points Amount was, for KindPoints.
	Points int64 `json:"points,omitempty"`
}

// GivenBack are the legs of a payment that had taken money which was refunded: the caller may see both on a statement,
// and must be told. A hold that was voided is none.
func (p Payment) GivenBack() (legs []Leg) {
	for _, l := range p.Legs {
		if l.Direct && l.State == LegVoided {
			legs = append(legs, l)
		}
	}
	return legs
}

// Receipt returns the receipt of a PAID payment. ErrNotPaid for any other.
func (p Payment) Receipt() (Receipt, error) {
	if p.State != StatePaid {
		return Receipt{}, fmt.Errorf("%w: %s is %s", ErrNotPaid, p.ID, p.State)
	}
	r := Receipt{Payment: p.ID, Transaction: p.Transaction, Account: p.Account, Bill: p.Bill, Payee: p.Payee,
		Amount: p.Amount, Fee: p.Fee, Total: p.Total(), At: p.Ended}
	for _, l := range p.Legs {
		r.Parts = append(r.Parts, Part{l.Kind, l.Brand, l.Last4, l.Amount, l.Points})
	}
	return r, nil
}

// Posting returns what the biller is told of a PAID payment (Biller.Post). ErrNotPaid for any other.
func (p Payment) Posting() (Posting, error) {
	if p.State != StatePaid {
		return Posting{}, fmt.Errorf("%w: %s is %s", ErrNotPaid, p.ID, p.State)
	}
	return Posting{Key: Key(product, p.Tenant, p.ID, 0, "post", 1), Account: p.Account, Bill: p.Bill, Amount: p.Amount,
		Transaction: p.Transaction}, nil
}
