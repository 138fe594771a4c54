package flow_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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

// A process may die, and a store or a processor may fail, before or after any one call that the engine makes of them,
// while the call goes on at another process or is lost. Whatever happens: a payment that was confirmed is made exactly
// once, told to the biller once and to the customer once; one that was not is not made; and no processor hears of a
// charge that is not stored as sent.
func TestCrashAnywhere(t *testing.T) {
	sites := 0
	for _, caller := range []string{flowtest.Ann, flowtest.Cat} {
		for _, how := range []mishap{{}, {after: true}, {hiccup: true}, {hiccup: true, after: true}} {
			for _, lost := range []bool{false, true} {
				sites += crashAtEachCall(t, caller, how, lost)
			}
		}
	}
	t.Logf("%d mishaps", sites)
	assert.Greater(t, sites, 400/stride())
}

func crashAtEachCall(t *testing.T, caller string, how mishap, lost bool) (sites int) {
	for at := 1; ; at += stride() {
		how.at = at
		r := newCrashRun(t, caller, how)
		if !r.play(lost) {
			return sites // the call has fewer calls than that
		}
		sites++
		r.recover()
		r.check()
		if t.Failed() {
			t.Fatalf("%s after %s, with the call lost: %v", caller, r.m, lost)
		}
	}
}

// mishap is one call of a collaborator that goes wrong.
type mishap struct {
	at     int  // the how-manieth call, from 1
	after  bool // it was done, and only the answer is lost
	hiccup bool // only this call fails; otherwise the process is dead from then on
	// other is what another process does at that moment; then nothing fails.
	other func()

	made int
	what string
	over bool // another process has taken over: all goes well from now on
}

func (m *mishap) String() string {
	return fmt.Sprintf("call %d, %s (done: %v, process lives: %v)", m.at, m.what, m.after, m.hiccup)
}

var errMishap = errors.New("no answer")

func (m *mishap) happened() bool { return m.at > 0 && m.made >= m.at }

// dead tells that the process makes no more calls.
func (m *mishap) dead() bool { return m.happened() && !m.hiccup && m.other == nil }

// do lets a call through, or not.
func (m *mishap) do(what string, call func() error) error {
	if m.over {
		return call()
	}
	if m.dead() {
		return errMishap
	}
	m.made++
	if m.made != m.at {
		return call()
	}
	m.what = what
	if m.other != nil {
		return m.meanwhile(call)
	}
	if m.after {
		_ = call()
	}
	return errMishap
}

func (m *mishap) meanwhile(call func() error) (err error) {
	if m.after {
		err = call()
	}
	m.other()
	if !m.after {
		err = call()
	}
	return err
}

// crashRun is one call of Ann, who pays the full balance with her saved card and wants the receipt by text message, or of
// Cat, who uses her points and her gift card before the card.
type crashRun struct {
	*testing.T
	caller string
	legs   int
	w      *flowtest.World
	store  *flow.Memory
	m      *mishap
}

func newCrashRun(t *testing.T, caller string, how mishap) *crashRun {
	w := flowtest.NewWorld(t)
	r := &crashRun{T: t, caller: caller, legs: 1, w: w, store: flow.NewMemory(w.Clock.Now), m: &how}
	if caller == flowtest.Cat {
		w.Gifts()
		r.legs = 3
	}
	w.Definition.Settings.TimeZone = "America/New_York"
	d, err := w.Definition.Build()
	require.NoError(t, err)
	w.Config.Dialogue = d
	w.Config.NewID = ids()
	return r
}

// ids makes IDs that are different in every process, as true ones are.
func ids() func() string {
	n := 0
	return func() string { n++; return fmt.Sprintf("p%d", n) }
}

// process is a new process with everything that is shared, in which the mishap can happen.
func (r *crashRun) process(m *mishap) *flow.Engine {
	c := r.w.Config
	c.Store = brittleStore{r.store, m}
	c.Processor = brittleProcessor{r.w.Sandbox, m, r.mustBeStored}
	c.Biller = brittleBiller{r.w.Biller, m}
	c.Messenger = brittleMessenger{r.w.Messages, m}
	e, err := flow.New(c)
	require.NoError(r, err)
	return e
}

const callID = "call"

// answers are what Ann presses, by the question.
var answers = map[string]string{
	"identify.pin.ask": "1234#", "amount.ask": "1", "funding.choose.ask": "1", "funding.split.ask": "1", "confirm.readback.ask": "1",
	"receipt.ask": "1", "more.ask": "1",
}

// play makes the call until it ends, and tells whether the mishap happened. Where the call is not lost with it, another
// process takes it over, and gets the last input again.
func (r *crashRun) play(lost bool) bool {
	e := r.process(r.m)
	in := ivr.Input{Kind: ivr.Answered, Call: ivr.Call{From: r.caller, Attestation: "A"}}
	for range 100 {
		turn, err := e.Handle(context.Background(), callID, copied(in))
		if err != nil {
			require.True(r, r.m.happened(), "an error without a mishap: %v", err)
			if lost {
				return true
			}
			e = r.process(&mishap{})
			turn, err = e.Handle(context.Background(), callID, copied(in))
			require.NoError(r, err)
		}
		if turn.Action == ivr.ActionHangUp || turn.Action == ivr.ActionTransfer {
			return r.m.happened()
		}
		r.w.Clock.Advance(turn.Wait + time.Second)
		in = answer(turn)
		if r.caller == flowtest.Cat && in.Keys == answers["identify.pin.ask"] {
			in.Keys = "4321#"
		}
	}
	r.Fatal("the call does not end")
	return false
}

