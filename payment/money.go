package payment

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/dialpay/dialpay/internal/iso4217"
)

// The faults of amounts. They are wrapped with what was wrong; tell them apart with errors.Is.
var (
	// ErrCurrency means an unknown currency, or two currencies where one is needed.
	ErrCurrency = errors.New("payment: wrong currency")
	// ErrOverflow means that the amount does not fit into an int64 of minor units.
	ErrOverflow = errors.New("payment: amount too large")
	// ErrAmount means that the text or the parts are no amount: a sign, an exponent, too many decimals.
	ErrAmount = errors.New("payment: not an amount")
)

// Money is an amount in minor units of an ISO 4217 currency: Money{1205, "USD"} is 12.05 US dollars. Its text form is
// "USD 1205".
//
// The zero Money, without a currency, is nothing of any currency. Its text form is empty.
type Money struct {
	Minor    int64
	Currency string
}

// NewMoney returns an amount in minor units of an upper-case ISO 4217 code. ErrCurrency if there is no such currency.
func NewMoney(minor int64, currency string) (Money, error) {
	if _, ok := iso4217.Digits(currency); !ok {
		return Money{}, fmt.Errorf("%w: %q is not an ISO 4217 code", ErrCurrency, currency)
	}
	return Money{minor, currency}, nil
}

// Decimals is how many decimals the currency has (ISO 4217): 2 for USD, 0 for JPY, 3 for KWD; 0 where there is no such
// currency.
func Decimals(currency string) int {
	digits, _ := iso4217.Digits(currency)
	return digits
}

// FromUnits returns units whole units and minor minor units of the currency: FromUnits("USD", 12, 5) is 12.05 US
// dollars. ErrAmount where units is negative or minor is not between 0 and one unit; ErrOverflow; ErrCurrency.
func FromUnits(currency string, units, minor int64) (Money, error) {
	scale := iso4217.Scale(currency)
	switch {
	case scale == 0:
		return NewMoney(0, currency)
	case units < 0 || minor < 0 || minor >= scale:
		return Money{}, fmt.Errorf("%w: %d units and %d minor units of %s", ErrAmount, units, minor, currency)
	case units > (math.MaxInt64-minor)/scale:
		return Money{}, fmt.Errorf("%w: %d units of %s", ErrOverflow, units, currency)
	}
	return Money{units*scale + minor, currency}, nil
}

// ParseMoney reads a decimal number of whole units, digits with at most one point: ParseMoney("12.05", "USD"). It
// takes no sign, no exponent, no grouping, and no more decimals than the currency has. ErrAmount, ErrOverflow,
// ErrCurrency.
func ParseMoney(decimal, currency string) (Money, error) {
	digits, ok := iso4217.Digits(currency)
	if !ok {
		return NewMoney(0, currency)
	}
	whole, fraction, point := strings.Cut(decimal, ".")
	if whole == "" || !isDigits(whole) || !isDigits(fraction) || point && fraction == "" || len(fraction) > digits {
		return Money{}, fmt.Errorf("%w: want digits with at most %d decimals for %s", ErrAmount, digits, currency)
	}
	minor, err := strconv.ParseInt(whole+fraction+"0000"[:digits-len(fraction)], 10, 64)
	if err != nil {
		return Money{}, fmt.Errorf("%w: for %s", ErrOverflow, currency)
	}
	return Money{minor, currency}, nil
}

// Units is the number of whole units and of minor units beyond them, both negative for a negative amount.
func (m Money) Units() (units, minor int64) {
	scale := iso4217.Scale(m.Currency)
	if scale == 0 {
		return 0, m.Minor
	}
	return m.Minor / scale, m.Minor % scale
}

// Positive tells that the amount is more than nothing.
func (m Money) Positive() bool { return m.Minor > 0 }

// Add returns m + o. ErrCurrency unless both have the same currency or one is the zero Money; ErrOverflow.
func (m Money) Add(o Money) (Money, error) {
	currency, err := m.common(o)
	if err != nil {
		return Money{}, err
	}
	sum := m.Minor + o.Minor
	if (sum > m.Minor) != (o.Minor > 0) && o.Minor != 0 {
		return Money{}, fmt.Errorf("%w: a sum of %s", ErrOverflow, currency)
	}
	return Money{sum, currency}, nil
}

// Sub returns m − o, which may be negative. Errors as for Add.
func (m Money) Sub(o Money) (Money, error) {
	currency, err := m.common(o)
	if err != nil {
		return Money{}, err
	}
	difference := m.Minor - o.Minor
	if (difference < m.Minor) != (o.Minor > 0) && o.Minor != 0 {
		return Money{}, fmt.Errorf("%w: a difference of %s", ErrOverflow, currency)
	}
	return Money{difference, currency}, nil
}

// Cmp returns -1, 0 or 1 as m is less than, equal to or more than o. ErrCurrency as for Add.
func (m Money) Cmp(o Money) (int, error) {
	if _, err := m.common(o); err != nil {
		return 0, err
	}
	switch {
	case m.Minor < o.Minor:
		return -1, nil
	case m.Minor > o.Minor:
		return 1, nil
	}
	return 0, nil
}

func (m Money) common(o Money) (string, error) {
	switch {
	case o == Money{}, m.Currency == o.Currency:
		return m.Currency, nil
	case m == Money{}:
		return o.Currency, nil
	}
	return "", fmt.Errorf("%w: %q and %q", ErrCurrency, m.Currency, o.Currency)
}

// String is for logs and configuration: "12.05 USD". What a caller hears is said by ivr.
func (m Money) String() string {
	if m == (Money{}) {
		return ""
	}
	digits, _ := iso4217.Digits(m.Currency)
	text := strconv.FormatInt(m.Minor, 10)
	sign := ""
	if text[0] == '-' {
		sign, text = "-", text[1:]
	}
	if digits > 0 {
		for len(text) <= digits {
			text = "0" + text
		}
		text = text[:len(text)-digits] + "." + text[len(text)-digits:]
	}
	return sign + text + " " + m.Currency
}

// MarshalText returns "USD 1205", and nothing for the zero Money. ErrCurrency for an unknown currency.
func (m Money) MarshalText() ([]byte, error) {
	if m == (Money{}) {
		return []byte{}, nil
	}
	if _, err := NewMoney(m.Minor, m.Currency); err != nil {
		return nil, err
	}
	return strconv.AppendInt(append(make([]byte, 0, 24), m.Currency+" "...), m.Minor, 10), nil
}

// UnmarshalText reads exactly what MarshalText writes.
func (m *Money) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*m = Money{}
		return nil
	}
	currency, number, _ := strings.Cut(string(text), " ")
	minor, err := strconv.ParseInt(number, 10, 64)
	if err != nil || strconv.FormatInt(minor, 10) != number {
		return fmt.Errorf("%w: want a text like \"USD 1205\"", ErrAmount)
	}
	read, err := NewMoney(minor, currency)
	if err != nil {
		return err
	}
	*m = read
	return nil
}

// isDigits holds for nothing, too.
func isDigits[T string | []byte](s T) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
