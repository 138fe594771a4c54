package flow_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The rules of a flow.Store, each with the sentence that a store breaks.
func TestMemory(t *testing.T) {
	for _, rule := range storeRules {
		t.Run(rule.name, func(t *testing.T) {
			clock := &flowtest.Clock{}
			rule.check(&storeKit{T: t, Store: flow.NewMemory(clock.Now), clock: clock})
			if t.Failed() {
				t.Log(rule.sentence)
			}
		})
	}
}

type storeKit struct {
	*testing.T
	flow.Store
	clock *flowtest.Clock
}

func (k *storeKit) commit(tx flow.Tx) uint64 {
	k.Helper()
	require.NoError(k, k.Commit(k.Context(), tx))
	return tx.Expect + 1
}

func (k *storeKit) refuse(want error, tx flow.Tx) {
	k.Helper()
	require.ErrorIs(k, k.Commit(k.Context(), tx), want)
}

func (k *storeKit) load(session string) (flow.Snapshot, []flow.Item) {
	k.Helper()
	snap, items, err := k.Load(k.Context(), session)
	require.NoError(k, err)
	for i := range items {
		items[i].Version = 0
	}
	return snap, items
}

func (k *storeKit) due(limit int) (keys []string) {
	k.Helper()
	items, err := k.Due(k.Context(), limit)
	require.NoError(k, err)
	for _, it := range items {
		keys = append(keys, it.Key)
	}
	return keys
}

func item(key string, due time.Time) flow.Item {
	return flow.Item{Kind: flow.ItemPayment, Key: key, Session: "s", Due: due, Data: []byte(key)}
}

