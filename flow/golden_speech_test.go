package flow_test

import (
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
)

// goldenSpeech are calls by voice, in other languages, and for callers who need more time.
var goldenSpeech = []golden{
	{"speech-english", "A customer speaks all the way. Only the PIN is keyed, because others could overhear it.", func(s *script) {
		c := s.dial(flowtest.Ann)
		pin(c)
		c.Hear("amount.ask").Say("another amount please")
		c.Hear("amount.other.ask").Say("I'd like to pay forty dollars and fifty cents")
		c.Hear("funding.choose.ask").Say("visa")
		c.Hear("forty dollars and fifty cents").Say("yes")
		c.Hear("receipt.ask").Say("say that again")
		c.Hear("receipt.id.slow").Say("text message")
		c.Hear("more.ask").Say("no thanks").Over()
	}},
	{"speech-unclear", "What was not understood well enough is asked again, in other words.", func(s *script) {
		c := s.dial(flowtest.Ann)
		pin(c)
		c.Hear("amount.ask").Mumble("the full balance", 0.2)
		c.Hear("nomatch").Say("purple elephant")
		c.Hear("nomatch.2").Say("full balance")
		c.Hear("funding.choose.ask").Say("first")
		c.Hear("nomatch").Say("one")
		yes(c)
		bye(c)
	}},
	{"spanish", "A Spanish-speaking customer calls from his registered number and pays with a new card.", func(s *script) {
		c := s.dial(flowtest.Ben)
		c.Hear("identify.pin.ask").Press("9876#")
		c.Hear("bill.several").Press("2")
		c.Hear("amount.ask").Press("3")
		c.Hear("amount.other.ask").Press("20#")
		c.Hear("amount.minor.ask").Press("50")
		keyCard(c, visa, "0330", "737")
		c.Hear("card.save.offer").Press("1")
		yes(c)
		c.Hear("receipt.ask").Press("9")
		c.Hear("receipt.id.slow").Press("1")
		c.Hear("receipt.sent").Press("2").Over()
	}},
	{"spanish-speech", "A Spanish-speaking customer speaks all the way, beginning with the choice of the language.", func(s *script) {
		c := s.dial(flowtest.Stranger)
		c.Hear("language.choose.ask").Say("español")
		c.Hear("identify.account.ask").Say("uno cero cero uno dos tres cuatro cinco")
		pin(c)
		c.Hear("amount.ask").Say("otra cantidad por favor")
		c.Hear("amount.other.ask").Say("cuarenta dólares con cincuenta centavos")
		c.Hear("funding.choose.ask").Say("visa")
		c.Hear("cuarenta dólares con cincuenta centavos").Say("sí")
		c.Hear("receipt.ask").Say("mensaje de texto")
		c.Hear("more.ask").Say("no").Over()
	}},
	{"spanish-mistakes", "Silence and mistakes in Spanish.", func(s *script) {
		c := s.dial(flowtest.Ben)
		c.Hear("identify.pin.ask").Silence()
		c.Hear("identify.pin.ask.2").Press("12#")
		c.Hear("short").Press("9876#")
		c.Hear("bill.choose.ask").Press("5")
		c.Hear("nomatch").Press("1")
		c.Hear("amount.ask").Press("2")
		c.Hear("amount.other.ask").Press("900#")
		c.Hear("amount.other.invalid.above").Press("00#")
		c.Hear("amount.minor.ask").Press("#")
		c.Hear("amount.minor.invalid.zero").Silence()
		c.Hear("amount.minor.ask.2").Press("50")
		c.Hear("card.ask").Press(badLuhn + "#")
		c.Hear("card.invalid.number").Press(visa + "#")
		c.Hear("card.expiry.ask").Press("1320")
		c.Hear("card.expiry.invalid.month").Press("0125")
		c.Hear("card.expiry.invalid.expired").Press("0330")
		c.Hear("card.cvv.ask").Press("737")
		c.Hear("card.save.offer").Press("2")
		yes(c)
		c.Hear("receipt.ask").Press("2")
		enough(c).Over()
	}},
	{"language-switch", "A customer changes the language in the middle of the call, with key 6 and by asking for it.", func(s *script) {
		c := s.dialAs(ivr.Call{From: flowtest.Ann, Attestation: "A"})
		pin(c)
		c.Hear("How much would you like to pay?").Press("6")
		c.Hear("¿Cuánto desea pagar?").Press("1")
		c.Hear("funding.choose.ask").Say("inglés")
		c.Hear("How would you like to pay?").Press("1")
		yes(c)
		bye(c)
	}},
	{"slower", "A customer asks for more time with key 7: all times to wait are doubled for the rest of the call.", func(s *script) {
		c := s.dial(flowtest.Ann)
		pin(c)
		c.Hear("amount.ask").Press("7")
		c.Hear("slower").Silence()
		c.Hear("noinput").Press("1")
		savedVisa(c)
		yes(c)
		bye(c)
	}},
}
