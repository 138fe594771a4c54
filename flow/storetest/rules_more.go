package storetest

import (
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/flow"
)

var severalRules = []rule{
	{"several", "A commit of several sessions does all or nothing.", func(k *kit) {
		require.NoError(k, k.Commit(k.Context(), flow.Tx{Session: "b", Next: []byte("b")}, flow.Tx{Session: "a", Next: []byte("a")}))
		k.refuse(flow.ErrStale, flow.Tx{Session: "a", Expect: 1, Next: []byte("x"), Insert: []flow.Item{item("p", k.now())}},
			flow.Tx{Session: "b", Expect: 7, Next: []byte("x")})
		for _, id := range []string{"a", "b"} {
			snap, items := k.load(id)
			assert.Equal(k, flow.Snapshot{Version: 1, Data: []byte(id)}, snap)
			assert.Empty(k, items)
		}
	}},
	{"several claims", "Two sessions of one commit cannot have one claim for two owners.", func(k *kit) {
		k.refuse(flow.ErrTaken, flow.Tx{Session: "a", Claim: []flow.Claim{{Key: "bill", Owner: "p"}}},
			flow.Tx{Session: "b", Claim: []flow.Claim{{Key: "bill", Owner: "q"}}})
		k.commit(flow.Tx{Session: "c", Claim: []flow.Claim{{Key: "bill", Owner: "r"}}})
	}},
	{"hand over", "A claim can go from one owner to another in one commit.", func(k *kit) {
		k.commit(flow.Tx{Session: "b", Claim: []flow.Claim{{Key: "bill", Owner: "p"}}})
		require.NoError(k, k.Commit(k.Context(), flow.Tx{Session: "a", Claim: []flow.Claim{{Key: "bill", Owner: "q"}}},
			flow.Tx{Session: "b", Expect: 1, Release: []flow.Claim{{Key: "bill", Owner: "p"}}}))
		k.refuse(flow.ErrTaken, flow.Tx{Session: "b", Expect: 2, Claim: []flow.Claim{{Key: "bill", Owner: "p"}}})
	}},
	{"linearizable", "What many do at once is as if they had done it one after another.", checkHistory},
}

func (k *kit) acquire(owner string, ttl time.Duration) flow.Lease {
	k.Helper()
	l, err := k.Store.(flow.Leaser).Acquire(k.Context(), "s", owner, ttl)
	require.NoError(k, err)
	return l
}

var leaserRules = []rule{
	{"lease", "A leased session is its owner's alone, until the lease is over or released.", func(k *kit) {
		leaser := k.Store.(flow.Leaser)
		_, err := leaser.Acquire(k.Context(), "s", "n", time.Hour)
		require.ErrorIs(k, err, flow.ErrNoSession)
		k.commit(flow.Tx{Session: "s"})
		one := k.acquire("n", time.Hour)
		assert.WithinDuration(k, k.now().Add(time.Hour), one.Until, time.Minute)
		_, err = leaser.Acquire(k.Context(), "s", "m", time.Hour)
		require.ErrorIs(k, err, flow.ErrHeld)
		again := k.acquire("n", time.Millisecond)
		require.Greater(k, again.Epoch, one.Epoch)
		k.fx.Advance(2 * tick)
		other := k.acquire("m", time.Hour)
		require.Greater(k, other.Epoch, again.Epoch)
		require.NoError(k, leaser.Release(k.Context(), again), "one that went to somebody else")
		_, err = leaser.Acquire(k.Context(), "s", "n", time.Hour)
		require.ErrorIs(k, err, flow.ErrHeld)
		require.NoError(k, leaser.Release(k.Context(), other))
		require.Greater(k, k.acquire("n", time.Hour).Epoch, other.Epoch)
	}},
	{"renew", "A lease that ran out is its holder's until somebody takes it; then it is fenced.", func(k *kit) {
		leaser := k.Store.(flow.Leaser)
		k.commit(flow.Tx{Session: "s"})
		l := k.acquire("n", time.Millisecond)
		k.fx.Advance(2 * tick)
		l, err := leaser.Renew(k.Context(), l, time.Millisecond)
		require.NoError(k, err)
		k.fx.Advance(2 * tick)
		k.acquire("m", time.Hour)
		_, err = leaser.Renew(k.Context(), l, time.Hour)
		require.ErrorIs(k, err, flow.ErrFenced)
	}},
	{"fenced", "A commit under a lease that went to somebody else is ErrFenced; one under the last lease is made.", func(k *kit) {
		k.commit(flow.Tx{Session: "s", Next: []byte("one")})
		l := k.acquire("n", time.Millisecond)
		k.fx.Advance(2 * tick)
		k.commit(flow.Tx{Session: "s", Expect: 1, Epoch: l.Epoch, Next: []byte("late, but nobody took over")})
		k.acquire("m", time.Hour)
		k.refuse(flow.ErrFenced, flow.Tx{Session: "s", Expect: 2, Epoch: l.Epoch, Next: []byte("x")})
		k.refuse(flow.ErrFenced, flow.Tx{Session: "t"}, flow.Tx{Session: "s", Expect: 2, Epoch: l.Epoch, Next: []byte("x")})
		snap, _ := k.load("s")
		assert.Equal(k, uint64(2), snap.Version)
		_, _, err := k.Load(k.Context(), "t")
		assert.ErrorIs(k, err, flow.ErrNoSession)
	}},
	{"due and leased", "Due passes over the items of a session that is leased.", func(k *kit) {
		k.commit(flow.Tx{Session: "s", Insert: []flow.Item{item("p", k.now().Add(-time.Minute))}})
		l := k.acquire("n", time.Hour)
		assert.Empty(k, k.due(10))
		require.NoError(k, k.Store.(flow.Leaser).Release(k.Context(), l))
		assert.Equal(k, []string{"p"}, k.due(10))
	}},
	{"no lost update", "Of eight nodes that add to five sessions under leases that are too short, no addition is lost.", checkAdditions},
}

