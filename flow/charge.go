package flow

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
)

// charge carries out the confirmed payment, and tells the caller how it ended: approved, declined, or that it is not
// known yet.
func charge() Stage {
	return Stage{Name: "charge", States: []State{
		{
			Name: "charge",
			Work: &Work{Do: claimBill},
			On:   []Go{{"claimed", "charge.send"}, {"taken", "more"}, {"old", "confirm"}},
			Says: []string{"charge.taken", "charge.old", "charge.old.split", "resume.gone"},
		},
		{
			Name: "charge.send",
			Work: &Work{Do: send, Hold: "charge.hold", Still: "charge.still"},
			On: []Go{{"approved", Next}, {"declined", "charge.declined"}, {"enough", "agent"}, {"changed", "more"},
				{"releasing", "charge.releasing"}, {"unknown", "charge.unknown"}, {EventFailed, "charge.unknown"}},
			Says: []string{"charge.declined.entry", "charge.declined.other", "charge.declined.later", "charge.declined.never",
				"charge.changed", "charge.release", "receipt.notsaved"},
		},
		{
			Name: "charge.declined",
			Ask: &Ask{
				Context: func(c *Call) []ivr.Prompt { return sayDeclined(c) },
				Menu:    declinedMenu,
				Answer: func(c *Call, a ivr.Answer) Event {
					c.Told(c.Payment) // Who answers has heard it.
					if a.Value == "stop" {
						c.nothingChosen()
					}
					return Event(a.Value)
				},
				Options: []string{"charge.method", "charge.stop"},
			},
			On: []Go{{"method", "funding"}, {"stop", "more"}, {EventBack, "funding"}},
			Says: []string{"charge.declined.entry", "charge.declined.other", "charge.declined.later", "charge.declined.never",
				"charge.declined.gift", "charge.declined.points", "charge.declined.part", "charge.back", "confirm.nothing"},
		},
		{
			// A part was declined, and what the others hold or took is not given back yet: the bill is not free.
			Name:  "charge.releasing",
			Leave: &Leave{Context: func(c *Call) []ivr.Prompt { return []ivr.Prompt{ivr.Say("charge.release"), sayNews(c)} }},
			Says:  []string{"charge.release", "charge.message", "charge.callagain"},
		},
		{
			// The truth, and the end: no other method may be offered while money may be moving.
			Name:  "charge.unknown",
			Leave: &Leave{Context: sayUnknown},
			Says:  []string{"charge.unknown", "charge.message", "charge.callagain"},
		},
	}}
}

// declinedMenu comes to callers who were told to hold, and who may have pressed keys meanwhile: none of them counts
// before the caller has heard what became of the payment.
func declinedMenu(c *Call) ivr.Menu {
	m := c.Choose(Option("method", "charge.method"), Option("stop", "charge.stop"))
	m.MustHear = c.Question.Repeats+c.Question.Silences+c.Question.Mistakes == 0
	return m
}

func sayUnknown(c *Call) []ivr.Prompt { return []ivr.Prompt{ivr.Say("charge.unknown"), sayNews(c)} }

// sayNews promises a message only to a caller to whom one can be sent.
func sayNews(c *Call) ivr.Prompt {
	if !c.Identity.Phone && !c.Identity.Email {
		return ivr.Say("charge.callagain")
	}
	return ivr.Say("charge.message")
}

// declineWords are fit for a caller: a lost or stolen card is not called that.
var declineWords = map[payment.DeclineClass]string{
	payment.CorrectEntry: "charge.declined.entry",
	payment.OtherMethod:  "charge.declined.other",
	payment.TryLater:     "charge.declined.later",
	payment.NeverRetry:   "charge.declined.never",
}

// claimBill makes the draft a confirmed payment. A second call on the same bill finds it taken.
func claimBill(ctx context.Context, c *Call) (Event, error) {
	if d := c.Draft; d != nil && c.Now.Sub(d.Created) > draftLife {
		c.Draft = nil
		words := "charge.old"
		if c.Split {
			words = "charge.old.split" // It is planned anew.
		}
		c.Notice(ivr.Say(words))
		return "old", nil
	}
	if c.Draft != nil && c.TakenBy != "" {
		// A yes that comes late, from a call that seemed to be cut off: the caller has gone on, and perhaps paid, elsewhere.
		c.nothingChosen()
		c.TakenBy = ""
		c.Notice(ivr.Say("resume.gone"))
		return "taken", nil
	}
	err := c.Confirm(ctx)
	if errors.Is(err, ErrTaken) {
		c.nothingChosen()
		c.Notice(ivr.Say("charge.taken"))
		return "taken", nil
	}
	if err == nil {
		c.Decline = ""
	}
	return "claimed", err
}

