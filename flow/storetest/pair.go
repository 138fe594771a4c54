package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
)

// caller is the customer's number.
const caller = flowtest.Ann

// pair is two processes of a company on one store. What is outside of it they share, too: processor, biller, customers.
type pair struct {
	testing.TB
	w       *flowtest.World
	store   Shared
	engines [2]*flow.Engine
	moment  moment
}

func newPair(t testing.TB, open func() (first, second Shared)) *pair {
	t.Helper()
	p := &pair{TB: t, w: flowtest.NewWorld(t)}
	p.w.Definition.Settings.TimeZone = "America/New_York"
	d, err := p.w.Definition.Build()
	require.NoError(t, err)
	require.True(t, time.Now().After(flowtest.Start.Add(30*24*time.Hour)), "the store's clock must be after the world's")
	first, second := open()
	p.store = second
	var ids atomic.Int64
	for i, store := range []flow.Store{watched{first, &p.moment}, second} {
		c := p.w.Config
		c.Dialogue, c.Store, c.Node, c.Log = d, store, fmt.Sprint("node ", i), nil
		c.Keeper = flow.NewMemoryKeeper(p.w.Clock.Now)
		c.NewID = func() string { return fmt.Sprint("p", ids.Add(1)) }
		p.engines[i], err = flow.New(c)
		require.NoError(t, err)
	}
	return p
}

// give hands an input to one of the two.
func (p *pair) give(node int, id string, in ivr.Input) ivr.Turn {
	p.Helper()
	in.Secret = in.Secret.Copy()
	t, err := p.engines[node].Handle(p.Context(), id, in)
	if err != nil {
		require.ErrorIs(p, err, flow.ErrStale)
	}
	return t
}

// play goes on with a call at one of the two until it ends.
func (p *pair) play(node int, l *call) {
	p.Helper()
	for n := 0; !l.over; n++ {
		require.Less(p, n, mostTurns, "the call does not end: %v", l.turn)
		l.heard(p.give(node, l.id, l.in))
		p.w.Clock.Advance(l.turn.Wait + time.Second)
	}
}

// settle lets both look at what is due in the hour after.
func (p *pair) settle() {
	p.Helper()
	p.moment.act = nil
	for range 12 {
		p.w.Clock.Advance(5 * time.Minute)
		for _, e := range p.engines {
			_, err := e.Sweep(p.Context(), 100)
			require.NoError(p, err)
		}
	}
}

// audit compares what is stored of the calls with the books of the processor and the biller, and returns how many
// payments were approved.
func (p *pair) audit(calls ...string) (paid int) {
	p.Helper()
	approved := map[string]bool{}
	for _, it := range p.items(calls) {
		assert.Zero(p, it.Due, "%s %s is still open", it.Kind, it.Key)
		var pay payment.Payment
		if it.Kind != flow.ItemPayment {
			continue
		}
		require.NoError(p, json.Unmarshal(it.Data, &pay))
		assert.True(p, pay.State.Final(), "%s is %s", pay.ID, pay.State)
		if pay.State == payment.StatePaid {
			approved[pay.ID] = true
		}
	}
	charged := map[string]int{}
	for _, c := range p.w.Sandbox.Charges() {
		assert.NotEqual(p, paymenttest.Held, c.State, "money is held for nothing")
		if c.State == paymenttest.Captured {
			charged[c.Payment]++
		}
	}
	assert.Len(p, charged, len(approved), "charged payments")
	for id, n := range charged {
		assert.True(p, approved[id], "a charge for %s", id)
		assert.Equal(p, 1, n, "charges for %s", id)
	}
	assert.Len(p, p.w.Biller.Posted, len(approved), "postings")
	for _, bill := range p.w.Biller.Open["acc-ann"] {
		assert.GreaterOrEqual(p, bill.Balance.Minor, int64(0), "bill %s is paid twice", bill.ID)
	}
	return len(approved)
}

func (p *pair) items(calls []string) (all []flow.Item) {
	for _, id := range calls {
		_, items, err := p.store.Load(context.Background(), id)
		if errors.Is(err, flow.ErrNoSession) {
			continue
		}
		require.NoError(p, err)
		all = append(all, items...)
	}
	return all
}
