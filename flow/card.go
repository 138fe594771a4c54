package flow

import (
	"context"
	"errors"
	"fmt"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/wallet"
)

// card takes a new card, digit by digit, and turns it into a token. Between the questions its parts lie in the Keeper.
func card() Stage {
	return Stage{Name: "card", States: append(cardQuestions(), cardWork()...)}
}

func cardQuestions() []State {
	return []State{
		{
			Name: "card",
			Ask: &Ask{
				Field: func(*Call) ivr.Field {
					return ivr.Field{Kind: ivr.FieldDigits, Least: 12, Most: 19, Fetch: true,
						Capture: ivr.Capture{Field: ivr.CaptureNumber, Delegable: true}}
				},
				Answer:   enterNumber,
				Captured: takeCaptured,
				Reasons:  []string{"number"},
			},
			On: []Go{{"given", "card.expiry"}, {"captured", "card.token"}, {EventBack, "funding"}},
		},
		{
			Name: "card.expiry",
			Ask: &Ask{
				Field: func(*Call) ivr.Field {
					return ivr.Field{Kind: ivr.FieldDigits, Least: 4, Most: 4, Capture: ivr.Capture{Field: ivr.CaptureExpiry}}
				},
				Answer:  enterExpiry,
				Reasons: []string{"month", "expired"},
			},
			On: []Go{{"given", "card.cvv"}, {EventBack, "card"}},
		},
		{
			Name: "card.cvv",
			Ask: &Ask{
				Field: func(c *Call) ivr.Field {
					n := payment.CVVLength(c.Brand)
					return ivr.Field{Kind: ivr.FieldDigits, Least: n, Most: n, Capture: ivr.Capture{Field: ivr.CaptureCVV}}
				},
				Args:   func(c *Call) []ivr.Arg { return []ivr.Arg{ivr.Count(payment.CVVLength(c.Brand))} },
				Answer: enterCVV,
			},
			On: []Go{{"given", "card.tokenise"}, {"postal", "card.postal"}, {EventBack, "card.expiry"}},
		},
		{
			Name: "card.postal",
			Ask: &Ask{
				Field:   postalField,
				Answer:  enterPostal,
				Reasons: []string{"postal"},
			},
			On: []Go{{"given", "card.tokenise"}, {EventBack, "card.cvv"}},
		},
	}
}

// cardWork makes a token of the card, and asks whether to save it.
func cardWork() []State {
	return []State{
		{
			Name: "card.tokenise",
			Work: &Work{Do: tokenise, Hold: "card.hold"},
			On:   []Go{{"token", "card.token"}, {"refused", "card"}, {"lost", "card"}, {"enough", "agent"}},
			Says: []string{"card.refused", "card.lost"},
		},
		{
			Name: "card.token",
			Work: &Work{Do: func(_ context.Context, c *Call) (Event, error) {
				switch {
				case c.Method == nil:
					return refusedCard(c, "card.lost", "unusable"), nil
				case c.With.Wallet == nil || c.Identity.Level < c.With.Policy.Needs(auth.ActionSaveMethod, "", 0):
					return "pay", nil
				}
				return "offer", nil
			}},
			On:   []Go{{"offer", "card.save"}, {"pay", Next}, {"unusable", "funding"}, {"enough", "agent"}},
			Says: []string{"card.lost"},
		},
		{
			Name: "card.save",
			Fits: func(s *Session) bool { return s.Method != nil },
			Ask: &Ask{
				Context: func(c *Call) []ivr.Prompt {
					return []ivr.Prompt{ivr.Say("card.save.offer", brandName(c.Method.Brand), ivr.Last4(c.Method.Last4))}
				},
				Menu: yesNo,
				Answer: func(c *Call, a ivr.Answer) Event {
					c.SaveMethod = a.Value == "yes"
					return "answered"
				},
				Options: []string{"yes", "no"},
			},
			On:   []Go{{"answered", Next}, {EventBack, "funding"}},
			Says: append([]string{"card.save.offer"}, brandMessages()...),
		},
	}
}

// yesNo is the menu of every question that is one: yes is 1, no is 2.
func yesNo(c *Call) ivr.Menu { return c.Choose(Option("yes", "yes"), Option("no", "no")) }

// The names under which the parts of a card are kept.
const (
	keptNumber = "number"
	keptExpiry = "expiry"
	keptCVV    = "cvv"
	keptPostal = "postal"
)

