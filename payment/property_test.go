package payment_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
)

// chaos drives one payment with two nodes that crash, are overtaken and lose answers. The store is JSON with a version.
type chaos struct {
	*world
	rng     *rand.Rand
	first   map[string]int64 // what was on points and gift cards at first, by token
	json    []byte
	version int
	nodes   [2]node
	healed  bool
}

// node is a process that drives the payment: it loads, commits, calls, and records, and may vanish between any two.
type node struct {
	loaded  bool
	p       payment.Payment
	version int
	step    payment.Step
	checked time.Time // when the step was decided
	calling bool
	out     payment.Outcome
	called  bool
}

func TestNoMoneyIsLostOrTakenTwice(t *testing.T) {
	ends := map[payment.State]int{}
	for seed := range int64(runs()) {
		c := newChaos(t, seed)
		c.run()
		p := c.load()
		ends[p.State]++
		c.check(p)
		if t.Failed() {
			t.Fatalf("seed %d: %s", seed, c.json)
		}
	}
	t.Logf("ends: %v", ends)
	for _, s := range []payment.State{payment.StatePaid, payment.StateFailed, payment.StateCancelled} {
		assert.Greater(t, ends[s], 50, "the runs must reach %s", s)
	}
	assert.Less(t, ends[payment.StateReview], 30, "REVIEW is for what no machine can know")
}

func runs() int {
	if testing.Short() {
		return 1000
	}
	return 3000
}

func newChaos(t *testing.T, seed int64) *chaos {
	c := &chaos{rng: rand.New(rand.NewSource(seed)), first: map[string]int64{}}
	c.world = newWorld(t, func(op paymenttest.Op, key string) paymenttest.Fault {
		c.guard(op, key)
		return c.fault()
	})
	var legs []payment.Leg
	gift := false
	for range 1 + c.rng.Intn(4) {
		processor := []string{"card", "card", "replays", "bank", "gift", "held", "points"}[c.rng.Intn(7)]
		if processor == "gift" && gift {
			processor = "held"
		}
		gift = gift || processor == "gift"
		legs = append(legs, c.leg(processor, fmt.Sprintf("t%d", len(legs))))
	}
	c.save(c.draft(fmt.Sprintf("pay-%d", seed), legs...))
	return c
}

// leg is a leg of any amount, which is declined now and then: points and gift cards because not enough is on them.
func (c *chaos) leg(processor, token string) payment.Leg {
	declined := c.rng.Intn(4) == 0
	l := leg(processor, paymenttest.TokenVisa, 1+c.rng.Int63n(1000))
	box := c.sandboxes[processor]
	switch processor {
	case "points":
		l.Kind, l.Token, l.Points = payment.KindPoints, token, 1+c.rng.Int63n(5000)
		c.first[token] = l.Points
		if declined {
			c.first[token]--
		}
		box.FundPoints(token, c.first[token])
	case "gift", "held":
		l.Kind, l.Token = payment.KindGift, token
		c.first[token] = l.Amount.Minor
		if declined {
			c.first[token]--
		}
		box.Fund(token, usd(c.first[token]))
	default:
		if declined {
			l.Token = paymenttest.TokenDeclined
		}
	}
	return l
}

func (c *chaos) fault() paymenttest.Fault {
	if c.healed || c.rng.Intn(3) > 0 {
		return paymenttest.Fault{}
	}
	kinds := []paymenttest.FaultKind{paymenttest.LostRequest, paymenttest.LostAnswer, paymenttest.Late, paymenttest.Twice,
		paymenttest.Down}
	return paymenttest.Fault{Kind: kinds[c.rng.Intn(len(kinds))], Delay: time.Duration(c.rng.Intn(30)) * time.Minute}
}

// guard is asked on every call that leaves. A node that was overtaken may still call when the payment is over.
func (c *chaos) guard(op paymenttest.Op, key string) {
	p := c.load()
	assert.False(c.t, p.Confirmed.IsZero(), "%s while the payment is %s (R2)", op, p.State)
	for _, l := range p.Legs {
		if l.Key != key {
			continue
		}
		if op == paymenttest.Authorise {
			require.False(c.t, l.FirstSent.IsZero(), "sent before it was written ahead (R4)")
			assert.LessOrEqual(c.t, c.now.Sub(l.FirstSent), 22*time.Hour+pause, "sent after the key window (R6)")
		}
		if op == paymenttest.Capture {
			assert.Contains(c.t, []payment.State{payment.StateCommit, payment.StatePaid}, p.State, "captured without a decision (R10)")
		}
		if op == paymenttest.Refund {
			assert.False(c.t, l.RefundSent.IsZero(), "refunded before it was written ahead")
		}
		return
	}
	assert.Fail(c.t, "a key of no leg (R5)")
}

