package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dialpay/dialpay/payment/paymenttest"
)

// introduction is the first screen: who the caller is, and how to answer.
func introduction(o options, dir string, keys bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "A call to %s. Nothing here is real: no telephone, no money.\n\n", company)
	who, from := ann, o.from
	switch o.from {
	case ben.phone:
		who = ben
	case ann.phone:
	case "":
		from = "a withheld number"
	default:
		from += ", which nobody registered"
	}
	fmt.Fprintf(&b, "You are     %s, calling from %s\n", who.name, from)
	fmt.Fprintf(&b, "Account     %s\n", who.account)
	fmt.Fprintf(&b, "PIN         %s\n", who.pin)
	fmt.Fprintf(&b, "Test cards  4242 4242 4242 4242, which is approved\n")
	fmt.Fprintf(&b, "            4000 0000 0000 9995, which is declined: no funds\n")
	fmt.Fprintf(&b, "            Expiration date %s, security code 123\n\n", testExpiry())
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

// testExpiry is an expiration date to come, as it is keyed: MMYY.
func testExpiry() string { return fmt.Sprintf("12%02d", (time.Now().Year()+3)%100) }

// paid tells whether money was taken.
func (w *world) paid() bool {
	for _, c := range w.charges() {
		if c.State == paymenttest.Captured {
			return true
		}
	}
	return false
}

// charges are those of this call.
func (w *world) charges() []paymenttest.Charge { return w.sandbox.Charges()[w.charged:] }

// before finishes what can be finished of earlier calls, and has bills to pay.
func (w *world) before(ctx context.Context) error {
	if err := w.dropped(ctx); err != nil {
		return err
	}
	_, err := w.engine.Sweep(ctx, 100)
	return errors.Join(err, w.books.renew(w.clock.now()))
}

// later does what a company does when the call is over, and long afterwards: it finishes what the call left open.
func (w *world) later(ctx context.Context, ahead time.Duration) error {
	w.clock.later = ahead / 2
	_, err := w.engine.Sweep(ctx, 100)
	w.clock.later = ahead // now for what came of that
	_, late := w.engine.Sweep(ctx, 100)
	return errors.Join(err, late)
}

// summary tells what came of the call.
func (w *world) summary() string {
	var b strings.Builder
	b.WriteString("\nThe call is over. What came of it:\n")
	line := func(what, format string, args ...any) {
		fmt.Fprintf(&b, "  %-10s %s\n", what, fmt.Sprintf(format, args...))
	}
	for _, c := range w.charges() {
		line("charge", "%v, %s", c.Amount, c.State)
	}
	for _, p := range w.books.Posted[w.posted:] {
		line("bill paid", "%v of bill %s, transaction ID %s", p.Amount, p.Bill, p.Transaction)
	}
	if w.phone.count > 0 {
		line("messages", "%d sent", w.phone.count)
	}
	for _, r := range w.dialler.placed {
		line("call back", "%s, because: %s", r.Number, r.Reason)
	}
	if len(w.charges())+w.phone.count+len(w.dialler.placed) == 0 {
		b.WriteString("  Nothing: no charge, no message, no call back.\n")
	}
	return b.String()
}
