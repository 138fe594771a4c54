package flow_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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

// two are two processes on one store. The store of the first lets the other act at a chosen one of its commits.
type two struct {
	*testing.T
	w       *flowtest.World
	store   *flow.Memory
	engines [2]*flow.Engine
	moment  *moment
	// sends counts what was given to the messenger, repetitions included.
	sends *sendCounter
}

// moment is when the other process acts: before or after the at-th commit of the first one, from 1; 0 for never. With
// loads, the loads count as well.
type moment struct {
	at    int
	after bool
	loads bool
	act   func()

	made int
}

// pass lets a commit, or a load, through.
func (m *moment) pass(do func() error) error {
	if m.act == nil {
		return do() // and nothing is counted: there may be several at once
	}
	m.made++
	now := m.made == m.at
	if now && !m.after {
		m.act()
	}
	err := do()
	if now && m.after {
		m.act()
	}
	return err
}

func (m *moment) load(ctx context.Context, s flow.Store, id string) (snap flow.Snapshot, items []flow.Item, err error) {
	if !m.loads {
		return s.Load(ctx, id)
	}
	err = m.pass(func() error { snap, items, err = s.Load(ctx, id); return err })
	return snap, items, err
}

func (m *moment) String() string {
	if m.after {
		return fmt.Sprintf("just after commit %d", m.at)
	}
	return fmt.Sprintf("just before commit %d", m.at)
}

// watched is a store that is all that Memory is. bare is one that is a Finder only: nothing but the versions protects.
type watched struct {
	*flow.Memory
	m *moment
}

func (s watched) Commit(ctx context.Context, txs ...flow.Tx) error {
	return s.m.pass(func() error { return s.Memory.Commit(ctx, txs...) })
}

func (s watched) Load(ctx context.Context, id string) (flow.Snapshot, []flow.Item, error) {
	return s.m.load(ctx, s.Memory, id)
}

type bare struct {
	flow.Store
	flow.Finder
	m *moment
}

func (s bare) Commit(ctx context.Context, txs ...flow.Tx) error {
	return s.m.pass(func() error { return s.Store.Commit(ctx, txs...) })
}

func (s bare) Load(ctx context.Context, id string) (flow.Snapshot, []flow.Item, error) {
	return s.m.load(ctx, s.Store, id)
}

type sendCounter struct {
	flow.Messenger
	byKey map[string]int
	mu    sync.Mutex
}

func (s *sendCounter) Send(ctx context.Context, m flow.Message) error {
	err := s.Messenger.Send(ctx, m)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil {
		s.byKey[m.Key]++
	}
	return err
}

// dialogue is built once: it is the same for all.
var dialogue = sync.OnceValue(func() *flow.Dialogue {
	d := flow.Default("City Water")
	d.Settings.TimeZone = "America/New_York"
	built, err := d.Build()
	if err != nil {
		panic(err)
	}
	return built
})

func newTwo(t *testing.T, leases bool) *two {
	w, store := stored(t)
	r := &two{T: t, w: w, store: store, moment: &moment{}}
	r.sends = &sendCounter{Messenger: w.Messages, byKey: map[string]int{}}
	w.Config.Messenger = r.sends
	w.Config.Keeper = flow.NewMemoryKeeper(w.Clock.Now)
	w.Config.Dialogue = dialogue()
	for i := range r.engines {
		c := w.Config
		c.Node, c.NewID = fmt.Sprintf("node-%d", i+1), idsOf(fmt.Sprintf("p%d-", i+1))
		m := &moment{}
		if i == 0 {
			m = r.moment
		}
		c.Store = flow.Store(bare{store, store, m})
		if leases {
			c.Store = watched{store, m}
		}
		e, err := flow.New(c)
		require.NoError(t, err)
		r.engines[i] = e
	}
	return r
}

func idsOf(prefix string) func() string {
	n := 0
	var mu sync.Mutex
	return func() string {
		mu.Lock()
		defer mu.Unlock()
		n++
		return fmt.Sprintf("%s%d", prefix, n)
	}
}

// give hands an input to one of the two, and checks that what the caller hears is true.
func (r *two) give(node int, call string, in ivr.Input) ivr.Turn {
	r.Helper()
	t, err := r.engines[node].Handle(context.Background(), call, copied(in))
	if _, _, none := r.store.Load(context.Background(), call); err != nil && none == nil {
		require.ErrorIs(r, err, flow.ErrStale)
	} else if err != nil {
		require.ErrorIs(r, err, flow.ErrNoSession)
	}
	r.mustBeTrue(call, t)
	return t
}

// sweep lets one of the two look at what is due.
func (r *two) sweep(node int) {
	r.Helper()
	_, err := r.engines[node].Sweep(context.Background(), 100)
	require.NoError(r, err)
}

// line is a call whose inputs can be repeated.
type line struct {
	id      string
	answers map[string]string
	in      ivr.Input
	turn    ivr.Turn
	over    bool
}

