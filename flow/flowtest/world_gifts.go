package flowtest

import (
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/dialpay/dialpay/wallet"
)

// Gifts lets the company take gift cards and points: Cat has some, and paymenttest.ClaimCodes can be redeemed. Call it
// before the first Dial. Their balances lie in the Sandbox; put another processor into Config.Gift or Config.Points, and
// its Left into Wallet.Left, for one of their own.
func (w *World) Gifts() {
	w.t.Helper()
	usd := func(minor int64) payment.Money { return payment.Money{Minor: minor, Currency: "USD"} }
	w.Wallet.Left = w.Sandbox.Left
	w.save("acc-cat", wallet.Method{Kind: payment.KindCard, Token: paymenttest.TokenVisa, Brand: payment.Visa, Last4: "4242",
		Expiry: payment.Expiry{Year: 2030, Month: 12}, Default: true})
	w.Sandbox.Fund(paymenttest.TokenGift, usd(1200))
	w.must(w.Wallet.AddGiftCard("acc-cat", wallet.GiftCard{Token: paymenttest.TokenGift, Last4: "1234", Balance: usd(1200)}))
	w.Sandbox.FundPoints(paymenttest.TokenPoints, 500)
	w.must(w.Wallet.SetPoints("acc-cat", wallet.Points{Token: paymenttest.TokenPoints, Balance: 500,
		Rate: wallet.Rate{Points: 100, Worth: usd(100)}}))
	for _, c := range paymenttest.ClaimCodes {
		code, err := payment.NewSecret([]byte(c.Code))
		w.must(err)
		w.Sandbox.Fund(c.Token, c.Balance)
		w.must(w.Wallet.Issue(code, wallet.GiftCard{Token: c.Token, Last4: c.Last4, Balance: c.Balance}))
		code.Clear()
	}
	w.Config.GiftCards, w.Config.Rewards, w.Config.Preferences = w.Wallet, w.Wallet, w.Wallet
}
