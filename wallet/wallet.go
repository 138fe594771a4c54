package wallet

import (
	"context"

	"github.com/dialpay/dialpay/payment"
)

// Kind is a kind of funding source.
type Kind string

// The kinds of funding sources.
const (
	KindCard Kind = "card"
	KindBank Kind = "bank" // a bank account, debited directly
)

// Method is a funding source, saved in a Wallet or just tokenised in a call.
type Method struct {
	// ID is the wallet's own; empty for a method that is not saved.
	ID   string `json:"id,omitempty"`
	Kind Kind   `json:"kind"`
	// Token is the source at the processor.
	Token string `json:"token"`
	// Brand of a card, such as payment.Visa; of a bank account, the bank's name as it is spoken.
	Brand payment.Brand `json:"brand,omitempty"`
	// Last4 is the end of the card or account number.
	Last4 string `json:"last4"`
	// Expiry of a card.
	Expiry payment.Expiry `json:"expiry,omitzero"`
	// Default is offered first. At most one of an account has it.
	Default bool `json:"default,omitempty"`
}

// Wallet keeps the saved methods of accounts.
type Wallet interface {
	// Methods returns the saved methods of the account in any order; none is an empty slice.
	Methods(ctx context.Context, account string) ([]Method, error)
	// Save keeps a method and returns it with its ID. The same token saved twice is kept once.
	Save(ctx context.Context, account string, m Method) (Method, error)
}
