package payment_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/payment"
)

func usd(minor int64) payment.Money { return payment.Money{Minor: minor, Currency: "USD"} }

func TestNewMoneyTakesOnlyCurrencies(t *testing.T) {
	m, err := payment.NewMoney(-5, "KWD")
	require.NoError(t, err)
	assert.Equal(t, payment.Money{Minor: -5, Currency: "KWD"}, m)
	for _, code := range []string{"", "usd", "USDX", "XXX", "US"} {
		_, err := payment.NewMoney(1, code)
		assert.ErrorIs(t, err, payment.ErrCurrency, code)
	}
}

func TestFromUnits(t *testing.T) {
	for _, c := range []struct {
		rule, currency string
		units, minor   int64
		want           int64
		err            error
	}{
		{"two decimals", "USD", 12, 5, 1205, nil},
		{"no decimals", "JPY", 12, 0, 12, nil},
		{"three decimals", "KWD", 12, 5, 12005, nil},
		{"the largest", "USD", math.MaxInt64 / 100, 7, math.MaxInt64, nil},
		{"one too many", "USD", math.MaxInt64 / 100, 8, 0, payment.ErrOverflow},
		{"far too many", "USD", math.MaxInt64, 0, 0, payment.ErrOverflow},
		{"yen have no minor unit", "JPY", 12, 1, 0, payment.ErrAmount},
		{"a hundred cents are a dollar", "USD", 12, 100, 0, payment.ErrAmount},
		{"negative units", "USD", -1, 0, 0, payment.ErrAmount},
		{"negative minor units", "USD", 1, -1, 0, payment.ErrAmount},
		{"no currency", "usd", 1, 0, 0, payment.ErrCurrency},
	} {
		t.Run(c.rule, func(t *testing.T) {
			m, err := payment.FromUnits(c.currency, c.units, c.minor)
			require.ErrorIs(t, err, c.err)
			if err == nil {
				assert.Equal(t, payment.Money{Minor: c.want, Currency: c.currency}, m)
				units, minor := m.Units()
				assert.Equal(t, [2]int64{c.units, c.minor}, [2]int64{units, minor})
			}
		})
	}
}

func TestParseMoney(t *testing.T) {
	for _, c := range []struct {
		text, currency string
		want           int64
		err            error
	}{
		{"12.05", "USD", 1205, nil}, {"12.5", "USD", 1250, nil}, {"12", "USD", 1200, nil}, {"0012", "USD", 1200, nil},
		{"0", "USD", 0, nil}, {"0.001", "KWD", 1, nil}, {"7", "JPY", 7, nil},
		{"92233720368547758.07", "USD", math.MaxInt64, nil},
		{"92233720368547758.08", "USD", 0, payment.ErrOverflow},
		{"99999999999999999999", "JPY", 0, payment.ErrOverflow},
		{"12.055", "USD", 0, payment.ErrAmount}, {"7.0", "JPY", 0, payment.ErrAmount}, {"12.", "USD", 0, payment.ErrAmount},
		{".05", "USD", 0, payment.ErrAmount}, {"", "USD", 0, payment.ErrAmount}, {"-1", "USD", 0, payment.ErrAmount},
		{"+1", "USD", 0, payment.ErrAmount}, {"1e3", "USD", 0, payment.ErrAmount}, {"1,000", "USD", 0, payment.ErrAmount},
		{" 1", "USD", 0, payment.ErrAmount}, {"1.2.3", "USD", 0, payment.ErrAmount}, {"١", "USD", 0, payment.ErrAmount},
		{"1", "ABC", 0, payment.ErrCurrency},
	} {
		m, err := payment.ParseMoney(c.text, c.currency)
		require.ErrorIs(t, err, c.err, "%q %s", c.text, c.currency)
		if err == nil {
			assert.Equal(t, payment.Money{Minor: c.want, Currency: c.currency}, m, c.text)
		}
	}
}

