package flow

import (
	"context"
	"errors"
	"slices"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/wallet"
)

// funding asks what to pay with: the saved methods, the default one first, or a new card.
func funding() Stage {
	return Stage{Name: "funding", States: []State{
		{
			Name: "funding",
			Work: &Work{Do: loadMethods},
			On:   []Go{{"split", "funding.split"}, {"choose", "funding.choose"}, {"card", "card"}, {"nothing", "agent"}},
			Says: []string{"funding.nothing"},
		},
		splitOffer(),
		whichBalances(),
		{
			Name: "funding.choose",
			Ask: &Ask{
				Menu:    methodMenu,
				Answer:  chooseMethod,
				Options: []string{"funding.new", "funding.split", "funding.gift"},
			},
			On: []Go{{"saved", "confirm"}, {"card", "card"}, {"split", "funding.split"}, {"gift", "gift"},
				{EventBack, "amount"}},
			Says: append([]string{"funding.card", "funding.bank"}, brandMessages()...),
		},
	}}
}

func loadMethods(ctx context.Context, c *Call) (Event, error) {
	c.Methods, c.Method, c.Carried, c.NewCard = nil, nil, false, c.With.Vault != nil
	c.Draft = nil // Who comes back from the read-back has not agreed to it.
	chosen, err := c.loadBalances(ctx)
	if err != nil {
		return "", err
	}
	saved, err := c.savedMethods(ctx, chosen.Method)
	if err != nil {
		return "", err
	}
	room := maxOptions - 1
	if c.NewGift {
		room--
	}
	if len(c.Sources) > 0 && !chosen.BalancesFirst() {
		room--
	}
	c.Methods = saved[:min(len(saved), room)]
	usable, err := c.planOffer(ctx)
	switch {
	case err != nil:
		return "", err
	case usable && (chosen.BalancesFirst() || len(c.Order) > 0):
		return "split", nil
	case usable, len(c.Methods) > 0, c.NewGift:
		return "choose", nil
	case c.NewCard:
		return "card", nil
	}
	c.Notice(ivr.Say("funding.nothing"))
	c.Reason = "no method"
	return "nothing", nil
}

// savedMethods are those that can be charged, the preferred one, by its ID, or else the wallet's default in front.
func (c *Call) savedMethods(ctx context.Context, preferred string) ([]wallet.Method, error) {
	if c.With.Wallet == nil {
		return nil, nil
	}
	all, err := c.With.Wallet.Methods(ctx, c.Identity.Account)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(slices.Clone(all), func(m wallet.Method) bool { // the wallet's slice is its own
		err := m.Check()
		if m.ID == "" { // It would pass for a card that was keyed just now.
			err = errors.Join(err, errors.New("flow: a saved method without an ID"))
		}
		return !c.sound(ctx, "method", err)
	})
	for i := range all {
		all[i].Default = preferred == all[i].ID || preferred == "" && all[i].Default
	}
	return wallet.Usable(all, c.Today()), nil
}

func methodMenu(c *Call) ivr.Menu {
	options := make([]ivr.Option, 0, maxOptions)
	for _, m := range c.Methods {
		options = append(options, methodOption(m))
	}
	if c.NewCard {
		options = append(options, Option("card", "funding.new"))
	}
	if len(c.Sources) > 0 && !c.Split {
		options = append(options, Option("split", "funding.split"))
	}
	if c.NewGift {
		options = append(options, Option("gift", "funding.gift"))
	}
	return c.Choose(options...)
}

// methodOption can be spoken by the brand. Where two methods have the same one, it is no choice.
func methodOption(m wallet.Method) ivr.Option {
	if m.Kind == payment.KindBank {
		o := Option("saved", "funding.bank", ivr.Text(string(m.Brand)), ivr.Last4(m.Last4))
		o.Words = NumberOnly
		return o
	}
	o := Option("saved", "funding.card", brandName(m.Brand), ivr.Last4(m.Last4))
	o.Words = brandName(m.Brand).Text
	return o
}

func chooseMethod(c *Call, a ivr.Answer) Event {
	if a.Value != "saved" {
		return Event(a.Value)
	}
	m := c.Methods[a.Option]
	c.Method, c.Methods, c.SaveMethod = &m, nil, false
	return "saved"
}
