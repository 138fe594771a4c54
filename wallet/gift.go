package wallet

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dialpay/dialpay/payment"
)

// GiftCard is a gift card that was redeemed for an account.
type GiftCard struct {
	// Token is the card at the processor of gift cards.
	Token string `json:"token"`
	// Last4 is the end of its number, as it is spoken.
	Last4 string `json:"last4"`
	// Balance is what is left on it.
	Balance payment.Money `json:"balance"`
	// Expires is the last day on which it can be used; empty for none.
	Expires payment.Date `json:"expires,omitempty"`
}

// Check returns every fault of the card, each with ErrMethod: those of a Method, a balance in no currency or below
// zero, an Expires that is no day.
func (g GiftCard) Check() error {
	err := Method{Kind: payment.KindCard, Token: g.Token, Last4: g.Last4}.Check()
	if _, bad := payment.NewMoney(g.Balance.Minor, g.Balance.Currency); bad != nil || g.Balance.Minor < 0 {
		err = errors.Join(err, fmt.Errorf("%w: balance of %v: must be zero or more of a currency", ErrMethod, g.Balance))
	}
	if _, bad := g.Expires.MarshalText(); bad != nil {
		err = errors.Join(err, fmt.Errorf("%w: expires: %w", ErrMethod, bad))
	}
	return err
}

// Source is the card as a source of Plan.
func (g GiftCard) Source() Source {
	return Source{Kind: payment.KindGift, Token: g.Token, Last4: g.Last4, Balance: g.Balance}
}

// UsableGifts returns the cards that can pay in the currency where now is (its Location): those that expire first in
// front, the others in the order given. Empty and expired ones are left out.
func UsableGifts(cards []GiftCard, currency string, now time.Time) []GiftCard {
	usable := make([]GiftCard, 0, len(cards))
	for _, g := range cards {
		if g.Balance.Positive() && g.Balance.Currency == currency && (g.Expires == "" || g.Expires >= payment.DateOf(now)) {
			usable = append(usable, g)
		}
	}
	slices.SortStableFunc(usable, func(a, b GiftCard) int {
		switch {
		case a.Expires == b.Expires:
			return 0
		case b.Expires == "" || a.Expires != "" && a.Expires < b.Expires:
			return -1
		}
		return 1
	})
	return usable
}

// ClaimReason is why a claim code was refused.
type ClaimReason string

// The reasons for which a claim code is refused.
const (
	ClaimUnknown ClaimReason = "unknown" // there is no such code
	ClaimUsed    ClaimReason = "used"    // it was redeemed before
	ClaimExpired ClaimReason = "expired"
	ClaimLimit   ClaimReason = "limit" // this account tried too often
)

// ClaimError is a claim code that was refused, and why. It never holds the code.
type ClaimError struct{ Reason ClaimReason }

// Error names the reason.
func (e *ClaimError) Error() string { return "wallet: claim code refused: " + string(e.Reason) }
