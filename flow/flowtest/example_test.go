package flowtest_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
)

// A test reads like the call: what Ann hears, by prompt key or in words, and what she presses, says, or leaves unsaid.
func Example() {
	w := flowtest.NewWorld(&testing.T{}) // t, in a test
	ann := w.Dial(flowtest.Ann)
	ann.Hear("identify.pin.ask").Press("1234#")
	ann.Hear("amount.ask").Say("another amount")
	ann.Hear("amount.other.ask").Press("40#")
	ann.Hear("cents").Press("#")
	ann.Hear("funding.choose.ask").Silence()
	ann.Hear("noinput").Press("1")
	ann.Hear("forty dollars to City Water").Press("1")
	ann.Hear("was approved").HangUp()

	fmt.Println(len(w.Charges()), w.Charges()[0].Amount, w.Biller.Posted[0].Amount)
	// Output:
	// 1 40.00 USD 40.00 USD
}

// A transcript can be read by somebody who does not read Go. Golden keeps it in a file.
func ExampleTranscript() {
	w := flowtest.NewWorld(&testing.T{}) // t, in a test
	ann := w.Dial(flowtest.Ann)
	ann.Press("1234#").Press("0").Transferred("asked")
	fmt.Println(ann.Transcript.String())
	// Output:
	// 00:00  > caller dials from +12125550100
	// 00:00  Thank you for calling City Water. You can pay your bill here.
	//        Please enter your PIN, then press pound.
	//        (keys are secret)
	// 00:06  > caller presses ••••#
	// 00:08  Your balance for City Water is one hundred twenty-three dollars and forty-five cents.
	//        It is due on Friday, March sixth.
	//        How much would you like to pay?
	//        To pay the full balance of one hundred twenty-three dollars and forty-five cents, press 1.
	//        To pay the minimum of twenty-five dollars, press 2.
	//        To pay another amount, press 3.
	// 00:29  > caller presses 0
	// 00:29  I am connecting you to a person. Please stay on the line.
	//        (transfer to desk: asked)
}

// A company that asks one more question before the payment plays its dialogue with every single fault: Exhaustive(2)
// takes minutes, and Random any number of faulty calls.
func ExampleSimulation() {
	definition := flow.Default("City Water")
	definition.Locales = definition.Locales[:1] // English only, to keep this short
	err := definition.Insert("confirm", flow.Stage{Name: "paperless", States: []flow.State{{
		Name: "paperless",
		Ask: &flow.Ask{
			Menu: func(c *flow.Call) ivr.Menu {
				return c.Choose(flow.Option("answered", "paperless.stop"), flow.Option("answered", "paperless.keep"))
			},
			Options: []string{"paperless.stop", "paperless.keep"},
		},
		On: []flow.Go{{On: "answered", To: flow.Next}},
	}}})
	for _, message := range [][2]string{
		{"paperless.ask", "Would you like your bills without paper?"},
		{"paperless.ask.2", "Shall we stop sending paper?"},
		{"paperless.help", "You can see your bills on our pages at any time."},
		{"paperless.stop", "To stop the paper, press %[1]s."},
		{"paperless.keep", "To keep it, press %[1]s."},
	} {
		err = errors.Join(err, definition.Say("en-US", message[0], message[1]))
	}
	err = errors.Join(err, definition.Hear("en-US", "paperless.stop", "no more paper"),
		definition.Hear("en-US", "paperless.keep", "keep it"))
	if err != nil {
		panic(err)
	}
	s := flowtest.Simulation{Definition: definition, Answers: map[string][]string{"paperless.ask": {"2", "1"}}}
	report, err := s.Exhaustive(1)
	if err != nil {
		panic(err)
	}
	if v := report.Violation; v != nil {
		fmt.Println(v.What, v.Path, v.Story)
	}
	fmt.Println(report.Crashes > 100, report.DoubleCharges, report.LostReceipts, report.Stuck)
	// Output:
	// true 0 0 0
}
