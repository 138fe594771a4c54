package flow

import (
	"context"

	"github.com/dialpay/dialpay/auth"
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
	if c.Callback != nil && c.Reason == "failures" && c.Identity.Level < auth.LevelIdentified {
		return EventEnd, nil // Whoever answers nothing is a voicemail rather than the customer.
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
