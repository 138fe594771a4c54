package flow_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/dialpay/dialpay/wallet"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func savedCard(i int, expiry payment.Expiry) wallet.Method {
	return wallet.Method{Kind: payment.KindCard, Token: fmt.Sprintf("tok_%d", i), Brand: payment.Visa,
		Last4: fmt.Sprintf("%04d", 1000+i), Expiry: expiry}
}

// stored is a World whose store can be looked into.
func stored(t testing.TB) (*flowtest.World, *flow.Memory) {
	w := flowtest.NewWorld(t)
	store := flow.NewMemory(w.Clock.Now)
	w.Config.Store = store
	return w, store
}

// open are the keys of the items of a call that are not done, by kind.
func open(t testing.TB, store *flow.Memory, call string) map[flow.ItemKind]time.Time {
	_, items, err := store.Load(context.Background(), call)
	require.NoError(t, err)
	due := map[flow.ItemKind]time.Time{}
	for _, it := range items {
		if !it.Due.IsZero() {
			due[it.Kind] = it.Due
		}
	}
	return due
}

// One payment of a bill at a time. The next one may begin when the one before has failed, or when the biller knows of
// it: before that the balance that the biller names is the old one.
func TestClaims(t *testing.T) {
	down := paymenttest.Fault{Kind: paymenttest.Down, Delay: time.Minute}
	for _, rule := range []struct {
		sentence string
		first    func(w *flowtest.World, c *flowtest.Caller) // pays
		between  func(w *flowtest.World)
		taken    bool
	}{
		{"while it is not known how it ended", func(w *flowtest.World, c *flowtest.Caller) {
			w.Sandbox.Inject(paymenttest.Authorise, down)
			yes(c).Hear("charge.unknown")
		}, nil, true},
		{"after it was approved later", func(w *flowtest.World, c *flowtest.Caller) {
			w.Sandbox.Inject(paymenttest.Authorise, down)
			yes(c).Hear("charge.unknown")
		}, func(w *flowtest.World) { w.Sweep(10 * time.Minute) }, false},
		{"while the biller has not been told", func(w *flowtest.World, c *flowtest.Caller) {
			w.Biller.PostDown = true
			yes(c).Hear("receipt.approved")
			w.Biller.PostDown = false
		}, nil, true},
		{"after the biller was told", func(w *flowtest.World, c *flowtest.Caller) {
			yes(c).Hear("receipt.approved")
		}, nil, false},
		{"after a decline", func(w *flowtest.World, c *flowtest.Caller) {
			w.Sandbox.Inject(paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.Decline, Class: payment.OtherMethod})
			yes(c).Hear("charge.declined.ask")
		}, nil, false},
		{"before a yes nothing is taken", func(w *flowtest.World, c *flowtest.Caller) { c.Hear("confirm.readback.ask") }, nil, false},
	} {
		t.Run(rule.sentence, func(t *testing.T) {
			w, _ := stored(t)
			first, second := w.Dial(flowtest.Ann), w.Dial(flowtest.Ann)
			for _, c := range []*flowtest.Caller{first, second} {
				pin(c)
				c.Hear("amount.ask").Press("2") // the minimum can be paid twice
				savedVisa(c)
			}
			rule.first(w, first)
			if rule.between != nil {
				rule.between(w)
			}
			yes(second)
			if rule.taken {
				second.Hear("charge.taken")
				return
			}
			second.Hear("receipt.approved")
		})
	}
}

// A customer who heard how it ended gets no message of it; everybody else does, after the time in which a caller on the
// line chooses.
func TestReceiptIsSentUnlessTold(t *testing.T) {
	for _, rule := range []struct {
		sentence string
		end      func(c *flowtest.Caller)
		sent     []flow.Channel
	}{
		{"hung up during the receipt", func(c *flowtest.Caller) { c.HangUp() }, []flow.Channel{flow.SMS}},
		{"wanted none", func(c *flowtest.Caller) { c.Press("3").HangUp() }, nil},
		{"wanted a text message", func(c *flowtest.Caller) { c.Press("1").HangUp() }, []flow.Channel{flow.SMS}},
		{"wanted an e-mail", func(c *flowtest.Caller) { c.Press("2").HangUp() }, []flow.Channel{flow.Email}},
		{"said nothing more", func(c *flowtest.Caller) { c.Silence().Silence().Silence().Over() }, []flow.Channel{flow.SMS}},
		{"asked for a person", func(c *flowtest.Caller) { c.Press("0").HangUp() }, []flow.Channel{flow.SMS}},
	} {
		t.Run(rule.sentence, func(t *testing.T) {
			w, store := stored(t)
			c := w.Dial(flowtest.Ann)
			ready(c)
			rule.end(yes(c).Hear("receipt.ask"))
			for range 10 {
				w.Sweep(time.Minute)
			}
			var sent []flow.Channel
			for _, m := range w.Messages.Sent {
				sent = append(sent, m.Channel)
			}
			assert.Equal(t, rule.sent, sent)
			assert.Empty(t, open(t, store, "call-1"))
		})
	}
}

// What is in the outbox falls due when a live call cannot be at work on it any more.
func TestDueTimes(t *testing.T) {
	w, store := stored(t)
	c := w.Dial(flowtest.Ann)
	ready(c)
	w.Biller.PostDown = true
	yes(c)
	now := w.Clock.Now()
	c.Hear("receipt.ask")
	due := open(t, store, "call-1")
	assert.NotContains(t, due, flow.ItemPayment, "a payment that has ended is done")
	assert.WithinRange(t, due[flow.ItemPosting], now, now.Add(30*time.Second))
	assert.WithinRange(t, due[flow.ItemReceipt], now.Add(2*time.Minute), now.Add(3*time.Minute))
	n, err := w.Engine().Sweep(context.Background(), 100)
	require.NoError(t, err)
	assert.Zero(t, n, "nothing is due while the caller is on the line")
}

