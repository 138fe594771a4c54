package wallet_test

import (
	"fmt"

	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/wallet"
)

// Points and a gift card pay what they can, a card pays the rest.
func ExamplePlan() {
	usd := func(minor int64) payment.Money { return payment.Money{Minor: minor, Currency: "USD"} }
	visa := wallet.Method{Kind: payment.KindCard, Token: "tok_1", Brand: payment.Visa, Last4: "4242"}
	sources := wallet.Preferences{}.Arrange([]wallet.Source{
		visa.Source(),
		wallet.GiftCard{Token: "gift_1", Last4: "1234", Balance: usd(1200)}.Source(),
		wallet.Points{Token: "points_1", Balance: 500, Rate: wallet.Rate{Points: 100, Worth: usd(100)}}.Source(),
	})
	split, err := wallet.Plan(usd(12345), sources, wallet.Limits{Least: 50})
	if err != nil {
		fmt.Println(err)
	}
	for _, share := range split.Shares {
		fmt.Println(share.Kind, share.Amount)
	}
	// Output:
	// points 5.00 USD
	// gift 12.00 USD
	// card 106.45 USD
}
