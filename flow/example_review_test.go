package flow_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/payment/paymenttest"
)

// A tool of the staff lists what only a person can decide, and takes the decision. Here the processor was down for three
// days, so nobody could say what became of a charge, until its ledger was looked at: nothing was taken.
func ExampleEngine_Resolve() {
	w := flowtest.NewWorld(&testing.T{}) // t, in a test
	w.Config.Store = flow.NewMemory(w.Clock.Now)
	w.Config.Log = nil
	c := w.Dial(flowtest.Ann).Press("1234#").Press("1").Press("1")
	w.Sandbox.Inject(paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.Down, Delay: 80 * time.Hour})
	fmt.Println(c.Press("1").Words())
	ctx, engine := context.Background(), w.Engine()
	for range 80 {
		w.Clock.Advance(time.Hour)
		_, _ = engine.Sweep(ctx, 100) // what goes wrong is told again an hour later
	}

	open, err := engine.InReview(ctx, 10)
	if err != nil {
		panic(err)
	}
	for _, r := range open {
		leg := r.Legs[0]
		fmt.Println(r.Session, r.ID, r.Payee, r.Total(), "-", r.Reason)
		fmt.Println("look for", leg.Key, "at", leg.Processor)
		decision := flow.Resolution{Paid: false, By: "kim", Note: "not in the processor's ledger"}
		if err := engine.Resolve(ctx, r.Session, r.ID, decision); err != nil {
			panic(err)
		}
	}
	w.Sweep(time.Minute)
	fmt.Println(w.Messages.Sent[1].Text)
	// Output:
	// We could not confirm the payment yet. You will not be charged twice. You will get a message when we know. Goodbye.
	// call-1 pay-3 City Water 123.45 USD - the processor cannot say what became of a leg
	// look for lyv57xhaj4depapd74pp7tfcku at sandbox
	// We have looked into your payment of 123.45 USD to City Water. It was not made. If anything was taken for it, you get it back. Questions: City Water.
}
