package flow_test

import (
	"testing"

	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// An amount is keyed in whole units, and, where the currency has them, in minor units after that. What cannot be meant
// is refused with its reason; what is far above the usual is asked about.
func TestAmounts(t *testing.T) {
	const funding, unusual = "funding.choose.ask", "amount.unusual.is"
	for _, rule := range []struct {
		sentence     string
		balance      payment.Money
		usual, least int64
		keys, hear   string
		want         int64 // minor units, where it is taken
	}{
		{"whole dollars", money(12345, "USD"), 0, 0, "40# #", funding, 4000},
		{"dollars and cents", money(12345, "USD"), 0, 0, "40# 07#", funding, 4007},
		{"one digit of cents is that many cents", money(12345, "USD"), 0, 0, "40# 7#", funding, 4007},
		{"no cents by zero", money(12345, "USD"), 0, 0, "40# 0#", funding, 4000},
		{"cents without dollars", money(12345, "USD"), 0, 0, "00# 50#", funding, 50},
		{"the whole balance", money(12345, "USD"), 0, 0, "123# 45#", funding, 12345},
		{"a cent above the balance", money(12345, "USD"), 0, 0, "123# 46#", "amount.minor.invalid.above", 0},
		{"dollars above the balance are refused before the cents are asked", money(12345, "USD"), 0, 0, "124#", "amount.other.invalid.above", 0},
		{"nothing", money(12345, "USD"), 0, 0, "00# 00#", "amount.minor.invalid.zero", 0},
		{"below the least", money(12345, "USD"), 0, 500, "4# 99#", "amount.minor.invalid.below", 0},
		{"the least", money(12345, "USD"), 0, 500, "5# #", funding, 500},
		{"three times the usual is not unusual", money(99999, "USD"), 4500, 0, "135# #", funding, 13500},
		{"more than three times the usual is", money(99999, "USD"), 4500, 0, "135# 03#", unusual, 13503},
		{"a usual amount that is not known", money(99999, "USD"), 0, 0, "999# #", funding, 99900},
		{"the most that a field takes", money(1<<52, "USD"), 0, 0, "9999999# 99#", funding, 999999999},

		{"yen have no minor unit", money(12000, "JPY"), 0, 0, "4500#", funding, 4500},
		{"yen above the balance", money(12000, "JPY"), 0, 0, "12001#", "amount.other.invalid.above", 0},
		{"no yen", money(12000, "JPY"), 0, 0, "00#", "amount.other.invalid.zero", 0},
		{"too few yen", money(12000, "JPY"), 0, 100, "99#", "amount.other.invalid.below", 0},
		{"unusually many yen", money(12000, "JPY"), 1000, 0, "4500#", unusual, 4500},

		{"dinars have a thousand fils", money(45500, "KWD"), 0, 0, "12# 250#", funding, 12250},
		{"five fils", money(45500, "KWD"), 0, 0, "12# 005#", funding, 12005},
		{"five fils without zeros", money(45500, "KWD"), 0, 0, "12# 5#", funding, 12005},
		{"fils above the balance", money(45500, "KWD"), 0, 0, "45# 501#", "amount.minor.invalid.above", 0},
	} {
		t.Run(rule.sentence, func(t *testing.T) {
			w := annOwes(t, rule.balance)
			w.Biller.Open["acc-ann"][0].Usual = payment.Money{Minor: rule.usual, Currency: rule.balance.Currency}
			w.Definition.Settings.Least = rule.least
			c := askedForAmount(w)
			for _, keys := range splitKeys(rule.keys) {
				c.Press(keys)
			}
			c.Hear(rule.hear)
			if rule.want == 0 {
				return
			}
			if rule.hear == unusual {
				c.Press("1")
			}
			c.Hear("funding.choose.ask").Press("1").Hear("confirm.readback.ask").Press("1").Hear("receipt.approved")
			require.Len(t, w.Charges(), 1)
			assert.Equal(t, money(rule.want, rule.balance.Currency), w.Charges()[0].Amount)
		})
	}
}

func splitKeys(s string) (keys []string) {
	for len(s) > 0 {
		i := 0
		for i < len(s) && s[i] != ' ' {
			i++
		}
		keys = append(keys, s[:i])
		s = s[min(i+1, len(s)):]
	}
	return keys
}

// annOwes is a World in which Ann has one bill of this balance.
func annOwes(t testing.TB, balance payment.Money) *flowtest.World {
	w := flowtest.NewWorld(t)
	b := &w.Biller.Open["acc-ann"][0]
	b.Balance, b.Minimum, b.Usual = balance, payment.Money{}, payment.Money{}
	return w
}

func askedForAmount(w *flowtest.World) *flowtest.Caller {
	c := w.Dial(flowtest.Ann)
	c.Press("1234#")
	return c.Hear("amount.enter").Say("another amount").Hear("amount.other.ask")
}

// A spoken amount may have its minor units with it, or not; then there are none.
func TestSpokenAmounts(t *testing.T) {
	for _, rule := range []struct {
		balance    payment.Money
		say, hear  string
		wantAmount string
	}{
		{money(12345, "USD"), "forty dollars", "funding.choose.ask", "forty dollars"},
		{money(12345, "USD"), "forty dollars and five cents", "funding.choose.ask", "forty dollars and five cents"},
		{money(12345, "USD"), "$40.05", "funding.choose.ask", "forty dollars and five cents"},
		{money(12345, "USD"), "forty fifty", "nomatch", ""},
		{money(12345, "USD"), "two hundred dollars", "amount.other.invalid.above", ""},
		{money(12345, "USD"), "zero dollars", "amount.other.invalid.zero", ""},
		{money(12000, "JPY"), "four thousand five hundred yen", "funding.choose.ask", "four thousand five hundred yen"},
		{money(45500, "KWD"), "twelve dinars", "funding.choose.ask", "twelve Kuwaiti dinars"},
	} {
		t.Run(rule.balance.Currency+" "+rule.say, func(t *testing.T) {
			c := askedForAmount(annOwes(t, rule.balance)).Say(rule.say).Hear(rule.hear)
			if rule.wantAmount != "" {
				c.Press("1").Hear("You are about to pay " + rule.wantAmount + " to City Water")
			}
		})
	}
}

// The menu offers each amount once, and none that is no part of the balance.
func TestAmountMenu(t *testing.T) {
	const full, minimum, pastDue, enter = "amount.full", "amount.minimum", "amount.pastdue", "amount.enter"
	for _, rule := range []struct {
		sentence         string
		minimum, pastDue int64
		want             []string
	}{
		{"only a balance", 0, 0, []string{full, enter}},
		{"a minimum", 2500, 0, []string{full, minimum, enter}},
		{"a minimum of all", 12345, 0, []string{full, enter}},
		{"a minimum that cannot be", 20000, 0, []string{full, enter}},
		{"something past due", 0, 1100, []string{full, pastDue, enter}},
		{"all of it past due", 0, 12345, []string{full, enter}},
		{"the minimum is what is past due", 1100, 1100, []string{full, minimum, enter}},
		{"both", 2500, 1100, []string{full, minimum, pastDue, enter}},
	} {
		t.Run(rule.sentence, func(t *testing.T) {
			w := annOwes(t, money(12345, "USD"))
			b := &w.Biller.Open["acc-ann"][0]
			b.Minimum, b.PastDue = money(rule.minimum, "USD"), money(rule.pastDue, "USD")
			c := w.Dial(flowtest.Ann).Press("1234#").Hear("amount.ask")
			assert.Equal(t, rule.want, c.Turn.Listen.Hints)
		})
	}
}

// The names of the units follow the bill's currency and the caller's language, also where a language has none for them.
func TestCurrencyWords(t *testing.T) {
	for _, rule := range []struct{ currency, locale, whole, minor string }{
		{"USD", "en-US", "whole dollars, without the cents", "enter the cents, with two digits"},
		{"EUR", "en-US", "whole euros, without the cents", "enter the cents"},
		{"GBP", "en-US", "whole pounds, without the pence", "enter the pence"},
		{"KWD", "en-US", "whole Kuwaiti dinars, without the fils", "enter the fils, with three digits"},
		{"SEK", "en-US", "whole S E K, without the decimals", "enter the decimals, with two digits"},
		{"USD", "es-US", "en dólares, sin centavos", "para agregar centavos, ingrese dos dígitos"},
		{"EUR", "es-US", "en euros, sin céntimos", "para agregar céntimos"},
		{"SEK", "es-US", "en S E K, sin decimales", "para agregar decimales"},
		{"JPY", "es-US", "en yenes y oprima", ""},
		{"JPY", "en-US", "in yen, then", ""},
	} {
		t.Run(rule.currency+" "+rule.locale, func(t *testing.T) {
			w := annOwes(t, money(50000, rule.currency))
			c := w.DialAs(ivr.Call{From: flowtest.Ann, Attestation: "A", Locale: rule.locale})
			c.Press("1234#").Press("2").Hear(rule.whole).Press("40#")
			if rule.minor == "" {
				rule.minor = "funding.choose.ask" // nothing smaller is asked for
			}
			c.Hear(rule.minor)
		})
	}
}
