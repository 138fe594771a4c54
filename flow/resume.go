package flow

import (
	"context"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
)

// resume begins where an earlier call of the same account ended: a payment that the customer was not told of is told
// now, and one whose outcome is not known yet is looked into. Callers without such a payment do not notice the stage.
func resume() Stage {
	fits := func(s *Session) bool { return s.Earlier != nil }
	said := []string{"resume.approved", "receipt.id", "receipt.id.slow", "resume.declined", "resume.notmade", "resume.review"}
	return Stage{Name: "resume", States: []State{
		{
			Name: "resume",
			Work: &Work{Do: findEarlier},
			On: []Go{{"nothing", Next}, {"ended", "resume.ended"}, {"open", "resume.check"}, {EventFailed, Next},
				{EventEnd, "goodbye"}},
			Says: []string{"resume.elsewhere"},
		},
		{
			Name: "resume.check",
			Fits: fits,
			Work: &Work{Do: driveEarlier, Hold: "resume.hold"},
			On:   []Go{{"ended", "resume.ended"}, {"unknown", "resume.open"}, {EventFailed, "resume.open"}},
		},
		{
			Name: "resume.ended",
			Fits: fits,
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
			Fits: fits,
			Work: &Work{Do: tellEarlier},
			On:   []Go{{"told", "resume"}, {EventFailed, Next}},
		},
		{
			// The truth. What is open keeps its bill; another one can be paid.
			Name: "resume.open",
			Fits: fits,
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
	}}
}

// findEarlier looks for a payment to tell of.
func findEarlier(ctx context.Context, c *Call) (Event, error) {
	elsewhere, err := c.FindEarlier(ctx)
	switch {
	case err != nil:
		return "", err
	case c.Earlier != nil && !c.Earlier.State.Open():
		return "ended", nil
	case c.Earlier != nil:
		return "open", nil
	case elsewhere:
		c.Notice(ivr.Say("resume.elsewhere"))
	}
	return "nothing", nil
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
