package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
)

// Resolution is what a person found out about a payment in REVIEW.
type Resolution struct {
	// Paid tells that exactly the payment's total was taken. Otherwise nothing was, or it is given back: whoever resolves a
	// payment has seen to that at the processor.
	Paid bool
	// By is who decided, and Note is how they know. Both are kept with the payment; what looks like a card number is refused.
	By, Note string
}

// ErrNotReview is what Resolve returns for a payment that no person has to look at (any more).
var ErrNotReview = payment.ErrNotReview

// Resolve ends a payment in REVIEW: a person has found out what became of the money. InReview lists the
// payments that need one, and the log names each. In one commit a payment that is Paid gets its posting, one that is not gives its bill back to be
// paid anew, and the customer gets a message, with the next sweep, or hears it in the next call.
//
// ErrNotReview for a payment that is not in REVIEW: repeating it changes nothing, and of two people one wins. ErrNoSession if
// there is no such call. After another error of the store it is unknown whether it was done: repeat it, and ErrNotReview
// tells that it was.
func (e *Engine) Resolve(ctx context.Context, session, id string, r Resolution) error {
	if r.By == "" || r.Note == "" {
		return fmt.Errorf("flow: resolve payment %q: By and Note are required: say who decided, and how they know", id)
	}
	if holdsCard(r.By) || holdsCard(r.Note) {
		return fmt.Errorf("flow: resolve payment %q: By or Note holds what looks like a card number: leave it out", id)
	}
	for try := 1; ; try++ {
		err := e.resolve(ctx, session, id, r)
		switch {
		case err == nil:
			e.log.InfoContext(ctx, "payment resolved", "call", session, "payment", id, "paid", r.Paid, "by", r.By)
			return nil
		case !errors.Is(err, ErrStale) || try == maxTries:
			return fmt.Errorf("flow: resolve payment %q: %w", id, err)
		}
		// Somebody else went on with the session: look again whether it was with this payment.
	}
}

func (e *Engine) resolve(ctx context.Context, session, id string, r Resolution) error {
	c, err := e.open(ctx, session, ivr.Input{})
	if err != nil {
		return err
	}
	p, err := c.paymentByID(id)
	if err != nil {
		return err
	}
	if err := p.Resolve(r.Paid, r.By+": "+r.Note, c.Now); err != nil {
		return err
	}
	it, err := c.paymentItem(p, time.Time{})
	if err != nil {
		return err
	}
	c.update(it)
	if err := c.putEnd(p); err != nil {
		return err
	}
	if err := c.renewNotice(p); err != nil {
		return err
	}
	return e.save(ctx, c)
}

// renewNotice makes the notice of a payment, which told that it was looked into, one of how it ended, in the language and
// on the way that the call had.
func (c *Call) renewNotice(p payment.Payment) error {
	it, ok := c.item(ItemReceipt, p.ID)
	if !ok {
		return c.insert(ItemReceipt, p.ID, time.Time{}, c.noticeOf(p))
	}
	n, err := readNotice(it)
	if err != nil {
		return err
	}
	n.Payment, n.Told, n.Sent, it.Due = p, false, false, time.Time{}
	if n.Channel != "" {
		it.Due = c.Now
	}
	if it.Data, err = json.Marshal(n); err != nil {
		return fmt.Errorf("flow: encode notice %q: %w", it.Key, err)
	}
	c.update(it)
	return nil
}

// holdsCard tells that a text which a person wrote holds a card number, also in groups of digits with anything but letters
// between them, and beside other numbers.
func holdsCard(text string) bool {
	for _, words := range strings.FieldsFunc(text, unicode.IsLetter) {
		groups := strings.FieldsFunc(words, func(r rune) bool { return r < '0' || r > '9' })
		for first := range groups {
			joined := ""
			for i := first; i < len(groups) && len(joined) < longestCard; i++ {
				if joined += groups[i]; isCard(joined) {
					return true
				}
			}
		}
	}
	return false
}

const longestCard = 19 // ISO/IEC 7812-1

func isCard(digits string) bool {
	number, err := payment.NewSecret([]byte(digits))
	if err != nil {
		return false
	}
	defer number.Clear()
	_, err = payment.CheckNumber(number)
	return err == nil
}
