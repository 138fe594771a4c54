package flow

import (
	"fmt"
	"strconv"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
)

// amount says what is owed, and asks how much of it the caller wants to pay.
func amount() Stage {
	return Stage{Name: "amount", States: []State{
		{
			Name: "amount",
			Ask: &Ask{
				Context: sayBalance,
				Menu:    amountMenu,
				Said:    amountField,
				Answer:  chooseAmount,
				Options: []string{"amount.full", "amount.minimum", "amount.pastdue", "amount.enter"},
			},
			On: []Go{{"chosen", Next}, {"enter", "amount.other"}, {"units", "amount.minor"}, {"unusual", "amount.unusual"},
				{EventBack, "bill"}},
			Says: []string{"amount.balance", "amount.due", "amount.wasdue", "amount.overdue", "amount.other.invalid.zero",
				"amount.other.invalid.above", "amount.other.invalid.below", "amount.decimals"},
		},
		{
			Name: "amount.other",
			Ask: &Ask{
				Args:    currencyWords,
				Field:   amountField,
				Answer:  enterUnits,
				Reasons: []string{"zero", "above", "below"},
			},
			Says: []string{"amount.decimals"},
			On:   []Go{{"chosen", Next}, {"units", "amount.minor"}, {"unusual", "amount.unusual"}, {EventBack, "amount"}},
		},
		{
			// Small units are asked for by themselves: a decimal key is misheard, and callers have nearly paid a
			// hundred times what they meant.
			Name: "amount.minor",
			Ask: &Ask{
				Args:    currencyWords,
				Field:   minorField,
				Answer:  enterMinor,
				Reasons: []string{"zero", "above", "below"},
			},
			Says: []string{"amount.decimals"},
			On:   []Go{{"chosen", Next}, {"unusual", "amount.unusual"}, {EventBack, "amount.other"}},
		},
		{
			Name: "amount.unusual",
			Ask: &Ask{
				Context: func(c *Call) []ivr.Prompt {
					return []ivr.Prompt{ivr.Say("amount.unusual.is", Money(c.Amount), Money(c.CurrentBill().Usual))}
				},
				Menu: func(c *Call) ivr.Menu {
					return c.Choose(Option("chosen", "amount.unusual.keep"), Option("change", "amount.unusual.change"))
				},
				Options: []string{"amount.unusual.keep", "amount.unusual.change"},
			},
			On:   []Go{{"chosen", Next}, {"change", "amount.other"}, {EventBack, "amount.other"}},
			Says: []string{"amount.unusual.is"},
		},
	}}
}

func sayBalance(c *Call) []ivr.Prompt {
	b := c.CurrentBill()
	ps := []ivr.Prompt{ivr.Say("amount.balance", ivr.Text(billName(b)), Money(b.Balance))}
	if due, err := b.Due.Time(); err == nil {
		words := "amount.due"
		if b.Due < payment.DateOf(c.Today()) {
			words = "amount.wasdue"
		}
		ps = append(ps, ivr.Say(words, ivr.Date(due, c.Today())))
	}
	if b.PastDue.Minor > 0 {
		ps = append(ps, ivr.Say("amount.overdue", Money(b.PastDue)))
	}
	return ps
}

// amountMenu offers each amount once, the most used first.
func amountMenu(c *Call) ivr.Menu {
	b := c.CurrentBill()
	options := make([]ivr.Option, 0, maxOptions)
	options = append(options, Option("full", "amount.full", Money(b.Balance)))
	if isPart(b.Minimum, b.Balance) {
		options = append(options, Option("minimum", "amount.minimum", Money(b.Minimum)))
	}
	if isPart(b.PastDue, b.Balance) && b.PastDue != b.Minimum {
		options = append(options, Option("pastdue", "amount.pastdue", Money(b.PastDue)))
	}
	return c.Choose(append(options, Option("enter", "amount.enter"))...)
}

func isPart(part, whole payment.Money) bool { return part.Minor > 0 && part.Minor < whole.Minor }

