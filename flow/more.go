package flow

import (
	"slices"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
)

// more asks whether there is anything else.
func more() Stage {
	return Stage{Name: "more", States: []State{
		{
			Name: "more",
			Ask: &Ask{
				Menu: func(c *Call) ivr.Menu {
					open := slices.ContainsFunc(c.Bills, func(b payment.Bill) bool { return b.Balance.Positive() })
					if !open && c.MoreBills == 0 {
						return c.Choose(Option("done", "more.done"))
					}
					return c.Choose(Option("another", "more.another"), Option("done", "more.done"))
				},
				Options: []string{"more.another", "more.done"},
			},
			// Giving up is how most calls end: the caller has what they wanted, and says nothing more.
			On: []Go{{"another", "bill"}, {"done", "goodbye"}, {EventGiveUp, "goodbye"}},
		},
	}}
}

// goodbye ends the call.
func goodbye() Stage {
	return Stage{Name: "goodbye", States: []State{
		{
			Name: "goodbye",
			Leave: &Leave{Context: func(c *Call) []ivr.Prompt {
				if c.Callback != nil {
					return []ivr.Prompt{ivr.Say("callback.goodbye", ivr.Text(c.Settings.Company))}
				}
				return []ivr.Prompt{ivr.Say("goodbye", ivr.Text(c.Settings.Company))}
			}},
			Says: []string{"goodbye", "callback.goodbye"},
		},
	}}
}
