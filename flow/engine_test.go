package flow_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
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

// byHand drives an engine input by input, as a line does that repeats and reorders them.
type byHand struct {
	testing.TB
	w     *flowtest.World
	store *flow.Memory
	e     *flow.Engine
}

func newByHand(t testing.TB) *byHand {
	w, store := stored(t)
	return &byHand{t, w, store, w.Engine()}
}

func answered() ivr.Input {
	return ivr.Input{Kind: ivr.Answered, Call: ivr.Call{From: flowtest.Ann, Attestation: "A"}}
}

func (h *byHand) give(in ivr.Input) ivr.Turn {
	h.Helper()
	t, err := h.e.Handle(context.Background(), callID, copied(in))
	require.NoError(h, err)
	return t
}

// until answers the questions until the turn says the prompt.
func (h *byHand) until(key string) ivr.Turn {
	h.Helper()
	t := h.give(answered())
	for !says(t, key) {
		require.NotEqual(h, ivr.ActionHangUp, t.Action, "the call ends before %s", key)
		t = h.give(answer(t))
	}
	return t
}

func says(t ivr.Turn, key string) bool {
	for _, p := range t.Prompts {
		if p.Key == key {
			return true
		}
	}
	return false
}

// Every input of a whole call may come twice, or again much later: it gets the turn that the call is at, and has no
// second effect.
func TestEveryInputTwice(t *testing.T) {
	h := newByHand(t)
	var given []ivr.Input
	in, turn := answered(), ivr.Turn{}
	for turn.Action != ivr.ActionHangUp {
		given = append(given, in)
		turn = h.give(in)
		before, items, err := h.store.Load(context.Background(), callID)
		require.NoError(t, err)
		for _, again := range given {
			require.Equal(t, turn, h.give(again), "%s of turn %d, given again in turn %d", again.Kind, again.Turn, turn.Seq)
		}
		after, itemsAfter, err := h.store.Load(context.Background(), callID)
		require.NoError(t, err)
		require.Equal(t, before, after, "nothing may be stored for a repetition")
		require.Equal(t, items, itemsAfter)
		in = answer(turn)
	}
	assert.Len(t, h.w.Charges(), 1)
	assert.Len(t, h.w.Biller.Posted, 1)
	assert.Len(t, h.w.Messages.Sent, 1)
}

// An answer to a turn that the line has not been given yet is no answer.
func TestAnswerFromTheFuture(t *testing.T) {
	h := newByHand(t)
	turn := h.until("confirm.readback.ask")
	in := answer(turn)
	in.Turn++
	assert.Equal(t, turn, h.give(in))
	assert.Empty(t, h.w.Charges())
}

// A late end of a prompt, or a transfer that failed where there is none, changes nothing.
func TestInputsThatFitNoTurn(t *testing.T) {
	h := newByHand(t)
	turn := h.until("amount.ask")
	for _, in := range []ivr.Input{{Kind: ivr.PromptEnded, Turn: turn.Seq}, {Kind: ivr.TransferFailed, Turn: turn.Seq}} {
		next := h.give(in)
		assert.Equal(t, ivr.ActionListen, next.Action, in.Kind)
		assert.True(t, says(next, "amount.enter"), in.Kind)
		turn = next
	}
}

// A call that hung up is over: whatever comes then, nothing is charged and nothing is asked.
func TestAfterHangUp(t *testing.T) {
	h := newByHand(t)
	turn := h.until("confirm.readback.ask")
	yes := answer(turn)
	for _, in := range []ivr.Input{{Kind: ivr.HangUp, Turn: turn.Seq}, {Kind: ivr.HangUp}, yes,
		{Kind: ivr.Keys, Keys: "1", Heard: true}} {
		assert.Equal(t, ivr.ActionHangUp, h.give(in).Action)
	}
	assert.Empty(t, h.w.Charges())
}

// A hang-up after a payment is one commit, and one that is told again is none. The bill is posted all the same.
func TestHangUpCommitsOnce(t *testing.T) {
	h := newByHand(t)
	h.w.Biller.PostDown = true
	turn := h.until("receipt.ask")
	version := func() uint64 {
		snap, _, err := h.store.Load(context.Background(), callID)
		require.NoError(t, err)
		return snap.Version
	}
	h.w.Biller.PostDown = false
	before := version()
	h.give(ivr.Input{Kind: ivr.HangUp, Turn: turn.Seq})
	assert.Equal(t, before+1, version())
	assert.Len(t, h.w.Biller.Posted, 1)
	for range 3 {
		assert.Equal(t, ivr.ActionHangUp, h.give(ivr.Input{Kind: ivr.HangUp}).Action)
	}
	assert.Equal(t, before+1, version())
}

