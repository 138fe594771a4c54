package iso4217_test

import (
	"testing"

	"github.com/dialpay/dialpay/internal/iso4217"
	"github.com/stretchr/testify/assert"
	"golang.org/x/text/currency"
)

func TestDigitsAndScale(t *testing.T) {
	for code, want := range map[string]struct {
		digits int
		scale  int64
	}{"USD": {2, 100}, "JPY": {0, 1}, "KWD": {3, 1000}, "CLF": {4, 10000}, "EUR": {2, 100}, "ZWG": {2, 100}, "AED": {2, 100}} {
		digits, ok := iso4217.Digits(code)
		assert.True(t, ok, code)
		assert.Equal(t, want.digits, digits, code)
		assert.Equal(t, want.scale, iso4217.Scale(code), code)
	}
	for _, code := range []string{"", "usd", "US", "USDX", "XXX", "  A", "ED "} {
		_, ok := iso4217.Digits(code)
		assert.False(t, ok, code)
		assert.Zero(t, iso4217.Scale(code), code)
	}
}

// The currencies in which CLDR and ISO 4217 agree. Where they differ, charging goes by ISO.
func TestAgainstCLDR(t *testing.T) {
	for _, code := range []string{"USD", "EUR", "GBP", "JPY", "KRW", "KWD", "BHD", "JOD", "OMR", "TND", "LYD", "CLP", "ISK", "VND", "XOF", "XAF", "INR", "MXN", "BRL"} {
		unit, err := currency.ParseISO(code)
		assert.NoError(t, err)
		want, _ := currency.Standard.Rounding(unit)
		got, ok := iso4217.Digits(code)
		assert.True(t, ok)
		assert.Equal(t, want, got, code)
	}
}