var storeRules = []struct {
	name, sentence string
	check          func(k *storeKit)
}{
	{"unknown", "Load of a session that was never committed is ErrNoSession.", func(k *storeKit) {
		_, _, err := k.Load(k.Context(), "s")
		assert.ErrorIs(k, err, flow.ErrNoSession)
	}},
	{"round trip", "Load returns what was committed last, and its version.", func(k *storeKit) {
		version := k.commit(flow.Tx{Session: "s", Next: []byte("one")})
		snap, items := k.load("s")
		assert.Equal(k, flow.Snapshot{Version: version, Data: []byte("one")}, snap)
		assert.Empty(k, items)
		version = k.commit(flow.Tx{Session: "s", Expect: version, Next: []byte("two")})
		snap, _ = k.load("s")
		assert.Equal(k, flow.Snapshot{Version: version, Data: []byte("two")}, snap)
	}},
	{"new session", "A session that expects version 0 must not exist yet.", func(k *storeKit) {
		k.commit(flow.Tx{Session: "s", Next: []byte("one")})
		k.refuse(flow.ErrStale, flow.Tx{Session: "s", Next: []byte("two")})
	}},
	{"stale", "A commit against any version but the present one is ErrStale, and changes nothing.", func(k *storeKit) {
		v1 := k.commit(flow.Tx{Session: "s", Next: []byte("one")})
		v2 := k.commit(flow.Tx{Session: "s", Expect: v1, Next: []byte("two")})
		for _, stale := range []uint64{0, v1, v2 + 1} {
			k.refuse(flow.ErrStale, flow.Tx{Session: "s", Expect: stale, Next: []byte("three"),
				Insert: []flow.Item{item("p", k.clock.Now())}, Claim: []flow.Claim{{Key: "bill", Owner: "p"}}})
		}
		snap, items := k.load("s")
		assert.Equal(k, flow.Snapshot{Version: v2, Data: []byte("two")}, snap)
		assert.Empty(k, items)
		k.commit(flow.Tx{Session: "t", Claim: []flow.Claim{{Key: "bill", Owner: "q"}}})
	}},
	{"sessions apart", "The version of one session is nothing to another.", func(k *storeKit) {
		k.commit(flow.Tx{Session: "s", Next: []byte("one")})
		k.commit(flow.Tx{Session: "t", Next: []byte("two")})
		snap, _ := k.load("s")
		assert.Equal(k, []byte("one"), snap.Data)
	}},
	{"copies", "What was committed does not change when the caller changes its bytes afterwards.", func(k *storeKit) {
		data, body := []byte("one"), []byte("body")
		k.commit(flow.Tx{Session: "s", Next: data, Insert: []flow.Item{{Kind: flow.ItemPayment, Key: "p", Session: "s", Data: body}}})
		data[0], body[0] = 'X', 'X'
		snap, items := k.load("s")
		assert.Equal(k, "one", string(snap.Data))
		assert.Equal(k, "body", string(items[0].Data))
	}},
	{"items", "Load returns the items of the session, in the order in which they were inserted.", func(k *storeKit) {
		at := k.clock.Now()
		version := k.commit(flow.Tx{Session: "s", Insert: []flow.Item{item("b", at), item("a", at)}})
		k.commit(flow.Tx{Session: "t", Insert: []flow.Item{{Kind: flow.ItemPayment, Key: "x", Session: "t"}}})
		k.commit(flow.Tx{Session: "s", Expect: version, Insert: []flow.Item{item("c", at)}})
		_, items := k.load("s")
		assert.Equal(k, []flow.Item{item("b", at), item("a", at), item("c", at)}, items)
	}},
	{"insert again", "An item that exists is left as it is: a replay is harmless.", func(k *storeKit) {
		first := item("p", k.clock.Now())
		version := k.commit(flow.Tx{Session: "s", Insert: []flow.Item{first}})
		other := first
		other.Data = []byte("other")
		k.commit(flow.Tx{Session: "s", Expect: version, Insert: []flow.Item{other}})
		_, items := k.load("s")
		assert.Equal(k, []flow.Item{first}, items)
	}},
	{"same key, other kind", "A key is unique within its kind only.", func(k *storeKit) {
		receipt := item("p", time.Time{})
		receipt.Kind = flow.ItemReceipt
		k.commit(flow.Tx{Session: "s", Insert: []flow.Item{item("p", time.Time{}), receipt}})
		_, items := k.load("s")
		assert.Len(k, items, 2)
	}},
	{"update", "An update replaces due time and data, and keeps the place and the session.", func(k *storeKit) {
		version := k.commit(flow.Tx{Session: "s", Insert: []flow.Item{item("a", k.clock.Now()), item("b", k.clock.Now())}})
		changed := flow.Item{Kind: flow.ItemPayment, Key: "a", Data: []byte("new")}
		k.commit(flow.Tx{Session: "s", Expect: version, Update: []flow.Item{changed}})
		changed.Session = "s"
		_, items := k.load("s")
		assert.Equal(k, []flow.Item{changed, item("b", k.clock.Now())}, items)
	}},
	{"update nothing", "An update of an item that does not exist is an error, and nothing of the commit is done.", func(k *storeKit) {
		err := k.Commit(k.Context(), flow.Tx{Session: "s", Next: []byte("one"), Update: []flow.Item{item("p", k.clock.Now())}})
		require.Error(k, err)
		_, _, err = k.Load(k.Context(), "s")
		assert.ErrorIs(k, err, flow.ErrNoSession)
	}},
	{"due", "Due returns open items whose time has come, the longest due first, and no more than asked for.", func(k *storeKit) {
		now := k.clock.Now()
		k.commit(flow.Tx{Session: "s", Insert: []flow.Item{item("now", now), item("later", now.Add(time.Minute)),
			item("before", now.Add(-time.Minute)), item("done", time.Time{})}})
		assert.Equal(k, []string{"before", "now"}, k.due(10))
		assert.Equal(k, []string{"before"}, k.due(1))
		k.clock.Advance(time.Minute)
		assert.Equal(k, []string{"before", "now", "later"}, k.due(10))
	}},
	{"due no more", "An item with a zero due time is never due again; one that is put off is due later.", func(k *storeKit) {
		now := k.clock.Now()
		version := k.commit(flow.Tx{Session: "s", Insert: []flow.Item{item("a", now), item("b", now)}})
		k.commit(flow.Tx{Session: "s", Expect: version, Update: []flow.Item{item("a", time.Time{}), item("b", now.Add(time.Hour))}})
		assert.Empty(k, k.due(10))
		k.clock.Advance(time.Hour)
		assert.Equal(k, []string{"b"}, k.due(10))
	}},
	{"due order", "Items that are due at the same time come in the same order every time.", func(k *storeKit) {
		var items []flow.Item
		for i := range 20 {
			items = append(items, item(fmt.Sprint(i), k.clock.Now()))
		}
		k.commit(flow.Tx{Session: "s", Insert: items})
		first := k.due(20)
		for range 20 {
			require.Equal(k, first, k.due(20))
		}
	}},
	{"claim", "A claim that another owner holds makes the whole commit ErrTaken.", func(k *storeKit) {
		bill := func(owner string) []flow.Claim { return []flow.Claim{{Key: "bill", Owner: owner}} }
		k.commit(flow.Tx{Session: "s", Claim: bill("p")})
		k.refuse(flow.ErrTaken, flow.Tx{Session: "t", Next: []byte("t"), Claim: bill("q"), Insert: []flow.Item{item("q", k.clock.Now())}})
		_, _, err := k.Load(k.Context(), "t")
		assert.ErrorIs(k, err, flow.ErrNoSession)
		assert.Empty(k, k.due(10))
	}},
	{"claim again", "Its owner may take a claim again.", func(k *storeKit) {
		claim := []flow.Claim{{Key: "bill", Owner: "p"}}
		version := k.commit(flow.Tx{Session: "s", Claim: claim})
		k.commit(flow.Tx{Session: "s", Expect: version, Claim: claim})
	}},
	{"release", "A claim that was released can be taken by another owner; only the owner can release it.", func(k *storeKit) {
		claim := func(owner string) []flow.Claim { return []flow.Claim{{Key: "bill", Owner: owner}} }
		version := k.commit(flow.Tx{Session: "s", Claim: claim("p")})
		k.commit(flow.Tx{Session: "t", Release: claim("q")})
		k.refuse(flow.ErrTaken, flow.Tx{Session: "u", Claim: claim("q")})
		k.commit(flow.Tx{Session: "s", Expect: version, Release: claim("p")})
		k.commit(flow.Tx{Session: "u", Claim: claim("q")})
	}},
	{"race", "Of many who commit against one version, one wins, and all others are stale.", raceForVersion},
	{"race for a claim", "Of many who take one claim, one gets it.", raceForClaim},
}

