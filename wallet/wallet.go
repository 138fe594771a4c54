package wallet

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dialpay/dialpay/payment"
)

// Method is a funding source, saved in a Wallet or just tokenised in a call.
type Method struct {
	// ID is the wallet's own; empty for a method that is not saved.
	ID   string       `json:"id,omitempty"`
	Kind payment.Kind `json:"kind"`
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

// maxToken is as long as the longest processors' tokens; more is something else.
const maxToken = 255

// isCardNumber tells what must never be stored under another name.
func isCardNumber(s string) bool {
	if len(s) > 19 {
		return false
	}
	number, err := payment.NewSecret([]byte(s))
	if err != nil {
		return false
	}
	defer number.Clear()
	_, err = payment.CheckNumber(number)
	return err == nil
}

// ErrMethod is what Check returns for a method that cannot be saved or charged.
var ErrMethod = errors.New("wallet: not a method")

// Check returns every fault of the method, each with ErrMethod: an unknown kind, no token or one that is too long, a
// card number as ID, token or brand, a Last4 that is not four digits, a card's expiry that is no month.
func (m Method) Check() error {
	var faults []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf("%w: "+format, append([]any{ErrMethod}, args...)...))
		}
	}
	check(m.Kind == payment.KindCard || m.Kind == payment.KindBank, "kind %q: must be card or bank", m.Kind)
	check(m.Token != "" && len(m.Token) <= maxToken, "a token of %d characters: must be 1 to %d", len(m.Token), maxToken)
	for _, field := range []struct{ name, value string }{{"ID", m.ID}, {"token", m.Token}, {"brand", string(m.Brand)}} {
		check(!isCardNumber(field.value), "the %s is a card number", field.name)
	}
	ok := len(m.Last4) == 4
	for i := range len(m.Last4) {
		ok = ok && m.Last4[i] >= '0' && m.Last4[i] <= '9'
	}
	check(ok, "last4 of %d characters: must be four digits", len(m.Last4)) // not shown: it may be the whole number
	_, err := m.Expiry.MarshalText()
	check(err == nil, "%w", err)
	return errors.Join(faults...)
}

// FromToken returns the method of a card that was just tokenised.
func FromToken(t payment.Token) Method {
	return Method{Kind: payment.KindCard, Token: t.ID, Brand: t.Brand, Last4: t.Last4, Expiry: t.Expiry}
}

// Leg returns the part of a payment that the method pays at the named processor, for payment.Draft.
func (m Method) Leg(processor string, amount payment.Money) payment.Leg {
	return payment.Leg{Kind: m.Kind, Brand: m.Brand, Last4: m.Last4, Token: m.Token, Processor: processor, Amount: amount}
}

// Usable returns the methods that can be charged where now is (its Location), the default first and the others in the
// order given. Expired cards are left out.
func Usable(methods []Method, now time.Time) []Method {
	usable := make([]Method, 0, len(methods))
	for _, m := range methods {
		if !m.Expiry.Expired(now) {
			usable = append(usable, m)
		}
	}
	slices.SortStableFunc(usable, func(a, b Method) int {
		switch {
		case a.Default == b.Default:
			return 0
		case a.Default:
			return -1
		}
		return 1
	})
	return usable
}

// Wallet keeps the saved methods of accounts.
type Wallet interface {
	// Methods returns the saved methods of the account, best the last saved first; none is an empty slice.
	Methods(ctx context.Context, account string) ([]Method, error)
	// Save keeps a method and returns it with its ID. The same token saved twice is kept once. A method that is saved as
	// Default takes the place of the default before it.
	Save(ctx context.Context, account string, m Method) (Method, error)
}
