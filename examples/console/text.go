package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/dialpay/dialpay/wallet"
)

// introduction is the first screen: who the caller is, and how to answer.
func introduction(o options, dir, balances string, keys bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "A call to %s. Nothing here is real: no telephone, no money.\n\n", company)
	who, from := caller(o.from)
	fmt.Fprintf(&b, "You are     %s, calling from %s\n", who.name, from)
	fmt.Fprintf(&b, "Account     %s\n", who.account)
	fmt.Fprintf(&b, "PIN         %s\n", who.pin)
	fmt.Fprintf(&b, "Test cards  4242 4242 4242 4242, which is approved\n")
	fmt.Fprintf(&b, "            4000 0000 0000 9995, which is declined: no funds\n")
	fmt.Fprintf(&b, "            Expiration date %s, security code 123\n", testExpiry())
	b.WriteString(balances)
	if !o.demo {
		b.WriteString(others(who))
	}
	b.WriteString("\n")
	if !o.demo {
		fmt.Fprintf(&b, "Kept in     %s\n            If you are cut off, or kill this program, call again.\n\n", dir)
	}
	switch {
	case o.demo:
		fmt.Fprintf(&b, "The call plays by itself. What %s answers stands behind the mark >.\n\n", who.name)
	case keys:
		b.WriteString("Press 0-9, * and # as on a telephone, or type words and then Enter.\n" +
			"# or Enter ends an entry, * goes back, 0 asks for a person. To say nothing, wait.\n" +
			"Ctrl-D hangs up.\n\n")
	default:
		b.WriteString("Each line is one answer: keys or words. An empty line is silence, \"hangup\" hangs up.\n\n")
	}
	return b.String()
}

// caller is who rings from a number, and how the first screen says that.
func caller(number string) (who customer, from string) {
	for _, c := range customers {
		if c.phone == number {
			return c, number
		}
	}
	if number == "" {
		return ann, "a withheld number"
	}
	return ann, number + ", which nobody registered"
}

// others tells how to ring as another customer.
func others(who customer) string {
	text, head := "", "Or be      "
	for _, c := range customers {
		if c != who {
			text += fmt.Sprintf("%s %s, with -from %s: %s\n", head, c.name, c.phone, c.about)
			head = "           "
		}
	}
	return text
}

// balances are the gift cards, points and claim codes of a customer, with what is left of them.
func (w *world) balances(ctx context.Context, who customer) (text string, err error) {
	err = w.purse.look(ctx, func(m *wallet.Memory) error {
		cards, err := m.GiftCards(ctx, who.id)
		points, fault := m.Points(ctx, who.id)
		head := "Gift cards "
		for _, g := range cards {
			text += fmt.Sprintf("%s %v on the one ending in %s\n", head, g.Balance, g.Last4)
			head = "           "
		}
		if points != (wallet.Points{}) {
			worth := payment.Money{Minor: points.Rate.Minor(points.Balance), Currency: points.Rate.Worth.Currency}
			text += fmt.Sprintf("Points      %d, worth %v\n", points.Balance, worth)
		}
		if head = "Claim codes"; who != cat {
			return errors.Join(err, fault)
		}
		for _, c := range w.purse.unclaimed() {
			text += fmt.Sprintf("%s %s, a gift card of %v\n", head, c.Code, c.Balance)
			head = "           "
		}
		return errors.Join(err, fault)
	})
	return text, err
}

// testExpiry is an expiration date to come, as it is keyed: MMYY.
func testExpiry() string { return fmt.Sprintf("12%02d", (time.Now().Year()+3)%100) }

// summary tells what came of the call, and whether money was taken.
func (w *world) summary(ctx context.Context) (text string, paid bool, err error) {
	charges, err := w.processor.mine(ctx)
	var b strings.Builder
	b.WriteString("What came of it:\n")
	line := func(what, format string, args ...any) {
		fmt.Fprintf(&b, "  %-10s %s\n", what, fmt.Sprintf(format, args...))
	}
	for _, c := range charges {
		line("charge", "%v, %s%s", c.Amount, c.State, paidWith(c.Token))
		paid = paid || c.State == paymenttest.Captured
	}
	for _, p := range w.biller.posted {
		line("bill paid", "%v of bill %s, transaction ID %s", p.Amount, p.Bill, p.Transaction)
	}
	if w.phone.count > 0 {
		line("messages", "%d sent", w.phone.count)
	}
	if w.bell.rung > 0 {
		line("call back", "the telephone rang: %d times, answered: %d", w.bell.rung, w.bell.answered)
	}
	if len(charges)+w.phone.count+w.bell.rung == 0 {
		b.WriteString("  Nothing: no charge, no message, no call back.\n")
	}
	return b.String(), paid, err
}

// paidWith names gift cards and points.
func paidWith(token string) string {
	switch last4, isGift := strings.CutPrefix(token, "gift_"); {
	case token == catPoints.Token:
		return ", with points"
	case isGift:
		return ", with the gift card ending in " + last4
	}
	return ""
}
