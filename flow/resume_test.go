package flow_test

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/dialpay/dialpay/wallet"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hooked is a Store in which something happens first.
type hooked struct {
	*flow.Memory
	commit func(txs []flow.Tx)
	find   func() error
}

func (h *hooked) Commit(ctx context.Context, txs ...flow.Tx) error {
	if h.commit != nil {
		h.commit(txs)
	}
	return h.Memory.Commit(ctx, txs...)
}

func (h *hooked) Find(ctx context.Context, name string, limit int) ([]string, error) {
	if h.find != nil {
		if err := h.find(); err != nil {
			return nil, err
		}
	}
	return h.Memory.Find(ctx, name, limit)
}

// Between the loading and the commit of the one call's answer comes the other's. The first commit wins; the second call
// is told, whether its line numbers the turns or not.
func TestResumeRace(t *testing.T) {
	for _, numbered := range []bool{true, false} {
		w := flowtest.NewWorld(t)
		store := &hooked{Memory: flow.NewMemory(w.Clock.Now)}
		w.Config.Store = store
		ready(w.Dial(flowtest.Ann)).Hear("confirm.readback.ask").HangUp()
		first, second := w.Dial(flowtest.Ann), w.Dial(flowtest.Ann)
		for _, c := range []*flowtest.Caller{first, second} {
			pin(c)
			c.Hear("resume.offer.ask")
		}
		answer := func(id string, c *flowtest.Caller) ivr.Turn {
			in := ivr.Input{Kind: ivr.Keys, Keys: "1", Heard: true}
			if numbered {
				in.Turn = c.Turn.Seq
			}
			turn, err := w.Engine().Handle(t.Context(), id, in)
			require.NoError(t, err)
			return turn
		}
		var faster ivr.Turn
		store.commit = func(txs []flow.Tx) {
			if txs[0].Session == "call-3" && len(txs) == 2 {
				store.commit = nil
				faster = answer("call-2", first)
			}
		}
		slower := answer("call-3", second)
		require.NotEmpty(t, faster.Prompts)
		assert.Equal(t, "confirm.pay", faster.Prompts[0].Key)
		assert.Equal(t, "resume.gone", slower.Prompts[0].Key)
		assert.Equal(t, "call-2", session(t, store, "call-1").TakenBy)
	}
}

// Who drops at the offer loses nothing, and neither does who drops after it.
func TestResumeAfterAnotherDrop(t *testing.T) {
	w := flowtest.NewWorld(t)
	ready(w.Dial(flowtest.Ann)).Hear("confirm.readback.ask").HangUp()
	c := w.Dial(flowtest.Ann)
	pin(c)
	c.Hear("resume.offer.ask").HangUp()
	c = w.Dial(flowtest.Ann)
	pin(c)
	c.Hear("resume.offer.ask").Press("1").Hear("confirm.readback.ask").HangUp()
	c = w.Dial(flowtest.Ann)
	pin(c)
	c.Hear("resume.offer.ask").Press("1")
	yes(c).Hear("receipt.approved").HangUp()
	c = w.Dial(flowtest.Ann)
	pin(c)
	c.NotHear("cut off")
	assert.Len(t, w.Charges(), 1)
}

// A call is gone on with for as long as the settings say, and not by another account.
func TestResumeEnds(t *testing.T) {
	w := flowtest.NewWorld(t)
	ready(w.Dial(flowtest.Ann)).Hear("confirm.readback.ask").HangUp()
	c := w.Dial(flowtest.Ben)
	c.Hear("identify.pin.ask").Press("9876#").Hear("bill.choose.ask")
	w.Clock.Advance(25 * time.Hour)
	c = w.Dial(flowtest.Ann)
	pin(c)
	c.Hear("amount.ask")
}

// Who went back from the read-back to another amount was about to pay that one.
func TestResumeAfterGoingBack(t *testing.T) {
	w := flowtest.NewWorld(t)
	c := w.Dial(flowtest.Ann)
	ready(c).Hear("confirm.readback.ask").Press("*")
	c.Hear("funding.choose.ask").Press("*")
	c.Hear("amount.ask").Press("2")
	c.Hear("funding.choose.ask").HangUp()
	pin(w.Dial(flowtest.Ann)).Hear("resume.offer.ask").Hear("twenty-five dollars")
}

// A card that was keyed in the earlier call takes the level of a saved one: who calls now may know less than who keyed
// it.
func TestResumeWithAKeyedCard(t *testing.T) {
	w := flowtest.NewWorld(t)
	w.Config.Policy = auth.StrictPolicy().With(w.Config.Factors...)
	c := w.Dial(flowtest.Ben)
	c.Hear("identify.pin.ask").Press("9876#").Hear("bill.choose.ask").Press("2")
	c.Hear("amount.ask").Press("2")
	keyCard(c, visa, "1230", "123")
	c.Hear("confirm.readback.ask").HangUp()
	c = w.Dial(flowtest.Ben)
	c.Hear("identify.pin.ask").Press("9876#").Hear("resume.offer.ask").Press("1")
	c.NotHear("1881").Hear("identify.code.ask").Press(w.Codes.Last + "#")
	yes(c).Hear("receipt.approved")
}