func raceForVersion(k *storeKit) {
	const racers, rounds = 8, 50
	version := k.commit(flow.Tx{Session: "s"})
	for range rounds {
		won := race(k, racers, func(i int) error {
			err := k.Commit(context.Background(), flow.Tx{Session: "s", Expect: version, Next: []byte{byte(i)}})
			return err
		}, flow.ErrStale)
		snap, _ := k.load("s")
		require.Equal(k, []byte{byte(won)}, snap.Data)
		require.Greater(k, snap.Version, version)
		version = snap.Version
	}
}

func raceForClaim(k *storeKit) {
	race(k, 8, func(i int) error {
		err := k.Commit(context.Background(), flow.Tx{Session: fmt.Sprint(i), Claim: []flow.Claim{{Key: "bill", Owner: fmt.Sprint(i)}}})
		return err
	}, flow.ErrTaken)
}

// race lets all begin at once and returns the one that had no error; all others must have had the error of the losers.
func race(t testing.TB, racers int, try func(i int) error, lost error) (winner int) {
	var group sync.WaitGroup
	start, errs := make(chan struct{}), make([]error, racers)
	for i := range racers {
		group.Go(func() { <-start; errs[i] = try(i) })
	}
	close(start)
	group.Wait()
	winners := 0
	for i, err := range errs {
		if err == nil {
			winner, winners = i, winners+1
		} else if !errors.Is(err, lost) {
			require.NoError(t, err)
		}
	}
	require.Equal(t, 1, winners)
	return winner
}
