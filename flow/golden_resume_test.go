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
	{"resume-readback", "The line breaks at the read-back. The customer calls again, goes on there, and hears the read-back anew before anything is charged.", func(s *script) {
		c := s.dial(flowtest.Ann)
		ready(c)
		c.Hear("confirm.readback.ask").HangUp()
		c = s.dial(flowtest.Ann)
		pin(c)
		c.Hear("resume.offer.ask").Press("1")
		yes(c).Hear("receipt.approved")
		bye(c)
	}},
	{"resume-funding", "The line breaks after the amount. The customer goes on with what to pay with. A third call finds nothing to go on with.", func(s *script) {
		c := s.dial(flowtest.Ann)
		pin(c)
		c.Hear("amount.ask").Press("2")
		c.Hear("funding.choose.ask").HangUp()
		c = s.dial(flowtest.Ann)
		pin(c)
		c.Hear("resume.offer.ask").Say("continue")
		savedVisa(c)
		yes(c).Hear("receipt.approved")
		bye(c)
		c = s.dial(flowtest.Ann)
		pin(c)
		c.Hear("amount.ask").HangUp()
	}},
	{"resume-amount", "The line breaks before an amount was chosen: there is nothing to go on with.", func(s *script) {
		c := s.dial(flowtest.Ann)
		pin(c)
		c.Hear("amount.ask").Press("3")
		c.Hear("amount.other.ask").Press("40#")
		c.Hear("amount.minor.ask").HangUp()
		c = s.dial(flowtest.Ann)
		pin(c)
		c.Hear("amount.ask").HangUp()
	}},
	{"resume-anew", "The customer begins anew instead, and is not asked about it again. Both calls are in Spanish, and there are two bills.", func(s *script) {
		c := s.dial(flowtest.Ben)
		c.Hear("identify.pin.ask").Press("9876#")
		c.Hear("bill.choose.ask").Press("2")
		c.Hear("amount.ask").Press("2")
		c.Hear("card.ask").HangUp()
		c = s.dial(flowtest.Ben)
		c.Hear("identify.pin.ask").Press("9876#")
		c.Hear("resume.offer.ask").Press("2")
		c.Hear("bill.choose.ask").HangUp()
		c = s.dial(flowtest.Ben)
		c.Hear("identify.pin.ask").Press("9876#")
		c.Hear("bill.choose.ask").HangUp()
	}},
	{"resume-new-card", "The line breaks after a new card was keyed. In the next call it is read back, and need not be keyed again; it is not saved, since nobody agrees to that in this call. The bill that was chosen is the second one.", func(s *script) {
		c := s.dial(flowtest.Ben)
		c.Hear("identify.pin.ask").Press("9876#")
		c.Hear("bill.choose.ask").Press("2")
		c.Hear("amount.ask").Press("2")
		keyCard(c, visa, "1230", "123")
		c.Hear("card.save.ask").Press("1")
		c.Hear("confirm.readback.ask").HangUp()
		c = s.dial(flowtest.Ben)
		c.Hear("identify.pin.ask").Press("9876#")
		c.Hear("resume.offer.ask").Press("1")
		yes(c).Hear("receipt.approved")
		c.Hear("receipt.ask").HangUp()
		s.sweeps(10)
	}},
	{"resume-paid", "The line breaks at the read-back, and somebody pays the bill elsewhere before the customer calls again.", func(s *script) {
		c := s.dial(flowtest.Ann)
		ready(c)
		c.Hear("confirm.readback.ask").HangUp()
		s.Biller.Open["acc-ann"][0].Balance.Minor -= 10000
		c.Transcript.Note("100 dollars of the bill are paid elsewhere")
		c = s.dial(flowtest.Ann)
		pin(c)
		c.Hear("resume.offer.ask").Press("1")
		c.Hear("resume.changed").Hear("amount.ask").HangUp()
	}},
	{"resume-race", "Two new calls are offered to go on with the same one. One does; the other is told, and begins anew.", func(s *script) {
		c := s.dial(flowtest.Ann)
		ready(c)
		c.Hear("confirm.readback.ask").HangUp()
		one := s.dial(flowtest.Ann)
		pin(one)
		one.Hear("resume.offer.ask")
		other := s.dialAs(english(flowtest.Stranger))
		other.Hear("identify.account.ask").Press("10012345#")
		pin(other)
		other.Hear("resume.offer.ask").Press("1")
		one.Press("1").Hear("resume.gone").Hear("amount.ask").HangUp()
		yes(other).Hear("receipt.approved").HangUp()
		s.sweeps(10)
	}},
	{"resume-lost-hangup", "A line dies without a word at the read-back. A call from another number takes it for one that may be on hold, one from the same number a few minutes later for one that was cut off, and half an hour later everybody does.", func(s *script) {
		c := s.dial(flowtest.Ann)
		ready(c)
		c.Hear("confirm.readback.ask")
		elsewhere := func() *flowtest.Caller {
			other := s.dialAs(english(flowtest.Stranger))
			other.Hear("identify.account.ask").Press("10012345#")
			return pin(other)
		}
		s.Clock.Advance(4 * time.Minute)
		elsewhere().Hear("amount.ask").HangUp()
		again := s.dial(flowtest.Ann)
		pin(again)
		again.Hear("resume.offer.ask").HangUp()
		s.later(30 * time.Minute)
		elsewhere().Hear("resume.offer.ask").HangUp()
	}},
}
