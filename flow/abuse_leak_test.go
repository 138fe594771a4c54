package flow_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/wallet"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// allStored is everything that the store has of a call.
func allStored(t testing.TB, store *flow.Memory, call string) string {
	t.Helper()
	snap, items, err := store.Load(context.Background(), call)
	require.NoError(t, err)
	all := string(snap.Data)
	for _, it := range items {
		all += string(it.Data)
	}
	return all
}

// A card that was captured elsewhere comes back as a token. What is no token, no brand, or no card that can be charged,
// is refused, and none of it is stored.
func TestWrongCaptured(t *testing.T) {
	good := ivr.Captured{Result: "success", Token: "tok_visa", Brand: "visa", Last4: "4242", Expiry: "2030-12"}
	for _, rule := range []struct {
		sentence string
		harm     func(got *ivr.Captured)
		not      string // must not be stored
	}{
		{"the number as brand", func(got *ivr.Captured) { got.Brand = visa }, visa},
		{"the number as token", func(got *ivr.Captured) { got.Token = visa }, visa},
		{"the number as its end", func(got *ivr.Captured) { got.Last4 = visa }, visa},
		{"a token of a megabyte", func(got *ivr.Captured) { got.Token = strings.Repeat("t", 1<<20) }, "tttt"},
		{"an unknown brand", func(got *ivr.Captured) { got.Brand = "platinum" }, "platinum"},
		{"a card that has expired", func(got *ivr.Captured) { got.Expiry = "2026-02" }, "2026-02\""},
		{"an expiry that is no month", func(got *ivr.Captured) { got.Expiry = "2030-13" }, "2030-13"},
	} {
		t.Run(rule.sentence, func(t *testing.T) {
			w, store := stored(t)
			w.Config.Wallet = nil
			got := good
			rule.harm(&got)
			c := w.Dial(flowtest.Ann)
			pin(c)
			full(c).Hear("card.ask").Captured(got).Hear("card.lost").Hear("card.ask")
			assert.NotContains(t, allStored(t, store, "call-1"), rule.not)
			c.Captured(good).Hear("confirm.readback.ask")
		})
	}
}

// retoldVault is a vault that tells of its tokens as it likes.
type retoldVault struct {
	payment.Vault
	change func(token *payment.Token)
}

func (v retoldVault) Tokenise(ctx context.Context, c payment.Card, key string) (payment.Token, error) {
	token, err := v.Vault.Tokenise(ctx, c, key)
	v.change(&token)
	return token, err
}

// A vault whose answer has the card number in it is not believed, and nothing of the answer is stored.
func TestVaultTellsNumber(t *testing.T) {
	for sentence, change := range map[string]func(token *payment.Token){
		"as token":   func(token *payment.Token) { token.ID = visa },
		"as brand":   func(token *payment.Token) { token.Brand = visa },
		"as its end": func(token *payment.Token) { token.Last4 = visa },
	} {
		t.Run(sentence, func(t *testing.T) {
			w, store := stored(t)
			w.Config.Vault = retoldVault{w.Sandbox, change}
			c := w.Dial(flowtest.Ann)
			pin(c)
			full(c)
			newCard(c, visa, "0330", "737").Transferred("technical")
			assert.NotContains(t, allStored(t, store, "call-1"), visa)
		})
	}
}

// A wallet that has the card number in a method does not get it into the store.
func TestWalletTellsNumber(t *testing.T) {
	for sentence, change := range map[string]func(m *wallet.Method){
		"as ID":      func(m *wallet.Method) { m.ID = visa },
		"as token":   func(m *wallet.Method) { m.Token = visa },
		"as brand":   func(m *wallet.Method) { m.Brand = visa },
		"as its end": func(m *wallet.Method) { m.Last4 = visa },
	} {
		t.Run(sentence, func(t *testing.T) {
			w, store := stored(t)
			w.Config.Wallet = retold{w.Wallet, change}
			c := w.Dial(flowtest.Ann)
			pin(c)
			full(c).Hear("card.ask")
			assert.NotContains(t, allStored(t, store, "call-1"), visa)
		})
	}
}

// halfACard is a call whose keeper holds a card number.
func halfACard(t testing.TB, now func(*flowtest.Clock) time.Time) (*flowtest.World, *flow.MemoryKeeper, *flowtest.Caller) {
	w, _ := stored(t)
	keeper := flow.NewMemoryKeeper(func() time.Time { return now(w.Clock) })
	w.Config.Keeper = keeper
	c := w.Dial(flowtest.Ann)
	pin(c)
	full(c)
	c.Hear("funding.choose.ask").Press("3").Hear("card.ask").Press(visa + "#").Hear("card.expiry.ask")
	kept, err := keeper.Get(context.Background(), "call-1", "number")
	require.NoError(t, err)
	kept.Clear()
	return w, keeper, c
}

// A caller who has gone has gone, however late that is reported: the call is parked, and what was kept is overwritten.
func TestLateHangUp(t *testing.T) {
	w, keeper, c := halfACard(t, (*flowtest.Clock).Now)
	turn, err := w.Engine().Handle(context.Background(), "call-1", ivr.Input{Kind: ivr.HangUp, Turn: c.Turn.Seq - 1})
	require.NoError(t, err)
	assert.Equal(t, ivr.ActionHangUp, turn.Action)
	_, err = keeper.Get(context.Background(), "call-1", "number")
	assert.ErrorIs(t, err, flow.ErrNotKept)
}

// A sweep overwrites what was kept too long, although no other call asks for anything.
func TestSweepExpiresKept(t *testing.T) {
	var back time.Duration // the keeper itself overwrites it when it is asked: so ask in the past
	w, keeper, _ := halfACard(t, func(c *flowtest.Clock) time.Time { return c.Now().Add(-back) })
	w.Sweep(5 * time.Minute)
	kept, err := keeper.Get(context.Background(), "call-1", "number")
	require.NoError(t, err, "there is time left")
	kept.Clear()
	w.Sweep(6 * time.Minute)
	back = 11 * time.Minute
	_, err = keeper.Get(context.Background(), "call-1", "number")
	assert.ErrorIs(t, err, flow.ErrNotKept)
}

// slowDirectory never answers in time.
type slowDirectory struct{ auth.Directory }

func (slowDirectory) ByNumber(ctx context.Context, _ string) (auth.Account, error) {
	<-ctx.Done()
	return auth.Account{}, ctx.Err()
}

// Callers key their PIN where the account number is asked, or both in one go: what was keyed is in no snapshot.
func TestKeyedAccountIsNotStored(t *testing.T) {
	for _, directory := range []func(auth.Directory) auth.Directory{
		func(d auth.Directory) auth.Directory { return d },
		func(d auth.Directory) auth.Directory { return slowDirectory{d} },
	} {
		w, store := stored(t)
		w.Config.Directory = directory(w.Config.Directory)
		w.Definition.Settings.Budget = time.Millisecond
		c := w.DialAs(ivr.Call{})
		c.Press("1").Hear("identify.account.ask")
		turn, err := w.Engine().Handle(context.Background(), "call-1", ivr.Input{Kind: ivr.Keys, Keys: "100123457391#", Turn: c.Turn.Seq})
		require.NoError(t, err)
		require.NotEqual(t, c.Turn.Seq, turn.Seq, fmt.Sprint(turn.Prompts))
		for _, part := range []string{"7391", "10012345"} {
			assert.NotContains(t, allStored(t, store, "call-1"), part)
		}
	}
}
