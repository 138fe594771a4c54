package pgstore_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/flow/pgstore"
	"github.com/dialpay/dialpay/internal/pgtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
)

// company is two processes on one database, which share what is outside of it: the processor, the biller, the customers.
type company struct {
	*testing.T
	w      *flowtest.World
	nodes  [2]*flow.Engine
	stores [2]*pgstore.Store
	calls  []string
}

func newCompany(t *testing.T, url string) *company {
	c := &company{T: t, w: flowtest.NewWorld(t)}
	c.w.Definition.Settings.TimeZone = "America/New_York"
	d, err := c.w.Definition.Build()
	require.NoError(t, err)
	var ids atomic.Int64
	for i := range c.nodes {
		c.stores[i] = open(t, url)
		config := c.w.Config
		config.Dialogue, config.Store, config.Node, config.Log = d, c.stores[i], fmt.Sprint("node ", i), nil
		config.NewID = func() string { return fmt.Sprint("p", ids.Add(1)) }
		c.nodes[i], err = flow.New(config)
		require.NoError(t, err)
	}
	return c
}

// bill gives Ann another bill.
func (c *company) bill(n int) {
	usd := payment.Money{Minor: int64(1000 + n), Currency: "USD"}
	c.w.Biller.Open["acc-ann"] = []payment.Bill{{ID: fmt.Sprint("w-", n), Account: "acc-ann", Payee: "City Water",
		Balance: usd, Due: "2026-03-06"}}
}

// pace is how long Ann thinks, in true time.
const pace = 10 * time.Millisecond

var errEndless = errors.New("the call does not end")

// call is Ann, who pays whatever she is asked to pay; one process takes one turn and the other the next. It returns the
// error that ended the call.
func (c *company) call() error {
	id := fmt.Sprint("call ", len(c.calls))
	c.calls = append(c.calls, id)
	in := ivr.Input{Kind: ivr.Answered, Call: ivr.Call{From: flowtest.Ann, Attestation: "A"}}
	var heard []string
	for n := range 100 {
		turn, err := c.nodes[n%2].Handle(c.Context(), id, in)
		if err != nil || in.Kind == ivr.HangUp {
			return err
		}
		if turn.Action == ivr.ActionHangUp || turn.Action == ivr.ActionTransfer {
			return nil
		}
		c.w.Clock.Advance(turn.Wait + time.Second)
		time.Sleep(pace)
		in = ivr.Input{Kind: ivr.PromptEnded, Turn: turn.Seq}
		if turn.Action != ivr.ActionWait {
			in = ivr.Input{Kind: ivr.Keys, Turn: turn.Seq, Heard: true, Keys: "1"}
		}
		for _, p := range turn.Prompts {
			heard = append(heard, p.Key)
			switch p.Key {
			case "identify.pin.ask":
				in.Keys = "1234#"
			case "more.ask":
				in = ivr.Input{Kind: ivr.HangUp}
			}
		}
	}
	return fmt.Errorf("%w: %v", errEndless, heard[len(heard)-20:])
}

// sweep finishes what was left open. A lease whose release was lost is over after some seconds of true time.
func (c *company) sweep() {
	for until := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		c.w.Clock.Advance(time.Minute)
		for _, e := range c.nodes {
			_, _ = e.Sweep(c.Context(), 100) // what fails stays open
		}
		open := c.open()
		if len(open) == 0 {
			return
		}
		require.True(c, time.Now().Before(until), "still open: %v", open)
	}
}

// items are those of all calls.
func (c *company) items() (all []flow.Item) {
	for _, call := range c.calls {
		var items []flow.Item
		require.Eventually(c, func() bool { // a connection of before the stop fails once
			var err error
			_, items, err = c.stores[0].Load(c.Context(), call)
			return err == nil || errors.Is(err, flow.ErrNoSession)
		}, time.Minute, time.Millisecond)
		all = append(all, items...)
	}
	return all
}

func (c *company) open() (open []string) {
	for _, it := range c.items() {
		if !it.Due.IsZero() {
			open = append(open, fmt.Sprint(it.Kind, " ", it.Key))
		}
	}
	return open
}

// audit compares what was confirmed with the books of the processor and of the biller.
func (c *company) audit() (confirmed int) {
	for _, it := range c.items() {
		if it.Kind == flow.ItemPayment {
			confirmed++
		}
	}
	taken := map[string]payment.Money{}
	for _, charge := range c.w.Sandbox.Charges() {
		transaction := payment.TransactionID(charge.Payment)
		assert.Equal(c, paymenttest.Captured, charge.State, "a charge of payment %s", charge.Payment)
		assert.NotContains(c, taken, transaction, "charged twice")
		taken[transaction] = charge.Amount
	}
	posted := map[string]payment.Money{}
	for _, p := range c.w.Biller.Posted {
		assert.NotContains(c, posted, p.Transaction, "posted twice")
		posted[p.Transaction] = p.Amount
	}
	assert.Equal(c, taken, posted, "what was taken is what was posted")
	assert.Len(c, taken, confirmed, "one charge for each payment that was confirmed")
	for _, b := range c.w.Biller.Open["acc-ann"] {
		assert.Zero(c, b.Balance.Minor, "bill %s was paid once", b.ID)
	}
	return confirmed
}

// The server is stopped at once at random instants of calls that pay, and started again; the caller dials again, and what
// was left open is swept. Every payment that was confirmed is charged once and posted once, nothing is held, and no bill is
// paid twice.
func TestPayingWhileTheServerStops(t *testing.T) {
	server := pgtest.New(t)
	c := newCompany(t, server.URL)
	require.True(t, time.Now().After(flowtest.Start.Add(100*24*time.Hour)), "the server's clock must be after the world's")
	stops := kills(t, 10)
	began := time.Now()
	c.bill(0)
	require.NoError(t, c.call())
	whole := time.Since(began)
	c.audit()
	hit, bills := 0, 1
	for ; hit < stops && bills < 20*stops; bills++ {
		c.bill(bills)
		after := time.Duration(rand.Int64N(int64(whole)))
		stopped := make(chan error)
		go func() { time.Sleep(after); stopped <- server.Stop() }()
		err := c.call()
		require.NoError(t, <-stopped)
		require.NoError(t, server.Start())
		if err != nil {
			hit++
			require.NoError(t, c.redial(), "after %v", err)
		}
		c.sweep()
		c.audit()
		if t.Failed() {
			t.Fatalf("bill %d, stopped after %v of %v: %v", bills, after, whole, err)
		}
	}
	require.Equal(t, stops, hit, "too few calls were hit")
	t.Logf("%d bills, %d calls hit by a stop, %d payments", bills, hit, c.audit())
}

// redial calls until the connections of before the stop are gone.
func (c *company) redial() (err error) {
	for range 50 {
		if err = c.call(); err == nil || errors.Is(err, errEndless) {
			return err
		}
	}
	return err
}
