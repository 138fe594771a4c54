package payment_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/payment"
)

func secret(t testing.TB, s string) payment.Secret {
	t.Helper()
	kept, err := payment.NewSecret([]byte(s))
	require.NoError(t, err)
	return kept
}

func TestCheckNumber(t *testing.T) {
	for _, c := range []struct {
		rule, number string
		brand        payment.Brand
		reason       payment.CardReason
	}{
		{"Visa", "4242424242424242", payment.Visa, ""},
		{"Visa", "4012888888881881", payment.Visa, ""},
		{"Visa of 13 digits", "4222222222222", payment.Visa, ""},
		{"Mastercard", "5555555555554444", payment.Mastercard, ""},
		{"Mastercard", "5105105105105100", payment.Mastercard, ""},
		{"Mastercard from 2221", "2221000000000009", payment.Mastercard, ""},
		{"Mastercard to 2720", "2720990000000007", payment.Mastercard, ""},
		{"Amex", "378282246310005", payment.Amex, ""},
		{"Amex", "371449635398431", payment.Amex, ""},
		{"Discover", "6011111111111117", payment.Discover, ""},
		{"Discover from 644", "6440000000000005", payment.Discover, ""},
		{"Diners", "30569309025904", payment.Diners, ""},
		{"Diners 36", "36227206271667", payment.Diners, ""},
		{"JCB", "3530111333300000", payment.JCB, ""},
		{"UnionPay", "6200000000000005", payment.UnionPay, ""},
		{"UnionPay numbers need no check digit", "6200000000000006", payment.UnionPay, ""},
		{"UnionPay beside Maestro", "6240008631401148", payment.UnionPay, ""},
		{"Maestro", "6759649826438453", payment.Maestro, ""},
		{"Maestro of 12 digits", "500000000009", payment.Maestro, ""},
		{"one digit mistyped", "4242424242424241", "", payment.ReasonLuhn},
		{"two digits swapped", "4012888888888181", "", payment.ReasonLuhn},
		{"a digit too few", "424242424242424", "", payment.ReasonLength},
		{"a digit too many for Amex", "3782822463100050", "", payment.ReasonLength},
		{"far too many digits", strings.Repeat("4", 40), "", payment.ReasonLength},
		{"nothing", "", "", payment.ReasonLength},
		{"one digit", "4", "", payment.ReasonLength},
		{"between Mastercard and Maestro", "2720000000000000", payment.Mastercard, payment.ReasonLuhn},
		{"nobody's number", "9999999999999995", "", payment.ReasonBrand},
		{"after Mastercard's 2720", "2721000000000004", "", payment.ReasonBrand},
		{"a star among the digits", "42424242*2424242", "", payment.ReasonDigits},
		{"spaces", "4242 4242 4242 4242", "", payment.ReasonDigits},
	} {
		t.Run(c.rule+" "+c.number, func(t *testing.T) {
			brand, err := payment.CheckNumber(secret(t, c.number))
			if c.reason == "" {
				require.NoError(t, err)
				assert.Equal(t, c.brand, brand)
				return
			}
			assert.Equal(t, &payment.CardError{Field: payment.CardNumber, Reason: c.reason}, err)
			assert.Empty(t, brand)
		})
	}
	_, err := payment.CheckNumber(payment.Secret{})
	assert.Error(t, err)
}

func TestCheckNumberNeedsLittleMemory(t *testing.T) {
	number := secret(t, "4242424242424242")
	assert.LessOrEqual(t, testing.AllocsPerRun(100, func() { _, _ = payment.CheckNumber(number) }), 2.0,
		"no copies of the digits")
}

func TestCheckCVV(t *testing.T) {
	for _, c := range []struct {
		brand  payment.Brand
		cvv    string
		reason payment.CardReason
	}{
		{payment.Visa, "123", ""}, {payment.Amex, "1234", ""}, {payment.Visa, "1234", payment.ReasonLength},
		{payment.Amex, "123", payment.ReasonLength}, {payment.Visa, "", payment.ReasonLength},
		{payment.Visa, "12*", payment.ReasonDigits},
	} {
		err := payment.CheckCVV(c.brand, secret(t, c.cvv))
		if c.reason == "" {
			assert.NoError(t, err)
			continue
		}
		assert.Equal(t, &payment.CardError{Field: payment.CardCVV, Reason: c.reason}, err, "%s of %d", c.brand, len(c.cvv))
	}
}