// Calls that did not begin are no calls.
func TestUnknownCall(t *testing.T) {
	h := newByHand(t)
	for _, id := range []string{"never", ""} {
		turn, err := h.e.Handle(context.Background(), id, ivr.Input{Kind: ivr.Keys, Keys: "1"})
		assert.ErrorIs(t, err, flow.ErrNoSession)
		assert.Equal(t, ivr.ActionHangUp, turn.Action)
		assert.True(t, says(turn, "sorry"))
	}
	_, err := h.e.Handle(context.Background(), "", answered())
	assert.ErrorIs(t, err, flow.ErrNoSession)
	_, err = h.e.Handle(context.Background(), strings.Repeat("x", 1<<20), answered())
	assert.ErrorIs(t, err, flow.ErrCallID, "an ID that no store must take")
	assert.Less(t, len(err.Error()), 500)
	_, err = h.e.Handle(context.Background(), strings.Repeat("x", 128), answered())
	assert.NoError(t, err)
}

// Two processes that get the same yes at the same moment, and go on with it in turns, make one payment. Either may be
// told that the other was faster.
func TestTwoProcessesOneYes(t *testing.T) {
	for range 20 {
		h := newByHand(t)
		other, err := flow.New(h.w.Config)
		require.NoError(t, err)
		turn := h.until("confirm.readback.ask")
		var group sync.WaitGroup
		for _, e := range []*flow.Engine{h.e, other} {
			group.Go(func() {
				in := answer(turn)
				for in.Kind != "" {
					next, err := e.Handle(context.Background(), callID, in)
					in = ivr.Input{}
					if err != nil {
						assert.ErrorIs(t, err, flow.ErrStale)
					}
					if next.Action == ivr.ActionWait {
						in = answer(next)
					}
				}
			})
		}
		group.Wait()
		turn = h.give(answered())
		for turn.Action == ivr.ActionWait {
			turn = h.give(answer(turn))
		}
		assert.True(t, says(turn, "receipt.approved"), "%v", turn.Prompts)
		assert.Len(t, h.w.Sandbox.Charges(), 1)
		assert.Len(t, h.w.Biller.Posted, 1)
	}
}

// A process whose session another one went on with stops before it sends anything, and says ErrStale if the line does
// not count its turns.
func TestOvertaken(t *testing.T) {
	h := newByHand(t)
	turn := h.until("confirm.readback.ask")
	slow := h.w.Config
	slow.Store = &overtakingStore{Memory: h.store, overtake: func() { h.give(answer(turn)) }}
	e, err := flow.New(slow)
	require.NoError(t, err)
	in := answer(turn)
	in.Turn = 0
	got, err := e.Handle(context.Background(), callID, in)
	assert.ErrorIs(t, err, flow.ErrStale)
	assert.Equal(t, ivr.ActionWait, got.Action, "the turn that the other process came to")
	assert.Empty(t, h.w.Sandbox.Charges())
}

// overtakingStore lets another process go on between a Load and the Commit that follows.
type overtakingStore struct {
	*flow.Memory
	once     sync.Once
	overtake func()
}

func (s *overtakingStore) Load(ctx context.Context, session string) (flow.Snapshot, []flow.Item, error) {
	snap, items, err := s.Memory.Load(ctx, session)
	s.once.Do(s.overtake)
	return snap, items, err
}

// The sweeper and a live call that are at work on one payment make it once.
func TestSweepDuringCall(t *testing.T) {
	h := newByHand(t)
	h.w.Sandbox.Inject(paymenttest.Authorise, lostAnswers(3)...)
	turn := h.until("confirm.readback.ask")
	turn = h.give(answer(turn))
	for n := 0; turn.Action == ivr.ActionWait; n++ {
		require.Less(t, n, 20)
		h.w.Sweep(40 * time.Second) // the line was slow: the payment is due
		turn = h.give(answer(turn))
	}
	assert.True(t, says(turn, "receipt.approved") || says(turn, "charge.unknown"), "the truth")
	for range 5 {
		h.w.Sweep(time.Minute)
	}
	assert.Len(t, h.w.Sandbox.Charges(), 1)
	assert.Len(t, h.w.Biller.Posted, 1)
}