// A caller hears generic words for what must not be told, and the words of the class for the rest.
func TestDeclineWords(t *testing.T) {
	for class, want := range map[payment.DeclineClass]string{
		payment.CorrectEntry: "charge.declined.entry", payment.OtherMethod: "charge.declined.other",
		payment.TryLater: "charge.declined.later", payment.NeverRetry: "charge.declined.never",
		"a class of tomorrow": "charge.declined.other",
	} {
		t.Run(string(class), func(t *testing.T) {
			w, _ := stored(t)
			w.Sandbox.Inject(paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.Decline, Class: class, Code: "stolen_card"})
			c := w.Dial(flowtest.Ann)
			ready(c)
			yes(c).Hear(want).NotHear("stolen").NotHear("lost").NotHear("fraud")
			assert.Empty(t, w.Charges())
		})
	}
}

// Every charge that follows a decline is a new payment with a new key, and asks for what was read back for it.
func TestEachTryIsReadBack(t *testing.T) {
	w, _ := stored(t)
	w.Sandbox.Inject(paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.Decline, Class: payment.OtherMethod})
	w.Config.Fees = fee{250}
	c := w.Dial(flowtest.Ann)
	ready(c)
	yes(c).Hear("charge.declined.ask").Press("1")
	c.Hear("funding.choose.ask").Press("2")
	c.Hear("confirm.fee").Hear("First Bank").Press("2")
	c.Hear("amount.ask").Press("2")
	c.Hear("funding.choose.ask").Press("2")
	yes(c).Hear("receipt.approved")
	charges := w.Sandbox.Charges()
	require.Len(t, charges, 2)
	assert.NotEqual(t, charges[0].Key, charges[1].Key)
	assert.NotEqual(t, charges[0].Payment, charges[1].Payment)
	assert.Equal(t, money(12345+250, "USD"), charges[0].Amount)
	assert.Equal(t, money(2500+250, "USD"), charges[1].Amount)
	assert.Equal(t, money(2500, "USD"), w.Biller.Posted[0].Amount, "the fee is not the biller's")
}

// Who asks for a receipt is sent it, also when another call has told meanwhile that the payment was approved.
func TestReceiptAfterAnotherCallTold(t *testing.T) {
	w, _ := stored(t)
	w.Messages.Down = true
	c := w.Dial(flowtest.Ann)
	ready(c)
	yes(c).Hear("receipt.approved")
	pin(w.Dial(flowtest.Ann)).Hear("resume.approved").Press("1").HangUp()
	turn, err := w.Engine().Handle(t.Context(), "call-1", ivr.Input{Kind: ivr.Keys, Keys: "1", Turn: c.Turn.Seq, Heard: true})
	require.NoError(t, err)
	require.Equal(t, "receipt.later", turn.Prompts[0].Key)
	w.Messages.Down = false
	w.Sweep(5 * time.Minute)
	require.Len(t, w.Messages.Sent, 1)
	assert.Contains(t, w.Messages.Sent[0].Text, "was approved")
}

// Bank accounts go to a processor of their own where there is one.
func TestBankProcessor(t *testing.T) {
	w, _ := stored(t)
	bank := paymenttest.New(paymenttest.Config{Now: w.Clock.Now, Direct: true, Profile: payment.Profile{Name: "ach"}})
	w.Config.Bank = bank
	c := w.Dial(flowtest.Ann)
	pin(c)
	full(c)
	c.Hear("funding.choose.ask").Press("2")
	yes(c).Hear("receipt.approved")
	assert.Empty(t, w.Sandbox.Charges())
	require.Len(t, bank.Charges(), 1)
	assert.Equal(t, paymenttest.Captured, bank.Charges()[0].State)
}

// A balance that changed while the caller was choosing does not change what was read back.
func TestReadBackIsWhatIsCharged(t *testing.T) {
	w, _ := stored(t)
	c := w.Dial(flowtest.Ann)
	ready(c).Hear("one hundred twenty-three dollars and forty-five cents")
	w.Biller.Open["acc-ann"][0].Balance = money(99999, "USD")
	yes(c).Hear("receipt.approved")
	assert.Equal(t, money(12345, "USD"), w.Charges()[0].Amount)
}

// A person learns what a screen needs, and nothing secret.
func TestTransferContext(t *testing.T) {
	w, _ := stored(t)
	w.Sandbox.Inject(paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.Decline, Class: payment.OtherMethod})
	c := w.Dial(flowtest.Ann)
	pin(c)
	full(c)
	newCard(c, visa, "0330", "737").Hear("card.save.ask").Press("2")
	yes(c).Hear("charge.declined.ask").Press("0")
	assert.Equal(t, ivr.Transfer{To: "desk", Reason: "asked", Context: map[string]string{"call": "call-1", "locale": "en-US",
		"account": "acc-ann", "bill": "w-1", "level": "identified", "amount": "123.45 USD", "payment": "pay-3"}}, c.Turn.Transfer)
}

// payments are the payments of a call, as they are stored.
func payments(t testing.TB, store *flow.Memory, call string) (all []payment.Payment) {
	_, items, err := store.Load(context.Background(), call)
	require.NoError(t, err)
	for _, it := range items {
		if it.Kind == flow.ItemPayment {
			var p payment.Payment
			require.NoError(t, json.Unmarshal(it.Data, &p))
			all = append(all, p)
		}
	}
	return all
}