func TestParseExpiry(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	middle := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	last := time.Date(2026, 12, 1, 0, 0, 0, -1, newYork)
	for _, c := range []struct {
		rule, keys string
		now        time.Time
		want       payment.Expiry
		reason     payment.CardReason
	}{
		{"a later year", "1229", middle, payment.Expiry{Year: 2029, Month: 12}, ""},
		{"this month", "1126", middle, payment.Expiry{Year: 2026, Month: 11}, ""},
		{"the last moment of the month where the account is", "1126", last, payment.Expiry{Year: 2026, Month: 11}, ""},
		{"the moment after", "1126", last.Add(1), payment.Expiry{}, payment.ReasonExpired},
		{"the same moment further east", "1126", last.UTC(), payment.Expiry{}, payment.ReasonExpired},
		{"last month", "1026", middle, payment.Expiry{}, payment.ReasonExpired},
		{"20 years ahead", "1146", middle, payment.Expiry{Year: 2046, Month: 11}, ""},
		{"20 years and a month ahead", "1246", middle, payment.Expiry{}, payment.ReasonFuture},
		{"the next century", "0105", time.Date(2098, 1, 1, 0, 0, 0, 0, time.UTC), payment.Expiry{Year: 2105, Month: 1}, ""},
		{"month 13", "1329", middle, payment.Expiry{}, payment.ReasonMonth},
		{"month 0", "0029", middle, payment.Expiry{}, payment.ReasonMonth},
		{"too short", "129", middle, payment.Expiry{}, payment.ReasonLength},
		{"the whole year", "122029", middle, payment.Expiry{}, payment.ReasonLength},
		{"a star", "12*9", middle, payment.Expiry{}, payment.ReasonDigits},
	} {
		t.Run(c.rule, func(t *testing.T) {
			e, err := payment.ParseExpiry(secret(t, c.keys), c.now)
			assert.Equal(t, c.want, e)
			if c.reason == "" {
				assert.NoError(t, err)
				return
			}
			assert.Equal(t, &payment.CardError{Field: payment.CardExpiry, Reason: c.reason}, err)
		})
	}
}

func TestCheckPostal(t *testing.T) {
	for _, c := range []struct {
		country, code string
		reason        payment.CardReason
	}{
		{"US", "94105", ""}, {"US", "941051234", ""}, {"US", "9410", payment.ReasonLength}, {"US", "941051", payment.ReasonLength},
		{"DE", "10115", ""}, {"IS", "101", ""}, {"DE", "10", payment.ReasonLength}, {"", "12345678901", payment.ReasonLength},
		{"GB", "SW1A", payment.ReasonDigits}, {"US", "", payment.ReasonLength},
	} {
		err := payment.CheckPostal(c.country, c.code)
		if c.reason == "" {
			assert.NoError(t, err)
			continue
		}
		assert.Equal(t, &payment.CardError{Field: payment.CardPostal, Reason: c.reason}, err, c.country+" "+c.code)
	}
}

func TestExpiryAndDateAsText(t *testing.T) {
	b, err := json.Marshal(payment.Token{ID: "t", Expiry: payment.Expiry{Year: 2029, Month: 2}})
	require.NoError(t, err)
	assert.JSONEq(t, `{"id":"t","brand":"","last4":"","expiry":"2029-02"}`, string(b))
	var token payment.Token
	require.NoError(t, json.Unmarshal(b, &token))
	assert.Equal(t, payment.Expiry{Year: 2029, Month: 2}, token.Expiry)
	for _, bad := range []string{"2029-13", "2029-00", "2029-2", "29-02", "2029-02-01", "x"} {
		var e payment.Expiry
		assert.ErrorIs(t, e.UnmarshalText([]byte(bad)), payment.ErrDate, bad)
	}
	_, err = payment.Expiry{Year: 2029, Month: 13}.MarshalText()
	assert.ErrorIs(t, err, payment.ErrDate)

	d := payment.DateOf(time.Date(2026, 12, 1, 23, 0, 0, 0, time.UTC))
	assert.Equal(t, payment.Date("2026-12-01"), d)
	at, err := d.Time()
	require.NoError(t, err)
	assert.Equal(t, time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), at)
	for _, bad := range []string{"2026-02-30", "2026-2-3", "tomorrow", "2026-12-01T00:00:00Z"} {
		var d payment.Date
		assert.ErrorIs(t, d.UnmarshalText([]byte(bad)), payment.ErrDate, bad)
		_, err := payment.Date(bad).MarshalText()
		assert.ErrorIs(t, err, payment.ErrDate, bad)
	}
	require.NoError(t, d.UnmarshalText(nil))
	assert.Empty(t, d)
}

func FuzzCardChecks(f *testing.F) {
	for _, s := range []string{"4242424242424242", "1229", "123", "", "6", "2720", "*#", "00000000000000000000"} {
		f.Add([]byte(s))
	}
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, keys []byte) {
		s, err := payment.NewSecret(keys)
		if err != nil {
			return
		}
		brand, numberErr := payment.CheckNumber(s)
		require.Equal(t, numberErr == nil, brand != "")
		e, expiryErr := payment.ParseExpiry(s, now)
		require.Equal(t, expiryErr == nil, e != payment.Expiry{} && !e.Expired(now))
		for _, err := range []error{numberErr, expiryErr, payment.CheckCVV(brand, s), payment.CheckIBAN(s)} {
			if err != nil && len(keys) >= 6 && bytes.ContainsAny(keys, "0123456789") {
				require.NotContains(t, err.Error(), string(keys))
			}
		}
		s.Open(func(b []byte) { require.Equal(t, keys, append([]byte{}, b...), "checks change nothing") })
	})
}