// A card is saved when somebody has agreed to it in the call that pays with it.
func TestResumeSavesNoCard(t *testing.T) {
	w := flowtest.NewWorld(t)
	ben := func() *flowtest.Caller {
		c := w.Dial(flowtest.Ben)
		return c.Hear("identify.pin.ask").Press("9876#")
	}
	c := ben().Hear("bill.choose.ask").Press("2").Hear("amount.ask").Press("2")
	keyCard(c, visa, "1230", "123").Hear("card.save.ask").Press("1")
	c.Hear("confirm.readback.ask").HangUp()
	c = ben().Hear("resume.offer.ask").Press("1")
	yes(c).Hear("receipt.approved").HangUp()
	saved, err := w.Wallet.Methods(t.Context(), "acc-ben")
	require.NoError(t, err)
	assert.Empty(t, saved)
}

// A caller who holds the line for ten minutes does not lose the payment to another one on the account. One who comes back
// when it was taken over is told so at the yes, and is charged nothing.
func TestResumeOfAHeldCall(t *testing.T) {
	for _, held := range []time.Duration{10 * time.Minute, 31 * time.Minute} {
		w := flowtest.NewWorld(t)
		first := w.Dial(flowtest.Ann)
		pin(first)
		first.Hear("amount.ask").Press("2")
		first.Hear("funding.choose.ask")
		w.Clock.Advance(held)
		other := w.DialAs(english(flowtest.Stranger))
		other.Hear("identify.account.ask").Press("10012345#")
		pin(other)
		if held < 30*time.Minute {
			other.Hear("amount.ask").HangUp()
			savedVisa(first)
			yes(first).Hear("receipt.approved")
			assert.Len(t, w.Charges(), 1)
			continue
		}
		other.Hear("resume.offer.ask").Press("1")
		savedVisa(other)
		savedVisa(first)
		yes(first).Hear("resume.gone").Hear("more.ask")
		assert.Empty(t, w.Charges())
		yes(other).Hear("receipt.approved")
		assert.Len(t, w.Charges(), 1)
	}
}

// A saved card that was removed meanwhile is not paid with.
func TestResumeWithoutTheSavedCard(t *testing.T) {
	w := flowtest.NewWorld(t)
	cards := &shrinking{Wallet: w.Wallet}
	w.Config.Wallet = cards
	ready(w.Dial(flowtest.Ann)).Hear("confirm.readback.ask").HangUp()
	cards.without = payment.Visa
	c := w.Dial(flowtest.Ann)
	pin(c)
	c.Hear("resume.offer.ask").Press("1").Hear("funding.choose.ask").NotHear("Visa")
}

// shrinking is a wallet from which a brand can be taken.
type shrinking struct {
	wallet.Wallet
	without payment.Brand
}

func (s *shrinking) Methods(ctx context.Context, account string) ([]wallet.Method, error) {
	all, err := s.Wallet.Methods(ctx, account)
	return slices.DeleteFunc(all, func(m wallet.Method) bool { return m.Brand == s.without }), err
}

// A store that cannot find earlier calls is no reason to give the caller to a person.
func TestResumeWithoutFind(t *testing.T) {
	w := flowtest.NewWorld(t)
	store := &hooked{Memory: flow.NewMemory(w.Clock.Now)}
	w.Config.Store = store
	c := w.Dial(flowtest.Ann)
	store.find = func() error { return errors.New("down") }
	pin(c)
	c.Hear("amount.ask")
	assert.Empty(t, session(t, store, "call-1").Reason)
}

func session(t *testing.T, store flow.Store, id string) (s flow.Session) {
	t.Helper()
	snap, _, err := store.Load(t.Context(), id)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(snap.Data, &s))
	return s
}

// However often a customer has asked meanwhile, the call after the end of a payment tells how it ended: there may be
// nobody who sends a message.
func TestResumeAfterManyCalls(t *testing.T) {
	w, store := stored(t)
	w.Config.Messenger = nil
	w.Sandbox.Inject(paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.Down, Delay: 30 * time.Minute})
	c := w.Dial(flowtest.Ann)
	ready(c)
	yes(c).Hear("charge.unknown").Over()
	for range 7 {
		w.Clock.Advance(time.Minute)
		pin(w.Dial(flowtest.Ann)).Hear("resume.open.ask").HangUp()
	}
	for range 60 {
		w.Sweep(time.Minute)
	}
	require.Equal(t, payment.StatePaid, payments(t, store, "call-1")[0].State)
	pin(w.Dial(flowtest.Ann)).Hear("resume.approved")
}

// Whoever paid from a bank account is sent the written notice also when they heard in the next call that it was approved.
func TestResumeOfABankPayment(t *testing.T) {
	w, store := stored(t)
	c := w.Dial(flowtest.Ann)
	full(pin(c)).Hear("funding.choose.ask").Press("2")
	yes(c).Hear("receipt.approved").HangUp()
	pin(w.Dial(flowtest.Ann)).Hear("resume.approved").Press("1").NotHear("resume.approved").HangUp()
	w.Sweep(10 * time.Minute)
	require.Len(t, w.Messages.Sent, 1)
	assert.Contains(t, w.Messages.Sent[0].Text, "bank account")
	assert.Empty(t, open(t, store, "call-1"))
	pin(w.Dial(flowtest.Ann)).NotHear("resume.approved")
}
