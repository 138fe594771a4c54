package flow

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/wallet"
)

// splitOffer offers to use gift cards and points first.
func splitOffer() State {
	return State{
		Name: "funding.split",
		Fits: func(s *Session) bool { return len(s.Sources) > 0 },
		Ask: &Ask{
			Context: func(c *Call) []ivr.Prompt { return sayBalances(c.Sources) },
			Menu:    splitMenu,
			Answer:  chooseSplit,
			Options: []string{"split.all", "split.card", "split.bank", "split.new", "split.other", "split.without",
				"funding.gift", "split.which"},
		},
		On: []Go{{"drawn", "confirm"}, {"card", "card"}, {"choose", "funding.choose"}, {"gift", "gift"},
			{"which", "funding.which"}, {EventBack, "amount"}},
		Says: append([]string{"split.has.gift", "split.has.points"}, brandMessages()...),
	}
}

// whichBalances lets the caller choose among gift cards and points, for this call.
func whichBalances() State {
	return State{
		Name: "funding.which",
		Ask: &Ask{
			Menu: func(c *Call) ivr.Menu {
				options := make([]ivr.Option, len(balanceOrders))
				for i, o := range balanceOrders {
					options[i] = Option("chosen", o.message)
				}
				return c.Choose(options...)
			},
			Answer: func(c *Call, a ivr.Answer) Event {
				c.Order = balanceOrders[a.Option].kinds
				return "chosen"
			},
			Options: []string{"which.points", "which.gifts", "which.points.first", "which.gifts.first"},
		},
		On: []Go{{"chosen", "funding"}, {EventBack, "funding"}},
	}
}

var balanceOrders = []struct {
	message string
	kinds   []payment.Kind
}{
	{"which.points", []payment.Kind{payment.KindPoints}},
	{"which.gifts", []payment.Kind{payment.KindGift}},
	{"which.points.first", []payment.Kind{payment.KindPoints, payment.KindGift}},
	{"which.gifts.first", []payment.Kind{payment.KindGift, payment.KindPoints}},
}

// hasChoice tells that there are gift cards and points to choose among, and something else for what they leave.
func (c *Call) hasChoice() bool {
	if len(c.Methods) == 0 && !c.NewCard {
		return false
	}
	of := func(kind payment.Kind) bool {
		return slices.ContainsFunc(c.Sources, func(s wallet.Source) bool { return s.Kind == kind })
	}
	return len(c.Order) > 0 || of(payment.KindGift) && of(payment.KindPoints)
}

// loadBalances looks for gift cards and points that can pay in the currency of the amount.
func (c *Call) loadBalances(ctx context.Context) (chosen wallet.Preferences, err error) {
	c.Sources, c.Split, c.Rest = nil, false, payment.Money{}
	c.NewGift = c.With.GiftCards != nil && c.Claims < c.Settings.Claims
	var sources []wallet.Source
	if c.With.GiftCards != nil {
		cards, err := c.With.GiftCards.GiftCards(ctx, c.Identity.Account)
		if err != nil {
			return chosen, fmt.Errorf("gift cards: %w", err)
		}
		for _, g := range wallet.UsableGifts(cards, c.Amount.Currency, c.Today()) {
			if c.sound(ctx, "gift card", g.Check()) {
				sources = append(sources, g.Source())
			}
		}
	}
	if c.With.Rewards != nil {
		p, err := c.With.Rewards.Points(ctx, c.Identity.Account)
		if err != nil {
			return chosen, fmt.Errorf("points: %w", err)
		}
		if c.sound(ctx, "points", p.Check()) && p.Rate.Worth.Currency == c.Amount.Currency && p.Rate.Minor(p.Balance) > 0 {
			sources = append(sources, p.Source())
		}
	}
	if c.With.Preferences != nil {
		if chosen, err = c.With.Preferences.Preferences(ctx, c.Identity.Account); err != nil {
			return chosen, fmt.Errorf("preferences: %w", err)
		}
	}
	order := chosen
	if len(c.Order) > 0 {
		order = wallet.Preferences{Order: c.Order}
		sources = slices.DeleteFunc(sources, func(s wallet.Source) bool { return !slices.Contains(c.Order, s.Kind) })
	}
	sources = order.Arrange(sources)
	c.Sources = sources[:min(len(sources), maxBalances)]
	return chosen, nil
}

