package storetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
)

// recorder is a test that may fail.
type recorder struct {
	testing.TB
	mu     sync.Mutex
	failed bool
	told   []string
}

func (r *recorder) Helper()               {}
func (r *recorder) Errorf(string, ...any) { r.mu.Lock(); r.failed = true; r.mu.Unlock() }
func (r *recorder) Failed() bool          { r.mu.Lock(); defer r.mu.Unlock(); return r.failed }
func (r *recorder) FailNow()              { r.Errorf(""); runtime.Goexit() }
func (r *recorder) Log(args ...any) {
	r.mu.Lock()
	r.told = append(r.told, fmt.Sprint(args...))
	r.mu.Unlock()
}

// broken is a memory store with some of its methods replaced.
type broken struct {
	*flow.Memory
	commit func(m *flow.Memory, txs []flow.Tx) error
	due    func(m *flow.Memory, limit int, kinds []flow.ItemKind) ([]flow.Item, error)
}

func (b broken) Commit(ctx context.Context, txs ...flow.Tx) error {
	if b.commit == nil || ctx.Err() != nil {
		return b.Memory.Commit(ctx, txs...)
	}
	return b.commit(b.Memory, txs)
}

func (b broken) Due(ctx context.Context, limit int, kinds ...flow.ItemKind) ([]flow.Item, error) {
	if b.due == nil {
		return b.Memory.Due(ctx, limit, kinds...)
	}
	return b.due(b.Memory, limit, kinds)
}

// changed makes a Commit that changes the transactions first.
func changed(change func(m *flow.Memory, tx *flow.Tx)) func(*flow.Memory, []flow.Tx) error {
	return func(m *flow.Memory, txs []flow.Tx) error {
		txs = append([]flow.Tx{}, txs...)
		for i := range txs {
			change(m, &txs[i])
		}
		return m.Commit(context.Background(), txs...)
	}
}

func TestTheKitCatchesWhoBreaksIt(t *testing.T) {
	bg := context.Background()
	noCAS := changed(func(m *flow.Memory, tx *flow.Tx) {
		snap, _, _ := m.Load(bg, tx.Session)
		tx.Expect = snap.Version
	})
	for _, c := range []struct {
		how   string
		store broken
		rules []string
	}{
		{"no compare-and-set", broken{commit: noCAS}, []string{"stale", "race", "no lost update", "linearizable"}},
		{"no claims", broken{commit: changed(func(_ *flow.Memory, tx *flow.Tx) { tx.Claim = nil })},
			[]string{"claim", "several claims", "linearizable", "race for a claim", "a second call"}},
		{"no fence", broken{commit: changed(func(_ *flow.Memory, tx *flow.Tx) { tx.Epoch = 0 })}, []string{"fenced"}},
		{"no items", broken{commit: changed(func(_ *flow.Memory, tx *flow.Tx) { tx.Insert = nil })},
			[]string{"items", "foreign item"}},
		{"no names", broken{commit: changed(func(_ *flow.Memory, tx *flow.Tx) { tx.Name = nil })}, []string{"find"}},
		{"not all or nothing", broken{commit: func(m *flow.Memory, txs []flow.Tx) (err error) {
			for _, tx := range txs {
				err = errors.Join(err, m.Commit(bg, tx))
			}
			return err
		}}, []string{"several", "linearizable"}},
		{"no kinds", broken{due: func(m *flow.Memory, n int, _ []flow.ItemKind) ([]flow.Item, error) { return m.Due(bg, n) }},
			[]string{"due kinds"}},
		{"no limit", broken{due: func(m *flow.Memory, _ int, kinds []flow.ItemKind) ([]flow.Item, error) {
			return m.Due(bg, 1000, kinds...)
		}}, []string{"due"}},
	} {
		for _, name := range c.rules {
			assert.True(t, breaks(t, c.store, name), "%s: rule %q", c.how, name)
			assert.False(t, breaks(t, broken{}, name), "nothing is broken: rule %q", name)
		}
	}
}

func breaks(t *testing.T, b broken, name string) bool {
	clock := &flowtest.Clock{}
	b.Memory = flow.NewMemory(clock.Now)
	rec := &recorder{TB: t}
	for _, group := range ruleGroups {
		for _, r := range group.rules {
			if r.name != name {
				continue
			}
			run(name, func() { r.run(&kit{rec, b, Fixtures{Store: b, Now: clock.Now, Advance: clock.Advance}}) })
			return rec.judged(t, r.sentence)
		}
	}
	for _, r := range callRules {
		if r.name == name {
			run(name, func() {
				r.run(rec, func() (first, second Shared) { b.Memory = flow.NewMemory(time.Now); return b, b })
			})
			return rec.judged(t, r.sentence)
		}
	}
	panic("no rule " + name)
}

// judged tells whether the test failed. Then, and only then, the sentence of the rule was shown.
func (r *recorder) judged(t *testing.T, sentence string) bool {
	told := slices.Contains(r.told, "The rule: "+sentence)
	assert.Equal(t, r.Failed(), told, "%q", sentence)
	return r.Failed()
}

// run does a check that may end its goroutine.
func run(name string, check func()) {
	done := make(chan struct{})
	go func() { defer close(done); check() }()
	select {
	case <-done:
	case <-time.After(time.Minute):
		panic(fmt.Sprintf("rule %q hangs", name))
	}
}
