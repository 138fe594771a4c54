package flow

import (
	"slices"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
)

// brands are the messages that name a card brand.
var brands = map[payment.Brand]string{
	payment.Visa: "brand.visa", payment.Mastercard: "brand.mastercard", payment.Amex: "brand.amex",
	payment.Discover: "brand.discover", payment.Diners: "brand.diners", payment.JCB: "brand.jcb",
	payment.UnionPay: "brand.unionpay", payment.Maestro: "brand.maestro",
}

const otherBrand = "brand.other"

func brandName(b payment.Brand) ivr.Arg {
	if key, ok := brands[b]; ok {
		return ivr.Message(key)
	}
	return ivr.Message(otherBrand)
}

func brandMessages() []string {
	all := []string{otherBrand}
	for _, key := range brands {
		all = append(all, key)
	}
	slices.Sort(all)
	return all
}
