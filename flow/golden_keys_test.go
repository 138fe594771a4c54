package flow_test

import (
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/payment/paymenttest"
)

// stations are the questions of a whole call in order, each with the keys that answer it.
var stations = []struct{ name, hear, keys string }{
	{"the account number", "identify.account.ask", "10012345#"},
	{"the PIN", "identify.pin.ask", "1234#"},
	{"the amount", "amount.ask", "3"},
	{"another amount", "amount.other.ask", "40#"},
	{"the cents", "amount.minor.ask", "50"},
	{"what to pay with", "funding.choose.ask", "3"},
	{"the card number", "card.ask", mastercard + "#"},
	{"the expiration date", "card.expiry.ask", "0729"},
	{"the security code", "card.cvv.ask", "737"},
	{"whether to save the card", "card.save.ask", "2"},
	{"the read-back", "confirm.readback.ask", "1"},
	{"the receipt", "receipt.ask", "3"},
	{"anything else", "more.ask", "2"},
}

// upTo is a caller who has answered the first n stations.
func upTo(s *script, n int) *flowtest.Caller {
	c := s.dialAs(english(flowtest.Stranger))
	for _, st := range stations[:n] {
		switch c.Turn.Prompts[0].Key { // of the call before
		case "resume.approved": // it ended at the receipt
			c.Hear("resume.ended.ask").Press("1")
		case "resume.offer.ask": // it ended before the yes
			c.Press("2")
		}
		c.Hear(st.hear).Press(st.keys)
	}
	return c.Hear(stations[n].hear)
}

// everywhere presses the keys at each question before answering it, and checks what is heard then.
func everywhere(s *script, check func(i int, c *flowtest.Caller)) {
	c := s.dialAs(english(flowtest.Stranger))
	for i, st := range stations {
		c.Hear(st.hear)
		check(i, c)
		c.Press(st.keys)
	}
	c.Over()
}

// alone makes of a universal key what is to be pressed: in an entry, pound ends it.
func alone(i int, key string) string {
	switch stations[i].hear {
	case "identify.account.ask", "identify.pin.ask", "amount.other.ask", "card.ask", "card.expiry.ask", "card.cvv.ask":
		return key + "#"
	}
	return key
}

// hasDigits tells that a single digit is an answer here, so that the universal keys have to be spoken.
func hasDigits(i int) bool {
	return stations[i].hear == "amount.other.ask" || stations[i].hear == "amount.minor.ask"
}

var goldenKeys = []golden{
	{"help", "A customer asks for help at every question: key 8, or, where 8 could be an amount, the word.", func(s *script) {
		everywhere(s, func(i int, c *flowtest.Caller) {
			if hasDigits(i) {
				c.Say("help")
			} else {
				c.Press(alone(i, "8"))
			}
			c.Hear(stations[i].hear)
		})
	}},
	{"repeat", "A customer has every question repeated: key 9, or, where 9 could be an amount, words.", func(s *script) {
		everywhere(s, func(i int, c *flowtest.Caller) {
			if hasDigits(i) {
				c.Say("say that again")
			} else {
				c.Press(alone(i, "9"))
			}
			c.Hear(stations[i].hear)
		})
	}},
	{"language-everywhere", "A customer changes the language at every question: key 6, or, where 6 could be an amount, words.", func(s *script) {
		change := map[string]string{"en-US": "Spanish", "es-US": "inglés"}
		everywhere(s, func(i int, c *flowtest.Caller) {
			if before := c.Turn.Locale; hasDigits(i) {
				c.Say(change[before])
			} else {
				c.Press(alone(i, "6"))
			}
			c.Hear("language.changed").Hear(stations[i].hear)
		})
	}},
	{"slower-everywhere", "A customer asks for more time at every question: key 7, or, where 7 could be an amount, words.", func(s *script) {
		everywhere(s, func(i int, c *flowtest.Caller) {
			if hasDigits(i) {
				c.Say("more time")
			} else {
				c.Press(alone(i, "7"))
			}
			c.Hear("slower").Hear(stations[i].hear)
		})
	}},
	{"back", "A customer goes back with star, question by question, from the read-back to the account number.", func(s *script) {
		c := upTo(s, 10).Press("*")
		c.Hear("funding.choose.ask").Press("*")
		c.Hear("amount.ask").Press("3")
		c.Hear("amount.other.ask").Press("50#")
		c.Hear("amount.minor.ask").Press("*#")
		c.Hear("amount.other.ask").Press("*")
		c.Hear("amount.ask").Press("*")
		c.Hear("amount.ask").HangUp()
		c = upTo(s, 9).Press("*")
		c.Hear("funding.choose.ask").HangUp()
		c = upTo(s, 8).Press("*")
		c.Hear("card.expiry.ask").Press("*")
		c.Hear("card.ask").Press("*")
		c.Hear("funding.choose.ask").HangUp()
		c = upTo(s, 1).Press("*")
		c.Hear("identify.account.ask").Press("*")
		c.Hear("back.none").HangUp()
	}},
	{"agent", "A customer asks for a person at every question: key 0, or, where 0 could be an amount, the word.", func(s *script) {
		for i := range stations {
			c := upTo(s, i)
			if stations[i].hear == "amount.minor.ask" {
				c.Say("operator")
			} else {
				c.Press(alone(i, "0"))
			}
			c.Transferred("asked").HangUp()
			c.Transcript.Note("asked for a person at: %s; charges so far: %d", stations[i].name, len(s.Charges()))
		}
	}},
	{"early-yes", "A key that is pressed before the amount was read back in full does not confirm. It is not held against the caller.", func(s *script) {
		c := s.dial(flowtest.Ann)
		ready(c).Interrupt("1")
		c.Hear("confirm.readback.ask").Press("4")
		c.Hear("confirm.cancelled").HangUp()
	}},
	{"early-yes-again", "A customer presses the key too soon each time, and then waits. She is told so, however often, and nothing is held against her.", func(s *script) {
		c := s.dial(flowtest.Ann)
		ready(c)
		for range 4 {
			c.Interrupt("1").Silence()
		}
		c.Hear("early").Hear("confirm.readback.ask").Press("1").Hear("receipt.approved").HangUp()
	}},
	{"type-ahead", "A customer who knows the call keys ahead of the questions. The read-back does not take such keys.", func(s *script) {
		c := s.dial(flowtest.Ann)
		c.Interrupt("1234#11111")
		c.Hear("confirm.readback.ask").Press("1")
		bye(c)
	}},
	{"keys-while-working", "Keys that are pressed while the payment is being made do nothing.", func(s *script) {
		s.Sandbox.Inject(paymenttest.Authorise, lostAnswers(3)...)
		c := s.dial(flowtest.Ann)
		ready(c)
		c.Hear("confirm.readback.ask").Press("1111")
		c.Hear("receipt.approved").HangUp()
	}},
}

func lostAnswers(n int) []paymenttest.Fault {
	faults := make([]paymenttest.Fault, n)
	for i := range faults {
		faults[i].Kind = paymenttest.LostAnswer
	}
	return faults
}
