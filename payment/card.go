package payment

import (
	"fmt"
	"time"
)

// CardField is the entry of a card that an error is about.
type CardField string

// The entries of a card.
const (
	CardNumber CardField = "number"
	CardExpiry CardField = "expiry"
	CardCVV    CardField = "cvv"
	CardPostal CardField = "postal"
)

// CardReason is what is wrong with an entry of a card.
type CardReason string

// The faults of card entries.
const (
	ReasonDigits  CardReason = "digits"  // something that is no digit
	ReasonLength  CardReason = "length"  // too few or too many digits
	ReasonBrand   CardReason = "brand"   // no brand begins like this
	ReasonLuhn    CardReason = "luhn"    // the check digit is wrong: mostly a mistyped digit
	ReasonMonth   CardReason = "month"   // no month from 01 to 12
	ReasonExpired CardReason = "expired" // the month is over
	ReasonFuture  CardReason = "future"  // more than 20 years ahead
	ReasonRefused CardReason = "refused" // the vault says so
)

// CardError is an entry that is wrong, and how. It never holds the digits.
type CardError struct {
	Field  CardField
	Reason CardReason
}

// Error names the entry and the fault.
func (e *CardError) Error() string {
	return fmt.Sprintf("payment: card %s: wrong %s", e.Field, e.Reason)
}

// CheckNumber finds the brand of a card number and checks its length and check digit (ISO/IEC 7812-1 annex B, Luhn).
// A *CardError otherwise.
func CheckNumber(number Secret) (brand Brand, err error) {
	number.Open(func(b []byte) { brand, err = checkNumber(b) })
	return brand, err
}

func checkNumber(b []byte) (Brand, error) {
	switch {
	case len(b) == 0:
		return "", &CardError{CardNumber, ReasonLength}
	case !isDigits(b):
		return "", &CardError{CardNumber, ReasonDigits}
	}
	r := findRange(b)
	switch {
	case r == nil:
		return "", &CardError{CardNumber, ReasonBrand}
	case !r.lengths.has(len(b)):
		return "", &CardError{CardNumber, ReasonLength}
	case r.brand != UnionPay && !luhn(b): // UnionPay numbers need not have a check digit
		return "", &CardError{CardNumber, ReasonLuhn}
	}
	return r.brand, nil
}

// luhn doubles every second digit from the right; the sum of all digits is divisible by 10.
func luhn(b []byte) bool {
	sum := 0
	for i, c := range b {
		d := int(c - '0')
		if (len(b)-i)%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// CVVLength is how many digits the security code of a brand has: 3, for Amex 4.
func CVVLength(brand Brand) int {
	if brand == Amex {
		return 4
	}
	return 3
}

// CheckCVV checks that a security code has CVVLength digits. A *CardError otherwise.
func CheckCVV(brand Brand, cvv Secret) (err error) {
	want := CVVLength(brand)
	cvv.Open(func(b []byte) {
		switch {
		case !isDigits(b):
			err = &CardError{CardCVV, ReasonDigits}
		case len(b) != want:
			err = &CardError{CardCVV, ReasonLength}
		}
	})
	return err
}

// ParseExpiry reads an expiry date keyed as MMYY. The card is valid to the last moment of that month where now is
// (its Location). More than 20 years ahead is refused. A *CardError otherwise.
func ParseExpiry(mmyy Secret, now time.Time) (e Expiry, err error) {
	mmyy.Open(func(b []byte) { e, err = parseExpiry(b, now) })
	return e, err
}

func parseExpiry(b []byte, now time.Time) (Expiry, error) {
	switch {
	case !isDigits(b):
		return Expiry{}, &CardError{CardExpiry, ReasonDigits}
	case len(b) != 4:
		return Expiry{}, &CardError{CardExpiry, ReasonLength}
	}
	e := Expiry{Month: int(b[0]-'0')*10 + int(b[1]-'0')}
	e.Year = now.Year() - now.Year()%100 + int(b[2]-'0')*10 + int(b[3]-'0')
	if e.Year < now.Year()-50 { // 2098 and "05": the next century
		e.Year += 100
	}
	switch {
	case e.Month < 1 || e.Month > 12:
		return Expiry{}, &CardError{CardExpiry, ReasonMonth}
	case e.Expired(now):
		return Expiry{}, &CardError{CardExpiry, ReasonExpired}
	case (e.Year-now.Year())*12+e.Month-int(now.Month()) > 20*12:
		return Expiry{}, &CardError{CardExpiry, ReasonFuture}
	}
	return e, nil
}

// CheckPostal checks a billing postal code keyed in digits: 5 or 9 in the country "US" (ISO 3166-1 alpha-2), 3 to 10
// elsewhere. A *CardError otherwise.
func CheckPostal(country, postal string) error {
	n := len(postal)
	switch {
	case !isDigits(postal):
		return &CardError{CardPostal, ReasonDigits}
	case country == "US" && n != 5 && n != 9, n < 3, n > 10:
		return &CardError{CardPostal, ReasonLength}
	}
	return nil
}
