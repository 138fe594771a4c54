package payment_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/dialpay/dialpay/payment"
)

func TestCheckRouting(t *testing.T) {
	for _, good := range []string{"021000021", "111000025", "011401533"} {
		assert.NoError(t, payment.CheckRouting(good), good)
	}
	for _, bad := range []string{"021000022", "210000021", "02100002", "0210000210", "02100002x", "000000000", ""} {
		assert.ErrorIs(t, payment.CheckRouting(bad), payment.ErrRouting, bad)
	}
}

func TestCheckIBAN(t *testing.T) {
	for _, good := range []string{"DE89370400440532013000", "GB29NWBK60161331926819", "FR1420041010050500013M02606",
		"NO9386011117947", "MT84MALT011000012345MTLCAST001S"} {
		assert.NoError(t, payment.CheckIBAN(secret(t, good)), good)
	}
	for rule, bad := range map[string]string{
		"one digit mistyped": "DE89370400440532013001", "two digits swapped": "DE98370400440532013000",
		"too short for Germany": "DE8937040044053201300", "no country": "XX89370400440532013000", "lower case": "DE8937040044053201300a",
		"nothing": "", "far too short": "DE89",
	} {
		assert.ErrorIs(t, payment.CheckIBAN(secret(t, bad)), payment.ErrIBAN, rule)
	}
}