var finderRules = []rule{
	{"find", "Find returns the sessions of a name, the last named first; naming again changes nothing.", func(k *kit) {
		find := func(name string, limit int) []string {
			found, err := k.Store.(flow.Finder).Find(k.Context(), name, limit)
			require.NoError(k, err)
			return found
		}
		k.commit(flow.Tx{Session: "a", Name: []string{"n", "m", "n"}})
		k.commit(flow.Tx{Session: "b", Name: []string{"n"}})
		k.commit(flow.Tx{Session: "a", Expect: 1, Name: []string{"n"}})
		k.refuse(flow.ErrStale, flow.Tx{Session: "c", Expect: 9, Name: []string{"n"}})
		assert.Equal(k, []string{"b", "a"}, find("n", 10))
		assert.Equal(k, []string{"b"}, find("n", 1))
		assert.Equal(k, []string{"a"}, find("m", 10))
		assert.Empty(k, find("nobody", 10))
		assert.Empty(k, find("n", 0))
	}},
}

var purgerRules = []rule{
	{"purge", "Purge removes old sessions with all they have, but none with an open item or a claim.", func(k *kit) {
		purge := func(before time.Time, limit int) int {
			n, err := k.Store.(flow.Purger).Purge(k.Context(), before, limit)
			require.NoError(k, err)
			return n
		}
		k.commit(flow.Tx{Session: "done", Name: []string{"n"}, Insert: []flow.Item{item("done", time.Time{})}})
		k.commit(flow.Tx{Session: "plain"})
		k.commit(flow.Tx{Session: "open", Insert: []flow.Item{item("open", k.now().Add(time.Hour))}})
		k.commit(flow.Tx{Session: "claim", Claim: []flow.Claim{{Key: "bill", Owner: "p"}}})
		assert.Zero(k, purge(k.now().Add(-time.Hour), 10), "nothing is that old")
		after := k.now().Add(time.Hour)
		assert.Zero(k, purge(after, 0))
		assert.Equal(k, 1, purge(after, 1))
		assert.Equal(k, 1, purge(after, 10))
		for _, gone := range []string{"done", "plain"} {
			_, _, err := k.Load(k.Context(), gone)
			assert.ErrorIs(k, err, flow.ErrNoSession)
		}
		k.load("open")
		k.load("claim")
		k.commit(flow.Tx{Session: "new", Insert: []flow.Item{item("done", time.Time{})}}) // its item went with it
		if finder, ok := k.Store.(flow.Finder); ok {
			found, err := finder.Find(k.Context(), "n", 10)
			require.NoError(k, err)
			assert.Empty(k, found)
		}
		k.commit(flow.Tx{Session: "claim", Expect: 1, Release: []flow.Claim{{Key: "bill", Owner: "p"}}})
		assert.Equal(k, 2, purge(after, 10))
	}},
}

var shelfRules = []rule{
	{"shelf", "What is put on the shelf is there for its session until it is cleared, or its time is over.", func(k *kit) {
		s, ctx, later := k.Store.(flow.Shelf), k.Context(), k.now().Add(time.Hour)
		put := func(session, name, body string, until time.Time) {
			require.NoError(k, s.PutSealed(ctx, session, name, []byte(body), until))
		}
		put("s", "card", "old", k.now().Add(2*tick)) // until the next one
		put("s", "card", "\x00new", later)
		put("s", "cvv", "c", later)
		put("t", "card", "t", later)
		put("v", "short", "v", k.now().Add(tick))
		got, err := s.GetSealed(ctx, "s", "card")
		require.NoError(k, err)
		assert.Equal(k, "\x00new", string(got))
		k.fx.Advance(3 * tick)
		require.NoError(k, s.ClearSealed(ctx, "s"))
		for _, gone := range [][2]string{{"s", "card"}, {"s", "cvv"}, {"v", "short"}, {"u", "card"}} {
			_, err := s.GetSealed(ctx, gone[0], gone[1])
			assert.ErrorIs(k, err, flow.ErrNotKept)
		}
		_, err = s.GetSealed(ctx, "t", "card")
		assert.NoError(k, err)
	}},
}
