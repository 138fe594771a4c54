package twimltest_test

import (
	"fmt"

	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/internal/bench"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/twiml"
	"github.com/dialpay/dialpay/ivr/twiml/twimltest"
)

// Ann calls, keys her PIN, and hears what she owes.
func Example() {
	w := flowtest.NewWorld(&bench.Stopper{}) // a test has its *testing.T
	engine := w.Engine()
	calls, err := twiml.New(twiml.Config{Handler: engine, Catalog: engine.Catalog(), BaseURL: "https://pay.example.com/calls",
		AuthTokens: []string{"12345"}})
	if err != nil {
		panic(err)
	}
	phone := twimltest.NewPhone(twimltest.Config{Handler: calls, BaseURL: "https://pay.example.com/calls", AuthToken: "12345",
		CallSid: "CA1"})
	english := engine.Catalog().Locale("en-US")

	phone.Dial(ivr.Call{From: flowtest.Ann, Attestation: "A"})
	fmt.Println(phone.Words(english))
	phone.Listen()
	phone.Press("1234#")
	fmt.Println(phone.Words(english)[:90])
	phone.Feed(ivr.Event{Input: ivr.Input{Kind: ivr.HangUp}})
	fmt.Println(phone.Over(), phone.Err())
	// Output:
	// thank you for calling city water you can pay your bill here please enter your pin then press pound
	// your balance for city water is one hundred twenty three dollars and forty five cents it is
	// true <nil>
}
