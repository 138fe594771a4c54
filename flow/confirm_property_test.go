package flow_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand"
	"testing"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/stretchr/testify/require"
)

// readBacks has an engine and calls that stand before a read-back, as many as are wanted.
type readBacks struct {
	t       *testing.T
	w       *flowtest.World
	store   *flow.Memory
	engine  *flow.Engine
	parked  []byte
	calls   int
	last    []flow.Transition
	choices *rand.Rand
}

// newReadBacks parks a call at the question that is put before the read-back, or at the read-back itself.
func newReadBacks(t *testing.T, at string) *readBacks {
	r := &readBacks{t: t, w: flowtest.NewWorld(t), choices: rand.New(rand.NewSource(1))}
	r.store = flow.NewMemory(r.w.Clock.Now)
	r.w.Config.Store = r.store
	r.w.Config.Observe = func(tr flow.Transition) { r.last = append(r.last, tr) }
	r.engine = r.w.Engine()
	call := r.w.Dial(flowtest.Ann)
	call.Hear("identify.pin.ask").Press("1234#").Hear("amount.ask").Press("1").Hear("funding.choose.ask")
	if at == "confirm.readback" {
		call.Press("1").Hear("confirm.readback.ask")
	}
	snap, _, err := r.store.Load(t.Context(), "call-1")
	require.NoError(t, err)
	require.Contains(t, string(snap.Data), `"state":"`+at+`"`)
	r.parked = snap.Data
	return r
}

// next is a fresh copy of the call, and the turn that it is at.
func (r *readBacks) next() (id string, t ivr.Turn) {
	r.calls++
	id = fmt.Sprintf("case-%d", r.calls)
	data := bytes.Replace(r.parked, []byte(`"call-1"`), []byte(`"`+id+`"`), 1)
	err := r.store.Commit(r.t.Context(), flow.Tx{Session: id, Next: data})
	require.NoError(r.t, err)
	return id, r.handle(id, ivr.Input{Kind: ivr.Answered})
}

func (r *readBacks) handle(id string, in ivr.Input) ivr.Turn {
	r.last = r.last[:0]
	turn, err := r.engine.Handle(context.Background(), id, in)
	require.NoError(r.t, err)
	return turn
}

// confirmed tells that the last input confirmed a payment.
func (r *readBacks) confirmed() bool {
	for _, tr := range r.last {
		if tr.On == "confirmed" {
			return true
		}
	}
	return false
}

// impatient is a caller who presses any keys at any time, and a line that may claim that everything was heard.
type impatient struct {
	*readBacks
	x        ivr.Exchange
	now      time.Time
	id       string
	turn     ivr.Turn
	ended    bool // the prompts of the turn were spoken
	tooEarly int  // keys and words that came at a read-back before
	yes      bool // the payment was confirmed
}

// TestOnlyWhatWasHeardConfirms is the rule on which money depends: whatever is pressed and said before a read-back was
// spoken to its end, in whatever question it was begun, does not confirm it. Only a key or a word that comes after it does.
func TestOnlyWhatWasHeardConfirms(t *testing.T) {
	r := newReadBacks(t, "funding.choose")
	const cases = 10_000
	early, confirmed := 0, 0
	for range cases {
		c := &impatient{readBacks: r, now: flowtest.Start}
		c.id, c.turn = r.next()
		c.x.Begin(c.turn, c.now)
		for range 12 {
			if c.act(); c.yes || c.x.Over() {
				break
			}
		}
		early += min(c.tooEarly, 1)
		if c.yes {
			confirmed++
		}
	}
	t.Logf("%d calls: %d with keys or words before the end of a read-back, %d confirmed after it", cases, early, confirmed)
	require.Greater(t, early, cases/10)
	require.Greater(t, confirmed, cases/10)
}

// act lets one thing happen on the line.
func (c *impatient) act() {
	c.now = c.now.Add(time.Duration(c.choices.Intn(2000)) * time.Millisecond)
	ev := ivr.Event{At: c.now}
	switch n := c.choices.Intn(20); {
	case n < 9:
		ev.Key = "1111111234567890*#"[c.choices.Intn(18)]
	case n < 14:
		ev.Input = ivr.Input{Kind: ivr.PromptEnded}
	case n < 16:
		ev.Input = ivr.Input{Kind: ivr.Speech, Speech: []string{"confirm and pay", "yes", "one", "visa"}[c.choices.Intn(4)], Confidence: 1, Heard: true}
	case n < 18:
		ev.Input = ivr.Input{Kind: ivr.Keys, Keys: []string{"1", "1#", "11", "2*1"}[c.choices.Intn(4)], Heard: true}
	}
	speaks := ev.Key != 0 || ev.Input.Kind == ivr.Keys || ev.Input.Kind == ivr.Speech
	readBack := c.turn.Listen.Flush
	if readBack && speaks && !c.ended {
		c.tooEarly++
	}
	wasEnded := c.ended
	c.ended = c.ended || ev.Input.Kind == ivr.PromptEnded
	c.x.Feed(ev)
	for in, ok := c.x.Input(); ok; in, ok = c.x.Input() {
		c.turn = c.handle(c.id, in)
		if c.yes = c.confirmed(); c.yes {
			require.True(c.t, readBack && speaks && wasEnded, "confirmed by %+v, which came before the read-back ended", ev)
			return
		}
		// What is left of the event belongs to the next turn, and came before any of it was spoken.
		c.x.Begin(c.turn, c.now)
		c.ended, readBack, wasEnded = false, c.turn.Listen.Flush, false
	}
}

// TestUnheardNeverConfirms holds the engine itself to the rule, whatever a line makes up: an input without Heard confirms
// nothing, whatever else is in it, and however often it comes.
func TestUnheardNeverConfirms(t *testing.T) {
	r := newReadBacks(t, "confirm.readback")
	kinds := []ivr.InputKind{ivr.Answered, ivr.Keys, ivr.Keys, ivr.Keys, ivr.Speech, ivr.Speech, ivr.Silence, ivr.PromptEnded,
		ivr.TransferFailed, ivr.WorkDone, "something else"}
	keys := []string{"1", "1#", "*1", "11", "2", "", "1111", "#1"}
	words := []string{"confirm and pay", "yes", "one", "confirm", "pay now", ""}
	id, turn := r.next()
	for range 10_000 {
		in := ivr.Input{Kind: kinds[r.choices.Intn(len(kinds))], Keys: keys[r.choices.Intn(len(keys))],
			Speech: words[r.choices.Intn(len(words))], Confidence: float64(r.choices.Intn(3)) / 2, Turn: turn.Seq * r.choices.Intn(2)}
		if r.choices.Intn(4) == 0 {
			in.Secret, _ = ivr.NewSecret([]byte(in.Keys))
		}
		if r.choices.Intn(4) == 0 {
			in.Captured = &ivr.Captured{Result: "success", Token: "t", Last4: "4242"}
		}
		turn = r.handle(id, in)
		require.False(t, r.confirmed(), "confirmed by %+v", in)
		if !turn.Listen.Flush {
			id, turn = r.next() // it gave up, and left the read-back
		}
	}
	require.True(t, turn.Listen.Flush)
	r.handle(id, ivr.Input{Kind: ivr.Keys, Keys: "1", Heard: true, Turn: turn.Seq})
	require.True(t, r.confirmed(), "the same key, once it was heard, confirms")
}