func chooseAmount(c *Call, a ivr.Answer) Event {
	b := c.CurrentBill()
	switch a.Value {
	case "full":
		c.Amount = b.Balance
	case "minimum":
		c.Amount = b.Minimum
	case "pastdue":
		c.Amount = b.PastDue
	case "enter":
		return "enter"
	default:
		return sayAmount(c, a)
	}
	return "chosen"
}

// sayAmount takes an amount that was said in place of an option. One that cannot be is asked for again where there is
// nothing to choose from.
func sayAmount(c *Call, a ivr.Answer) Event {
	on := enterUnits(c, a)
	if reason := c.Question.Invalid; reason != "" {
		c.Notice(ivr.Say("amount.other.invalid."+reason, currencyWords(c)...))
		return "enter"
	}
	return on
}

func amountField(*Call) ivr.Field { return ivr.Field{Kind: ivr.FieldAmount, Least: 1, Most: 7} }

// enterUnits takes the whole units. By speech, hundredths may have come with them; smaller ones are asked for.
func enterUnits(c *Call, a ivr.Answer) Event {
	units, err := strconv.ParseInt(a.Digits, 10, 64)
	if err != nil {
		return c.Invalid("above")
	}
	currency := c.CurrentBill().Balance.Currency
	decimals, said, minor := payment.Decimals(currency), a.Spoken && a.Minor >= 0, 0
	if said && decimals == 2 {
		minor = a.Minor
	}
	if c.Amount, err = payment.FromUnits(currency, units, int64(minor)); err != nil {
		return c.Invalid("above")
	}
	switch {
	case said && decimals == 2:
	case decimals > 0 && (said || !a.Spoken) && c.Amount.Minor <= c.CurrentBill().Balance.Minor:
		return "units"
	}
	return c.checkAmount()
}

func minorField(c *Call) ivr.Field {
	return ivr.Field{Kind: ivr.FieldDigits, Least: 0, Most: payment.Decimals(c.Amount.Currency)}
}

// currencyWords fill the questions about an amount: the names of the whole unit and of the small one, how many digits
// the small one has, the smallest amount that may be paid, the keys for an example of five small units, and the balance.
func currencyWords(c *Call) []ivr.Arg {
	currency := c.CurrentBill().Balance.Currency
	names := c.Catalog.Locale(c.Locale).Grammar.Currencies[currency]
	units, small := ivr.Text(names.Unit.Many), ivr.Text(names.Minor.Many)
	if names.Unit.Many == "" {
		units = ivr.Digits(currency)
	}
	if names.Minor.Many == "" {
		small = ivr.Message("amount.decimals")
	}
	digits := payment.Decimals(currency)
	return []ivr.Arg{units, small, ivr.Count(digits), ivr.Money(max(c.Settings.Least, 1), currency),
		ivr.Money(5, currency), ivr.Digits(fmt.Sprintf("%0*d", digits, 5)), Money(c.CurrentBill().Balance)}
}

// enterMinor adds the small units. Nothing but the pound key is none. A single digit would be ambiguous, five cents
// or fifty, so it is taken as it was said in the question: as the number of cents.
func enterMinor(c *Call, a ivr.Answer) Event {
	minor := int64(0)
	if a.Digits != "" {
		minor, _ = strconv.ParseInt(a.Digits, 10, 64)
	}
	units, _ := c.Amount.Units()
	var err error
	if c.Amount, err = payment.FromUnits(c.Amount.Currency, units, minor); err != nil {
		return c.Invalid("above")
	}
	return c.checkAmount()
}

// checkAmount refuses what cannot be meant.
func (c *Call) checkAmount() Event {
	b := c.CurrentBill()
	switch {
	case c.Amount.Minor <= 0:
		return c.Invalid("zero")
	case c.Amount.Minor > b.Balance.Minor:
		return c.Invalid("above")
	case c.Amount.Minor < c.Settings.Least:
		return c.Invalid("below")
	case b.Usual.Minor > 0 && c.Amount.Minor/c.Settings.Unusual > b.Usual.Minor:
		return "unusual"
	}
	return "chosen"
}
