package flow_test

import (
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
)

// goldenHasty are callers who do not do what the question asks for.
var goldenHasty = []golden{
	{"hasty-amount-at-menu", "A customer keys the amount where a choice is asked for. The digits choose nothing, and no person is called.", func(s *script) {
		c := s.dial(flowtest.Ann)
		pin(c)
		c.Hear("amount.ask").Press("40#").Hear("nomatch").Press("3")
		c.Hear("amount.other.ask").Press("40#").Hear("amount.minor.ask").Press("#")
		savedVisa(c)
		yes(c)
		bye(c)
	}},
	{"hasty-amount-said", "A customer says the amount where a choice is asked for.", func(s *script) {
		c := s.dial(flowtest.Ann)
		pin(c)
		c.Hear("amount.ask").Say("forty dollars and five cents")
		savedVisa(c)
		yes(c)
		bye(c)
	}},
	{"hasty-amount-said-too-large", "A customer says more than she owes, and is asked again for the amount alone.", func(s *script) {
		c := s.dial(flowtest.Ann)
		pin(c)
		c.Hear("amount.ask").Say("nine hundred dollars").Hear("amount.other.invalid.above").Say("twenty dollars")
		savedVisa(c)
		yes(c)
		bye(c)
	}},
	{"hasty-keys-while-holding", "A customer presses keys while the payment is made. They do not answer for her what she has not heard.", func(s *script) {
		s.Sandbox.Inject(paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.Decline, Class: payment.OtherMethod})
		c := s.dial(flowtest.Ann)
		ready(c)
		c.Hear("confirm.readback.ask").Press("122")
		c.Hear("charge.declined.other").Press("2")
		enough(c).Over()
	}},
}
