package wallet

import (
	"errors"
	"fmt"
	"slices"

	"github.com/dialpay/dialpay/payment"
)

// Source is something to pay with, as Plan sees it: points, a gift card, or a Method, which pays whatever is left.
type Source struct {
	Kind  payment.Kind  `json:"kind"`
	Token string        `json:"token"`
	Brand payment.Brand `json:"brand,omitempty"`
	Last4 string        `json:"last4,omitempty"`
	// Balance bounds what a gift card pays.
	Balance payment.Money `json:"balance,omitzero"`
	// Points and Rate bound what points pay.
	Points int64 `json:"points,omitempty"`
	Rate   Rate  `json:"rate,omitzero"`
}

// Source is the method as a source of Plan.
func (m Method) Source() Source {
	return Source{Kind: m.Kind, Token: m.Token, Brand: m.Brand, Last4: m.Last4}
}

// limited tells that the source has a balance.
func (s Source) limited() bool { return s.Kind == payment.KindGift || s.Kind == payment.KindPoints }

// Share is what one source pays.
type Share struct {
	Source
	Amount payment.Money
	// Used is how many points the amount is.
	Used int64
}

// Leg returns the share as the part of a payment at the named processor, for payment.Draft.
func (s Share) Leg(processor string) payment.Leg {
	return payment.Leg{Kind: s.Kind, Brand: s.Brand, Last4: s.Last4, Token: s.Token, Processor: processor,
		Amount: s.Amount, Points: s.Used}
}

// Split is how an amount is paid: the shares and the rest add up to it exactly.
type Split struct {
	Shares []Share
	// Rest is what no source pays; zero of the currency where all is paid.
	Rest payment.Money
}

// Limits bound a Split.
type Limits struct {
	// Least is the smallest amount that a Method, or the rest, may come to, in minor units: many processors charge
	// nothing under 50 cents. 0 is 1. Points and gift cards pay less where they must, for it. It does not bind an amount
	// that is smaller itself.
	Least int64
	// Most is how many points and gift cards are used at most; 0 is 3. More could not be kept in mind.
	Most int
}

// ErrPlan is what Plan returns for an amount that cannot be planned.
var ErrPlan = errors.New("wallet: no plan")

// Plan divides an amount among the sources, in their order: points and gift cards pay up to their balance, a Method
// pays all that is left. Sources of another currency and empty ones are left out. ErrPlan for an amount that is not
// more than zero, or is in no currency.
func Plan(amount payment.Money, sources []Source, limits Limits) (Split, error) {
	if _, err := payment.NewMoney(amount.Minor, amount.Currency); err != nil || !amount.Positive() {
		return Split{}, fmt.Errorf("%w: amount of %v: must be more than zero of a currency", ErrPlan, amount)
	}
	if limits.Most == 0 {
		limits.Most = 3
	}
	least := max(limits.Least, 1)
	split := take(amount, amount.Minor, sources, limits.Most)
	if open := split.open(); open > 0 && open < least {
		split = take(amount, amount.Minor-least, sources, limits.Most)
	}
	return split, nil
}

// take lets points and gift cards pay no more than limit together.
func take(amount payment.Money, limit int64, sources []Source, most int) Split {
	s := Split{Rest: amount}
	for _, from := range sources {
		share := Share{Source: from, Amount: payment.Money{Minor: s.Rest.Minor, Currency: amount.Currency}}
		if from.limited() {
			if most == 0 || limit <= 0 {
				continue
			}
			share.Amount.Minor, share.Used = from.upTo(min(limit, s.Rest.Minor), amount.Currency)
		}
		if !share.Amount.Positive() {
			continue
		}
		if from.limited() {
			most--
			limit -= share.Amount.Minor
		}
		s.Rest.Minor -= share.Amount.Minor
		s.Shares = append(s.Shares, share)
	}
	return s
}

// upTo is what a source with a balance pays of so many minor units, and the points for it.
func (s Source) upTo(most int64, currency string) (minor, used int64) {
	switch {
	case s.Kind == payment.KindGift && s.Balance.Currency == currency:
		return min(most, s.Balance.Minor), 0
	case s.Kind == payment.KindPoints && s.Rate.Worth.Currency == currency:
		used, minor = s.Rate.For(most, s.Points)
	}
	return max(minor, 0), used
}

// open is what points and gift cards do not pay.
func (s Split) open() int64 {
	open := s.Rest.Minor
	for _, share := range s.Shares {
		if !share.limited() {
			open += share.Amount.Minor
		}
	}
	return open
}

// Preferences are what a customer chose. The zero value is the library's own order.
type Preferences struct {
	// Order is in which order kinds are used. Kinds that it does not name come after, in the order points, gift cards,
	// and then cards and bank accounts alike.
	Order []payment.Kind `json:"order,omitempty"`
	// Method is the ID of the Method that is offered first; empty is the Default of the wallet.
	Method string `json:"method,omitempty"`
}

// rank is the place of a kind: smaller is used first.
func (p Preferences) rank(k payment.Kind) int {
	if i := slices.Index(p.Order, k); i >= 0 {
		return i
	}
	ranks := map[payment.Kind]int{payment.KindPoints: 0, payment.KindGift: 1}
	if r, ok := ranks[k]; ok {
		return len(p.Order) + r
	}
	return len(p.Order) + len(ranks)
}

// Arrange puts the sources into the order of the preferences; those of one place stay in the order given.
func (p Preferences) Arrange(sources []Source) []Source {
	arranged := slices.Clone(sources)
	slices.SortStableFunc(arranged, func(a, b Source) int { return p.rank(a.Kind) - p.rank(b.Kind) })
	return arranged
}

// BalancesFirst tells that points and gift cards are used before cards and bank accounts.
func (p Preferences) BalancesFirst() bool {
	methods := min(p.rank(payment.KindCard), p.rank(payment.KindBank))
	return min(p.rank(payment.KindPoints), p.rank(payment.KindGift)) < methods
}
