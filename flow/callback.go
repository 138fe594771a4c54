package flow

import (
	"context"
	"errors"

	"github.com/dialpay/dialpay/ivr"
)

// callback offers to call back, on the number that rang or on another.
func callback() Stage {
	return Stage{Name: "callback", States: []State{
		{
			Name: "callback",
			Work: &Work{Do: func(_ context.Context, c *Call) (Event, error) {
				switch {
				case !c.CallsBack():
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
			On:   []Go{{"saved", "goodbye"}, {"arranged", "goodbye"}, {"never", "goodbye"}},
			Says: []string{"callback.saved", "callback.soon", "callback.later", "callback.hours", "callback.arranged", "agent.closed"},
		},
	}}
}

// saveCallback keeps the request, and tells when we will call.
func saveCallback(ctx context.Context, c *Call) (Event, error) {
	cb, arranged, err := c.RequestCallback(ctx, c.Number)
	if errors.Is(err, ErrTaken) {
		c.Log.ErrorContext(ctx, "no callback", "call", c.ID, "error", err)
		c.Notice(ivr.Say("agent.closed"))
		return "never", nil
	} else if err != nil {
		return "", err
	}
	if arranged {
		c.Notice(ivr.Say("callback.arranged", ivr.Phone(cb.Number)))
		return "arranged", nil
	}
	when := ivr.Say("callback.soon")
	if cb.When.After(c.Now.Add(callbackSoon)) {
		when = c.hoursBegin(cb)
	}
	c.Notice(ivr.Say("callback.saved", ivr.Phone(c.Number)), when)
	return "saved", nil
}

// hoursBegin says from when on we will call, where it is known.
func (c *Call) hoursBegin(cb Callback) ivr.Prompt {
	if first := c.Settings.CallHours.From; !cb.Guess && first > 0 && first < 12 {
		return ivr.Say("callback.later", ivr.Count(first))
	}
	return ivr.Say("callback.hours")
}