func enterNumber(c *Call, a ivr.Answer) Event {
	brand, err := payment.CheckNumber(a.Secret)
	if err != nil {
		return c.Invalid("number")
	}
	c.Brand, c.Method, c.Carried = brand, nil, false
	c.Cards++
	c.Keep(keptNumber, a.Secret)
	return "given"
}

func enterExpiry(c *Call, a ivr.Answer) Event {
	_, err := payment.ParseExpiry(a.Secret, c.Today())
	if bad := (*payment.CardError)(nil); errors.As(err, &bad) && bad.Reason == "expired" {
		return c.Invalid("expired")
	} else if err != nil {
		return c.Invalid("month")
	}
	c.Keep(keptExpiry, a.Secret)
	return "given"
}

func enterCVV(c *Call, a ivr.Answer) Event {
	c.Keep(keptCVV, a.Secret)
	if c.Settings.AskPostal {
		return "postal"
	}
	return "given"
}

func postalField(c *Call) ivr.Field {
	f := ivr.Field{Kind: ivr.FieldDigits, Least: 3, Most: 10, Capture: ivr.Capture{Field: ivr.CapturePostal}}
	if c.Settings.Country == "US" {
		f.Least, f.Most = 5, 5
	}
	return f
}

func enterPostal(c *Call, a ivr.Answer) Event {
	var err error
	a.Secret.Open(func(b []byte) { err = payment.CheckPostal(c.Settings.Country, string(b)) })
	if err != nil {
		return c.Invalid("postal")
	}
	c.Keep(keptPostal, a.Secret)
	return "given"
}

// tokenise hands the card to the vault. Whatever comes of it, the parts are overwritten when the turn is over.
func tokenise(ctx context.Context, c *Call) (Event, error) {
	card, err := c.keptCard(ctx)
	defer func() { card.Number.Clear(); card.CVV.Clear() }()
	if errors.Is(err, ErrNotKept) {
		c.Notice(ivr.Say("card.lost"))
		return "lost", nil
	} else if err != nil {
		return "", err
	}
	token, err := c.With.Vault.Tokenise(ctx, card, payment.Key(product, "", c.Nonce(), c.Cards, "tokenise", 1))
	if refused := (*payment.CardError)(nil); errors.As(err, &refused) {
		return refusedCard(c, "card.refused", "refused"), c.Forget(ctx)
	} else if err != nil {
		return "", err
	}
	m := wallet.FromToken(token)
	if err := m.Check(); err != nil {
		return "", errors.Join(fmt.Errorf("flow: the vault's answer: %w", err), c.Forget(ctx))
	}
	c.Method = &m
	return "token", c.Forget(ctx)
}

// refusedCard counts a card that came to nothing like a declined payment.
func refusedCard(c *Call, words string, on Event) Event {
	c.Declines++
	if c.Declines >= c.Settings.Declines {
		c.Reason = "declined"
		return "enough"
	}
	c.Notice(ivr.Say(words))
	return on
}

func (c *Call) keptCard(ctx context.Context) (card payment.Card, err error) {
	if card.Number, err = c.Secret(ctx, keptNumber); err != nil {
		return card, err
	}
	if card.CVV, err = c.Secret(ctx, keptCVV); err != nil {
		return card, err
	}
	card.Brand = c.Brand
	expiry, err := c.Secret(ctx, keptExpiry)
	if err != nil {
		return card, err
	}
	defer expiry.Clear()
	if card.Expiry, err = payment.ParseExpiry(expiry, c.Today()); err != nil {
		return card, err
	}
	postal, err := c.Secret(ctx, keptPostal)
	if errors.Is(err, ErrNotKept) && !c.Settings.AskPostal {
		return card, nil
	}
	postal.Open(func(b []byte) { card.Postal = string(b) })
	postal.Clear()
	return card, err
}

// takeCaptured takes the token of a card that the line had captured and tokenised elsewhere (ivr.Capture.Delegable).
func takeCaptured(c *Call, got ivr.Captured) Event {
	c.Method, c.Carried = nil, false
	var expiry payment.Expiry
	if got.Result != "success" || got.Token == "" || expiry.UnmarshalText([]byte(got.Expiry)) != nil {
		return "captured"
	}
	m := wallet.FromToken(payment.Token{ID: got.Token, Brand: payment.Brand(got.Brand), Last4: got.Last4, Expiry: expiry})
	if _, known := brands[m.Brand]; known && m.Check() == nil && !m.Expiry.Expired(c.Today()) {
		c.Method = &m
	}
	return "captured"
}
