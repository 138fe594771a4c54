package storetest

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/ivr"
)

// Shared is a store for several processes.
type Shared interface {
	flow.Store
	flow.Leaser
	flow.Finder
}

// TestCalls tests whole calls that pay at two processes on one store. open is called once for each call, or pair of
// calls, and returns two connections to one store, which is empty. With -short, a fifth of the moments of a call are
// tried.
func TestCalls(t *testing.T, open func(t *testing.T) (first, second Shared)) {
	for _, r := range callRules {
		t.Run(r.name, func(t *testing.T) {
			r.run(t, func() (first, second Shared) { return open(t) })
		})
	}
}

// callRule is a rule of two processes.
type callRule struct {
	name, sentence string
	check          func(t testing.TB, open func() (first, second Shared))
}

func (r callRule) run(t testing.TB, open func() (first, second Shared)) {
	defer tell(t, r.sentence)
	r.check(t, open)
}

// callRules are what two processes promise.
var callRules = []callRule{
	{"every input at both", "An input that comes twice, at both processes, late or out of order has one effect, and " +
		"both give the turn that the call is at.", everyInput},
	{"a second call", "Whenever in a payment a second call of the account comes to the other process: one wins, and " +
		"the other is told.", secondCall},
	{"calls at once", "Whatever two processes do at the same time: the bill is paid once, and nothing is left open.",
		callsAtOnce},
}

func everyInput(t testing.TB, open func() (first, second Shared)) {
	p := newPair(t, open)
	l := newCall("first")
	var given []ivr.Input
	for n := 0; !l.over; n++ {
		require.Less(t, n, mostTurns)
		in := l.in
		given = append(given, in)
		turn := p.give(n%2, l.id, in)
		require.Equal(t, turn, p.give(1-n%2, l.id, in), "%s of turn %d, at the other", in.Kind, in.Turn)
		for i := range min(len(given), 3) {
			late := given[len(given)-1-i]
			require.Equal(t, turn, p.give(i%2, l.id, late), "%s of turn %d, late", late.Kind, late.Turn)
		}
		require.Equal(t, turn, p.give(n%2, l.id, given[n*7%len(given)]), "another one, late")
		if future := in; in.Kind != ivr.Answered {
			future.Turn = turn.Seq + 1
			require.Equal(t, turn, p.give(n%2, l.id, future), "of a turn that is not yet")
		}
		p.w.Clock.Advance(turn.Wait + time.Second)
		l.heard(turn)
	}
	p.settle()
	assert.Equal(t, 1, p.audit("first"))
	assert.Len(t, p.w.Messages.Sent, 1, "one receipt")
}

// secondCall lets the second call come before and after each commit of the first one.
func secondCall(t testing.TB, open func() (first, second Shared)) {
	stride := 1
	if testing.Short() {
		stride = 5
	}
	moments := 0
	for _, after := range []bool{false, true} {
		for at := 1; ; at += stride {
			p := newPair(t, open)
			p.moment = moment{at: at, after: after, act: func() { p.play(1, newCall("second")) }}
			p.play(0, newCall("first"))
			if p.moment.made < at {
				break // the call has fewer commits than that
			}
			moments++
			p.settle()
			assert.Equal(t, 1, p.audit("first", "second"))
			require.False(t, t.Failed(), "the second call came at commit %d, after it: %v", at, after)
		}
	}
	t.Logf("%d moments", moments)
	assert.Greater(t, moments, 15/stride)
}

// callsAtOnce has both processes serve one call, each a call of its own on the same bill, and sweep.
func callsAtOnce(t testing.TB, open func() (first, second Shared)) {
	for round := range 5 {
		p := newPair(t, open)
		p.give(0, "first", newCall("first").in)
		var group sync.WaitGroup
		for i, id := range []string{"first", "first", "second", "third"} {
			group.Go(func() { p.rush(i%2, newCall(id)) })
		}
		for _, e := range p.engines {
			group.Go(func() {
				for range 10 {
					_, _ = e.Sweep(context.Background(), 100) // what fails stays open
				}
			})
		}
		group.Wait()
		p.settle()
		assert.LessOrEqual(t, p.audit("first", "second", "third"), 1)
		require.False(t, t.Failed(), "round %d", round)
	}
}

// rush goes on with a call until it ends, without looking at what others do with it.
func (p *pair) rush(node int, l *call) {
	for n := 0; !l.over && n < mostTurns; n++ {
		time.Sleep(time.Duration(rand.Int64N(int64(time.Millisecond)))) // so that the calls stay side by side
		turn, err := p.engines[node].Handle(context.Background(), l.id, l.input())
		if err != nil && !errors.Is(err, flow.ErrStale) {
			assert.NoError(p, err)
			return
		}
		p.w.Clock.Advance(turn.Wait)
		l.heard(turn)
	}
	assert.True(p, l.over, "%s does not end: %v", l.id, l.turn)
}

// mostTurns is more than a call has.
const mostTurns = 200

// call is a customer who pays the full balance. Its inputs can be repeated.
type call struct {
	id   string
	in   ivr.Input
	turn ivr.Turn
	over bool
}

func newCall(id string) *call {
	return &call{id: id, in: ivr.Input{Kind: ivr.Answered, Call: ivr.Call{From: caller, Attestation: "A"}}}
}

// answers are the keys for a question, by the key of its prompt; everywhere else it is 1.
var answers = map[string]string{"identify.pin.ask": "1234#"}

// heard takes the next turn, and makes up the answer.
func (l *call) heard(t ivr.Turn) {
	l.turn = t
	l.over = t.Action == ivr.ActionHangUp || t.Action == ivr.ActionTransfer
	if l.in = (ivr.Input{Kind: ivr.PromptEnded, Turn: t.Seq}); t.Action == ivr.ActionWait {
		return
	}
	l.in = ivr.Input{Kind: ivr.Keys, Turn: t.Seq, Heard: true, Keys: "1"}
	for _, p := range t.Prompts {
		if keys := answers[p.Key]; keys != "" {
			l.in.Keys = keys
		}
		if p.Key == "more.done" { // its key depends on what else can be done
			l.in.Keys = string(rune(p.Args[0].N))
		}
	}
}

// input is the answer as another process gets it.
func (l *call) input() ivr.Input {
	in := l.in
	in.Secret = in.Secret.Copy()
	return in
}

// moment is when the second process acts: before or after the at-th commit of the first one, from 1; 0 for never.
type moment struct {
	at    int
	after bool
	act   func()

	made int
}

// watched is the store of the first process.
type watched struct {
	Shared
	m *moment
}

// Commit implements flow.Store.
func (s watched) Commit(ctx context.Context, txs ...flow.Tx) error {
	if s.m.act == nil {
		return s.Shared.Commit(ctx, txs...)
	}
	s.m.made++
	now := s.m.made == s.m.at
	if now && !s.m.after {
		s.m.act()
	}
	err := s.Shared.Commit(ctx, txs...)
	if now && s.m.after {
		s.m.act()
	}
	return err
}
