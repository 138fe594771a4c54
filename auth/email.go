package auth

import (
	"context"
	"crypto/subtle"
	"strings"
)

// emailLeast is the shortest entry that Email accepts: a shorter one is guessed as fast as it is keyed.
const emailLeast = 4

// Email is the factor of the registered e-mail address, keyed on the letters of the keypad. Many know an address, so
// the factor is Weak.
//
// Letters are on the keys of ITU-T E.161 (abc 2, def 3, ghi 4, jkl 5, mno 6, pqrs 7, tuv 8, wxyz 9) and digits are
// themselves. Any other character (dot, at sign, dash, underscore, accented letters) is key 1, or all of them are left
// out, as callers do. Either the whole address or the part before the at sign will do, if it makes at least four
// digits: jo.smith@example.com is 56176484, 5676484, 56176484139267531266 or 56764843926753266.
type Email struct{}

// Name is FactorEmail.
func (Email) Name() FactorName { return FactorEmail }

// Class is Weak.
func (Email) Class() Class { return Weak }

// Verify compares Evidence.Keyed with every accepted spelling of Account.Email.
func (Email) Verify(_ context.Context, a Account, e Evidence) (Result, error) {
	local, _, _ := strings.Cut(a.Email, "@")
	same := 0
	e.Keyed.Open(func(keyed []byte) {
		for _, part := range [...]string{local, a.Email} {
			for _, others := range [...]string{"1", ""} {
				if spelling := keypad(part, others); len(spelling) >= emailLeast {
					same |= subtle.ConstantTimeCompare(keyed, []byte(spelling))
				}
			}
		}
	})
	return weigh(a, a.Email != "", same == 1), nil
}

// keys holds the key of each letter from a to z (ITU-T E.161).
const keys = "22233344455566677778889999"

// keypad spells s in keypad digits, with others in the place of every character that is neither letter nor digit.
func keypad(s, others string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case '0' <= r && r <= '9':
			b.WriteRune(r)
		case 'a' <= r && r <= 'z':
			b.WriteByte(keys[r-'a'])
		case 'A' <= r && r <= 'Z':
			b.WriteByte(keys[r-'A'])
		default:
			b.WriteString(others)
		}
	}
	return b.String()
}
