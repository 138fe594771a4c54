package flow

import (
	"context"

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
			On: []Go{{"drafted", "confirm.readback"}, {"step up", "identify"}, {"rest", "funding"},
				{"nothing", "agent"}},
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
			Says: append([]string{"confirm.pay", "confirm.for", "confirm.fee", "confirm.on", "confirm.with.card",
				"confirm.with.bank", "confirm.with.gift", "confirm.with.points", "confirm.part.gift", "confirm.part.points",
				"confirm.last.card", "confirm.last.bank", "confirm.last.gift", "confirm.last.points",
				"confirm.tel", "confirm.tel.phone", "confirm.cancelled"}, brandMessages()...),
		},
	}}
}

// draft makes the payment that is read back, once the caller is known well enough for it.
func draft(ctx context.Context, c *Call) (Event, error) {
	if !c.Split {
		c.Sources = nil
	}
	if c.Split && len(c.Sources) == 0 { // They were drafted before, and are loaded again.
		return "rest", nil
	}
	if c.Method == nil && len(c.Sources) == 0 { // There is no stage that takes one.
		c.Reason = "no method"
		return "nothing", nil
	}
	b := c.CurrentBill()
	p := payment.Payment{Account: c.Identity.Account, Bill: b.ID, Payee: b.Payee, Amount: c.Amount}
	fee, total, err := c.quote(ctx, kindOf(c.Method))
	if err != nil {
		return "", err
	}
	p.Fee = fee
	split, err := c.plan(total, c.Method)
	if err != nil {
		return "", err
	}
	if split.Rest.Positive() { // The fee has changed since it was offered.
		return "rest", nil
	}
	if want := c.levelToPay(total); c.Identity.Level < want {
		c.Identity.Want, c.Identity.Then, c.Identity.Asking = want, "confirm", ""
		return "step up", nil
	}
	p.ID = c.NewID()
	for _, share := range split.Shares {
		p.Legs = append(p.Legs, share.Leg(c.With.ProcessorFor(share.Kind).Profile().Name))
	}
	drafted, err := payment.Draft(p, c.Now, c.With.Profile)
	if err != nil {
		return "", err
	}
	c.Draft = &drafted
	// What it was chosen from is loaded again if another choice is wanted.
	c.Sources, c.Rest, c.NewGift, c.NewCard, c.Brand = nil, payment.Money{}, false, false, ""
	return "drafted", nil
}

// levelToPay is how well the caller must be known for this payment.
func (c *Call) levelToPay(total payment.Money) auth.Level {
	saved := c.With.Policy.Needs(auth.ActionPaySaved, total.Currency, total.Minor)
	if c.Method == nil || c.Method.ID != "" {
		return saved
	}
	asNew := c.With.Policy.Needs(auth.ActionPayNew, total.Currency, total.Minor)
	if !c.Carried && len(c.Sources) == 0 {
		return asNew // Nothing is paid with that the account had before.
	}
	return max(saved, asNew)
}

// readBack says what would be charged, from the draft that would be charged.
func readBack(c *Call) []ivr.Prompt {
	p := c.Draft
	ps := []ivr.Prompt{ivr.Say("confirm.pay", Money(p.Total()), ivr.Text(p.Payee))}
	if b := c.CurrentBill(); b.ID == p.Bill && b.Service != "" {
		ps = append(ps, ivr.Say("confirm.for", ivr.Text(b.Service)))
	}
	if p.Fee.Minor > 0 {
		ps = append(ps, ivr.Say("confirm.fee", Money(p.Fee)))
	}
	today := c.Today()
	var mandate []ivr.Prompt
	for i, l := range p.Legs {
		words := "confirm.part."
		if i == len(p.Legs)-1 { // where a card or a bank account is always
			words = "confirm.last."
		}
		if len(p.Legs) == 1 {
			words = "confirm.with."
		}
		ps = append(ps, sayLeg(words, l))
		if l.Kind != payment.KindBank {
			continue
		}
		// The parts of an oral authorisation: NACHA Operating Rules, TEL entries.
		mandate = append(mandate, ivr.Say("confirm.tel", ivr.Text(c.Identity.Name), ivr.Text(c.Settings.Company),
			Money(l.Amount), ivr.Date(today, today)))
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
		c.nothingChosen()
		c.Notice(ivr.Say("confirm.cancelled"))
	}
	return on
}

// sayLeg says what a leg is paid with, and how much it is where it is one of several.
func sayLeg(words string, l payment.Leg) ivr.Prompt {
	args := []ivr.Arg{Money(l.Amount)}
	if words == "confirm.with." {
		args = nil
	}
	switch l.Kind {
	case payment.KindBank:
		args = append(args, ivr.Text(string(l.Brand)), ivr.Last4(l.Last4))
	case payment.KindGift:
		args = append(args, ivr.Last4(l.Last4))
	case payment.KindPoints:
		args = append(args, ivr.Count(int(l.Points)))
	default:
		args = append(args, brandName(l.Brand), ivr.Last4(l.Last4))
	}
	return ivr.Say(words+string(l.Kind), args...)
}