// maxBalances is how many gift cards and points are offered, and used, for one payment.
const maxBalances = 3

// sound leaves out, with a word in the log, what cannot be charged.
func (c *Call) sound(ctx context.Context, what string, err error) bool {
	if err != nil {
		c.Log.ErrorContext(ctx, what+" left out", "call", c.ID, "error", err)
	}
	return err == nil
}

// planOffer finds out what would be left to pay beside gift cards and points, and whether they can pay anything.
func (c *Call) planOffer(ctx context.Context) (usable bool, err error) {
	if len(c.Sources) == 0 {
		return false, nil
	}
	for _, method := range []*wallet.Method{nil, c.firstMethod()} {
		_, total, err := c.quote(ctx, kindOf(method))
		if err != nil {
			return false, err
		}
		split, err := c.plan(total, nil)
		if err != nil {
			return false, err
		}
		c.Rest, usable = split.Rest, len(split.Shares) > 0
		if !c.Rest.Positive() {
			break
		}
	}
	if c.Rest.Positive() && len(c.Methods) == 0 && !c.NewCard {
		usable = false // nothing pays the rest
	}
	if !usable {
		c.Sources = nil
	}
	return usable, nil
}

func (c *Call) firstMethod() *wallet.Method {
	if len(c.Methods) == 0 {
		return &wallet.Method{Kind: payment.KindCard}
	}
	return &c.Methods[0]
}

// kindOf is the kind by which the fee is found: that of the card or bank account, which pays most, where there is one.
func kindOf(m *wallet.Method) payment.Kind {
	if m == nil {
		return payment.KindGift
	}
	return m.Kind
}

// plan divides the total among what the caller pays with.
func (c *Call) plan(total payment.Money, method *wallet.Method) (wallet.Split, error) {
	sources := append([]wallet.Source(nil), c.Sources...)
	if method != nil {
		sources = append(sources, method.Source())
	}
	return wallet.Plan(total, sources, wallet.Limits{Least: c.Settings.LeastRest, Most: maxBalances})
}

// quote is the fee, and the amount with it.
func (c *Call) quote(ctx context.Context, kind payment.Kind) (fee, total payment.Money, err error) {
	if c.With.Fees == nil {
		return fee, c.Amount, nil
	}
	if fee, err = c.With.Fees.Fee(ctx, c.Amount, kind); err != nil {
		return fee, total, fmt.Errorf("fee: %w", err)
	}
	if fee.Minor == 0 {
		return payment.Money{}, c.Amount, nil
	}
	if total, err = c.Amount.Add(fee); err != nil {
		return fee, total, fmt.Errorf("fee: %w", err)
	}
	return fee, total, nil
}

// sayBalances tells what can be used of gift cards together, and of points.
func sayBalances(sources []wallet.Source) (ps []ivr.Prompt) {
	var gifts payment.Money
	for _, s := range sources {
		if s.Kind == payment.KindGift {
			gifts = payment.Money{Minor: gifts.Minor + s.Balance.Minor, Currency: s.Balance.Currency}
			continue
		}
		worth := payment.Money{Minor: s.Rate.Minor(s.Points), Currency: s.Rate.Worth.Currency}
		ps = append(ps, ivr.Say("split.has.points", ivr.Count(int(s.Points)), Money(worth)))
	}
	if gifts.Positive() {
		ps = append(ps, ivr.Say("split.has.gift", Money(gifts)))
	}
	return ps
}

func splitMenu(c *Call) ivr.Menu {
	var options []ivr.Option
	switch {
	case !c.Rest.Positive():
		options = append(options, Option("drawn", "split.all"))
	case len(c.Methods) == 0:
		options = append(options, Option("card", "split.new", Money(c.Rest)))
	case c.Methods[0].Kind == payment.KindBank:
		m := c.Methods[0]
		options = append(options, Option("drawn", "split.bank", Money(c.Rest), ivr.Text(string(m.Brand)), ivr.Last4(m.Last4)))
	default:
		m := c.Methods[0]
		options = append(options, Option("drawn", "split.card", Money(c.Rest), brandName(m.Brand), ivr.Last4(m.Last4)))
	}
	if c.Rest.Positive() && len(c.Methods) > 0 && (len(c.Methods) > 1 || c.NewCard) {
		options = append(options, Option("other", "split.other"))
	}
	if len(c.Methods) > 0 || c.NewCard {
		options = append(options, Option("without", "split.without"))
	}
	if c.NewGift {
		options = append(options, Option("gift", "funding.gift"))
	}
	if c.hasChoice() {
		options = append(options, Option("which", "split.which"))
	}
	return c.Choose(options...)
}

