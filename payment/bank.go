package payment

import (
	"errors"
	"fmt"
)

// The faults of bank account entries. Neither shows what was keyed.
var (
	ErrRouting = errors.New("payment: wrong routing number")
	ErrIBAN    = errors.New("payment: wrong IBAN")
)

// CheckRouting checks an ABA routing number: 9 digits, whose sum with the weights 3, 7, 1 is divisible by 10. ErrRouting
// otherwise.
func CheckRouting(number string) error {
	if len(number) != 9 || !isDigits(number) {
		return fmt.Errorf("%w: want 9 digits", ErrRouting)
	}
	sum := 0
	for i, weight := range [9]int{3, 7, 1, 3, 7, 1, 3, 7, 1} {
		sum += weight * int(number[i]-'0')
	}
	if sum%10 != 0 || sum == 0 {
		return fmt.Errorf("%w: check digit", ErrRouting)
	}
	return nil
}

// ibanLengths are the lengths of ISO 13616, from the registry that SWIFT keeps, for the countries of SEPA and a few
// that are often seen beside them.
var ibanLengths = map[string]int{
	"AD": 24, "AE": 23, "AT": 20, "BE": 16, "BG": 22, "BR": 29, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18,
	"EE": 20, "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IL": 23,
	"IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28,
	"PT": 25, "RO": 24, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TR": 26, "VA": 22,
}

// CheckIBAN checks an IBAN in upper case without spaces: the length of its country, and the check digits (ISO 13616, ISO
// 7064 MOD 97-10). ErrIBAN otherwise.
func CheckIBAN(iban Secret) (err error) {
	iban.Open(func(b []byte) { err = checkIBAN(b) })
	return err
}

func checkIBAN(b []byte) error {
	if len(b) < 15 {
		return fmt.Errorf("%w: too short", ErrIBAN)
	}
	want, ok := ibanLengths[string(b[:2])] // the country is no secret
	switch {
	case !ok:
		return fmt.Errorf("%w: unknown country", ErrIBAN)
	case len(b) != want:
		return fmt.Errorf("%w: want %d characters", ErrIBAN, want)
	case mod97(b) != 1:
		return fmt.Errorf("%w: check digits", ErrIBAN)
	}
	return nil
}

// mod97 reads the IBAN as a number from its fifth character round to its fourth, A as 10 to Z as 35. -1 for any other
// character.
func mod97(b []byte) int {
	rest := 0
	for i := range b {
		switch c := b[(i+4)%len(b)]; {
		case c >= '0' && c <= '9':
			rest = (rest*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z':
			rest = (rest*100 + int(c-'A') + 10) % 97
		default:
			return -1
		}
	}
	return rest
}