// draftLife is how long a read-back may be confirmed: "today" must still be today.
const draftLife = 15 * time.Minute

// send drives the payment as far as it goes.
func send(ctx context.Context, c *Call) (Event, error) {
	p, err := c.Drive(ctx)
	switch {
	case errors.Is(err, ErrStale):
		return "", err
	case p.State == payment.StatePaid:
		return paid(ctx, c, p)
	case p.State == payment.StateFailed:
		return failedPayment(c, p), nil
	case p.State == payment.StateAbort && c.OutOfPatience():
		return "releasing", err
	case p.State == payment.StateReview || c.OutOfPatience():
		return "unknown", err
	case p.State == payment.StateAbort && c.Decline == "":
		c.Decline = declineOf(p)
		c.Notice(ivr.Say("charge.release"))
	case err != nil:
		c.Log.ErrorContext(ctx, "payment goes on later", "call", c.ID, "payment", p.ID, "error", err)
	}
	return Again, nil
}

func paid(ctx context.Context, c *Call, p payment.Payment) (Event, error) {
	r, err := p.Receipt()
	if err != nil {
		return "", err
	}
	c.Receipt = &r
	c.settled(p)
	if c.SaveMethod && c.Method != nil && c.With.Wallet != nil {
		// A method that was just charged is good; one that was declined is not worth keeping.
		if _, err := c.With.Wallet.Save(ctx, c.Identity.Account, *c.Method); err != nil {
			c.Log.ErrorContext(ctx, "method not saved", "call", c.ID, "error", err)
			c.Notice(ivr.Say("receipt.notsaved"))
		}
	}
	c.nothingChosen()
	return "approved", nil
}

// settled takes what was paid off the bill that the caller heard, so that a bill that is paid is not offered again.
func (c *Call) settled(p payment.Payment) {
	i := slices.IndexFunc(c.Bills, func(b payment.Bill) bool { return b.ID == p.Bill })
	if i >= 0 {
		c.Bills[i].Balance.Minor -= p.Amount.Minor
	}
}

func failedPayment(c *Call, p payment.Payment) Event {
	if p.Reason == BillChanged {
		c.Telling = p.ID
		c.nothingChosen()
		c.Notice(ivr.Say("charge.changed"))
		return "changed"
	}
	c.Decline, c.Declined, c.Back = declineOf(p), nil, payment.Money{}
	if l, ok := p.Declined(); ok && (l.Kind == payment.KindGift || l.Kind == payment.KindPoints) {
		c.Declined = &payment.Part{Kind: l.Kind, Last4: l.Last4}
	}
	c.Back = backOf(p)
	c.Declines++
	if c.Declines >= c.Settings.Declines {
		c.Telling = p.ID
		c.Reason = "declined"
		c.Notice(sayDeclined(c)...)
		return "enough"
	}
	return "declined"
}

// backOf is what was taken for a payment that failed, and was given back.
func backOf(p payment.Payment) (back payment.Money) {
	for _, l := range p.GivenBack() {
		back = payment.Money{Minor: back.Minor + cmp.Or(l.Held, l.Amount).Minor, Currency: l.Amount.Currency}
	}
	return back
}

// declineOf is what the caller can do about a payment that was not made.
func declineOf(p payment.Payment) payment.DeclineClass {
	l, declined := p.Declined()
	switch {
	case !declined:
		return payment.TryLater // it could not be sent in time
	case declineWords[l.Class] != "":
		return l.Class
	}
	return payment.OtherMethod
}

// sayDeclined tells which part was declined, and what became of the others. It is only said of a payment that FAILED: all
// that was held is released, and all that was taken is given back.
func sayDeclined(c *Call) []ivr.Prompt {
	if c.Declined == nil && !c.Back.Positive() {
		return []ivr.Prompt{ivr.Say(declineWords[c.Decline])}
	}
	ps := []ivr.Prompt{ivr.Say("charge.declined.part")}
	if c.Declined != nil && c.Declined.Kind == payment.KindGift {
		ps = []ivr.Prompt{ivr.Say("charge.declined.gift", ivr.Last4(c.Declined.Last4))}
	} else if c.Declined != nil {
		ps = []ivr.Prompt{ivr.Say("charge.declined.points")}
	}
	if c.Back.Positive() {
		return append(ps, ivr.Say("charge.back", Money(c.Back)))
	}
	return append(ps, ivr.Say("confirm.nothing"))
}