func (c *chaos) load() (p payment.Payment) {
	require.NoError(c.t, json.Unmarshal(c.json, &p))
	return p
}

func (c *chaos) save(p payment.Payment) {
	b, err := json.Marshal(p)
	require.NoError(c.t, err)
	c.json, c.version = b, c.version+1
}

// pause is the longest that a node is suspended between deciding on a step and sending it.
const pause = 30 * time.Minute

func (c *chaos) run() {
	for range 60 {
		c.pass()
		switch c.rng.Intn(12) {
		case 0, 1:
			p := c.load()
			if p.Confirm(c.now) == nil {
				c.save(p)
			}
		case 2:
			p := c.load()
			if c.rng.Intn(4) == 0 && p.Cancel(c.now) == nil {
				c.save(p)
			}
		case 3:
			c.nodes[c.rng.Intn(2)] = node{} // a crash
		default:
			c.act(&c.nodes[c.rng.Intn(2)])
		}
	}
	c.healed = true
	p := c.load()
	if p.State == payment.StateDraft {
		require.NoError(c.t, p.Cancel(c.now))
		c.save(p)
	}
	for i := 0; c.load().State.Open(); i++ {
		require.Less(c.t, i, 10_000, "it does not end (R15)")
		n := &c.nodes[0]
		c.act(n)
		if !n.loaded {
			c.now = c.now.Add(time.Minute)
		}
	}
	c.now = c.now.Add(3 * time.Hour) // whatever is late arrives
}

// pass lets time go by: mostly seconds, at times most of a day.
func (c *chaos) pass() {
	switch c.rng.Intn(30) {
	case 0:
		c.now = c.now.Add(time.Duration(c.rng.Intn(20)) * time.Hour)
	case 1, 2:
		c.now = c.now.Add(time.Duration(c.rng.Intn(30)) * time.Minute)
	default:
		c.now = c.now.Add(time.Duration(c.rng.Intn(5)) * time.Second)
	}
}

// act is one thing that a node does: load and commit, or call, or record.
func (c *chaos) act(n *node) {
	switch {
	case !n.loaded:
		*n = node{loaded: true, p: c.load(), version: c.version}
	case n.called:
		require.NoError(c.t, n.p.Apply(n.step, n.out, c.now))
		n.called = false
		c.commit(n)
	case n.calling && c.now.Sub(n.checked) > pause:
		*n = node{}
	case n.calling:
		n.out, _ = payment.Do(context.Background(), n.step, n.p, c.sandboxes[n.step.Processor])
		n.called, n.calling = true, false
	default:
		c.commit(n)
	}
}

// commit writes what the node has, with what needs only the store, if nobody was faster (R8).
func (c *chaos) commit(n *node) {
	step, err := n.p.Advance(c.now, c.profile)
	require.NoError(c.t, err)
	if n.version != c.version {
		*n = node{}
		return
	}
	c.save(n.p)
	if !step.Calls() {
		*n = node{}
		return
	}
	*n = node{loaded: true, p: n.p, version: c.version, step: step, checked: c.now, calling: true}
}

// check compares the ledgers with the state.
func (c *chaos) check(p payment.Payment) {
	seen := map[string]bool{}
	for _, box := range c.sandboxes {
		for _, charge := range box.Charges() {
			assert.False(c.t, seen[charge.Key], "a key was charged twice")
			seen[charge.Key] = true
			assert.False(c.t, p.Confirmed.IsZero(), "charged without a yes")
		}
	}
	captured, held := c.sum(p.ID, paymenttest.Captured), c.sum(p.ID, paymenttest.Held)
	switch p.State {
	case payment.StatePaid:
		assert.Equal(c.t, p.Total().Minor, captured, "paid is exactly the total")
		assert.Zero(c.t, held)
	case payment.StateFailed, payment.StateCancelled:
		assert.Zero(c.t, captured, "nothing is taken")
		assert.Zero(c.t, held, "nothing is held")
		for _, l := range p.Legs {
			if left, funded := c.sandboxes[l.Processor].Left(l.Token); funded {
				assert.Equal(c.t, c.first[l.Token], left, "all of it is there again")
			}
		}
	case payment.StateReview:
	default:
		assert.Fail(c.t, "it did not end", string(p.State))
	}
}
