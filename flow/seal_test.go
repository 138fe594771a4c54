package flow_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// newSeal has a key for each ID, of which the first is the current one.
func newSeal(t testing.TB, ids ...string) *flow.Seal {
	t.Helper()
	keys := map[string]ivr.Secret{}
	for _, id := range ids {
		keys[id] = sealKey(t, id)
	}
	s, err := flow.NewSeal(flow.SealConfig{Current: ids[0], Keys: keys, Index: sealKey(t, "index")})
	require.NoError(t, err)
	return s
}

func sealKey(t testing.TB, id string) ivr.Secret {
	t.Helper()
	key, err := ivr.NewSecret([]byte((id + strings.Repeat(".", 32))[:32]))
	require.NoError(t, err)
	return key
}

func TestSealNeedsGoodKeys(t *testing.T) {
	short, err := ivr.NewSecret([]byte("short"))
	require.NoError(t, err)
	_, err = flow.NewSeal(flow.SealConfig{Current: "k2", Keys: map[string]ivr.Secret{"k1": short}})
	require.Error(t, err)
	for _, fault := range []string{`there is no key "k2"`, `key "k1": it has 5 bytes`, "the index key: it has 0 bytes"} {
		assert.ErrorContains(t, err, fault)
	}
}

// A whole call with a payment, sealed: nothing that the store ever got can be read in it, the call ends as it does in
// clear, and a key that was taken over by a new one still opens what it sealed.
func TestSealedCall(t *testing.T) {
	w, store := stored(t)
	got := &recorded{Memory: store}
	w.Config.Store, w.Config.Seal = got, newSeal(t, "k1")
	c := w.Dial(flowtest.Ann)
	ready(c)
	yes(c).Hear("receipt.approved")
	assert.NotEmpty(t, got.bytes)
	for _, plain := range []string{"acc-ann", "Ann Lee", "City Water", "4242", "12345", "tok_visa", "w-1", "receipt"} {
		assert.NotContains(t, got.bytes, plain)
	}
	rotated := w.Config
	rotated.Seal = newSeal(t, "k2", "k1")
	e, err := flow.New(rotated)
	require.NoError(t, err)
	turn, err := e.Handle(t.Context(), "call-1", ivr.Input{Kind: ivr.Keys, Keys: "9", Turn: c.Turn.Seq, Heard: true})
	require.NoError(t, err)
	assert.Equal(t, "receipt.id.slow", turn.Prompts[0].Key)

	lost := w.Config
	lost.Seal = newSeal(t, "k3")
	e, err = flow.New(lost)
	require.NoError(t, err)
	_, err = e.Handle(t.Context(), "call-1", ivr.Input{Kind: ivr.PromptEnded})
	assert.ErrorIs(t, err, flow.ErrSealKey)
}

// recorded writes down all that a store is given.
type recorded struct {
	*flow.Memory
	bytes string
}

func (r *recorded) Commit(ctx context.Context, txs ...flow.Tx) error {
	for _, tx := range txs {
		r.bytes += string(tx.Next) + strings.Join(tx.Name, " ")
		for _, it := range append(slices.Clone(tx.Insert), tx.Update...) {
			r.bytes += string(it.Data)
		}
		for _, c := range append(slices.Clone(tx.Claim), tx.Release...) {
			r.bytes += c.Key
		}
	}
	return r.Memory.Commit(ctx, txs...)
}

// altered is a store that somebody has changed behind the engine's back.
type altered struct {
	flow.Store
	snap  flow.Snapshot
	items []flow.Item
}

func (a *altered) Load(context.Context, string) (flow.Snapshot, []flow.Item, error) {
	return flow.Snapshot{Version: a.snap.Version, Data: bytes.Clone(a.snap.Data)}, cloneItems(a.items), nil
}

func cloneItems(items []flow.Item) []flow.Item {
	items = slices.Clone(items)
	for i := range items {
		items[i].Data = bytes.Clone(items[i].Data)
	}
	return items
}

