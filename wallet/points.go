package wallet

import (
	"errors"
	"fmt"
	"math"
	"math/bits"

	"github.com/dialpay/dialpay/payment"
)

// Points are the reward points of an account. The zero value is none.
type Points struct {
	// Token is the points account at the processor of points.
	Token string `json:"token"`
	// Balance is how many points there are.
	Balance int64 `json:"balance"`
	// Rate is what they are worth.
	Rate Rate `json:"rate"`
}

// Rate says that Points points are worth Worth: {100, 1 USD} makes a point a cent, {3, 0.02 USD} two thirds of one.
// Both are more than zero.
type Rate struct {
	Points int64         `json:"points"`
	Worth  payment.Money `json:"worth"`
}

// Check returns every fault of the points, each with ErrMethod: no token, a balance below zero, a rate that is none.
// The zero Points have none.
func (p Points) Check() error {
	if p == (Points{}) {
		return nil
	}
	var faults []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			faults = append(faults, fmt.Errorf("%w: "+format, append([]any{ErrMethod}, args...)...))
		}
	}
	check(p.Token != "" && len(p.Token) <= maxToken, "a token of %d characters: must be 1 to %d", len(p.Token), maxToken)
	check(!isCardNumber(p.Token), "the token is a card number")
	check(p.Balance >= 0, "balance of %d points: must be zero or more", p.Balance)
	_, err := payment.NewMoney(0, p.Rate.Worth.Currency)
	check(err == nil && p.Rate.Points > 0 && p.Rate.Worth.Positive(),
		"a rate of %d points for %v: both must be more than zero",
		p.Rate.Points, p.Rate.Worth)
	return errors.Join(faults...)
}

// Source is the points as a source of Plan.
func (p Points) Source() Source {
	return Source{Kind: payment.KindPoints, Token: p.Token, Points: p.Balance, Rate: p.Rate}
}

// Minor is what so many points are worth, rounded down to the minor unit: the customer never pays with a fraction. What
// is more than the largest amount is that.
func (r Rate) Minor(points int64) int64 {
	if points <= 0 || r.Points <= 0 || r.Worth.Minor <= 0 {
		return 0
	}
	return mulDiv(points, r.Worth.Minor, r.Points, 0)
}

// For returns the largest amount up to most minor units that some of the points are worth exactly, rounded down, and
// the least number of points that are worth it.
func (r Rate) For(most, balance int64) (points, minor int64) {
	if most <= 0 || r.Minor(balance) == 0 {
		return 0, 0
	}
	points = balance
	if r.Minor(balance) > most {
		// The most points whose worth, rounded down, is at most the limit: points*worth < (most+1)*rate.
		points = min(balance, mulDiv(min(most, math.MaxInt64-1)+1, r.Points, r.Worth.Minor, r.Worth.Minor-1)-1)
	}
	minor = r.Minor(points)
	return min(points, mulDiv(minor, r.Points, r.Worth.Minor, r.Worth.Minor-1)), minor
}

// mulDiv is (a*b+plus)/c without overflow in between; what does not fit is the largest int64.
func mulDiv(a, b, c, plus int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	lo, carry := bits.Add64(lo, uint64(plus), 0)
	hi += carry
	if hi >= uint64(c) {
		return math.MaxInt64
	}
	quotient, _ := bits.Div64(hi, lo, uint64(c))
	return int64(min(quotient, math.MaxInt64))
}
