package flow_test

import (
	"context"
	"testing"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Between the questions a card lies in the Keeper, and nowhere once the call has left them: tokenised, gone back,
// given to a person, or hung up.
func TestCardIsForgotten(t *testing.T) {
	for _, rule := range []struct {
		sentence string
		leave    func(c *flowtest.Caller)
		kept     int // parts of the card afterwards
	}{
		{"the next question keeps it", func(c *flowtest.Caller) { c.Press("0330").Hear("card.cvv.ask") }, 2},
		{"back within the card keeps it", func(c *flowtest.Caller) { c.Press("*").Hear("card.ask") }, 1},
		{"tokenised", func(c *flowtest.Caller) { c.Press("0330").Press("737").Hear("card.save.ask") }, 0},
		{"back to the methods", func(c *flowtest.Caller) { c.Press("*").Press("*").Hear("funding.choose.ask") }, 0},
		{"a person", func(c *flowtest.Caller) { c.Press("0#").Transferred("asked") }, 0},
		{"given up", func(c *flowtest.Caller) { c.Silence().Silence().Silence().Transferred("failures") }, 0},
		{"hung up", func(c *flowtest.Caller) { c.HangUp() }, 0},
		{"time", func(c *flowtest.Caller) { c.Silence().Wait(11 * time.Minute) }, 0},
	} {
		t.Run(rule.sentence, func(t *testing.T) {
			w := flowtest.NewWorld(t)
			keeper := flow.NewMemoryKeeper(w.Clock.Now)
			w.Config.Keeper = keeper
			c := w.Dial(flowtest.Ann)
			pin(c)
			full(c)
			c.Hear("funding.choose.ask").Press("3").Hear("card.ask").Press(visa + "#").Hear("card.expiry.ask")
			rule.leave(c)
			kept := 0
			for _, name := range []string{"number", "expiry", "cvv", "postal"} {
				if s, err := keeper.Get(context.Background(), "call-1", name); err == nil {
					kept++
					s.Clear()
				}
			}
			assert.Equal(t, rule.kept, kept)
		})
	}
}

// A card is saved only when the customer agreed and the bank approved; by the next call it is offered.
func TestCardIsSavedAfterApproval(t *testing.T) {
	for _, rule := range []struct {
		sentence, number, agree string
		hangUp                  bool // at the read-back
		saved                   bool
	}{
		{"agreed and approved", visa, "1", false, true},
		{"not agreed", visa, "2", false, false},
		{"declined", declined, "1", false, false},
		{"not confirmed", visa, "1", true, false},
	} {
		t.Run(rule.sentence, func(t *testing.T) {
			w := flowtest.NewWorld(t)
			c := w.Dial(flowtest.Ann)
			pin(c)
			full(c)
			newCard(c, rule.number, "0330", "737").Hear("card.save.ask").Press(rule.agree).Hear("confirm.readback.ask")
			if !rule.hangUp {
				c.Press("1")
			}
			c.HangUp()
			methods, err := w.Wallet.Methods(context.Background(), "acc-ann")
			require.NoError(t, err)
			assert.Equal(t, rule.saved, len(methods) == 3)
			if rule.saved {
				assert.Equal(t, "1881", methods[0].Last4)
				assert.False(t, methods[0].Default, "it must not take the place of the default")
			}
		})
	}
}

// The agreement to save a card is about that card: it does not carry over to the next one.
func TestSavingIsAskedForEachCard(t *testing.T) {
	w := flowtest.NewWorld(t)
	c := w.Dial(flowtest.Ann)
	pin(c)
	full(c)
	newCard(c, declined, "0330", "737").Hear("card.save.ask").Press("1")
	yes(c).Hear("charge.declined.ask").Press("1")
	savedVisa(c)
	yes(c).Hear("receipt.approved").HangUp()
	methods, err := w.Wallet.Methods(context.Background(), "acc-ann")
	require.NoError(t, err)
	assert.Len(t, methods, 2)
}

// What a line that captured the card elsewhere reports is taken only if it is a whole card.
func TestCapturedElsewhere(t *testing.T) {
	good := ivr.Captured{Result: "success", Token: paymenttest.TokenMastercard, Brand: string(payment.Mastercard), Last4: "4444", Expiry: "2029-12"}
	with := func(change func(c *ivr.Captured)) ivr.Captured { c := good; change(&c); return c }
	for _, rule := range []struct {
		sentence string
		got      ivr.Captured
		taken    bool
	}{
		{"a token", good, true},
		{"a token of a card without an expiry", with(func(c *ivr.Captured) { c.Expiry = "" }), true},
		{"no success", with(func(c *ivr.Captured) { c.Result = "payment-connector-error" }), false},
		{"no token", with(func(c *ivr.Captured) { c.Token = "" }), false},
		{"an expiry that is none", with(func(c *ivr.Captured) { c.Expiry = "12/29" }), false},
		{"more than the last four digits", with(func(c *ivr.Captured) { c.Last4 = mastercard }), false},
	} {
		t.Run(rule.sentence, func(t *testing.T) {
			w := flowtest.NewWorld(t)
			c := w.Dial(flowtest.Ann)
			pin(c)
			full(c)
			c.Hear("funding.choose.ask").Press("3").Hear("card.ask").Captured(rule.got)
			if !rule.taken {
				c.Hear("card.lost").Hear("funding.choose.ask")
				return
			}
			c.Hear("card.save.ask").Press("2")
			yes(c).Hear("receipt.approved")
			require.Len(t, w.Charges(), 1)
			assert.Equal(t, paymenttest.TokenMastercard, w.Charges()[0].Token)
		})
	}
}

// A postal code has five digits in the United States, and three to ten elsewhere.
func TestPostal(t *testing.T) {
	for _, rule := range []struct{ country, keys, hear string }{
		{"", "10001", "card.save.ask"},
		{"US", "10001", "card.save.ask"},
		{"US", "1000#", "short"},
		{"CH", "8001#", "card.save.ask"},
		{"CH", "80#", "short"},
		{"CH", "12345678901#", "long"},
	} {
		t.Run(rule.country+" "+rule.keys, func(t *testing.T) {
			w := flowtest.NewWorld(t)
			w.Definition.Settings.AskPostal, w.Definition.Settings.Country = true, rule.country
			vault := &seenVault{Vault: w.Sandbox}
			w.Config.Vault = vault
			c := w.Dial(flowtest.Ann)
			pin(c)
			full(c)
			newCard(c, visa, "0330", "737").Hear("card.postal.ask").Press(rule.keys).Hear(rule.hear)
			if rule.hear == "card.save.ask" {
				assert.Equal(t, rule.keys[:len(vault.postal)], vault.postal)
				assert.NotEmpty(t, vault.postal)
			}
		})
	}
}

// A card is tokenised once, however often the vault loses the answer, and cards of one call have different keys.
func TestTokeniseKeys(t *testing.T) {
	w := flowtest.NewWorld(t)
	vault := &seenVault{Vault: w.Sandbox}
	w.Config.Vault = vault
	c := w.Dial(flowtest.Ann)
	pin(c)
	full(c)
	newCard(c, declined, "0330", "737").Hear("card.save.ask").Press("2")
	yes(c).Hear("charge.declined.ask").Press("1")
	newCard(c, visa, "0330", "737").Hear("card.save.ask").Press("2")
	yes(c).Hear("receipt.approved")
	require.Len(t, vault.keys, 2)
	assert.NotEqual(t, vault.keys[0], vault.keys[1])
	assert.Regexp(t, "^[a-z2-7]{26}$", vault.keys[0])
}

type seenVault struct {
	payment.Vault
	keys   []string
	postal string
}

func (v *seenVault) Tokenise(ctx context.Context, c payment.Card, key string) (payment.Token, error) {
	v.keys, v.postal = append(v.keys, key), c.Postal
	return v.Vault.Tokenise(ctx, c, key)
}

// Expired cards are not offered, and no more than five choices are.
func TestMethodsOffered(t *testing.T) {
	w := flowtest.NewWorld(t)
	c := w.Dial(flowtest.Ann)
	pin(c)
	for i, expiry := range []payment.Expiry{{Year: 2026, Month: 2}, {Year: 2026, Month: 3}, {Year: 2027, Month: 1}, {Year: 2028, Month: 1}} {
		m := savedCard(i, expiry)
		_, err := w.Wallet.Save(context.Background(), "acc-ann", m)
		require.NoError(t, err)
	}
	full(c)
	c.Hear("funding.choose.ask").NotHear("one zero zero zero")
	assert.Equal(t, []string{"brand.visa", "brand.visa", "brand.visa", "brand.visa", "funding.new"}, c.Turn.Listen.Hints)
	c.Say("visa").Hear("nomatch").Say("two").Hear("one zero zero three")
}
