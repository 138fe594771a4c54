package payment_test

import (
	"context"
	"fmt"
	"time"

	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
)

// A payment is drafted, read back, confirmed, and driven until it is over. A program with a store commits the payment
// where this one has comments.
func Example() {
	now := func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }
	sandbox := paymenttest.New(paymenttest.Config{Now: now})
	processors := map[string]payment.Processor{sandbox.Profile().Name: sandbox}
	profile := func(name string) payment.Profile { return processors[name].Profile() }

	amount, _ := payment.ParseMoney("120.00", "USD")
	p, err := payment.Draft(payment.Payment{ID: "pay_1", Account: "acc_7", Bill: "bill_3", Payee: "City Water", Amount: amount,
		Legs: []payment.Leg{{Kind: payment.KindCard, Brand: payment.Visa, Last4: "4242", Token: paymenttest.TokenVisa,
			Processor: "sandbox", Amount: amount}}}, now(), profile)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("read back:", p.Payee, p.Total(), p.State)

	_ = p.Confirm(now())                                                                   // the caller pressed 1
	sandbox.Inject(paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.LostAnswer}) // and the line to the bank fails
	for {
		step, err := p.Advance(now(), profile)
		if err != nil || !step.Calls() {
			break // commit: p is over, or waits until step.Until
		}
		// commit: the write-ahead, the decision
		out, _ := payment.Do(context.Background(), step, p, processors[step.Processor])
		fmt.Println(step.Kind, "->", out.State)
		if err := p.Apply(step, out, now()); err != nil {
			break
		}
	}
	receipt, _ := p.Receipt()
	fmt.Println(p.State, receipt.Transaction, receipt.Total)
	fmt.Println("charges:", len(sandbox.Charges()))
	// Output:
	// read back: City Water 120.00 USD DRAFT
	// authorise -> unknown
	// authorise -> approved
	// capture -> approved
	// PAID 33M2QKMQ3 120.00 USD
	// charges: 1
}

func ExampleCheckNumber() {
	number, _ := payment.NewSecret([]byte("4242424242424241"))
	defer number.Clear()
	_, err := payment.CheckNumber(number)
	fmt.Println(err)
	fmt.Println(number)
	// Output:
	// payment: card number: wrong luhn
	// [secret]
}
