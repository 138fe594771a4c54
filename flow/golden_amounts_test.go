package flow_test

import (
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/payment"
)

// other is a known caller who wants to pay another amount.
func other(s *script) *flowtest.Caller {
	c := s.dial(flowtest.Ann)
	pin(c)
	return c.Hear("amount.ask").Press("3").Hear("amount.other.ask")
}

// goldenAmounts are the amounts that callers key.
var goldenAmounts = []golden{
	{"amount-dollars", "A customer pays forty dollars, without cents.", func(s *script) {
		c := other(s).Press("40#")
		c.Hear("amount.minor.ask").Press("#")
		savedVisa(c)
		c.Hear("You are about to pay forty dollars to City Water")
		yes(c)
		bye(c)
	}},
	{"amount-cents", "A customer pays forty dollars and five cents. The cents are asked for by themselves, because a decimal key is misheard.", func(s *script) {
		c := other(s).Press("40#")
		c.Hear("amount.minor.ask").Press("05")
		savedVisa(c)
		c.Hear("forty dollars and five cents")
		yes(c)
		bye(c)
	}},
	{"amount-zero-cents", "A customer who wants no cents presses zero: that is none, not a call for a person.", func(s *script) {
		c := other(s).Press("40#")
		c.Hear("amount.minor.ask").Press("0#")
		savedVisa(c)
		c.Hear("You are about to pay forty dollars to City Water").HangUp()
	}},
	{"amount-refused", "Nothing at all, and more than is owed, cannot be paid.", func(s *script) {
		c := other(s).Press("200#")
		c.Hear("amount.other.invalid.above").Press("123#")
		c.Hear("amount.minor.ask").Press("46")
		c.Hear("amount.minor.invalid.above").Press("*")
		c.Hear("amount.other.ask").Press("00#")
		c.Hear("amount.minor.ask").Press("00")
		c.Hear("amount.minor.invalid.zero").Press("*")
		c.Hear("amount.other.ask").Press("25#")
		c.Hear("amount.minor.ask").Press("#")
		savedVisa(c)
		yes(c)
		bye(c)
	}},
	{"amount-least", "A company that takes no payments below five dollars says so.", func(s *script) {
		s.Definition.Settings.Least = 500
		c := other(s).Press("4#")
		c.Hear("amount.minor.ask").Press("99")
		c.Hear("amount.minor.invalid.below").Press("*")
		c.Hear("amount.other.ask").Press("5#")
		c.Hear("amount.minor.ask").Press("#")
		savedVisa(c)
		c.Hear("five dollars").HangUp()
	}},
	{"amount-unusual", "An amount far above the usual one is asked about once more. The customer had pressed a zero too many, and changes it.", func(s *script) {
		annsBill(s, func(b *payment.Bill) { b.Balance, b.Usual = money(84000, "USD"), money(4500, "USD") })
		c := other(s).Press("450#")
		c.Hear("amount.minor.ask").Press("#")
		c.Hear("amount.unusual.is").Press("2")
		c.Hear("amount.other.ask").Press("45#")
		c.Hear("amount.minor.ask").Press("#")
		savedVisa(c)
		yes(c)
		bye(c)
	}},
	{"amount-unusual-kept", "An amount far above the usual one, and the customer means it.", func(s *script) {
		annsBill(s, func(b *payment.Bill) { b.Balance, b.Usual = money(84000, "USD"), money(4500, "USD") })
		c := other(s).Press("450#")
		c.Hear("amount.minor.ask").Press("#")
		c.Hear("amount.unusual.is").Press("1")
		savedVisa(c)
		yes(c)
		bye(c)
	}},
	{"amount-star", "Star clears what was keyed, so that the amount can be keyed anew.", func(s *script) {
		c := other(s).Press("55*40#")
		c.Hear("amount.minor.ask").Press("9*50")
		savedVisa(c)
		c.Hear("forty dollars and fifty cents").HangUp()
	}},
}