// Every bit that is turned, every byte that is missing, each record in the place of another, each one put back from
// before: all are refused, with ErrTampered.
func TestSealRefusesWhatWasChanged(t *testing.T) {
	w, store := stored(t)
	w.Config.Seal = newSeal(t, "k1")
	c := w.Dial(flowtest.Ann)
	ready(c)
	before, _, err := store.Load(t.Context(), "call-1")
	require.NoError(t, err)
	yes(c).Hear("receipt.approved")
	half, halfItems, err := store.Load(t.Context(), "call-1")
	require.NoError(t, err)
	w.Sweep(time.Hour)
	snap, items, err := store.Load(t.Context(), "call-1")
	require.NoError(t, err)
	require.Len(t, items, 3)
	other := w.Dial(flowtest.Ben)
	other.Hear("identify.pin.ask")
	foreign, _, err := store.Load(t.Context(), "call-2")
	require.NoError(t, err)

	refused := func(what string, snap flow.Snapshot, items []flow.Item) {
		t.Helper()
		config := w.Config
		config.Store = &altered{store, snap, items}
		e, err := flow.New(config)
		require.NoError(t, err)
		_, err = e.Handle(t.Context(), "call-1", ivr.Input{Kind: ivr.PromptEnded})
		if what == "" {
			require.NoError(t, err)
			return
		}
		// A key that is not there is told apart, where it is the key's name that was changed.
		if err == nil || !isSealError(err) {
			t.Fatalf("%s: %v", what, err)
		}
	}
	refused("", snap, items) // as it was stored it is good
	for i := range len(snap.Data) * 8 {
		data := bytes.Clone(snap.Data)
		data[i/8] ^= 1 << (i % 8)
		refused("a turned bit", flow.Snapshot{Version: snap.Version, Data: data}, items)
	}
	for n := range len(snap.Data) {
		refused("truncated", flow.Snapshot{Version: snap.Version, Data: snap.Data[:n]}, items)
	}
	for n, it := range items {
		for i := range len(it.Data) * 8 {
			changed := cloneItems(items)
			changed[n].Data[i/8] ^= 1 << (i % 8)
			refused("a turned bit of an item", snap, changed)
		}
	}
	swapped := cloneItems(items)
	swapped[0].Data, swapped[1].Data = swapped[1].Data, swapped[0].Data
	refused("two items swapped", snap, swapped)
	refused("an item taken away", snap, items[1:])
	refused("items in another order", snap, []flow.Item{items[1], items[0], items[2]})
	refused("the session of another call", foreign, items)
	refused("an old version with the new number", flow.Snapshot{Version: snap.Version, Data: half.Data}, items)
	refused("an old session beside new items", half, items)
	refused("an old session without items", before, items)
	old := cloneItems(items)
	for i := range old {
		if old[i].Version != halfItems[i].Version {
			old[i] = halfItems[i]
			refused("an item put back from before", snap, old)
			return
		}
	}
	t.Fatal("no item was written twice")
}

func isSealError(err error) bool {
	return strings.Contains(err.Error(), flow.ErrTampered.Error()) || strings.Contains(err.Error(), flow.ErrSealKey.Error())
}

// A session that cannot be opened is put off, and does not keep the sweep from the others.
func TestSweepGoesRoundWhatCannotBeOpened(t *testing.T) {
	w, store := stored(t)
	w.Config.Seal = newSeal(t, "k1")
	w.Messages.Down = true
	for _, c := range []*flowtest.Caller{pin(w.Dial(flowtest.Ann)), pin(w.Dial(flowtest.Ann))} {
		c.Hear("amount.ask").Press("2")
		savedVisa(c)
		yes(c).Hear("receipt.approved").HangUp()
	}
	snap, _, err := store.Load(t.Context(), "call-1")
	require.NoError(t, err)
	require.NoError(t, store.Commit(t.Context(), flow.Tx{Session: "call-1", Expect: snap.Version, Next: []byte("broken")}))
	w.Messages.Down = false
	w.Clock.Advance(time.Hour)
	_, err = w.Engine().Sweep(t.Context(), 1)
	require.ErrorIs(t, err, flow.ErrTampered)
	_, err = w.Engine().Sweep(t.Context(), 1)
	require.NoError(t, err)
	assert.Len(t, w.Messages.Sent, 1)
}

// What lies on a shelf is of no use under another name, in another session, or long afterwards.
func TestSealedKeeperRefusesWhatWasMoved(t *testing.T) {
	clock := &flowtest.Clock{}
	shelf := flow.NewMemory(clock.Now)
	keeper, err := flow.NewSealedKeeper(shelf, newSeal(t, "k1"), clock.Now)
	require.NoError(t, err)
	number, err := ivr.NewSecret([]byte("4242424242424242"))
	require.NoError(t, err)
	require.NoError(t, keeper.Put(t.Context(), "s", "number", number))
	sealed, err := shelf.GetSealed(t.Context(), "s", "number")
	require.NoError(t, err)
	assert.NotContains(t, string(sealed), "4242")
	far := clock.Now().Add(1000 * time.Hour)
	require.NoError(t, shelf.PutSealed(t.Context(), "t", "number", sealed, far))
	require.NoError(t, shelf.PutSealed(t.Context(), "s", "cvv", sealed, far))
	_, err = keeper.Get(t.Context(), "t", "number")
	require.ErrorIs(t, err, flow.ErrTampered)
	_, err = keeper.Get(t.Context(), "s", "cvv")
	require.ErrorIs(t, err, flow.ErrTampered)
	clock.Advance(time.Hour)
	_, err = keeper.Get(t.Context(), "s", "number")
	require.ErrorIs(t, err, flow.ErrNotKept, "kept beyond its time by a store that was changed")
}
