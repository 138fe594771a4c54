package paymenttest_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
)

// The sandbox declines where the test card says so, and loses an answer when it is told to.
func Example() {
	ctx := context.Background()
	sandbox := paymenttest.New(paymenttest.Config{})
	token, _ := sandbox.Tokenise(ctx, paymenttest.Card("4000000000009995", "1229", "123", "94105"), "call 1, card 1")
	dollar := payment.Money{Minor: 100, Currency: "USD"}

	out, _ := sandbox.Authorise(ctx, payment.Charge{Key: "one", Token: token.ID, Amount: dollar})
	fmt.Println(out.State, out.Class, out.Code)

	sandbox.Inject(paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.LostAnswer})
	_, err := sandbox.Authorise(ctx, payment.Charge{Key: "two", Token: paymenttest.TokenVisa, Amount: dollar})
	fmt.Println(errors.Is(err, paymenttest.ErrNoAnswer))
	for _, c := range sandbox.Charges() {
		fmt.Println(c.Key, c.Amount, c.State)
	}
	// Output:
	// declined other method insufficient_funds
	// true
	// one 1.00 USD declined
	// two 1.00 USD held
}
