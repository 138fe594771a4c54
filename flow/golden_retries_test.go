package flow_test

import (
	"github.com/dialpay/dialpay/flow/flowtest"
)

// goldenRetries are silence and mistakes, and what is said to them.
var goldenRetries = []golden{
	{"silence-menu-once", "A customer says nothing to a menu, and is asked in other words.", func(s *script) {
		c := s.dial(flowtest.Ann)
		pin(c)
		c.Hear("amount.ask").Silence()
		c.Hear("amount.ask.2").Press("1")
		savedVisa(c)
		yes(c)
		bye(c)
	}},
	{"silence-menu", "A customer says nothing to a menu, three times: a person helps.", func(s *script) {
		c := s.dial(flowtest.Ann)
		pin(c)
		c.Hear("amount.ask").Silence()
		c.Hear("noinput").Silence()
		c.Hear("noinput.2").Silence()
		c.Transferred("failures")
	}},
	{"silence-field", "A customer says nothing when the account number is asked, three times.", func(s *script) {
		c := s.dialAs(english(flowtest.Stranger))
		c.Hear("identify.account.ask").Silence()
		c.Hear("identify.account.ask.2").Silence()
		c.Hear("noinput.2").Silence()
		c.Transferred("failures")
	}},
	{"silence-card", "A customer looks for the card for a long time: the line waits longer here than elsewhere, and asks three times.", func(s *script) {
		c := s.dial(flowtest.Ann)
		pin(c)
		full(c)
		c.Hear("funding.choose.ask").Press("3")
		c.Hear("card.ask").Silence()
		c.Hear("card.ask.2").Silence()
		c.Hear("noinput.2").Silence()
		c.Transferred("failures")
	}},
	{"silence-readback", "Silence is no yes: the read-back is said again in full, and after the third time a person helps. Nothing is charged.", func(s *script) {
		c := s.dial(flowtest.Ann)
		ready(c)
		c.Hear("confirm.readback.ask").Silence()
		c.Hear("confirm.pay").Silence()
		c.Hear("confirm.pay").Silence()
		c.Transferred("failures")
	}},
	{"wrong-key", "A customer presses keys that are no choice.", func(s *script) {
		c := s.dial(flowtest.Ann)
		pin(c)
		c.Hear("amount.ask").Press("5")
		c.Hear("nomatch").Press("#")
		c.Hear("empty").Press("4")
		c.Transferred("failures")
	}},
	{"wrong-entry", "An account number with too few digits, none, and too many. A PIN with too few.", func(s *script) {
		c := s.dialAs(english(flowtest.Stranger))
		c.Hear("identify.account.ask").Press("123#")
		c.Hear("short").Press("#")
		c.Hear("empty").Press("10012345#").Hear("identify.pin.ask").Press("*")
		c.Hear("identify.account.ask").Press("4012888888881881#")
		c.Hear("long").Press("10012345#")
		c.Hear("identify.pin.ask").Press("123#")
		c.Hear("short").Press("1234#")
		c.Hear("amount.ask").HangUp()
	}},
	{"silence-and-mistakes", "Silence and mistakes are counted apart: two of each at one question do not yet lead to a person.", func(s *script) {
		c := s.dial(flowtest.Ann)
		pin(c)
		c.Hear("amount.ask").Silence()
		c.Hear("noinput").Press("5")
		c.Hear("nomatch").Silence()
		c.Hear("noinput.2").Press("5")
		c.Hear("nomatch.2").Press("1")
		savedVisa(c)
		yes(c)
		bye(c)
	}},
	{"many-mistakes", "A call in which twelve answers were none is given to a person, even if no single question failed.", func(s *script) {
		c := s.dial(flowtest.Ann)
		c.Hear("identify.pin.ask").Silence().Silence().Press("1234#")
		c.Hear("amount.ask").Silence().Silence().Press("5").Press("5").Press("3")
		c.Hear("amount.other.ask").Silence().Silence().Press("900#").Press("900#").Press("40#")
		c.Hear("amount.minor.ask").Silence().Silence()
		c.Transferred("failures")
	}},
}
