package flow_test

import (
	"strings"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/stretchr/testify/require"
)

// english is a call from a number, in English, whose right to the number the carrier attests.
func english(from string) ivr.Call { return ivr.Call{From: from, Attestation: "A", Locale: "en-US"} }

// wrongAnswers keys an account number, and then PINs that are wrong.
func wrongAnswers(c *flowtest.Caller, account string, pins ...string) {
	c.Hear("identify.account.ask").Press(account + "#")
	for _, p := range pins {
		c.Hear("identify.pin.ask").Press(p + "#")
	}
}

// goldenIdentity are the ways to make sure who is calling.
var goldenIdentity = []golden{
	{"identity-withheld", "A customer whose number is withheld is identified by account number and PIN.", func(s *script) {
		c := s.dialAs(ivr.Call{Locale: "en-US"})
		c.Hear("identify.account.ask").Press("10012345#")
		ready(c)
		yes(c)
		bye(c)
	}},
	{"identity-not-attested", "No carrier attests the caller number: it still finds the account, but proves nothing, so a large amount needs a code.", func(s *script) {
		annsBill(s, func(b *payment.Bill) { b.Balance, b.Usual = money(84000, "USD"), payment.Money{} })
		c := s.dialAs(ivr.Call{From: flowtest.Ann})
		ready(c)
		c.Hear("identify.sent").Press(s.Codes.Last + "#")
		yes(c)
		bye(c)
	}},
	{"identity-large-amount", "From the registered number, attested in full, the PIN is enough for a large amount.", func(s *script) {
		annsBill(s, func(b *payment.Bill) { b.Balance, b.Usual = money(84000, "USD"), payment.Money{} })
		c := s.dial(flowtest.Ann)
		ready(c)
		yes(c)
		bye(c)
	}},
	{"identity-step-up", "From another telephone, a large amount with a saved card needs a one-time code. The first one is mistyped.", func(s *script) {
		annsBill(s, func(b *payment.Bill) { b.Balance, b.Usual = money(84000, "USD"), payment.Money{} })
		c := s.dialAs(english(flowtest.Stranger))
		c.Hear("identify.account.ask").Press("10012345#")
		ready(c)
		c.Hear("identify.more").Hear("identify.sent").Press("000000#")
		c.Hear("identify.rejected").Press(s.Codes.Last + "#")
		yes(c)
		bye(c)
	}},
	{"identity-step-up-failed", "A caller who cannot prove enough for a large amount is given to a person. Nothing is charged.", func(s *script) {
		annsBill(s, func(b *payment.Bill) { b.Balance, b.Usual = money(84000, "USD"), payment.Money{} })
		c := s.dialAs(english(flowtest.Stranger))
		c.Hear("identify.account.ask").Press("10012345#")
		ready(c)
		for range 3 {
			c.Hear("identify.code.ask").Press("000000#")
		}
		c.Transferred("unproven")
	}},
	{"identity-wrong-pin-once", "A PIN is mistyped once.", func(s *script) {
		c := s.dial(flowtest.Ann)
		c.Hear("identify.pin.ask").Press("1243#")
		c.Hear("identify.rejected").Press("1234#")
		full(c)
		savedVisa(c)
		yes(c)
		bye(c)
	}},
	{"identity-wrong-pin", "Three wrong PINs: the caller is given to a person. Compare with identity-unknown-account.", func(s *script) {
		c := s.dialAs(english(flowtest.Stranger))
		wrongAnswers(c, "10012345", "1111", "2222", "3333")
		c.Transferred("unproven")
	}},
	{"identity-unknown-account", "An account number that does not exist meets the same questions and the same words as a wrong PIN.", func(s *script) {
		c := s.dialAs(english(flowtest.Stranger))
		wrongAnswers(c, "99999999", "1111", "2222", "3333")
		c.Transferred("unproven")
	}},
	{"identity-other-account", "A customer calls from her registered number for another account: star leads to the account number.", func(s *script) {
		c := s.dialAs(english(flowtest.Ann))
		c.Hear("identify.pin.ask").Press("*")
		c.Hear("identify.account.ask").Press("20023456#")
		c.Hear("identify.pin.ask").Press("9876#")
		c.Hear("bill.choose.ask").Press("1")
		c.Hear("12 Elm Street").HangUp()
	}},
	{"identity-lockout", "Five wrong PINs in two calls lock the account. In the third call the right PIN does not help any more.", func(s *script) {
		c := s.dialAs(english(flowtest.Stranger))
		wrongAnswers(c, "10012345", "1111", "2222", "3333")
		c.Transferred("unproven").HangUp()
		c = s.dialAs(english("+14155550177"))
		wrongAnswers(c, "10012345", "4444", "5555")
		c.Transferred("lockout").HangUp()
		c = s.dial(flowtest.Ann)
		c.Transferred("lockout")
	}},
	{"identity-question", "A customer without a PIN answers a security question.", func(s *script) {
		hasher := auth.Hasher{Iterations: 1, Rand: strings.NewReader("salt, which is random elsewhere")}
		s.Config.Factors = []auth.Factor{auth.Caller{}, auth.SecurityQuestion{Hasher: hasher}}
		s.customer(auth.Account{Questions: []auth.Question{{Prompt: "question.house", Answer: s.hash(hasher, "17"), Digits: 2}}})
		require.NoError(s, s.Definition.Say("en-US", "question.house", "What is the number of the house in which you were born?"))
		require.NoError(s, s.Definition.Say("es-US", "question.house", "¿Cuál es el número de la casa en la que nació?"))
		c := s.dialAs(english(flowtest.Stranger))
		c.Hear("identify.account.ask").Press("10012345#")
		c.Hear("question.house").Press("71#")
		c.Hear("identify.rejected").Press("17#")
		c.Hear("amount.ask").HangUp()
	}},
	{"identity-two-weak", "A customer without a PIN keys two things that many may know: the end of a saved card, and the e-mail address. Together they are enough to hear the bill.", func(s *script) {
		s.Config.Factors = []auth.Factor{auth.Caller{}, auth.Last4{}, auth.Email{}}
		s.customer(auth.Account{Last4s: []string{"4242"}, Email: "ann.lee@example.com"})
		c := s.dialAs(english(flowtest.Stranger))
		c.Hear("identify.account.ask").Press("10012345#")
		c.Hear("identify.last4.ask").Press("4242")
		c.Hear("identify.email.ask").Press("266533#")
		c.Hear("amount.ask").HangUp()
	}},
}

// customer puts an account of a story's own in the place of Ann's.
func (s *script) customer(a auth.Account) {
	a.ID = "acc-ann"
	d, err := auth.NewMemoryDirectory("1", auth.Entry{Number: "10012345", Account: a})
	require.NoError(s, err)
	s.Config.Directory = d
}

func (s *script) hash(h auth.Hasher, answer string) string {
	secret, err := auth.NewSecret([]byte(answer))
	require.NoError(s, err)
	hash, err := h.Hash(secret)
	require.NoError(s, err)
	return hash
}
