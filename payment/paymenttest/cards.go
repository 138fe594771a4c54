package paymenttest

import "github.com/dialpay/dialpay/payment"

// decision is how the sandbox answers an authorisation. The zero value approves.
type decision struct {
	Class payment.DeclineClass
	Code  string
}

// testCards are published test numbers, which belong to nobody, and what becomes of a charge on them. Any other number
// that passes CheckNumber is approved.
var testCards = []struct {
	number string
	decision
}{
	{"4000000000000002", decision{payment.OtherMethod, "generic_decline"}},
	{"4000000000009995", decision{payment.OtherMethod, "insufficient_funds"}},
	{"4000000000009987", decision{payment.NeverRetry, "lost_card"}},
	{"4000000000009979", decision{payment.NeverRetry, "stolen_card"}},
	{"4000000000000069", decision{payment.CorrectEntry, "expired_card"}},
	{"4000000000000127", decision{payment.CorrectEntry, "incorrect_cvc"}},
	{"4000000000000119", decision{payment.TryLater, "processing_error"}},
}

// Tokens that every sandbox knows from the start, for the saved methods of tests and demonstrations. Their last four
// digits are 4242, 4444, 0002, 9995 and 6789.
const (
	TokenVisa       = "tok_visa"
	TokenMastercard = "tok_mastercard"
	TokenDeclined   = "tok_declined"
	TokenNoFunds    = "tok_no_funds"
	TokenBank       = "tok_bank" // a bank account
	TokenBankClosed = "tok_bank_closed"
)

var savedTokens = []struct {
	id string
	decision
}{
	{TokenVisa, decision{}},
	{TokenMastercard, decision{}},
	{TokenDeclined, decision{payment.OtherMethod, "generic_decline"}},
	{TokenNoFunds, decision{payment.OtherMethod, "insufficient_funds"}},
	{TokenBank, decision{}},
	{TokenBankClosed, decision{payment.OtherMethod, "account_closed"}},
}

// decide finds the decision for a card number, without making a string of it.
func decide(number payment.Secret) (d decision) {
	number.Open(func(b []byte) {
		for _, card := range testCards {
			if sameBytes(b, card.number) {
				d = card.decision
			}
		}
	})
	return d
}

func sameBytes(b []byte, s string) bool {
	same := len(b) == len(s)
	for i := 0; same && i < len(b); i++ {
		same = b[i] == s[i]
	}
	return same
}

// Card makes a Card of keys: the number, the expiry as MMYY in this century, the security code, and the postal code. It
// checks nothing but the number, whose brand it sets. For tests and demonstrations only: a number that is a string
// cannot be cleared.
func Card(number, mmyy, cvv, postal string) payment.Card {
	c := payment.Card{Number: secret(number), CVV: secret(cvv), Postal: postal}
	c.Brand, _ = payment.CheckNumber(c.Number)
	if len(mmyy) == 4 {
		two := func(s string) int { return int(s[0]-'0')*10 + int(s[1]-'0') }
		c.Expiry = payment.Expiry{Year: 2000 + two(mmyy[2:]), Month: two(mmyy[:2])}
	}
	return c
}

func secret(s string) payment.Secret {
	kept, err := payment.NewSecret([]byte(s))
	if err != nil {
		panic(err) // a test keyed more than 64 digits
	}
	return kept
}