// What goes wrong beside the call is logged with its place, and without what the caller keyed.
func TestLog(t *testing.T) {
	w, _ := stored(t)
	var log bytes.Buffer
	w.Config.Log = slog.New(slog.NewTextHandler(&log, nil))
	w.Sandbox.Inject(paymenttest.Tokenise, paymenttest.Fault{Kind: paymenttest.LostRequest})
	c := w.Dial(flowtest.Ann)
	pin(c)
	full(c)
	newCard(c, visa, "0330", "737").Transferred("technical")
	assert.Contains(t, log.String(), `state=card.tokenise`)
	assert.Contains(t, log.String(), `call=call-1`)
	for _, secret := range []string{visa, "0330", "737", "1234"} {
		assert.NotContains(t, log.String(), secret)
	}
}

// Observe sees every transition once, in order: each begins where the one before ended.
func TestObserve(t *testing.T) {
	w, _ := stored(t)
	var seen []flow.Transition
	w.Config.Observe = func(tr flow.Transition) { seen = append(seen, tr) }
	c := w.Dial(flowtest.Ann)
	ready(c)
	yes(c)
	bye(c)
	require.NotEmpty(t, seen)
	at := "greeting"
	for _, tr := range seen {
		assert.Equal(t, "call-1", tr.Session)
		assert.Equal(t, at, tr.From)
		at = tr.To
	}
	assert.Equal(t, "goodbye", at)
}

// A collaborator that needs longer than its budget makes the caller hold, and is asked again; one that never answers
// gives the caller to a person.
func TestSlowCollaborator(t *testing.T) {
	for _, rule := range []struct {
		sentence string
		late     int
		hear     string
	}{{"late once", 1, "amount.ask"}, {"late for ever", 1000, "agent.transfer"}} {
		t.Run(rule.sentence, func(t *testing.T) {
			w, _ := stored(t)
			w.Definition.Settings.Budget = time.Millisecond
			w.Config.Biller = &slowBiller{Biller: w.Biller, late: rule.late}
			c := w.Dial(flowtest.Ann)
			pin(c)
			c.Hear(rule.hear)
			assert.Contains(t, c.Transcript.String(), "One moment, please.")
		})
	}
}

// slowBiller answers late, which a context tells.
type slowBiller struct {
	payment.Biller
	late int
}

func (b *slowBiller) Bills(ctx context.Context, account string) ([]payment.Bill, error) {
	if b.late--; b.late >= 0 {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return b.Biller.Bills(ctx, account)
}

// What a stage answers with and does not list is an error of whoever wrote it. A reason costs the caller an attempt,
// and no more; an event leads nowhere, and ends the call.
func TestStageAnswersWithWhatItDoesNotList(t *testing.T) {
	answer := func(w *flowtest.World, on func(c *flow.Call) flow.Event) {
		w.Definition.Stage("amount").States[0].Ask.Answer = func(c *flow.Call, _ ivr.Answer) flow.Event { return on(c) }
	}
	w, logged := flowtest.NewWorld(t), &strings.Builder{}
	w.Config.Log = slog.New(slog.NewTextHandler(logged, nil))
	answer(w, func(c *flow.Call) flow.Event { return c.Invalid("mistyped") })
	c := w.Dial(flowtest.Ann).Press("1234#").Press("1")
	c.Hear("nomatch").Hear("amount.ask.2")
	assert.Contains(t, logged.String(), "mistyped")

	w = flowtest.NewWorld(t)
	answer(w, func(*flow.Call) flow.Event { return "mistyped" })
	at := w.Dial(flowtest.Ann).Press("1234#").Turn.Seq
	turn, err := w.Engine().Handle(t.Context(), "call-1", ivr.Input{Kind: ivr.Keys, Keys: "1", Turn: at, Heard: true})
	assert.ErrorIs(t, err, flow.ErrState)
	assert.ErrorContains(t, err, "mistyped")
	assert.Equal(t, ivr.ActionHangUp, turn.Action)
}
