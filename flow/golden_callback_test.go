package flow_test

import (
	"context"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow/flowtest"
)

// goldenCallbacks are calls that we place.
var goldenCallbacks = []golden{
	{"callback-called", "Nobody is there, so the customer is called back, shows who they are, and pays.", func(s *script) {
		c := closed(s, flowtest.Ann)
		c.Hear("callback.offer.ask").Press("1")
		c.Hear("callback.saved").Over()
		s.later(5 * time.Minute)
		c = s.answered()
		c.Hear("callback.greeting")
		ready(c)
		yes(c).Hear("receipt.approved")
		bye(c)
	}},
	{"callback-called-spanish", "The same in Spanish. Until it is shown who answers, no name and no bill is said.", func(s *script) {
		s.People.Closed = true
		c := s.dial(flowtest.Ben)
		c.Press("0#").Hear("callback.offer.ask").Press("1").Over()
		s.later(5 * time.Minute)
		c = s.answered()
		c.Hear("callback.greeting").Press("9876#")
		c.Hear("bill.choose.ask").HangUp()
	}},
	{"callback-night", "A customer who asks in the evening is called the next morning.", func(s *script) {
		s.Clock.Advance(11 * time.Hour)
		c := closed(s, flowtest.Ann)
		c.Hear("callback.offer.ask").Press("1")
		c.Hear("callback.later").Over()
		s.later(10 * time.Hour)
		s.later(2 * time.Hour)
		s.answered().Hear("callback.greeting").Press("1234#").Hear("amount.balance").HangUp()
	}},
	{"callback-voicemail", "A voicemail answers, then nobody, and then the customer.", func(s *script) {
		c := closed(s, flowtest.Ann)
		c.Hear("callback.offer.ask").Press("1").Over()
		s.later(5 * time.Minute)
		c = s.answered()
		c.Silence().Silence().Silence().Over()
		s.later(11 * time.Minute)
		s.NoAnswer("no answer")
		s.note("the telephone rang, and nobody answered")
		s.later(11 * time.Minute)
		s.answered().Hear("callback.greeting").Press("1234#").Hear("amount.balance").HangUp()
		s.later(2 * time.Hour)
	}},
	{"callback-nobody", "Nobody answers three calls: the customer gets a message, and is left alone.", func(s *script) {
		c := s.dial(flowtest.Ann)
		s.People.Closed = true
		pin(c)
		c.Hear("amount.ask").Press("0").Hear("callback.offer.ask").Press("1").Over()
		for range 3 {
			s.later(11 * time.Minute)
			s.NoAnswer("busy")
			s.note("the line was busy")
		}
		s.sweeps(120)
	}},
	{"callback-cancelled", "The customer calls again before we do: there is nothing to call back about any more.", func(s *script) {
		c := closed(s, flowtest.Ann)
		c.Hear("callback.offer.ask").Press("1").Over()
		c = s.dialAs(english(flowtest.Ann))
		ready(c)
		yes(c).Hear("receipt.approved")
		bye(c)
		s.sweeps(30)
	}},
	{"callback-cut-off", "The line breaks at the read-back. The customer agreed beforehand to be called back then, and goes on there.", func(s *script) {
		s.Config.Directory = agreeing{s.Config.Directory}
		c := s.dial(flowtest.Ann)
		ready(c).HangUp()
		s.later(11 * time.Minute)
		c = s.answered()
		pin(c.Hear("callback.greeting"))
		c.Hear("you were about to pay").Press("1")
		yes(c).Hear("receipt.approved").HangUp()
	}},
}

// agreeing is a directory whose customers agreed to be called back when a call is cut off.
type agreeing struct{ auth.Directory }

func (d agreeing) ByID(ctx context.Context, id string) (auth.Account, error) {
	a, err := d.Directory.ByID(ctx, id)
	a.CallBack = true
	return a, err
}
