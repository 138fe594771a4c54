package flow_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// downStore is a Memory of which single calls fail, without having done anything.
type downStore struct {
	*flow.Memory
	loads, commits int // how many of the next ones fail
}

var errStoreDown = errors.New("the store is down")

func (s *downStore) Load(ctx context.Context, id string) (flow.Snapshot, []flow.Item, error) {
	if s.loads > 0 {
		s.loads--
		return flow.Snapshot{}, nil, errStoreDown
	}
	return s.Memory.Load(ctx, id)
}

func (s *downStore) Commit(ctx context.Context, txs ...flow.Tx) error {
	if s.commits > 0 {
		s.commits--
		return errStoreDown
	}
	return s.Memory.Commit(ctx, txs...)
}

// A store that is down for a moment costs the customer neither one of three attempts nor five minutes: as soon as it is
// well again, they are called, once.
func TestStoreDownCostsNoAttempt(t *testing.T) {
	for name, down := range map[string]downStore{"load": {loads: 1}, "commit": {commits: 1}, "both": {loads: 1, commits: 1}} {
		t.Run(name, func(t *testing.T) {
			w, store := stored(t)
			faulty := &downStore{Memory: store}
			w.Config.Store = faulty
			w.People.Closed = true
			w.DialAs(english(flowtest.Ann)).Press("0#").Hear("callback.offer.ask").Press("1").Hear("callback.saved").HangUp()
			w.Clock.Advance(5 * time.Minute)
			faulty.loads, faulty.commits = down.loads, down.commits
			for range down.loads + down.commits {
				_, err := w.Engine().Sweep(t.Context(), 100)
				require.ErrorIs(t, err, errStoreDown)
				assert.Empty(t, w.Dialler.Dialled)
				w.Clock.Advance(20 * time.Second)
			}
			for range 3 {
				w.Sweep(5 * time.Second)
			}
			require.Len(t, w.Dialler.Dialled, 1)
			assert.Equal(t, "call-1/1", w.Dialler.Dialled[0].Key, "the first attempt")
		})
	}
}

// A session that cannot be read will be no better in a moment: it is put off, so that it does not keep the others waiting.
func TestUnreadableIsPutOff(t *testing.T) {
	w, store := stored(t)
	w.People.Closed = true
	w.DialAs(english(flowtest.Ann)).Press("0#").Hear("callback.offer.ask").Press("1").Hear("callback.saved").HangUp()
	snap, _, err := store.Load(t.Context(), "call-1")
	require.NoError(t, err)
	require.NoError(t, store.Commit(t.Context(), flow.Tx{Session: "call-1", Expect: snap.Version, Next: []byte("{")}))
	w.Clock.Advance(5 * time.Minute)
	n, err := w.Engine().Sweep(t.Context(), 100)
	require.Error(t, err)
	require.Equal(t, 1, n)
	for range 9 {
		w.Clock.Advance(30 * time.Second)
		n, err = w.Engine().Sweep(t.Context(), 100)
		require.NoError(t, err)
		assert.Zero(t, n)
	}
	w.Clock.Advance(time.Minute)
	_, err = w.Engine().Sweep(t.Context(), 100)
	assert.Error(t, err, "it is not forgotten")
}

// What a stage put into the commit of a confirmation that finds its bill taken is committed with the turn, sealed or not.
func TestConfirmTakenKeepsTheRest(t *testing.T) {
	for _, sealed := range []bool{false, true} {
		w, _ := stored(t)
		if sealed {
			w.Config.Seal = newSeal(t, "k1")
		}
		confirm := &w.Definition.Stage("charge").States[0]
		claim := confirm.Work.Do
		confirm.Work.Do = func(ctx context.Context, c *flow.Call) (flow.Event, error) {
			if c.Receipt != nil {
				c.Told(c.Receipt.Payment)
			}
			return claim(ctx, c)
		}
		c, other := w.Dial(flowtest.Ann), w.Dial(flowtest.Ann)
		for _, one := range []*flowtest.Caller{c, other} {
			pin(one)
			one.Hear("amount.ask").Press("2")
			savedVisa(one)
		}
		w.Messages.Down = true
		yes(c).Hear("receipt.approved").Press("1").Hear("receipt.later") // the receipt is still to be sent
		c.Press("1")
		full(c)
		savedVisa(c)
		w.Biller.PostDown = true
		yes(other).Hear("receipt.approved").Press("3").HangUp()
		yes(c).Hear("charge.taken").Press("2").Hear("goodbye")
		w.Messages.Down = false
		w.Sweep(time.Hour)
		assert.Empty(t, w.Messages.Sent, "sealed: %t: it was told", sealed)
	}
}
