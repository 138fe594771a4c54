package flow_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
)

// A caller who was cut off before the yes can go on there in the next call, also when another process takes it: all that
// it needs lies in the Store, which must be a flow.Finder. What is charged was read back in the new call.
func ExampleSettings_resumeFor() {
	w := flowtest.NewWorld(&testing.T{})
	w.Config.Store = flow.NewMemory(w.Clock.Now)
	w.Definition.Settings.ResumeFor = 2 * time.Hour // instead of a day

	c := w.Dial(flowtest.Ann)
	c.Hear("identify.pin.ask").Press("1234#")
	c.Hear("amount.ask").Press("2")         // the minimum
	c.Hear("funding.choose.ask").Press("1") // the saved card
	c.Hear("confirm.readback.ask").HangUp()

	w.Clock.Advance(time.Hour)
	c = w.Dial(flowtest.Ann)
	c.Hear("identify.pin.ask").Press("1234#")
	c.Hear("resume.offer.ask")
	fmt.Println(c.Words())
	c.Press("1").Hear("confirm.pay").Hear("confirm.readback.ask").Press("1").Hear("receipt.approved")
	fmt.Println("charges:", len(w.Charges()))
	// Output:
	// When we were cut off, you were about to pay twenty-five dollars to City Water. To go on there, press 1. To begin anew, press 2.
	// charges: 1
}
