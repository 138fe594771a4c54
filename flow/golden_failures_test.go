package flow_test

import (
	"time"

	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/payment/paymenttest"
)

// goldenFailures are calls in which something that dialpay works with fails. No caller pays twice, and none is told
// anything that is not known.
var goldenFailures = []golden{
	{"failure-vault", "The vault does not answer. The card is erased, and a person helps.", func(s *script) {
		s.Sandbox.Inject(paymenttest.Tokenise, paymenttest.Fault{Kind: paymenttest.LostRequest})
		c := card(s)
		keyCard(c, mastercard, "0729", "737")
		c.Transferred("technical")
	}},
	{"failure-biller", "The biller does not answer when the bill is looked up.", func(s *script) {
		s.Biller.Down = true
		c := s.dial(flowtest.Ann)
		pin(c)
		c.Transferred("technical")
	}},
	{"failure-biller-after", "The biller does not answer when it is told of the payment. It is told later, once.", func(s *script) {
		c := s.dial(flowtest.Ann)
		ready(c)
		s.Biller.PostDown = true
		yes(c)
		c.Hear("receipt.approved").HangUp()
		s.Sweep(time.Minute)
		s.Biller.PostDown = false
		s.later(2 * time.Minute)
	}},
	{"failure-slow-processor", "The processor does not answer at first. The payment is sent again under the same key, so that it cannot be made twice.", func(s *script) {
		s.Sandbox.Inject(paymenttest.Authorise, lostAnswers(3)...)
		c := s.dial(flowtest.Ann)
		ready(c)
		yes(c)
		c.Hear("receipt.approved").Press("1")
		enough(c).Over()
	}},
	{"failure-processor-down", "The processor does not answer to the end of the call. The caller hears the truth, and gets a message when it is known.", func(s *script) {
		s.Sandbox.Inject(paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.Down, Delay: 10 * time.Minute})
		c := s.dial(flowtest.Ann)
		ready(c)
		yes(c)
		c.Hear("charge.unknown").Over()
		s.sweeps(40)
	}},
	{"failure-processor-declines-later", "The processor does not answer to the end of the call, and then declines. The message says that nothing was charged.", func(s *script) {
		decline := paymenttest.Fault{Kind: paymenttest.Decline, Class: "other method"}
		s.Sandbox.Inject(paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.Down, Delay: 10 * time.Minute})
		c := s.dial(flowtest.Ann)
		ready(c)
		yes(c)
		c.Hear("charge.unknown").Over()
		s.Clock.Advance(10 * time.Minute)
		s.Sandbox.Inject(paymenttest.Authorise, decline)
		s.sweeps(40)
	}},
	{"failure-no-message", "The same for a customer to whom no message can be sent: none is promised.", func(s *script) {
		s.Config.Messenger = nil
		s.Sandbox.Inject(paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.Down, Delay: 10 * time.Minute})
		c := s.dial(flowtest.Ann)
		ready(c)
		yes(c)
		c.Hear("charge.callagain").Over()
		s.sweeps(40)
	}},
	{"failure-two-calls", "Two people pay the same bill at the same moment. The second one is told, and the bill is paid once.", func(s *script) {
		s.Sandbox.Inject(paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.Down, Delay: 10 * time.Minute})
		first, second := s.dial(flowtest.Ann), s.dial(flowtest.Ann)
		ready(first)
		ready(second)
		yes(first)
		first.Hear("charge.unknown").Over()
		yes(second)
		second.Hear("charge.taken").Press("2").Over()
		s.sweeps(40)
	}},
	{"failure-messenger", "The receipt cannot be sent now. It goes out later, once.", func(s *script) {
		s.Messages.Down = true
		c := s.dial(flowtest.Ann)
		ready(c)
		yes(c)
		c.Hear("receipt.approved").Press("1")
		enough(c.Hear("receipt.later")).Over()
		s.Messages.Down = false
		s.later(5 * time.Minute)
	}},
	{"failure-wallet", "The card cannot be saved. The payment is made all the same.", func(s *script) {
		s.Config.Wallet = brokenWallet{s.Wallet}
		c := pays(s, visa, "737")
		c.Hear("receipt.notsaved").Hear("receipt.approved").HangUp()
	}},
}