func newLine(id string) *line { return &line{id: id, answers: answers, in: answered()} }

// heard takes the next turn, and makes up the next input.
func (l *line) heard(t ivr.Turn) {
	l.turn = t
	l.over = t.Action == ivr.ActionHangUp || t.Action == ivr.ActionTransfer
	l.in = l.next()
}

func (l *line) next() ivr.Input {
	in := answer(l.turn)
	for _, p := range l.turn.Prompts {
		if keys := l.answers[p.Key]; keys != "" {
			in.Keys = keys
		}
		if p.Key == "more.done" { // its key depends on whether another bill is open
			in.Keys = string(rune(p.Args[0].N))
		}
	}
	return in
}

// play goes on with a call at one of the two until it ends.
func (r *two) play(node int, l *line) {
	r.Helper()
	for n := 0; !l.over; n++ {
		require.Less(r, n, 200, "the call does not end: %v", l.turn)
		l.heard(r.give(node, l.id, l.in))
		r.w.Clock.Advance(l.turn.Wait + time.Second)
	}
}

// payments are those of all calls, as they are stored.
func (r *two) payments(calls ...string) (all []payment.Payment) {
	for _, id := range calls {
		_, items, err := r.store.Load(context.Background(), id)
		if errors.Is(err, flow.ErrNoSession) {
			continue
		}
		require.NoError(r, err)
		for _, it := range items {
			var p payment.Payment
			if it.Kind == flow.ItemPayment {
				require.NoError(r, json.Unmarshal(it.Data, &p))
				all = append(all, p)
			}
		}
	}
	return all
}

// mustBeTrue compares what a call says with what is stored at this moment.
func (r *two) mustBeTrue(call string, t ivr.Turn) {
	r.Helper()
	states, everywhere := map[payment.State]int{}, map[payment.State]int{}
	for _, p := range r.payments(call) {
		states[p.State]++
	}
	for _, p := range r.payments(callID, "second") {
		everywhere[p.State]++
	}
	moving := states[payment.StateConfirmed] + states[payment.StateCommit] + states[payment.StateAbort]
	for _, p := range t.Prompts {
		switch p.Key {
		case "receipt.approved":
			assert.NotZero(r, states[payment.StatePaid], "%s, but it is not paid", p.Key)
		case "resume.approved", "receipt.id", "receipt.id.slow":
			assert.NotZero(r, everywhere[payment.StatePaid], "%s, but it is not paid", p.Key)
		case "resume.declined":
			assert.NotZero(r, everywhere[payment.StateFailed], "%s, but it has not failed", p.Key)
		case "charge.declined.entry", "charge.declined.other", "charge.declined.later", "charge.declined.never",
			"charge.changed", "confirm.cancelled", "confirm.nothing", "charge.taken":
			assert.Zero(r, moving, "%s, while money may move", p.Key)
		case "charge.unknown":
			assert.NotZero(r, moving+states[payment.StatePaid]+states[payment.StateReview], "%s, of nothing", p.Key)
		}
	}
}

// settle lets both look at what is due in the hour after.
func (r *two) settle() {
	r.Helper()
	for range 12 {
		r.w.Clock.Advance(5 * time.Minute)
		r.sweep(0)
		r.sweep(1)
	}
}

// audit compares what is stored with what happened. paid is how many payments must have been approved.
func (r *two) audit(paid int, calls ...string) {
	r.Helper()
	approved := map[string]bool{}
	for _, p := range r.payments(calls...) {
		assert.True(r, p.State.Final(), "%s is %s", p.ID, p.State)
		if p.State == payment.StatePaid {
			approved[p.ID] = true
		}
	}
	assert.Len(r, approved, paid, "approved payments")
	charged := map[string]int{}
	for _, c := range r.w.Sandbox.Charges() {
		if c.State == paymenttest.Captured {
			charged[c.Payment]++
		} else {
			assert.NotEqual(r, paymenttest.Held, c.State, "money is held for nothing")
		}
	}
	assert.Len(r, charged, paid, "charged payments")
	for id, n := range charged {
		assert.True(r, approved[id], "a charge for %s", id)
		assert.Equal(r, 1, n, "charges for %s", id)
	}
	assert.Len(r, r.w.Biller.Posted, paid, "postings")
	assert.Len(r, r.w.Messages.Sent, len(r.sends.byKey))
	texts := map[string]int{}
	for _, m := range r.w.Messages.Sent {
		texts[m.Text]++
	}
	for text, n := range texts {
		assert.Equal(r, 1, n, "receipts that say %q", text)
	}
	for _, id := range calls {
		_, items, err := r.store.Load(context.Background(), id)
		if errors.Is(err, flow.ErrNoSession) {
			continue
		}
		require.NoError(r, err)
		for _, it := range items {
			assert.Zero(r, it.Due, "%s %s is still open", it.Kind, it.Key)
		}
	}
}

// receipts counts the messages that left.
func (r *two) receipts() int { return len(r.w.Messages.Sent) }
