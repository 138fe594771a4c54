package pgstore_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/pgstore"
	"github.com/dialpay/dialpay/flow/sqlstore"
	"github.com/dialpay/dialpay/internal/pgtest"
)

// kills is how often a server is stopped.
func kills(t *testing.T, usual int) int {
	t.Helper()
	if text := os.Getenv("DIALPAY_KILLS"); text != "" {
		n, err := strconv.Atoi(text)
		require.NoError(t, err)
		return n
	}
	return usual
}

// writer goes on with a session of its own.
type writer struct {
	session      string
	acknowledged uint64
	withItems    bool
	err          error // what ended its last run
}

func (w *writer) run(t *testing.T, s *pgstore.Store) {
	for w.err = nil; w.err == nil; {
		next := w.acknowledged + 1
		tx := flow.Tx{Session: w.session, Expect: w.acknowledged, Next: fmt.Append(nil, next)}
		if w.withItems {
			tx.Insert = []flow.Item{{Kind: flow.ItemPayment, Key: fmt.Sprint(w.session, next), Due: time.Now()}}
		}
		if w.err = s.Commit(t.Context(), tx); w.err == nil {
			w.acknowledged = next
		}
	}
}

// check compares what is there with what the writer knows, and tells whether the last commit was done without an answer.
func (w *writer) check(t *testing.T, s *pgstore.Store) (done bool) {
	var snap flow.Snapshot
	var items []flow.Item
	require.Eventually(t, func() (there bool) { // connections of before the stop fail once
		var err error
		snap, items, err = s.Load(t.Context(), w.session)
		return err == nil || errors.Is(err, flow.ErrNoSession) && w.acknowledged == 0
	}, time.Minute, 10*time.Millisecond)
	done = snap.Version == w.acknowledged+1
	switch {
	case errors.Is(w.err, sqlstore.ErrUnknown) && done:
	default:
		require.Equal(t, w.acknowledged, snap.Version, "after %v", w.err)
	}
	if snap.Version > 0 {
		assert.Equal(t, fmt.Sprint(snap.Version), string(snap.Data))
	}
	if w.withItems {
		assert.Len(t, items, int(snap.Version), "a commit is all or nothing")
	}
	w.acknowledged = snap.Version
	return done
}

// The server is stopped at once while goroutines commit, and started again: what was acknowledged is there; a commit
// whose answer was lost is ErrUnknown, and was done whole or not at all; after any other error, nothing was done.
func TestServerStopsAtOnce(t *testing.T) {
	server := pgtest.New(t)
	s := open(t, server.URL)
	var all []*writer
	for i := range 8 {
		all = append(all, &writer{session: fmt.Sprint("s", i, "-"), withItems: i%2 == 0})
	}
	var unknown, done, commits int
	stops := kills(t, 5)
	for range stops {
		var running sync.WaitGroup
		for _, w := range all {
			running.Go(func() { w.run(t, s) })
		}
		time.Sleep(time.Duration(50+rand.IntN(250)) * time.Millisecond)
		require.NoError(t, server.Stop())
		running.Wait()
		require.NoError(t, server.Start())
		for _, w := range all {
			if errors.Is(w.err, sqlstore.ErrUnknown) {
				unknown++
			}
			if w.check(t, s) {
				done++
			}
		}
	}
	for _, w := range all {
		commits += int(w.acknowledged)
	}
	assert.Greater(t, commits, stops, "too few commits to mean anything")
	assert.NotZero(t, unknown, "no answer was lost")
	t.Logf("%d stops, %d commits, %d without an answer, of which %d were done", stops, commits, unknown, done)
}
