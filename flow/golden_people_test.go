package flow_test

import (
	"context"

	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/wallet"
)

// closed is a caller who asks for a person when nobody is there.
func closed(s *script, from string) *flowtest.Caller {
	s.People.Closed = true
	return s.dialAs(english(from)).Press("0#")
}

// goldenPeople are the ways to a person.
var goldenPeople = []golden{
	{"person", "A customer asks for a person, who is told who is calling and what about.", func(s *script) {
		c := s.dial(flowtest.Ann)
		pin(c)
		c.Hear("amount.ask").Say("I want to speak to someone")
		c.Transferred("asked")
		for _, key := range []string{"account", "bill", "level"} {
			s.note("told to the person: %s %s", key, c.Turn.Transfer.Context[key])
		}
	}},
	{"callback", "Nobody is there. The customer is called back at the number that the call comes from.", func(s *script) {
		c := closed(s, flowtest.Ann)
		c.Hear("callback.offer.ask").Press("1")
		c.Hear("callback.saved").Over()
	}},
	{"callback-other-number", "The customer wants to be called at another number, and mistypes it first.", func(s *script) {
		c := closed(s, flowtest.Ann)
		c.Hear("callback.offer.ask").Press("2")
		c.Hear("callback.number.ask").Press("2125550177#")
		c.Hear("callback.check.number").Press("2")
		c.Hear("callback.number.ask").Press("2125550178#")
		c.Hear("callback.check.number").Press("1")
		c.Hear("callback.saved").Over()
	}},
	{"callback-refused", "The customer does not want to be called back.", func(s *script) {
		c := closed(s, flowtest.Ann)
		c.Hear("callback.offer.ask").Say("no thanks").Over()
	}},
	{"callback-withheld", "Nobody is there, and the caller number is withheld: the number to call has to be keyed.", func(s *script) {
		c := closed(s, "")
		c.Hear("callback.number.ask").Press("2125550177#")
		c.Hear("callback.check.number").Press("1")
		c.Hear("callback.saved").Over()
	}},
	{"callback-none", "Nobody is there, and the company does not call back.", func(s *script) {
		s.Config.Dialler = nil
		c := closed(s, flowtest.Ann)
		c.Hear("agent.closed").Over()
	}},
	{"callback-silence", "The customer says nothing to the offer of a call: the call ends.", func(s *script) {
		c := closed(s, flowtest.Ann)
		c.Hear("callback.offer.ask").Silence().Silence().Silence().Over()
	}},
	{"callback-spanish", "A callback in Spanish, to another number.", func(s *script) {
		s.People.Closed = true
		c := s.dial(flowtest.Ben).Press("0#")
		c.Hear("callback.offer.ask").Press("2")
		c.Hear("callback.number.ask").Press("3055550177#")
		c.Hear("callback.check.number").Press("1")
		c.Hear("callback.saved").Over()
	}},
	{"transfer-failed", "The person does not answer: a callback is offered.", func(s *script) {
		c := s.dial(flowtest.Ann)
		pin(c)
		c.Hear("amount.ask").Press("0")
		c.Transferred("asked").TransferFails()
		c.Hear("callback.offer.ask").Press("1")
		c.Over()
	}},
	{"transfer-unknown", "Whether anybody is there cannot be found out: a callback is offered.", func(s *script) {
		s.People.Down = true
		c := s.dialAs(ivr.Call{From: flowtest.Ann, Locale: "en-US"}).Press("0#")
		c.Hear("callback.offer.ask").Press("1")
		c.Over()
	}},
}

// brokenWallet can be read, but saves nothing.
type brokenWallet struct{ wallet.Wallet }

func (brokenWallet) Save(context.Context, string, wallet.Method) (wallet.Method, error) {
	return wallet.Method{}, flowtest.ErrDown
}
