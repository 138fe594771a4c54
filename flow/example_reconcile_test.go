package flow_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
)

// What the processor charged is compared with what is stored. Here something charged the card without a call.
func ExampleEngine_Reconcile() {
	w := flowtest.NewWorld(&testing.T{})
	w.Config.Store = flow.NewMemory(w.Clock.Now)
	c := w.Dial(flowtest.Ann)
	c.Hear("identify.pin.ask").Press("1234#")
	c.Hear("amount.ask").Press("1")
	c.Hear("funding.choose.ask").Press("1")
	c.Hear("confirm.readback.ask").Press("1")
	c.Hear("receipt.approved").HangUp()
	ctx := context.Background()
	_, err := w.Sandbox.Authorise(ctx, payment.Charge{Key: "k", Token: paymenttest.TokenVisa, Payment: "by hand",
		Amount: payment.Money{Minor: 5_00, Currency: "USD"}})
	if err != nil {
		panic(err)
	}

	found, err := w.Engine().Reconcile(ctx, w.Clock.Now().Add(-24*time.Hour), w.Clock.Now().Add(time.Minute))
	for _, d := range found {
		fmt.Printf("%s: %v for payment %q: %s\n", d.Processor, d.Amount, d.Payment, d.Reason)
	}
	fmt.Println(err)
	// Output:
	// sandbox: 5.00 USD for payment "by hand": HELD, no call has this payment
	// <nil>
}
