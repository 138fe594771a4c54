package flow

import (
	"context"
	"errors"
	"slices"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/wallet"
)

// resume begins where an earlier call of the same account ended: a payment that the customer was not told of is told
// now, and one whose outcome is not known yet is looked into. Who was cut off before the yes can go on there. Others do
// not notice the stage. What cannot be found out does not keep anybody from paying.
func resume() Stage {
	return Stage{Name: "resume", States: append(tellOfPayment(), goOn()...)}
}

func hasEarlier(s *Session) bool { return s.Earlier != nil }

func tellOfPayment() []State {
	said := []string{"resume.approved", "receipt.id", "receipt.id.slow", "resume.declined", "resume.notmade", "resume.back",
		"resume.review"}
	return []State{
		{
			Name: "resume",
			Work: &Work{Do: optional(findEarlier)},
			On: []Go{{"nothing", Next}, {"ended", "resume.ended"}, {"open", "resume.check"}, {"cut off", "resume.offer"},
				{EventFailed, Next}},
			Says: []string{"resume.elsewhere"},
		},
		{
			Name: "resume.check",
			Fits: hasEarlier,
			Work: &Work{Do: driveEarlier, Hold: "resume.hold"},
			On:   []Go{{"ended", "resume.ended"}, {"unknown", "resume.open"}, {EventFailed, "resume.open"}},
		},
		{
			Name: "resume.ended",
			Fits: hasEarlier,
			Ask: &Ask{
				Context: sayEarlier,
				Menu: func(c *Call) ivr.Menu {
					m := c.Choose(Option("heard", "receipt.next"))
					m.MustHear = c.Question.Repeats == 0
					return m
				},
				Options: []string{"receipt.next"},
			},
			On:   []Go{{"heard", "resume.told"}},
			Says: said,
		},
		{
			Name: "resume.told",
			Fits: hasEarlier,
			Work: &Work{Do: optional(tellEarlier)},
			On:   []Go{{"told", "resume"}, {EventFailed, Next}},
		},
		{
			// The truth. What is open keeps its bill; another one can be paid.
			Name: "resume.open",
			Fits: hasEarlier,
			Ask: &Ask{
				Context: sayStillOpen,
				Menu: func(c *Call) ivr.Menu {
					return c.Choose(Option("another", "resume.another"), Option("done", "resume.done"))
				},
				Options: []string{"resume.another", "resume.done"},
			},
			On:   []Go{{"another", Next}, {"done", "goodbye"}, {EventGiveUp, "goodbye"}},
			Says: []string{"resume.unknown", "resume.message", "charge.callagain"},
		},
	}
}

// goOn offers what the caller was about to do when the line dropped.
func goOn() []State {
	return []State{
		{
			Name: "resume.offer",
			Fits: hasEarlier,
			Ask: &Ask{
				Args: func(c *Call) []ivr.Arg { return []ivr.Arg{Money(c.Earlier.Total), ivr.Text(c.Earlier.Payee)} },
				Menu: func(c *Call) ivr.Menu {
					return c.Choose(Option("on", "resume.on"), Option("anew", "resume.anew"))
				},
				Options: []string{"resume.on", "resume.anew"},
			},
			On: []Go{{"on", "resume.on"}, {"anew", "resume.anew"}},
		},
		{
			Name: "resume.on",
			Fits: hasEarlier,
			Work: &Work{Do: optional(takeOver)},
			On:   []Go{{"taken", "resume.restore"}, {"gone", Next}, {EventFailed, Next}},
			Says: []string{"resume.gone"},
		},
		{
			Name: "resume.anew",
			Fits: hasEarlier,
			Work: &Work{Do: optional(func(ctx context.Context, c *Call) (Event, error) { return "left", c.BeginAnew(ctx) })},
			On:   []Go{{"left", Next}, {EventFailed, Next}},
		},
		{
			Name: "resume.restore",
			Work: &Work{Do: restore},
			On:   []Go{{"confirm", "confirm"}, {"funding", "funding"}, {"changed", Next}},
			Says: []string{"resume.changed"},
		},
	}
}

// optional is work that the call goes on without when it fails. It is no reason to give the caller to a person.
func optional(do func(ctx context.Context, c *Call) (Event, error)) func(ctx context.Context, c *Call) (Event, error) {
	return func(ctx context.Context, c *Call) (Event, error) {
		on, err := do(ctx, c)
		switch {
		case err == nil || errors.Is(err, ErrStale):
			return on, err
		case ctx.Err() != nil && !c.OutOfPatience():
			return Again, nil
		}
		c.Log.ErrorContext(ctx, "the call goes on without", "call", c.ID, "state", c.State, "error", err)
		return EventFailed, nil
	}
}

