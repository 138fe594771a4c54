package flowtest_test

import (
	"fmt"
	"testing"

	"github.com/dialpay/dialpay/flow/flowtest"
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
	// 00:29  I am connecting you with a person. Please stay on the line.
	//        (transfer to desk: asked)
}
