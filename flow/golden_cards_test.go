package flow_test

import (
	"time"

	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
)

// card is a known caller who is asked for the number of a new card.
func card(s *script) *flowtest.Caller {
	c := s.dial(flowtest.Ann)
	pin(c)
	full(c)
	c.Hear("funding.choose.ask").Press("3")
	return c.Hear("card.ask")
}

// goldenCards are the mistakes that callers make with a card.
var goldenCards = []golden{
	{"card-wrong-number", "A digit of the card number is wrong. The check digit tells.", func(s *script) {
		c := card(s).Press(badLuhn + "#")
		c.Hear("card.invalid.number").Press(visa + "#")
		c.Hear("card.expiry.ask").HangUp()
	}},
	{"card-dates", "A month that does not exist, a date in the past, and then a good one.", func(s *script) {
		c := card(s).Press(visa + "#")
		c.Hear("card.expiry.ask").Press("1330")
		c.Hear("card.expiry.invalid.month").Press("0226")
		c.Hear("card.expiry.invalid.expired").Press("0326")
		c.Hear("card.cvv.ask").HangUp()
	}},
	{"card-short-code", "A security code with too few digits, and a card number with too few.", func(s *script) {
		c := card(s).Press("4012888#")
		c.Hear("short").Press(visa + "#")
		c.Hear("card.expiry.ask").Press("0330")
		c.Hear("card.cvv.ask").Press("73#")
		c.Hear("short").Press("737")
		c.Hear("card.save.offer").HangUp()
	}},
	{"card-star", "Star clears the digits keyed so far. On an empty entry it leads back one question.", func(s *script) {
		c := card(s).Press("40128*" + visa + "#")
		c.Hear("card.expiry.ask").Press("*")
		c.Hear("card.ask").Press(mastercard + "#")
		c.Hear("card.expiry.ask").Press("0729")
		c.Hear("card.cvv.ask").Press("*")
		c.Hear("card.expiry.ask").Press("0330")
		c.Hear("card.cvv.ask").Press("737")
		c.Hear("card.save.offer").Press("2")
		c.Hear("Mastercard").HangUp()
	}},
	{"card-type-ahead", "A customer who knows the questions keys the whole card without waiting for them.", func(s *script) {
		c := card(s).Interrupt(mastercard + "#0729737")
		c.Hear("card.save.offer").Press("2")
		yes(c)
		bye(c)
	}},
	{"card-refused", "The vault refuses a card. The customer keys it again, and it is taken.", func(s *script) {
		s.Sandbox.Inject(paymenttest.Tokenise, paymenttest.Fault{Kind: paymenttest.Decline, Class: payment.CorrectEntry})
		c := card(s).Press(mastercard + "#")
		c.Hear("card.expiry.ask").Press("0729")
		c.Hear("card.cvv.ask").Press("737")
		c.Hear("card.refused")
		keyCard(c, mastercard, "0729", "737")
		c.Hear("card.save.offer").Press("2")
		yes(c)
		bye(c)
	}},
	{"card-refused-often", "After the third card that the vault refuses, a person helps.", func(s *script) {
		refused := paymenttest.Fault{Kind: paymenttest.Decline, Class: payment.CorrectEntry}
		s.Sandbox.Inject(paymenttest.Tokenise, refused, refused, refused)
		c := card(s)
		keyCard(c, mastercard, "0729", "737")
		keyCard(c, visa, "0330", "737")
		keyCard(c, amex, "0330", "7373")
		c.Transferred("declined")
	}},
	{"card-forgotten", "A customer keys the card number and then lets more than ten minutes pass: the number was erased by then, and is asked again.", func(s *script) {
		c := card(s).Press(mastercard + "#")
		c.Hear("card.expiry.ask").Press("0729")
		s.Clock.Advance(11 * time.Minute)
		c.Hear("card.cvv.ask").Press("737")
		c.Hear("card.lost")
		keyCard(c, mastercard, "0729", "737")
		c.Hear("card.save.offer").HangUp()
	}},
}
