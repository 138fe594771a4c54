package flow

import (
	"context"
	"errors"
	"slices"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
)

// receipt says the transaction ID, slowly when it is repeated, and sends it where the caller wants it.
func receipt() Stage {
	return Stage{Name: "receipt", States: []State{
		{
			Name: "receipt",
			Fits: func(s *Session) bool { return s.Receipt != nil },
			Ask: &Ask{
				Context: sayReceipt,
				Menu:    receiptMenu,
				Answer: func(c *Call, a ivr.Answer) Event {
					if a.Value == "done" {
						c.Told(c.Receipt.Payment)
					}
					return Event(a.Value)
				},
				Options: []string{"receipt.sms", "receipt.email", "receipt.done", "receipt.next"},
			},
			On:   []Go{{"sms", "receipt.sms"}, {"email", "receipt.email"}, {"done", Next}, {EventGiveUp, "goodbye"}},
			Says: []string{"receipt.approved", "receipt.id", "receipt.id.slow"},
		},
		sendReceipt("receipt.sms", SMS),
		sendReceipt("receipt.email", Email),
	}}
}

// fromBank tells whether a bank account was debited. Such a payer is sent a written notice in any case (NACHA Operating
// Rules, TEL entries: a recording, or a written notice before settlement).
func fromBank(r *payment.Receipt) bool {
	return slices.ContainsFunc(r.Parts, func(p payment.Part) bool { return p.Kind == payment.KindBank })
}

// sayReceipt says the amount and the ID. The ID is said again with a spelling word for each letter on every repeat.
func sayReceipt(c *Call) []ivr.Prompt {
	if c.Question.Repeats > 0 {
		return []ivr.Prompt{ivr.Say("receipt.id.slow", ivr.IDSlow(c.Receipt.Transaction))}
	}
	return []ivr.Prompt{
		ivr.Say("receipt.approved", Money(c.Receipt.Total)),
		ivr.Say("receipt.id", ivr.ID(c.Receipt.Transaction)),
	}
}

// receiptMenu comes to callers who were told to hold, and who may have pressed keys meanwhile: none of them counts before
// the transaction ID was heard once.
func receiptMenu(c *Call) ivr.Menu {
	m := c.Choose(receiptOptions(c)...)
	m.MustHear = c.Question.Repeats == 0
	return m
}

func receiptOptions(c *Call) []ivr.Option {
	options := make([]ivr.Option, 0, maxOptions)
	if c.Identity.Phone {
		options = append(options, Option("sms", "receipt.sms"))
	}
	if c.Identity.Email {
		options = append(options, Option("email", "receipt.email"))
	}
	if len(options) == 0 {
		return []ivr.Option{Option("done", "receipt.next")}
	}
	return append(options, Option("done", "receipt.done"))
}

func sendReceipt(name string, channel Channel) State {
	return State{
		Name: name,
		Fits: func(s *Session) bool { return s.Receipt != nil },
		Work: &Work{Do: func(ctx context.Context, c *Call) (Event, error) {
			err := c.SendReceipt(ctx, channel)
			if errors.Is(err, ErrStale) {
				return "", err
			}
			if err != nil {
				c.Log.WarnContext(ctx, "receipt goes out later", "call", c.ID, "error", err)
				c.Notice(ivr.Say("receipt.later"))
				return "sent", nil
			}
			c.Notice(ivr.Say("receipt.sent"))
			return "sent", nil
		}},
		On:   []Go{{"sent", Next}},
		Says: []string{"receipt.sent", "receipt.later"},
	}
}
