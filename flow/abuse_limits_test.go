package flow_test

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"
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

// A line that reports over and over that it has spoken the prompts of a question changes nothing.
func TestPromptEndedAtAQuestion(t *testing.T) {
	h := newByHand(t)
	turn := h.until("amount.ask")
	before, _, err := h.store.Load(context.Background(), callID)
	require.NoError(t, err)
	for i := range 1000 {
		require.Equal(t, turn, h.give(ivr.Input{Kind: ivr.PromptEnded, Turn: turn.Seq * (i % 2)}))
	}
	after, _, err := h.store.Load(context.Background(), callID)
	require.NoError(t, err)
	assert.Equal(t, before, after)
}

// What a line says of a call is cut to a size that can be stored with every turn, and the call goes on.
func TestHugeCallerNumber(t *testing.T) {
	w, store := stored(t)
	huge := strings.Repeat("+1", 1<<19)
	call := ivr.Call{From: huge, To: huge, Attestation: huge, Locale: huge}
	for range 2 {
		turn, err := w.Engine().Handle(context.Background(), callID, ivr.Input{Kind: ivr.Answered, Call: call})
		require.NoError(t, err, "the second time it is the same call")
		assert.True(t, says(turn, "identify.account.ask"), "%v", turn.Prompts)
	}
	assert.Less(t, len(allStored(t, store, callID)), 4096)
}

// A session whose state the dialogue has no more is still driven to its end by the sweeper.
func TestSweepOfAnotherDialogue(t *testing.T) {
	w, store := stored(t)
	w.Sandbox.Inject(paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.Down, Delay: time.Minute})
	c := w.Dial(flowtest.Ann)
	ready(c)
	yes(c).Hear("charge.unknown").Over()
	rewrite(t, store, "call-1", map[string]any{"state": "charge.pending"})
	for range 10 {
		w.Sweep(time.Minute)
	}
	assert.Len(t, w.Charges(), 1)
	assert.Len(t, w.Biller.Posted, 1)
	require.Len(t, w.Messages.Sent, 1)
	assert.Contains(t, w.Messages.Sent[0].Text, "was approved")
	assert.Empty(t, open(t, store, "call-1"))
}

// A call whose language the dialogue has no more goes on in the first one.
func TestLanguageGone(t *testing.T) {
	h := newByHand(t)
	turn := h.until("amount.ask")
	rewrite(t, h.store, callID, map[string]any{"locale": "fr-FR"})
	turn = h.give(answer(turn))
	assert.True(t, says(turn, "funding.choose.ask"), "%v", turn.Prompts)
	assert.Equal(t, "en-US", turn.Locale)
}

// rewrite changes fields of a stored session.
func rewrite(t testing.TB, store *flow.Memory, call string, fields map[string]any) {
	t.Helper()
	snap, _, err := store.Load(context.Background(), call)
	require.NoError(t, err)
	session := map[string]any{}
	require.NoError(t, json.Unmarshal(snap.Data, &session))
	for name, value := range fields {
		session[name] = value
	}
	data, err := json.Marshal(session)
	require.NoError(t, err)
	err = store.Commit(context.Background(), flow.Tx{Session: call, Expect: snap.Version, Next: data})
	require.NoError(t, err)
}

// moody is a biller, a messenger and somebody who calls back, of which each does what it is told for the first
// customer, and its work for all others.
type moody struct {
	*flowtest.World
	mood func() error
}

func (m moody) Bills(ctx context.Context, account string) ([]payment.Bill, error) {
	if account == "acc-ann" {
		return nil, m.mood()
	}
	return m.Biller.Bills(ctx, account)
}

func (m moody) Post(ctx context.Context, p payment.Posting) error {
	if p.Account == "acc-ann" {
		return m.mood()
	}
	return m.Biller.Post(ctx, p)
}

func (m moody) Send(ctx context.Context, msg flow.Message) error {
	if msg.Account == "acc-ann" {
		return m.mood()
	}
	return m.Messages.Send(ctx, msg)
}

func (m moody) Dial(ctx context.Context, d flow.Dial) error {
	if d.Number == flowtest.Ann {
		return m.mood()
	}
	return m.Dialler.Dial(ctx, d)
}

// What cannot be done for one customer, because a collaborator fails or panics, does not keep the next one waiting, also
// where a sweep takes one item at a time.
func TestSweepIsNotHeldUp(t *testing.T) {
	for sentence, mood := range map[string]func() error{
		"fails":  func() error { return flowtest.ErrDown },
		"panics": func() error { panic("a collaborator") },
	} {
		t.Run(sentence, func(t *testing.T) {
			w, _ := stored(t)
			w.People.Closed, w.Biller.PostDown = true, true
			for _, who := range [][2]string{{flowtest.Ann, "1234#"}, {flowtest.Ben, "9876#"}} { // Ann's are due first
				pays := upToReadBack(w.DialAs(english(who[0])), who[1])
				yes(pays).Hear("receipt.approved").Press("0")
				pays.Hear("callback.offer.ask").Press("1").Hear("callback.saved").Over()
			}
			w.Biller.PostDown = false
			m := moody{w, mood}
			w.Config.Biller, w.Config.Messenger, w.Config.Dialler = m, m, m
			e, err := flow.New(w.Config)
			require.NoError(t, err)
			for range 20 {
				w.Clock.Advance(time.Minute)
				require.NotPanics(t, func() { _, err = e.Sweep(context.Background(), 1) })
			}
			assert.Len(t, w.Biller.Posted, 1)
			assert.Len(t, w.Messages.Sent, 1)
			assert.NotEmpty(t, w.Dialler.Dialled)
		})
	}
}

