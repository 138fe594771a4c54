package flow_test

import (
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
)

// goldenMethods are the ways to pay.
var goldenMethods = []golden{
	{"card-new-saved", "A customer keys a new card and lets us save it. Nobody hears or sees its digits.", func(s *script) {
		c := s.dial(flowtest.Ann)
		pin(c)
		full(c)
		newCard(c, mastercard, "0729", "737")
		c.Hear("card.save.offer").Press("1")
		yes(c)
		bye(c)
	}},
	{"card-new-not-saved", "A customer keys a new card for this payment only.", func(s *script) {
		c := s.dial(flowtest.Ann)
		pin(c)
		full(c)
		newCard(c, mastercard, "0729", "737")
		c.Hear("card.save.offer").Press("2")
		yes(c)
		bye(c)
	}},
	{"card-amex", "An American Express card has fifteen digits, and a security code of four.", func(s *script) {
		c := s.dial(flowtest.Ann)
		pin(c)
		full(c)
		newCard(c, amex, "0729", "7373")
		c.Hear("card.save.offer").Press("2")
		yes(c)
		bye(c)
	}},
	{"card-postal", "A company that checks addresses asks for the zip code of the card.", func(s *script) {
		s.Definition.Settings.AskPostal = true
		c := s.dial(flowtest.Ann)
		pin(c)
		full(c)
		newCard(c, visa, "0330", "737")
		c.Hear("card.postal.ask").Press("10001")
		c.Hear("card.save.offer").Press("2")
		yes(c)
		bye(c)
	}},
	{"card-elsewhere", "The line has the card keyed at the payment provider, and dialpay sees only its token.", func(s *script) {
		c := s.dial(flowtest.Ann)
		pin(c)
		full(c)
		c.Hear("funding.choose.ask").Press("3")
		c.Hear("card.ask").Captured(ivr.Captured{Result: "success", Token: paymenttest.TokenMastercard,
			Brand: string(payment.Mastercard), Last4: "4444", Expiry: "2029-12"})
		c.Hear("card.save.offer").Press("2")
		yes(c)
		bye(c)
	}},
	{"card-elsewhere-failed", "The payment provider gives up on the card, and the customer chooses the saved one.", func(s *script) {
		c := s.dial(flowtest.Ann)
		pin(c)
		full(c)
		c.Hear("funding.choose.ask").Press("3")
		c.Hear("card.ask").Captured(ivr.Captured{Result: "too-many-failed-attempts"})
		savedVisa(c)
		yes(c)
		bye(c)
	}},
	{"change-at-readback", "At the read-back the customer changes first the amount, then the card, and then cancels.", func(s *script) {
		c := s.dial(flowtest.Ann)
		ready(c)
		c.Hear("confirm.readback.ask").Press("2")
		c.Hear("amount.ask").Press("2")
		savedVisa(c)
		c.Hear("twenty-five dollars").Press("3")
		c.Hear("funding.choose.ask").Press("2")
		c.Hear("First Bank").Press("4")
		c.Hear("confirm.cancelled").Press("2").Over()
	}},
}
