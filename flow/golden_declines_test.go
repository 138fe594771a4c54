package flow_test

import (
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
)

// pays is a known caller who pays the full balance with a new card.
func pays(s *script, number, cvv string) *flowtest.Caller {
	c := s.dial(flowtest.Ann)
	pin(c)
	full(c)
	newCard(c, number, "0330", cvv)
	c.Hear("card.save.offer").Press("1")
	return yes(c)
}

// goldenDeclines are payments that the bank declines.
var goldenDeclines = []golden{
	{"declined", "A card is declined. The customer pays with the saved one. The declined card is not saved, although the customer had agreed.", func(s *script) {
		c := pays(s, declined, "737")
		c.Hear("charge.declined.other").Press("1")
		savedVisa(c)
		yes(c)
		bye(c)
	}},
	{"declined-lost", "A card that was reported lost: the caller hears nothing of that.", func(s *script) {
		c := pays(s, lost, "737")
		c.Hear("charge.declined.never").Press("2")
		enough(c).Over()
	}},
	{"declined-entry", "The bank says that the security code is wrong. The customer keys the card again.", func(s *script) {
		c := pays(s, wrongCVV, "737")
		c.Hear("charge.declined.entry").Press("1")
		newCard(c, visa, "0330", "737")
		c.Hear("card.save.offer").Press("2")
		yes(c)
		bye(c)
	}},
	{"declined-later", "The bank cannot be reached at the moment. The customer leaves it for now.", func(s *script) {
		c := pays(s, tryLater, "737")
		c.Hear("charge.declined.later").Say("later")
		enough(c).Over()
	}},
	{"declined-partial", "The bank approves only a part. That is a decline, and the part is released.", func(s *script) {
		s.Sandbox.Inject(paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.Partial})
		c := s.dial(flowtest.Ann)
		ready(c)
		yes(c)
		c.Hear("charge.declined.other").HangUp()
	}},
	{"declined-often", "After the third declined payment a person helps.", func(s *script) {
		decline := paymenttest.Fault{Kind: paymenttest.Decline, Class: payment.OtherMethod, Code: "do_not_honor"}
		s.Sandbox.Inject(paymenttest.Authorise, decline, decline, decline)
		c := s.dial(flowtest.Ann)
		ready(c)
		for range 2 {
			yes(c)
			c.Hear("charge.declined.ask").Press("1")
			savedVisa(c)
		}
		yes(c)
		c.Transferred("declined")
	}},
}
