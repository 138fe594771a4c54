package flow

import (
	"context"
	"fmt"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
)

// confirm reads back what would be charged, and waits for the caller's yes. The draft is stored before it is read
// back, and what is charged is the draft (money protocol, R1).
func confirm() Stage {
	return Stage{Name: "confirm", States: []State{
		{
			Name: "confirm",
			Work: &Work{Do: draft},
			On:   []Go{{"drafted", "confirm.readback"}, {"step up", "identify"}, {"nothing", "agent"}},
		},
		{
			Name: "confirm.readback",
			Fits: func(s *Session) bool { return s.Draft != nil },
			Ask: &Ask{
				Context: readBack,
				Menu: func(c *Call) ivr.Menu {
					m := c.Choose(Option("confirmed", "confirm.yes"), Option("amount", "confirm.amount"),
						Option("method", "confirm.method"), Option("cancel", "confirm.cancel"))
					m.MustHear = true
					return m
				},
				Answer:  answerReadBack,
				Options: []string{"confirm.yes", "confirm.amount", "confirm.method", "confirm.cancel"},
			},
			On: []Go{{"confirmed", Next}, {"amount", "amount"}, {"method", "funding"}, {"cancel", "more"},
				{EventBack, "funding"}},
			Says: append([]string{"confirm.pay", "confirm.fee", "confirm.on", "confirm.with.card", "confirm.with.bank",
				"confirm.tel", "confirm.tel.phone", "confirm.cancelled"}, brandMessages()...),
		},
	}}
}

// draft makes the payment that is read back, once the caller is known well enough for it.
func draft(ctx context.Context, c *Call) (Event, error) {
	if c.Method == nil { // There is no stage that takes one.
		c.Reason = "no method"
		return "nothing", nil
	}
	b := c.CurrentBill()
	p := payment.Payment{Account: c.Identity.Account, Bill: b.ID, Payee: b.Payee, Amount: c.Amount}
	total := c.Amount
	if c.With.Fees != nil {
		fee, err := c.With.Fees.Fee(ctx, c.Amount, c.Method.Kind)
		if err != nil {
			return "", fmt.Errorf("fee: %w", err)
		}
		if fee.Minor != 0 {
			p.Fee = fee
			if total, err = total.Add(fee); err != nil {
				return "", fmt.Errorf("fee: %w", err)
			}
		}
	}
	action := auth.ActionPaySaved
	if c.Method.ID == "" {
		action = auth.ActionPayNew
	}
	if want := c.With.Policy.Needs(action, total.Currency, total.Minor); c.Identity.Level < want {
		c.Identity.Want, c.Identity.Then, c.Identity.Asking = want, "confirm", ""
		return "step up", nil
	}
	p.ID = c.NewID()
	p.Legs = []payment.Leg{c.Method.Leg(c.With.ProcessorFor(c.Method.Kind).Profile().Name, total)}
	drafted, err := payment.Draft(p, c.Now, c.With.Profile)
	if err != nil {
		return "", err
	}
	c.Draft = &drafted
	return "drafted", nil
}

// readBack says what would be charged, from the draft that would be charged.
func readBack(c *Call) []ivr.Prompt {
	p := c.Draft
	ps := []ivr.Prompt{ivr.Say("confirm.pay", Money(p.Total()), ivr.Text(p.Payee))}
	if p.Fee.Minor > 0 {
		ps = append(ps, ivr.Say("confirm.fee", Money(p.Fee)))
	}
	today := c.Today()
	var mandate []ivr.Prompt
	for _, l := range p.Legs {
		if l.Kind != payment.KindBank {
			ps = append(ps, ivr.Say("confirm.with.card", brandName(l.Brand), ivr.Last4(l.Last4)))
			continue
		}
		// The parts of an oral authorisation: NACHA Operating Rules, TEL entries.
		ps = append(ps, ivr.Say("confirm.with.bank", ivr.Text(string(l.Brand)), ivr.Last4(l.Last4)))
		mandate = append(mandate, ivr.Say("confirm.tel", ivr.Text(c.Identity.Name), ivr.Text(c.Settings.Company), Money(l.Amount),
			ivr.Date(today, today)))
		if c.Settings.Phone != "" {
			mandate = append(mandate, ivr.Say("confirm.tel.phone", ivr.Phone(c.Settings.Phone)))
		}
	}
	return append(append(ps, ivr.Say("confirm.on", ivr.Date(today, today))), mandate...)
}

func answerReadBack(c *Call, a ivr.Answer) Event {
	on := Event(a.Value)
	if on != "confirmed" {
		c.Draft = nil
	}
	if on == "cancel" {
		c.Notice(ivr.Say("confirm.cancelled"))
	}
	return on
}
