package paymenttest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dialpay/dialpay/payment"
)

// anyTime is for what needs a time that does not matter.
var anyTime = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Cards are what TestVault tokenises. Each call returns a fresh copy, which the kit clears.
type Cards struct {
	// Good is a card that the vault takes.
	Good func() payment.Card
	// Refused is a card that the vault refuses, such as one that fails Luhn.
	Refused func() payment.Card
	// Run makes the keys of this run different from those of earlier runs, for vaults that remember.
	Run string
}

// TestVault tests that a payment.Vault keeps its promises. newVault is called once for each rule.
func TestVault(t *testing.T, newVault func(t *testing.T) (payment.Vault, Cards)) {
	for _, rule := range vaultRules {
		t.Run(rule.name, func(t *testing.T) {
			v, cards := newVault(t)
			key := payment.Key("paymenttest", cards.Run, rule.name, 0, "tokenise", 1)
			if err := rule.check(vaultKit{t.Context(), v, cards, key}); err != nil {
				t.Errorf("%s\n%v", rule.sentence, err)
			}
		})
	}
}

type vaultRule struct {
	name, sentence string
	check          func(k vaultKit) error
}

var vaultRules = []vaultRule{
	{"tokenise", "A good card must get a token that tells its brand, its last four digits and its expiry.", checkToken},
	{"repeat", "The same key must get the same token, also after the first card was cleared.", checkTokenRepeat},
	{"together", "A key that is sent by many at once must get one token.", checkTokenTogether},
	{"refuse", "A card that the vault refuses must be a *payment.CardError.", checkTokenRefused},
	{"cancelled", "A call whose context is over must return; if it fails, that is no fault of the card.", checkTokenCancelled},
	{"no secrets", "Tokens and errors must not contain the card number, any nine digits of it in a row, or the security " +
		"code as a word.", checkTokenSecrets},
}

type vaultKit struct {
	ctx   context.Context
	v     payment.Vault
	cards Cards
	key   string
}

// tokenise clears the card afterwards, as every caller of a Vault does.
func (k vaultKit) tokenise(ctx context.Context, c payment.Card) (payment.Token, error) {
	defer c.Number.Clear()
	defer c.CVV.Clear()
	return k.v.Tokenise(ctx, c, k.key)
}

func checkToken(k vaultKit) error {
	c := k.cards.Good()
	var last4 string
	c.Number.Open(func(b []byte) { last4 = string(b[max(0, len(b)-4):]) })
	token, err := k.tokenise(k.ctx, c)
	switch {
	case err != nil:
		return err
	case token.ID == "":
		return errors.New("the token has no ID")
	case token.Brand != c.Brand, token.Last4 != last4, token.Expiry != c.Expiry:
		return fmt.Errorf("the token is %s %s %v, the card %s %s %v", token.Brand, token.Last4, token.Expiry, c.Brand, last4,
			c.Expiry)
	}
	return nil
}

func checkTokenRepeat(k vaultKit) error {
	first, err := k.tokenise(k.ctx, k.cards.Good())
	if err != nil {
		return err
	}
	again, err := k.tokenise(k.ctx, k.cards.Good())
	if err == nil && again != first {
		err = fmt.Errorf("tokens %q and %q", first.ID, again.ID)
	}
	return err
}

func checkTokenTogether(k vaultKit) error {
	const many = 8
	var group sync.WaitGroup
	var tokens [many]payment.Token
	for i := range many {
		group.Go(func() { tokens[i], _ = k.tokenise(k.ctx, k.cards.Good()) })
	}
	group.Wait()
	last, err := k.tokenise(k.ctx, k.cards.Good())
	for _, token := range tokens {
		if err == nil && token.ID != "" && token != last {
			err = fmt.Errorf("tokens %q and %q", token.ID, last.ID)
		}
	}
	return err
}

func checkTokenRefused(k vaultKit) error {
	token, err := k.tokenise(k.ctx, k.cards.Refused())
	var card *payment.CardError
	switch {
	case err == nil:
		return fmt.Errorf("it got the token %q", token.ID)
	case !errors.As(err, &card):
		return fmt.Errorf("it is a %T", err)
	}
	return nil
}

func checkTokenCancelled(k vaultKit) error {
	over, cancel := context.WithCancel(k.ctx)
	cancel()
	_, err := k.tokenise(over, k.cards.Good())
	var card *payment.CardError
	if errors.As(err, &card) {
		return fmt.Errorf("it is %w", err)
	}
	return nil
}

func checkTokenSecrets(k vaultKit) error {
	over, cancel := context.WithCancel(k.ctx)
	cancel()
	for _, try := range []struct {
		ctx  context.Context
		card func() payment.Card
	}{{k.ctx, k.cards.Refused}, {over, k.cards.Good}, {k.ctx, k.cards.Good}} {
		token, err := k.tokenise(try.ctx, try.card())
		shown := fmt.Sprintf("%+v %v", token, err)
		c := try.card()
		var found bool
		c.Number.Open(func(b []byte) {
			for i := 0; i+9 <= len(b); i++ {
				found = found || strings.Contains(shown, string(b[i:i+9]))
			}
		})
		c.CVV.Open(func(b []byte) {
			for _, word := range strings.FieldsFunc(shown, func(r rune) bool { return r < '0' || r > '9' }) {
				found = found || len(b) > 0 && word == string(b) && word != token.Last4
			}
		})
		if found {
			return errors.New("it is in the token or the error") // not shown: it would be in this one, too
		}
	}
	return nil
}
