package storetest

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/flow"
)

var storeRules = []rule{
	{"unknown", "Load of a session that was never committed is ErrNoSession.", func(k *kit) {
		_, _, err := k.Load(k.Context(), "s")
		assert.ErrorIs(k, err, flow.ErrNoSession)
	}},
	{"round trip", "Load returns what was committed last, and its version.", func(k *kit) {
		version := k.commit(flow.Tx{Session: "s", Next: []byte("one")})
		snap, items := k.load("s")
		assert.Equal(k, flow.Snapshot{Version: version, Data: []byte("one")}, snap)
		assert.Empty(k, items)
		version = k.commit(flow.Tx{Session: "s", Expect: version, Next: []byte("two")})
		snap, _ = k.load("s")
		assert.Equal(k, flow.Snapshot{Version: version, Data: []byte("two")}, snap)
	}},
	{"new session", "A session that expects version 0 must not exist yet.", func(k *kit) {
		k.commit(flow.Tx{Session: "s", Next: []byte("one")})
		k.refuse(flow.ErrStale, flow.Tx{Session: "s", Next: []byte("two")})
	}},
	{"stale", "A commit against any version but the present one is ErrStale, and changes nothing.", func(k *kit) {
		v1 := k.commit(flow.Tx{Session: "s", Next: []byte("one")})
		v2 := k.commit(flow.Tx{Session: "s", Expect: v1, Next: []byte("two")})
		for _, stale := range []uint64{0, v1, v2 + 1} {
			k.refuse(flow.ErrStale, flow.Tx{Session: "s", Expect: stale, Next: []byte("three"),
				Insert: []flow.Item{item("p", k.now())}, Claim: []flow.Claim{{Key: "bill", Owner: "p"}}})
		}
		snap, items := k.load("s")
		assert.Equal(k, flow.Snapshot{Version: v2, Data: []byte("two")}, snap)
		assert.Empty(k, items)
		k.commit(flow.Tx{Session: "t", Claim: []flow.Claim{{Key: "bill", Owner: "q"}}})
	}},
	{"sessions apart", "The version of one session is nothing to another.", func(k *kit) {
		k.commit(flow.Tx{Session: "s", Next: []byte("one")})
		k.commit(flow.Tx{Session: "t", Next: []byte("two")})
		snap, _ := k.load("s")
		assert.Equal(k, []byte("one"), snap.Data)
	}},
	{"copies", "What was committed does not change when the caller changes its bytes afterwards.", func(k *kit) {
		data, body := []byte("one"), []byte("body")
		k.commit(flow.Tx{Session: "s", Next: data, Insert: []flow.Item{{Kind: flow.ItemPayment, Key: "p", Session: "s", Data: body}}})
		data[0], body[0] = 'X', 'X'
		snap, items := k.load("s")
		assert.Equal(k, "one", string(snap.Data))
		assert.Equal(k, "body", string(items[0].Data))
	}},
	{"items", "Load returns the items of the session, in the order in which they were inserted.", func(k *kit) {
		at := k.now()
		version := k.commit(flow.Tx{Session: "s", Insert: []flow.Item{item("b", at), item("a", at)}})
		k.commit(flow.Tx{Session: "t", Insert: []flow.Item{{Kind: flow.ItemPayment, Key: "x", Session: "t"}}})
		k.commit(flow.Tx{Session: "s", Expect: version, Insert: []flow.Item{item("c", at)}})
		_, items := k.load("s")
		assert.Equal(k, []flow.Item{item("b", at), item("a", at), item("c", at)}, items)
	}},
	{"insert again", "An item that exists is left as it is: a replay is harmless.", func(k *kit) {
		first := item("p", k.now())
		version := k.commit(flow.Tx{Session: "s", Insert: []flow.Item{first}})
		other := first
		other.Data = []byte("other")
		k.commit(flow.Tx{Session: "s", Expect: version, Insert: []flow.Item{other}})
		_, items := k.load("s")
		assert.Equal(k, []flow.Item{first}, items)
	}},
	{"same key, other kind", "A key is unique within its kind only.", func(k *kit) {
		receipt := item("p", time.Time{})
		receipt.Kind = flow.ItemReceipt
		k.commit(flow.Tx{Session: "s", Insert: []flow.Item{item("p", time.Time{}), receipt}})
		_, items := k.load("s")
		assert.Len(k, items, 2)
	}},
	{"update", "An update replaces due time and data, and keeps the place and the session.", func(k *kit) {
		now := k.now()
		version := k.commit(flow.Tx{Session: "s", Insert: []flow.Item{item("a", now), item("b", now)}})
		changed := flow.Item{Kind: flow.ItemPayment, Key: "a", Data: []byte("new")}
		k.commit(flow.Tx{Session: "s", Expect: version, Update: []flow.Item{changed}})
		changed.Session = "s"
		_, items := k.load("s")
		assert.Equal(k, []flow.Item{changed, item("b", now)}, items)
	}},
	{"update nothing", "An update of an item that does not exist is an error, and nothing of the commit is done.", func(k *kit) {
		err := k.Commit(k.Context(), flow.Tx{Session: "s", Next: []byte("one"), Update: []flow.Item{item("p", k.now())}})
		require.Error(k, err)
		_, _, err = k.Load(k.Context(), "s")
		assert.ErrorIs(k, err, flow.ErrNoSession)
	}},
	{"due", "Due returns open items whose time has come, the longest due first, and no more than asked for.", func(k *kit) {
		now := k.now()
		k.commit(flow.Tx{Session: "s", Insert: []flow.Item{item("now", now), item("later", now.Add(time.Hour)),
			item("before", now.Add(-time.Minute)), item("done", time.Time{})}})
		k.fx.Advance(tick)
		assert.Equal(k, []string{"before", "now"}, k.due(10))
		assert.Equal(k, []string{"before"}, k.due(1))
		assert.Empty(k, k.due(0))
	}},
	{"due later", "An item becomes due when its time comes.", func(k *kit) {
		soon := k.now().Add(5 * tick)
		k.commit(flow.Tx{Session: "s", Insert: []flow.Item{item("soon", soon)}})
		if k.now().Before(soon.Add(-tick)) { // a slow machine may be there already
			assert.Empty(k, k.due(10))
		}
		k.fx.Advance(6 * tick)
		assert.Equal(k, []string{"soon"}, k.due(10))
	}},
	{"due no more", "An item with a zero due time is never due again; one that is put off is due later.", func(k *kit) {
		past := k.now().Add(-time.Minute)
		version := k.commit(flow.Tx{Session: "s", Insert: []flow.Item{item("a", past), item("b", past)}})
		k.commit(flow.Tx{Session: "s", Expect: version, Update: []flow.Item{item("a", time.Time{}), item("b", past.Add(time.Hour))}})
		assert.Empty(k, k.due(10))
	}},
	{"due kinds", "Due returns only the kinds that are asked for; all where none is given.", func(k *kit) {
		receipt, posting := item("r", k.now().Add(-time.Minute)), item("p", k.now().Add(-time.Second))
		receipt.Kind, posting.Kind = flow.ItemReceipt, flow.ItemPosting
		k.commit(flow.Tx{Session: "s", Insert: []flow.Item{receipt, posting}})
		assert.Equal(k, []string{"r"}, k.due(10, flow.ItemReceipt))
		assert.Equal(k, []string{"r", "p"}, k.due(10, flow.ItemReceipt, flow.ItemPosting))
		assert.Empty(k, k.due(10, flow.ItemPayment))
		assert.Equal(k, []string{"r", "p"}, k.due(10))
	}},
	{"due order", "Items that are due at the same time come in the same order every time.", func(k *kit) {
		var items []flow.Item
		for i := range 20 {
			items = append(items, item(fmt.Sprint(i), k.now().Add(-time.Minute)))
		}
		k.commit(flow.Tx{Session: "s", Insert: items})
		first := k.due(20)
		require.Len(k, first, 20)
		for range 20 {
			require.Equal(k, first, k.due(20))
		}
	}},
	{"item version", "An item has the version of the commit that wrote it last.", func(k *kit) {
		k.commit(flow.Tx{Session: "s", Insert: []flow.Item{item("a", k.now()), item("b", k.now())}})
		k.commit(flow.Tx{Session: "s", Expect: 1, Update: []flow.Item{item("b", k.now())}, Insert: []flow.Item{item("a", k.now())}})
		_, items, err := k.Load(k.Context(), "s")
		require.NoError(k, err)
		require.Len(k, items, 2)
		assert.Equal(k, []uint64{1, 2}, []uint64{items[0].Version, items[1].Version})
	}},
	{"foreign item", "An item that another session has makes the commit fail, and is left as it is.", func(k *kit) {
		k.commit(flow.Tx{Session: "s", Insert: []flow.Item{item("a", k.now())}})
		other := item("a", time.Time{})
		require.Error(k, k.Commit(k.Context(), flow.Tx{Session: "t", Insert: []flow.Item{other}}))
		k.commit(flow.Tx{Session: "t"})
		require.Error(k, k.Commit(k.Context(), flow.Tx{Session: "t", Expect: 1, Update: []flow.Item{other}}))
		snap, items := k.load("t")
		assert.Equal(k, uint64(1), snap.Version)
		assert.Empty(k, items)
		_, items = k.load("s")
		assert.False(k, items[0].Due.IsZero())
	}},
	{"any bytes", "IDs, keys and names are any strings of up to 1 KiB, data any bytes, times have microseconds.", func(k *kit) {
		odd := "\x00\xff\\'\"ü" + strings.Repeat("k", 1000)
		due := k.now().Truncate(time.Second).Add(-123457 * time.Microsecond)
		body := []byte{0, 255, '\'', '\\', 0}
		k.commit(flow.Tx{Session: odd, Next: body, Claim: []flow.Claim{{Key: odd, Owner: odd}}, Name: []string{odd},
			Insert: []flow.Item{{Kind: flow.ItemPayment, Key: odd, Due: due, Data: body}}})
		snap, items := k.load(odd)
		assert.Equal(k, body, snap.Data)
		require.Len(k, items, 1)
		assert.Equal(k, odd, items[0].Key)
		assert.Equal(k, odd, items[0].Session)
		assert.Equal(k, body, items[0].Data)
		assert.True(k, due.Equal(items[0].Due), "%v is %v", due, items[0].Due)
	}},
	{"cancelled", "What is asked for when the context is over returns an error, and does nothing.", func(k *kit) {
		ctx, cancel := context.WithCancel(k.Context())
		cancel()
		require.ErrorIs(k, k.Commit(ctx, flow.Tx{Session: "s"}), context.Canceled)
		_, _, err := k.Load(ctx, "s")
		require.ErrorIs(k, err, context.Canceled)
		_, err = k.Due(ctx, 1)
		require.ErrorIs(k, err, context.Canceled)
		k.commit(flow.Tx{Session: "s"})
	}},
	{"claim", "A claim that another owner holds makes the whole commit ErrTaken.", func(k *kit) {
		bill := func(owner string) []flow.Claim { return []flow.Claim{{Key: "bill", Owner: owner}} }
		k.commit(flow.Tx{Session: "s", Claim: bill("p")})
		k.refuse(flow.ErrTaken, flow.Tx{Session: "t", Next: []byte("t"), Claim: bill("q"), Insert: []flow.Item{item("q", k.now())}})
		_, _, err := k.Load(k.Context(), "t")
		assert.ErrorIs(k, err, flow.ErrNoSession)
		assert.Empty(k, k.due(10))
	}},
	{"claim again", "Its owner may take a claim again.", func(k *kit) {
		claim := []flow.Claim{{Key: "bill", Owner: "p"}}
		version := k.commit(flow.Tx{Session: "s", Claim: claim})
		k.commit(flow.Tx{Session: "s", Expect: version, Claim: claim})
	}},
	{"release", "A claim that was released can be taken by another owner; only the owner can release it.", func(k *kit) {
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
