package flow_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
)

// paperless asks whether to send no more paper. An option is a message, an event, and phrases by which it can be spoken.
var paperless = flow.Stage{Name: "paperless", States: []flow.State{{
	Name: "paperless",
	Ask: &flow.Ask{
		Menu: func(c *flow.Call) ivr.Menu {
			return c.Choose(flow.Option("answered", "paperless.stop"), flow.Option("answered", "paperless.keep"))
		},
		Answer: func(c *flow.Call, a ivr.Answer) flow.Event {
			c.SetVar("paper", []string{"none", "monthly"}[a.Option])
			c.Notice(ivr.Say("paperless.noted", ivr.Text(c.Vars["paper"])))
			return "answered"
		},
		Options: []string{"paperless.stop", "paperless.keep"},
	},
	On:   []flow.Go{{On: "answered", To: flow.Next}},
	Says: []string{"paperless.noted"},
}}}

// A stage with a menu, whose options can be keyed and spoken.
func ExampleDefinition_Hear() {
	d := flow.Default("City Water")
	d.Locales = d.Locales[:1] // English only, to keep this short
	err := d.Insert("more", paperless)
	for _, message := range [][2]string{
		{"paperless.ask", "Would you like your bills without paper?"},
		{"paperless.ask.2", "Shall we stop sending paper?"},
		{"paperless.help", "You can see your bills on our pages at any time."},
		{"paperless.stop", "To stop the paper, press %[1]s."},
		{"paperless.keep", "To keep it, press %[1]s."},
		{"paperless.noted", "Paper: %[1]s."},
	} {
		err = errors.Join(err, d.Say("en-US", message[0], message[1]))
	}
	err = errors.Join(err, d.Hear("en-US", "paperless.stop", "no more paper", "stop it"),
		d.Hear("en-US", "paperless.keep", "keep it", "I like paper"))
	if err != nil {
		panic(err)
	}

	w := flowtest.NewWorld(&testing.T{}) // t, in a test
	w.Definition = d
	call := w.Dial(flowtest.Ann)
	call.Press("1234#").Press("1").Press("1").Press("1").Hear("receipt.approved").Say("no receipt")
	fmt.Println(call.Words())
	call.Say("No more paper, please.")
	fmt.Println(call.Words())
	// Output:
	// Would you like your bills without paper? To stop the paper, press 1. To keep it, press 2.
	// Paper: none. Is there anything else? To end the call, press 1, or hang up.
}
