package flowtest

import (
	"context"
	"strings"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/wallet"
)

const (
	simPoints     = 500
	simPointsID   = "tok_points"
	simGiftID     = "tok_gift"
	simGiftWorth  = 12_00
	simClaimCode  = "7001200200"
	simClaimedID  = "tok_claimed"
	simClaimWorth = 2_00
)

// simFunds are the gift cards and points of Ann, in the minor units that each is worth at first.
var simFunds = map[string]int64{simPointsID: simPoints, simGiftID: simGiftWorth, simClaimedID: simClaimWorth}

// left is what charges have left of a gift card or of points, in minor units: a point is a cent.
func (r *simRun) left(token string) int64 {
	left := simFunds[token]
	for i := range r.charges {
		c := &r.charges[i]
		if c.Token == token && (c.state == payment.LegHeld || c.state == payment.LegCaptured) {
			left -= c.Amount.Minor
		}
	}
	return left
}

// funded judges a charge to a gift card or to points: what the processor does not have it declines.
func (r *simRun) funded(c payment.Charge) bool {
	if (c.Token == simPointsID) != (c.Points > 0) || c.Points > 0 && c.Points != c.Amount.Minor {
		r.violated("%d points are charged for %v of %s", c.Points, c.Amount, c.Token)
	}
	_, limited := simFunds[c.Token]
	return !limited || c.Amount.Minor <= r.left(c.Token)
}

// overdrawn judges the balances at the end of a run.
func (r *simRun) overdrawn() {
	for token := range simFunds {
		if left := r.left(token); left < 0 {
			r.violated("%s is overdrawn by %d", token, -left)
		}
	}
}

func simGift(token, last4 string, left int64) wallet.GiftCard {
	return wallet.GiftCard{Token: token, Last4: last4, Balance: payment.Money{Minor: left, Currency: "USD"}}
}

// GiftCards implements flow.GiftCards.
func (o simOthers) GiftCards(context.Context, string) (cards []wallet.GiftCard, err error) {
	return cards, o.reach("gift cards", func() error {
		cards = []wallet.GiftCard{simGift(simGiftID, "1234", o.left(simGiftID))}
		if o.claimed {
			cards = append(cards, simGift(simClaimedID, "5678", o.left(simClaimedID)))
		}
		return nil
	})
}

// Redeem implements flow.GiftCards.
func (o simOthers) Redeem(_ context.Context, _ string, code payment.Secret, key string) (card wallet.GiftCard, err error) {
	right := false
	code.Open(func(b []byte) { right = string(b) == simClaimCode })
	err = o.reach("redeem", func() error {
		if !right {
			return &wallet.ClaimError{Reason: wallet.ClaimUnknown}
		}
		if o.claimed && o.claimKey != key {
			return &wallet.ClaimError{Reason: wallet.ClaimUsed}
		}
		o.claimed, o.claimKey = true, key
		o.seen.note("claimed", key)
		card = simGift(simClaimedID, "5678", o.left(simClaimedID))
		return nil
	})
	return card, err
}

// Points implements flow.Rewards.
func (o simOthers) Points(context.Context, string) (p wallet.Points, err error) {
	return p, o.reach("points", func() error {
		p = wallet.Points{Token: simPointsID, Balance: o.left(simPointsID),
			Rate: wallet.Rate{Points: 100, Worth: payment.Money{Minor: 100, Currency: "USD"}}}
		return nil
	})
}

// Preferences implements flow.Preferences: Ann has none.
func (o simOthers) Preferences(context.Context, string) (p wallet.Preferences, err error) {
	return p, o.reach("preferences", func() error { return nil })
}

// partsOf are the amounts that a read-back names, leg by leg; a single leg is the total.
func partsOf(t ivr.Turn, total int64) (parts []int64) {
	for _, p := range t.Prompts {
		if strings.HasPrefix(p.Key, "confirm.part.") || strings.HasPrefix(p.Key, "confirm.last.") {
			parts = append(parts, p.Args[0].N)
		}
	}
	if parts == nil {
		parts = []int64{total}
	}
	return parts
}
