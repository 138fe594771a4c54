package flow_test

import (
	"time"

	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
)

// cutOff is a customer whose line breaks after the yes, before the processor answers.
func cutOff(s *script) {
	c := s.dial(flowtest.Ann)
	ready(c)
	c.Hear("confirm.readback.ask")
	s.confirmAndHangUp(c)
}

// goldenResume are calls that begin with how an earlier one ended.
var goldenResume = []golden{
	{"resume-approved", "The line breaks after the yes, and the payment is approved. The customer calls again, hears the transaction ID twice, and gets no message about what they have heard.", func(s *script) {
		cutOff(s)
		c := s.dial(flowtest.Ann)
		pin(c)
		c.Hear("resume.approved").Press("9")
		c.Hear("receipt.id.slow").Press("1")
		c.Hear("bill.none")
		enough(c).Over()
		s.sweeps(10)
	}},
	{"resume-declined", "The line breaks after the yes, and the payment is declined. The customer hears it in the next call, and pays with another method.", func(s *script) {
		s.Sandbox.Inject(paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.Decline, Class: payment.OtherMethod})
		cutOff(s)
		c := s.dial(flowtest.Ann)
		pin(c)
		c.Hear("resume.declined").Press("1")
		full(c)
		c.Hear("funding.choose.ask").Press("2")
		yes(c)
		c.Hear("receipt.approved")
		bye(c)
	}},
	{"resume-unknown", "The processor has no answer for the first call, nor for the second, which waits for it and hears the truth. The third call hears how it ended.", func(s *script) {
		s.Sandbox.Inject(paymenttest.Authorise, lostAnswers(9)...)
		cutOff(s)
		c := s.dial(flowtest.Ann)
		pin(c)
		c.Hear("resume.unknown").Press("2").Over()
		s.Messages.Down = true
		for range 120 {
			s.Clock.Advance(time.Minute)
			_, _ = s.Engine().Sweep(s.Context(), 100) // the message cannot be sent
		}
		s.note("2 hours later the outcome is known, but no message can be sent")
		c = s.dial(flowtest.Ann)
		pin(c)
		c.Hear("resume.approved").Press("1")
		c.Hear("bill.none")
		enough(c).Over()
		s.Messages.Down = false
		s.sweeps(10)
	}},
	{"resume-elsewhere", "While one call makes a payment, another call of the same account is told so. The bill is paid once.", func(s *script) {
		s.Sandbox.Inject(paymenttest.Authorise, lostAnswers(3)...)
		c := s.dial(flowtest.Ann)
		ready(c)
		c.Hear("confirm.readback.ask")
		s.confirm(c)
		other := s.dialAs(english(flowtest.Stranger))
		other.Hear("identify.account.ask").Press("10012345#")
		pin(other)
		other.Hear("resume.elsewhere")
		full(other)
		savedVisa(other)
		yes(other).Hear("charge.taken").HangUp()
		s.sweeps(10)
	}},
}
