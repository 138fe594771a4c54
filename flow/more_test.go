package flow_test

import (
	"context"
	"testing"

	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/dialpay/dialpay/wallet"
	"github.com/stretchr/testify/assert"
)

// sharedWallet returns its own slice, as a wallet may.
type sharedWallet struct {
	*wallet.Memory
	methods []wallet.Method
}

func (w sharedWallet) Methods(context.Context, string) ([]wallet.Method, error) {
	return w.methods, nil
}

// What a wallet returns is the wallet's: it is not changed.
func TestTheWalletKeepsItsSlice(t *testing.T) {
	w := flowtest.NewWorld(t)
	bad := wallet.Method{ID: "m1", Kind: payment.KindCard, Last4: "0000"} // no token: left out
	good := wallet.Method{ID: "m2", Kind: payment.KindCard, Token: paymenttest.TokenVisa, Brand: payment.Visa,
		Last4: "4242", Expiry: payment.Expiry{Year: 2030, Month: 12}}
	shared := sharedWallet{w.Wallet, []wallet.Method{bad, good}}
	w.Config.Wallet = shared
	c := w.Dial(flowtest.Ann)
	pin(c)
	full(c).Hear("funding.choose.ask").NotHear("zero zero zero zero")
	assert.Equal(t, []wallet.Method{bad, good}, shared.methods)
}

// Who is asked for after a payment sees the bill that was paid, not the next one.
func TestTransferAfterPaymentNamesThePaidBill(t *testing.T) {
	w := flowtest.NewWorld(t)
	second := w.Biller.Open["acc-ann"][0]
	second.ID, second.Service = "w-9", "Garage"
	w.Biller.Open["acc-ann"] = append(w.Biller.Open["acc-ann"], second)
	c := w.Dial(flowtest.Ann)
	pin(c).Hear("bill.choose.ask").Press("1")
	full(c)
	savedVisa(c)
	yes(c).Hear("receipt.approved").Press("0").Transferred("asked")
	assert.Equal(t, "w-1", c.Turn.Transfer.Context["bill"])
}