// A payment whose bill cannot be looked at does not keep the next payment waiting.
func TestSweepIsNotHeldUpByABill(t *testing.T) {
	w, _ := stored(t)
	ann, ben := upToReadBack(w.Dial(flowtest.Ann), "1234#"), upToReadBack(w.DialAs(english(flowtest.Ben)), "9876#")
	w.Biller.Down = true
	yes(ann).Hear("charge.unknown").Over()
	yes(ben).Hear("charge.unknown").Over()
	w.Biller.Down = false
	w.Config.Biller = moody{w, func() error { return flowtest.ErrDown }}
	e, err := flow.New(w.Config)
	require.NoError(t, err)
	for range 10 {
		w.Clock.Advance(time.Minute)
		_, _ = e.Sweep(context.Background(), 1)
	}
	assert.Len(t, w.Charges(), 1)
	require.Len(t, w.Biller.Posted, 1)
	assert.Equal(t, "acc-ben", w.Biller.Posted[0].Account)
}

// upToReadBack keys whatever is asked for, the first option as a rule, until the payment is read back.
func upToReadBack(c *flowtest.Caller, pin string) *flowtest.Caller {
	keys := map[string]string{"identify.pin.ask": pin, "card.ask": visa + "#", "card.expiry.ask": "0330", "card.cvv.ask": "737"}
	for c.Turn.Action != ivr.ActionTransfer {
		press := "1"
		for _, p := range c.Turn.Prompts {
			if p.Key == "confirm.readback.ask" {
				return c
			}
			press = cmp.Or(keys[p.Key], press)
		}
		c.Press(press)
	}
	return c
}

// panicking is a processor that panics.
type panicking struct{ *paymenttest.Sandbox }

func (panicking) Authorise(context.Context, payment.Charge) (payment.Outcome, error) {
	panic("a processor")
}

// A payment whose processor panics is looked at again, and is paid once by one that does not.
func TestSweepSurvivesProcessor(t *testing.T) {
	h := newByHand(t)
	turn := h.until("confirm.readback.ask")
	require.Equal(t, ivr.ActionWait, h.give(answer(turn)).Action) // and the line dies
	broken := h.w.Config
	broken.Processor = panicking{h.w.Sandbox}
	e, err := flow.New(broken)
	require.NoError(t, err)
	for range 5 {
		h.w.Clock.Advance(time.Minute)
		require.NotPanics(t, func() { _, err = e.Sweep(context.Background(), 1) })
	}
	assert.Empty(t, h.w.Sandbox.Charges())
	for range 30 {
		h.w.Sweep(time.Minute)
	}
	assert.Len(t, h.w.Charges(), 1)
	assert.Len(t, h.w.Biller.Posted, 1)
}

// cancelling are a wallet and a processor during whose work the turn is cut short from outside.
type cancelling struct {
	wallet.Wallet
	*paymenttest.Sandbox
	at     string
	cancel context.CancelFunc
}

func (c *cancelling) Methods(ctx context.Context, account string) ([]wallet.Method, error) {
	if c.at == "wallet" {
		c.cancel()
		return nil, ctx.Err()
	}
	return c.Wallet.Methods(ctx, account)
}

func (c *cancelling) Authorise(ctx context.Context, charge payment.Charge) (payment.Outcome, error) {
	if c.at == "processor" {
		c.cancel()
		return payment.Outcome{}, ctx.Err()
	}
	return c.Sandbox.Authorise(ctx, charge)
}

// A turn that is cut short leaves the call where it was stored last: it is not given to a person, and the same input
// again goes on.
func TestCancelledTurn(t *testing.T) {
	for at, hear := range map[string][2]string{"wallet": {"amount.ask", "funding.choose.ask"}, "processor": {"charge.hold", "receipt.approved"}} {
		t.Run(at, func(t *testing.T) {
			h := newByHand(t)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			with := &cancelling{Wallet: h.w.Wallet, Sandbox: h.w.Sandbox, cancel: cancel}
			h.w.Config.Wallet, h.w.Config.Processor = with, with
			e, err := flow.New(h.w.Config)
			require.NoError(t, err)
			h.e = e
			in := answer(h.until(hear[0]))
			with.at = at
			turn, err := e.Handle(ctx, callID, copied(in))
			assert.ErrorIs(t, err, context.Canceled)
			assert.True(t, says(turn, "sorry"))
			with.at = ""
			turn = h.give(in)
			for turn.Action == ivr.ActionWait {
				turn = h.give(answer(turn))
			}
			assert.True(t, says(turn, hear[1]), "%v", turn.Prompts)
			assert.LessOrEqual(t, len(h.w.Sandbox.Charges()), 1)
		})
	}
}

// A receipt that cannot be sent at once goes out later, on the channel that the caller chose.
func TestReceiptLaterKeepsChannel(t *testing.T) {
	for key, channel := range map[string]flow.Channel{"1": flow.SMS, "2": flow.Email} {
		w, _ := stored(t)
		c := w.Dial(flowtest.Ann)
		ready(c)
		w.Messages.Down = true
		yes(c).Hear("receipt.ask").Press(key).Hear("receipt.later").HangUp()
		w.Messages.Down = false
		for range 5 {
			w.Sweep(time.Minute)
		}
		require.Len(t, w.Messages.Sent, 1)
		assert.Equal(t, channel, w.Messages.Sent[0].Channel)
	}
}