// findEarlier looks for what to tell of.
func findEarlier(ctx context.Context, c *Call) (Event, error) {
	elsewhere, err := c.FindEarlier(ctx)
	if err != nil {
		return "", err
	}
	if elsewhere {
		c.Notice(ivr.Say("resume.elsewhere"))
	}
	switch e := c.Earlier; {
	case e == nil:
		return "nothing", nil
	case e.Payment == "":
		return "cut off", nil
	case e.State.Open():
		return "open", nil
	}
	return "ended", nil
}

// driveEarlier goes on with the payment while the caller waits.
func driveEarlier(ctx context.Context, c *Call) (Event, error) {
	err := c.DriveEarlier(ctx)
	switch {
	case !c.Earlier.State.Open():
		return "ended", nil
	case c.OutOfPatience():
		return "unknown", nil
	case err != nil:
		c.Log.WarnContext(ctx, "earlier payment goes on later", "call", c.ID, "payment", c.Earlier.Payment, "error", err)
	}
	return Again, nil
}

// sayEarlier says how the payment ended.
func sayEarlier(c *Call) []ivr.Prompt {
	e := c.Earlier
	switch {
	case e.State == payment.StatePaid && c.Question.Repeats > 0:
		return []ivr.Prompt{ivr.Say("receipt.id.slow", ivr.IDSlow(e.Transaction))}
	case e.State == payment.StatePaid:
		return []ivr.Prompt{ivr.Say("resume.approved", Money(e.Total), ivr.Text(e.Payee)), ivr.Say("receipt.id", ivr.ID(e.Transaction))}
	case e.State == payment.StateFailed && e.Resolved:
		return []ivr.Prompt{ivr.Say("resume.notmade", Money(e.Total), ivr.Text(e.Payee))}
	case e.State == payment.StateFailed && e.Back.Positive():
		return []ivr.Prompt{ivr.Say("resume.back", Money(e.Total), ivr.Text(e.Payee), Money(e.Back))}
	case e.State == payment.StateFailed:
		return []ivr.Prompt{ivr.Say("resume.declined", Money(e.Total), ivr.Text(e.Payee))}
	}
	return []ivr.Prompt{ivr.Say("resume.review", Money(e.Total), ivr.Text(e.Payee))}
}

func sayStillOpen(c *Call) []ivr.Prompt {
	last := ivr.Say("resume.message")
	if !c.Identity.Phone && !c.Identity.Email {
		last = ivr.Say("charge.callagain")
	}
	return []ivr.Prompt{ivr.Say("resume.unknown", Money(c.Earlier.Total), ivr.Text(c.Earlier.Payee)), last}
}

func tellEarlier(ctx context.Context, c *Call) (Event, error) { return "told", c.TellEarlier(ctx) }

func takeOver(ctx context.Context, c *Call) (Event, error) {
	switch ok, err := c.GoOn(ctx); {
	case err != nil:
		return "", err
	case ok:
		return "taken", nil
	}
	c.Notice(ivr.Say("resume.gone"))
	return "gone", nil
}

// restore looks whether what was chosen in the earlier call can still be paid, and paid with. What is read back and
// confirmed is a new draft.
func restore(ctx context.Context, c *Call) (Event, error) {
	chosen := c.CurrentBill()
	open, err := c.openBills(ctx)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(open, func(b payment.Bill) bool {
		return b.ID == chosen.ID && b.Balance.Currency == c.Amount.Currency && b.Balance.Minor >= c.Amount.Minor
	})
	if i < 0 || c.Amount.Minor < c.Settings.Least {
		c.Notice(ivr.Say("resume.changed"))
		return "changed", nil
	}
	first := open[i]
	c.offerBills(slices.Insert(slices.Delete(open, i, i+1), 0, first))
	usable, err := c.stillUsable(ctx)
	if err != nil {
		return "", err
	}
	if !usable {
		return "funding", nil
	}
	return "confirm", nil
}

// stillUsable looks at the restored method: a saved one must be in the wallet, and none may have expired.
func (c *Call) stillUsable(ctx context.Context) (bool, error) {
	if c.Method == nil {
		return false, nil
	}
	known := []wallet.Method{*c.Method}
	if !c.Carried {
		if c.With.Wallet == nil {
			return false, nil
		}
		all, err := c.With.Wallet.Methods(ctx, c.Identity.Account)
		if err != nil {
			return false, err
		}
		known = slices.DeleteFunc(slices.Clone(all), func(m wallet.Method) bool { return m.ID != c.Method.ID || m.Check() != nil })
	}
	known = wallet.Usable(known, c.Today())
	if len(known) == 0 {
		return false, nil
	}
	c.Method = &known[0]
	return true, nil
}