func copied(in ivr.Input) ivr.Input { in.Secret = in.Secret.Copy(); return in }

func answer(t ivr.Turn) ivr.Input {
	if t.Action == ivr.ActionWait {
		return ivr.Input{Kind: ivr.PromptEnded, Turn: t.Seq}
	}
	in := ivr.Input{Kind: ivr.Keys, Turn: t.Seq, Heard: true}
	for _, p := range t.Prompts {
		if keys := answers[p.Key]; keys != "" {
			in.Keys = keys
		}
	}
	return in
}

// recover is what the sweeper of another process does in the hours after it.
func (r *crashRun) recover() {
	e := r.process(&mishap{})
	for range 120 {
		r.w.Clock.Advance(time.Minute)
		_, err := e.Sweep(context.Background(), 100)
		require.NoError(r, err)
	}
}

// check compares what is stored with what happened.
func (r *crashRun) check() {
	confirmed := 0
	_, items, err := r.store.Load(context.Background(), callID)
	if !errors.Is(err, flow.ErrNoSession) {
		require.NoError(r, err)
	}
	for _, it := range items {
		assert.Zero(r, it.Due, "%s %s is still open", it.Kind, it.Key)
		if it.Kind == flow.ItemPayment {
			confirmed++
		}
	}
	assert.LessOrEqual(r, confirmed, 1)
	assert.Len(r, r.w.Sandbox.Charges(), confirmed*r.legs)
	for _, c := range r.w.Sandbox.Charges() {
		assert.Equal(r, paymenttest.Captured, c.State)
	}
	assert.Len(r, r.w.Biller.Posted, confirmed)
	assert.Len(r, r.w.Messages.Sent, confirmed)
}

type brittleStore struct {
	flow.Store
	m *mishap
}

func (s brittleStore) Load(ctx context.Context, session string) (snap flow.Snapshot, items []flow.Item, err error) {
	failed := s.m.do("load", func() error { snap, items, err = s.Store.Load(ctx, session); return err })
	return snap, items, failed
}

func (s brittleStore) Commit(ctx context.Context, txs ...flow.Tx) error {
	return s.m.do("commit", func() error { return s.Store.Commit(ctx, txs...) })
}

type brittleProcessor struct {
	*paymenttest.Sandbox
	m *mishap
	// sent looks at a charge before it is sent; may be nil.
	sent func(payment.Charge)
}

func (p brittleProcessor) Authorise(ctx context.Context, c payment.Charge) (out payment.Outcome, err error) {
	failed := p.m.do("authorise", func() error {
		if p.sent != nil {
			p.sent(c)
		}
		out, err = p.Sandbox.Authorise(ctx, c)
		return err
	})
	return out, failed
}

// mustBeStored checks the write-ahead (R4).
func (r *crashRun) mustBeStored(c payment.Charge) {
	_, items, err := r.store.Load(context.Background(), callID)
	require.NoError(r, err)
	for _, it := range items {
		var p payment.Payment
		if it.Kind == flow.ItemPayment && json.Unmarshal(it.Data, &p) == nil && p.ID == c.Payment {
			i := slices.IndexFunc(p.Legs, func(l payment.Leg) bool { return l.Key == c.Key })
			require.GreaterOrEqual(r, i, 0, "the key is not stored")
			assert.Equal(r, payment.LegSent, p.Legs[i].State)
			assert.False(r, it.Due.IsZero(), "nobody would look at it")
			return
		}
	}
	assert.Fail(r, "a charge was sent that is not stored")
}

func (p brittleProcessor) Lookup(ctx context.Context, key string) (out payment.Outcome, err error) {
	failed := p.m.do("look up", func() error { out, err = p.Sandbox.Lookup(ctx, key); return err })
	return out, failed
}

func (p brittleProcessor) Void(ctx context.Context, h payment.Hold) (out payment.Outcome, err error) {
	failed := p.m.do("void", func() error { out, err = p.Sandbox.Void(ctx, h); return err })
	return out, failed
}

func (p brittleProcessor) Refund(ctx context.Context, h payment.Hold) (out payment.Outcome, err error) {
	failed := p.m.do("refund", func() error { out, err = p.Sandbox.Refund(ctx, h); return err })
	return out, failed
}

func (p brittleProcessor) Tokenise(ctx context.Context, c payment.Card, key string) (token payment.Token, err error) {
	failed := p.m.do("tokenise", func() error { token, err = p.Sandbox.Tokenise(ctx, c, key); return err })
	return token, failed
}

func (p brittleProcessor) Capture(ctx context.Context, h payment.Hold) (out payment.Outcome, err error) {
	failed := p.m.do("capture", func() error { out, err = p.Sandbox.Capture(ctx, h); return err })
	return out, failed
}

type brittleBiller struct {
	payment.Biller
	m *mishap
}

func (b brittleBiller) Bills(ctx context.Context, account string) (bills []payment.Bill, err error) {
	failed := b.m.do("bills", func() error { bills, err = b.Biller.Bills(ctx, account); return err })
	return bills, failed
}

func (b brittleBiller) Post(ctx context.Context, p payment.Posting) error {
	return b.m.do("post", func() error { return b.Biller.Post(ctx, p) })
}

type brittleMessenger struct {
	flow.Messenger
	m *mishap
}

func (s brittleMessenger) Send(ctx context.Context, msg flow.Message) error {
	return s.m.do("send", func() error { return s.Messenger.Send(ctx, msg) })
}
