package payment

import (
	"context"
	"errors"
	"fmt"
)

// Bill is what an account owes for one service at one time.
type Bill struct {
	ID string `json:"id"`
	// Account is the biller's ID of the account (auth.Account.ID).
	Account string `json:"account"`
	// Payee is who gets the money, as a caller knows it: "City Water".
	Payee string `json:"payee"`
	// Service tells several bills of an account apart, spoken as it is: "12 Elm Street". Empty where there is one.
	Service string `json:"service,omitempty"`
	// Balance is all that is owed. Zero or less: nothing to pay.
	Balance Money `json:"balance"`
	// Minimum is the least that must be paid by Due; zero where the biller has no minimum.
	Minimum Money `json:"minimum,omitzero"`
	// PastDue is the part whose due date has gone by; zero for none.
	PastDue Money `json:"pastDue,omitzero"`
	// Usual is what this customer usually pays; zero where unknown. Amounts far above it are asked about once more.
	Usual Money `json:"usual,omitzero"`
	// Due is the day on which the balance is due; empty for none.
	Due Date `json:"due,omitempty"`
}

// Check returns every fault of a bill that no payment could be drafted from: a missing ID, account or payee, an unknown
// currency, amounts of more than one currency, a date that is none.
func (b Bill) Check() error {
	var faults []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf("payment: bill %q: "+format, append([]any{b.ID}, args...)...))
		}
	}
	check(b.ID != "", "no ID")
	check(b.Account != "", "no account")
	check(b.Payee != "", "no payee")
	_, err := NewMoney(b.Balance.Minor, b.Balance.Currency)
	check(err == nil, "balance: %w", err)
	for _, part := range []struct {
		name   string
		amount Money
	}{{"minimum", b.Minimum}, {"past due", b.PastDue}, {"usual", b.Usual}} {
		_, err := b.Balance.Cmp(part.amount)
		check(err == nil, "%s: %w", part.name, err)
		check(part.amount.Minor >= 0, "%s of %v: must not be negative", part.name, part.amount)
	}
	_, err = b.Due.MarshalText()
	check(err == nil, "due: %w", err)
	return errors.Join(faults...)
}

// Biller is the company whose bills are paid.
type Biller interface {
	// Bills returns the open bills of the account, those due first in front. No bills is an empty slice, not an error.
	Bills(ctx context.Context, account string) ([]Bill, error)
	// Post tells the biller that a payment was made. It is called until it succeeds, with the same Posting.Key, by
	// which the biller must recognise a repetition.
	Post(ctx context.Context, p Posting) error
}

// Posting is one payment, as it is told to the biller.
type Posting struct {
	// Key is the same for every repetition of this posting.
	Key string `json:"key"`
	// Account and Bill are what was paid.
	Account string `json:"account"`
	Bill    string `json:"bill"`
	// Amount is what goes to the bill, without the fee.
	Amount Money `json:"amount"`
	// Transaction is the transaction ID that the caller heard.
	Transaction string `json:"transaction"`
}
