package storetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/flow"
)

// kit is a store with what a rule does to it.
type kit struct {
	testing.TB
	flow.Store
	fx Fixtures
}

// tick is more than the clock of a store may be behind.
const tick = 10 * time.Millisecond

// now is the store's clock, in the microseconds that it keeps.
func (k *kit) now() time.Time { return k.fx.Now().UTC().Truncate(time.Microsecond) }

func (k *kit) commit(tx flow.Tx) uint64 {
	k.Helper()
	require.NoError(k, k.Commit(k.Context(), tx))
	return tx.Expect + 1
}

func (k *kit) refuse(want error, txs ...flow.Tx) {
	k.Helper()
	require.ErrorIs(k, k.Commit(k.Context(), txs...), want)
}

func (k *kit) load(session string) (flow.Snapshot, []flow.Item) {
	k.Helper()
	snap, items, err := k.Load(k.Context(), session)
	require.NoError(k, err)
	for i := range items {
		items[i].Version = 0
		items[i].Due = items[i].Due.UTC()
	}
	return snap, items
}

func (k *kit) due(limit int, kinds ...flow.ItemKind) (keys []string) {
	k.Helper()
	items, err := k.Due(k.Context(), limit, kinds...)
	require.NoError(k, err)
	for _, it := range items {
		keys = append(keys, it.Key)
	}
	return keys
}

func item(key string, due time.Time) flow.Item {
	return flow.Item{Kind: flow.ItemPayment, Key: key, Session: "s", Due: due, Data: []byte(key)}
}