func TestArithmeticNeverWrapsAround(t *testing.T) {
	for _, c := range []struct {
		rule      string
		a, b      payment.Money
		sum, diff int64
		addErr    error
		subErr    error
	}{
		{"plain", usd(5), usd(7), 12, -2, nil, nil},
		{"nothing of any currency", usd(5), payment.Money{}, 5, 5, nil, nil},
		{"two currencies", usd(5), payment.Money{Minor: 1, Currency: "EUR"}, 0, 0, payment.ErrCurrency, payment.ErrCurrency},
		{"too large", usd(math.MaxInt64), usd(1), 0, math.MaxInt64 - 1, payment.ErrOverflow, nil},
		{"too small", usd(math.MinInt64), usd(1), math.MinInt64 + 1, 0, nil, payment.ErrOverflow},
		{"less of the least", usd(0), usd(math.MinInt64), math.MinInt64, 0, nil, payment.ErrOverflow},
	} {
		t.Run(c.rule, func(t *testing.T) {
			sum, err := c.a.Add(c.b)
			require.ErrorIs(t, err, c.addErr)
			if err == nil {
				assert.Equal(t, usd(c.sum), sum)
			}
			diff, err := c.a.Sub(c.b)
			require.ErrorIs(t, err, c.subErr)
			if err == nil {
				assert.Equal(t, usd(c.diff), diff)
			}
		})
	}
	sum, err := payment.Money{}.Add(usd(3))
	require.NoError(t, err)
	assert.Equal(t, usd(3), sum)
}

func TestCmp(t *testing.T) {
	for _, c := range []struct{ a, b, want int64 }{{1, 2, -1}, {2, 2, 0}, {3, 2, 1}} {
		got, err := usd(c.a).Cmp(usd(c.b))
		require.NoError(t, err)
		assert.EqualValues(t, c.want, got)
	}
	_, err := usd(1).Cmp(payment.Money{Minor: 1, Currency: "EUR"})
	assert.ErrorIs(t, err, payment.ErrCurrency)
}

func TestMoneyAsText(t *testing.T) {
	for _, c := range []struct {
		m          payment.Money
		text, read string
	}{
		{usd(1205), "USD 1205", "12.05 USD"}, {usd(5), "USD 5", "0.05 USD"}, {usd(-5), "USD -5", "-0.05 USD"},
		{usd(math.MinInt64), "USD -9223372036854775808", "-92233720368547758.08 USD"},
		{payment.Money{Minor: 7, Currency: "JPY"}, "JPY 7", "7 JPY"},
		{payment.Money{Minor: 7, Currency: "KWD"}, "KWD 7", "0.007 KWD"}, {payment.Money{}, "", ""},
	} {
		text, err := c.m.MarshalText()
		require.NoError(t, err)
		assert.Equal(t, c.text, string(text))
		assert.Equal(t, c.read, c.m.String())
		var back payment.Money
		require.NoError(t, back.UnmarshalText(text))
		assert.Equal(t, c.m, back)
	}
	for _, bad := range []string{"USD", "USD ", "USD 01", "USD +1", "USD  1", "USD 1 ", "usd 1", "1 USD", "USD 1.00", "USD -0",
		"USD 99999999999999999999", "XXX 1"} {
		m := usd(9)
		assert.Error(t, m.UnmarshalText([]byte(bad)), bad)
		assert.Equal(t, usd(9), m, "%q must change nothing", bad)
	}
	_, err := payment.Money{Minor: 1}.MarshalText()
	assert.ErrorIs(t, err, payment.ErrCurrency)
	b, err := json.Marshal(payment.Bill{ID: "b", Balance: usd(100)})
	require.NoError(t, err)
	assert.JSONEq(t, `{"id":"b","account":"","payee":"","balance":"USD 100"}`, string(b), "zero amounts are left out")
}

func FuzzParseMoney(f *testing.F) {
	for _, s := range []string{"12.05", "0", "92233720368547758.07", "1e9", "-1", ".", "00.00", "1,5"} {
		f.Add(s, "USD")
		f.Add(s, "JPY")
		f.Add(s, "KWD")
	}
	f.Fuzz(func(t *testing.T, text, currency string) {
		m, err := payment.ParseMoney(text, currency)
		if err != nil {
			return
		}
		require.GreaterOrEqual(t, m.Minor, int64(0))
		again, err := payment.ParseMoney(m.String()[:len(m.String())-4], currency)
		require.NoError(t, err)
		require.Equal(t, m, again)
		units, minor := m.Units()
		built, err := payment.FromUnits(currency, units, minor)
		require.NoError(t, err)
		require.Equal(t, m, built)
	})
}

func FuzzMoneyText(f *testing.F) {
	for _, s := range []string{"USD 1205", "JPY -1", "", "USD 01", "KWD 9223372036854775807"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var m payment.Money
		if m.UnmarshalText([]byte(text)) != nil {
			return
		}
		back, err := m.MarshalText()
		require.NoError(t, err)
		require.Equal(t, text, string(back))
	})
}
