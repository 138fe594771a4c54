package wallet_test

import (
	"context"
	"fmt"
	"time"

	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/wallet"
)

// The saved methods are offered with the default first; a card that has expired is not offered.
func Example() {
	ctx := context.Background()
	var saved wallet.Memory
	for _, m := range []wallet.Method{
		{Kind: payment.KindCard, Token: "tok_1", Brand: payment.Visa, Last4: "4242",
			Expiry: payment.Expiry{Year: 2029, Month: 12}, Default: true},
		{Kind: payment.KindCard, Token: "tok_2", Brand: payment.Amex, Last4: "0005",
			Expiry: payment.Expiry{Year: 2025, Month: 1}},
		{Kind: payment.KindBank, Token: "tok_3", Brand: "First Bank", Last4: "6789"},
	} {
		if _, err := saved.Save(ctx, "acc_7", m); err != nil {
			fmt.Println(err)
		}
	}
	methods, _ := saved.Methods(ctx, "acc_7")
	for i, m := range wallet.Usable(methods, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)) {
		fmt.Printf("for %s %s ending in %s, press %d\n", m.Brand, m.Kind, m.Last4, i+1)
	}
	// Output:
	// for visa card ending in 4242, press 1
	// for First Bank bank ending in 6789, press 2
}
