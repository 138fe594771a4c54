package flow

import (
	"context"
	"errors"
	"fmt"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
)

// bill finds out what is owed, and lets the caller choose among several bills.
func bill() Stage {
	return Stage{Name: "bill", States: []State{
		{
			Name: "bill",
			Work: &Work{Do: loadBills},
			On:   []Go{{"none", "more"}, {"one", Next}, {"several", "bill.choose"}},
			Says: []string{"bill.none"},
		},
		{
			Name: "bill.choose",
			Ask: &Ask{
				Context: func(c *Call) []ivr.Prompt {
					ps := []ivr.Prompt{ivr.Say("bill.several", ivr.Count(len(c.Bills)+c.MoreBills))}
					if c.MoreBills > 0 {
						ps = append(ps, ivr.Say("bill.first", ivr.Count(len(c.Bills))))
					}
					return ps
				},
				Menu: billMenu,
				Answer: func(c *Call, a ivr.Answer) Event {
					c.Bill = a.Option
					return "chosen"
				},
			},
			On:   []Go{{"chosen", Next}},
			Says: []string{"bill.several", "bill.first", "bill.this"},
		},
	}}
}

func loadBills(ctx context.Context, c *Call) (Event, error) {
	open, err := c.openBills(ctx)
	if err != nil {
		return "", err
	}
	c.nothingChosen()
	c.offerBills(open)
	switch len(c.Bills) {
	case 0:
		c.Notice(ivr.Say("bill.none"))
		return "none", nil
	case 1:
		return "one", nil
	}
	return "several", nil
}

// openBills are the account's bills that can be paid.
func (c *Call) openBills(ctx context.Context) (open []payment.Bill, err error) {
	all, err := c.With.Biller.Bills(ctx, c.Identity.Account)
	if err != nil {
		return nil, err
	}
	var wrong error
	for _, b := range all {
		err := b.Check()
		if b.Account != c.Identity.Account {
			err = errors.Join(err, fmt.Errorf("flow: bill %q is of another account", b.ID))
		}
		if err != nil {
			c.Log.ErrorContext(ctx, "bill left out", "call", c.ID, "error", err)
			wrong = err
		} else if b.Balance.Minor > 0 {
			open = append(open, b)
		}
	}
	if len(open) == 0 {
		return nil, wrong // "Nothing to pay" is only said when that is known.
	}
	return open, nil
}

func (c *Call) offerBills(open []payment.Bill) {
	c.MoreBills, c.Bills, c.Bill = max(len(open)-maxOptions, 0), open[:min(len(open), maxOptions)], 0
}

// nothingChosen forgets what was chosen for a payment: it is made, or is not going to be.
func (c *Call) nothingChosen() {
	c.Amount, c.Methods, c.Method, c.Carried, c.SaveMethod, c.Draft = payment.Money{}, nil, nil, false, false, nil
	c.Sources, c.Order, c.Split, c.Rest = nil, nil, false, payment.Money{}
}

func billMenu(c *Call) ivr.Menu {
	options := make([]ivr.Option, len(c.Bills))
	for i, b := range c.Bills {
		options[i] = Option("chosen", "bill.this", ivr.Text(billName(b)), Money(b.Balance))
		options[i].Words = NumberOnly
	}
	return c.Choose(options...)
}

// billName tells a bill from the others of its account.
func billName(b payment.Bill) string {
	if b.Service != "" {
		return b.Service
	}
	return b.Payee
}

// NumberOnly is the word list of options that are spoken by their numbers only: their words are not known beforehand.
const NumberOnly = "-"