func chooseSplit(c *Call, a ivr.Answer) Event {
	c.Split = a.Value != "without" && a.Value != "gift" && a.Value != "which"
	switch a.Value {
	case "drawn":
		c.SaveMethod = false
		if c.Rest.Positive() {
			m := c.Methods[0]
			c.Method = &m
		}
		c.Methods = nil
	case "without":
		c.Sources, c.Order = nil, nil
		fallthrough
	case "other":
		if len(c.Methods) == 0 && !c.NewGift {
			return "card"
		}
		return "choose"
	}
	return Event(a.Value)
}

// gift redeems a new gift card by its claim code, which is a secret like a card number.
func gift() Stage {
	return Stage{Name: "gift", States: []State{
		{
			Name: "gift",
			Ask: &Ask{
				Field: func(*Call) ivr.Field {
					return ivr.Field{Kind: ivr.FieldDigits, Least: 8, Most: 19, Fetch: true,
						Capture: ivr.Capture{Field: ivr.CapturePIN}}
				},
				Answer: func(c *Call, a ivr.Answer) Event {
					c.Claims++
					c.Keep(keptCode, a.Secret)
					return "given"
				},
			},
			On: []Go{{"given", "gift.redeem"}, {EventBack, "funding"}},
		},
		{
			Name: "gift.redeem",
			Work: &Work{Do: redeem},
			On:   []Go{{"added", "funding"}, {"refused", "gift"}, {"enough", "funding"}},
			Says: []string{"gift.added", "gift.foreign", "gift.lost", "gift.unknown", "gift.used", "gift.expired", "gift.limit"},
		},
	}}
}

const keptCode = "claim"

// redeem gives the code to the company, which overwrites nothing: the code is cleared here.
func redeem(ctx context.Context, c *Call) (Event, error) {
	code, err := c.Secret(ctx, keptCode)
	defer code.Clear()
	if errors.Is(err, ErrNotKept) {
		return c.refusedGift(ctx, "gift.lost")
	} else if err != nil {
		return "", err
	}
	card, err := c.With.GiftCards.Redeem(ctx, c.Identity.Account, code,
		payment.Key(product, "", c.Nonce(), c.Claims, "redeem", 1))
	if refused := (*wallet.ClaimError)(nil); errors.As(err, &refused) {
		if refused.Reason == wallet.ClaimLimit {
			c.Claims = max(c.Claims, c.Settings.Claims)
		}
		return c.refusedGift(ctx, claimWords(refused.Reason))
	} else if err != nil {
		return "", err
	}
	if err := card.Check(); err != nil {
		return "", errors.Join(fmt.Errorf("flow: the answer for a claim code: %w", err), c.Forget(ctx))
	}
	if card.Balance.Currency == c.Amount.Currency {
		c.Notice(ivr.Say("gift.added", ivr.Last4(card.Last4), Money(card.Balance)))
	} else {
		c.Notice(ivr.Say("gift.foreign"))
	}
	return "added", c.Forget(ctx)
}

func (c *Call) refusedGift(ctx context.Context, words string) (Event, error) {
	c.Notice(ivr.Say(words))
	if c.Claims >= c.Settings.Claims {
		return "enough", c.Forget(ctx)
	}
	return "refused", c.Forget(ctx)
}

func claimWords(r wallet.ClaimReason) string {
	words := map[wallet.ClaimReason]string{wallet.ClaimUsed: "gift.used", wallet.ClaimExpired: "gift.expired",
		wallet.ClaimLimit: "gift.limit"}[r]
	if words == "" {
		return "gift.unknown"
	}
	return words
}
