package flow

import (
	"context"

	"github.com/dialpay/dialpay/ivr"
)

// agent gives the caller to a person, or offers to call back when nobody is there.
func agent() Stage {
	return Stage{Name: "agent", States: []State{
		{
			Name: "agent",
			Work: &Work{Do: findPerson},
			On:   []Go{{"open", "agent.transfer"}, {"closed", "callback"}, {EventFailed, "callback"}},
			Says: []string{"confirm.nothing"},
		},
		{
			Name: "agent.transfer",
			Leave: &Leave{
				Context:  func(*Call) []ivr.Prompt { return []ivr.Prompt{ivr.Say("agent.transfer")} },
				Transfer: transfer,
			},
			On:   []Go{{EventTransferFailed, "callback"}},
			Says: []string{"agent.transfer"},
		},
	}}
}

func findPerson(ctx context.Context, c *Call) (Event, error) {
	if c.Draft != nil { // What was not confirmed is not going to be.
		c.Draft = nil
		c.Notice(ivr.Say("confirm.nothing"))
	}
	if c.Reason == "" {
		c.Reason = "asked"
	}
	if c.With.People == nil {
		return "closed", nil
	}
	to, open, err := c.With.People.Open(ctx, c.Reason, c.Now)
	if err != nil || !open {
		return "closed", err
	}
	c.TransferTo = to
	return "open", nil
}

// transfer says where to, and what the person should know. Nothing in it is secret.
func transfer(c *Call) ivr.Transfer {
	t := ivr.Transfer{To: c.TransferTo, Reason: c.Reason, Context: map[string]string{"call": c.ID, "locale": c.Locale}}
	for key, value := range map[string]string{
		"account": c.Identity.Account, "bill": c.CurrentBill().ID, "payment": c.Payment,
	} {
		if value != "" {
			t.Context[key] = value
		}
	}
	if c.Identity.Account != "" {
		t.Context["level"] = c.Identity.Level.String()
	}
	if c.Amount.Minor != 0 {
		t.Context["amount"] = c.Amount.String()
	}
	return t
}

// callback offers to call back, on the number that rang or on another.
func callback() Stage {
	return Stage{Name: "callback", States: []State{
		{
			Name: "callback",
			Work: &Work{Do: func(_ context.Context, c *Call) (Event, error) {
				switch {
				case c.With.Callbacks == nil:
					c.Notice(ivr.Say("agent.closed"))
					return "never", nil
				case c.Line.From == "":
					c.Notice(ivr.Say("callback.closed"))
					return "number", nil
				}
				return "offer", nil
			}},
			On:   []Go{{"never", "goodbye"}, {"offer", "callback.offer"}, {"number", "callback.number"}},
			Says: []string{"agent.closed", "callback.closed"},
		},
		{
			Name: "callback.offer",
			Ask: &Ask{
				Context: func(c *Call) []ivr.Prompt {
					return []ivr.Prompt{ivr.Say("callback.closed"), ivr.Say("callback.this", ivr.Phone(c.Line.From))}
				},
				Menu: func(c *Call) ivr.Menu {
					return c.Choose(Option("this", "callback.yes"), Option("other", "callback.other"), Option("no", "callback.no"))
				},
				Answer: func(c *Call, a ivr.Answer) Event {
					c.Number = c.Line.From
					return Event(a.Value)
				},
				Options: []string{"callback.yes", "callback.other", "callback.no"},
			},
			On: []Go{{"this", "callback.save"}, {"other", "callback.number"}, {"no", "goodbye"},
				{EventAgent, "callback"}, {EventGiveUp, "goodbye"}},
			Says: []string{"callback.closed", "callback.this"},
		},
		{
			Name: "callback.number",
			Ask: &Ask{
				// E.164 allows 15 digits, but numbers of 14 and 15 are rather cards that are keyed by mistake, and this
				// one is stored and said again.
				Field: func(*Call) ivr.Field { return ivr.Field{Kind: ivr.FieldDigits, Least: 7, Most: 13} },
				Answer: func(c *Call, a ivr.Answer) Event {
					c.Number = a.Digits
					return "given"
				},
			},
			On: []Go{{"given", "callback.check"}, {EventBack, "callback"}, {EventAgent, "callback"}, {EventGiveUp, "goodbye"}},
		},
		{
			Name: "callback.check",
			Ask: &Ask{
				Context: func(c *Call) []ivr.Prompt {
					return []ivr.Prompt{ivr.Say("callback.check.number", ivr.Phone(c.Number))}
				},
				Menu:    yesNo,
				Options: []string{"yes", "no"},
			},
			On: []Go{{"yes", "callback.save"}, {"no", "callback.number"}, {EventBack, "callback.number"},
				{EventAgent, "callback"}, {EventGiveUp, "goodbye"}},
			Says: []string{"callback.check.number"},
		},
		{
			Name: "callback.save",
			Work: &Work{Do: saveCallback},
			On:   []Go{{"saved", "goodbye"}},
			Says: []string{"callback.saved"},
		},
	}}
}

// saveCallback keeps the request until it is taken.
func saveCallback(ctx context.Context, c *Call) (Event, error) {
	if err := c.RequestCallback(ctx, c.Number); err != nil {
		return "", err
	}
	c.Notice(ivr.Say("callback.saved", ivr.Phone(c.Number)))
	return "saved", nil
}
