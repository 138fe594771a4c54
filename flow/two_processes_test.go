package flow_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every input of a whole call comes to both processes, in either order and in turns, and again late and out of order: the
// first effect is the only one, and both give the turn that the call is at.
func TestTwoProcessesEveryInput(t *testing.T) {
	for _, leases := range []bool{true, false} {
		for name, first := range map[string]func(n int) int{
			"the first one first":  func(int) int { return 0 },
			"the second one first": func(int) int { return 1 },
			"in turns":             func(n int) int { return n % 2 },
		} {
			t.Run(fmt.Sprintf("%s, leases: %v", name, leases), func(t *testing.T) {
				r := newTwo(t, leases)
				l := newLine(callID)
				var given []ivr.Input
				for n := 0; !l.over; n++ {
					require.Less(t, n, 200)
					in := l.in
					given = append(given, in)
					turn := r.give(first(n), l.id, in)
					require.Equal(t, turn, r.give(1-first(n), l.id, in), "%s of turn %d, at the other", in.Kind, in.Turn)
					future := in
					future.Turn = turn.Seq + 1
					for i := range given {
						late := given[len(given)-1-i]
						require.Equal(t, turn, r.give(i%2, l.id, late), "%s of turn %d, late", late.Kind, late.Turn)
					}
					if in.Kind != ivr.Answered {
						require.Equal(t, turn, r.give(n%2, l.id, future), "of a turn that is not yet")
					}
					r.w.Clock.Advance(turn.Wait + time.Second)
					l.heard(turn)
				}
				r.settle()
				r.audit(1, callID)
				assert.Equal(t, 1, r.receipts())
			})
		}
	}
}

// intrusions are what the other process does at a commit of the call. Each returns the calls that it began.
var intrusions = []struct {
	name string
	// leases tells that it goes another way in a store that is a Leaser.
	leases bool
	do     func(r *two, l *line)
}{
	{"the same input", false, func(r *two, l *line) { r.give(1, l.id, l.in) }},
	{"the same input, uncounted", false, func(r *two, l *line) {
		in := l.in
		in.Turn = 0
		r.give(1, l.id, in)
	}},
	{"the next input", false, func(r *two, l *line) {
		in := l.in
		in.Turn++
		r.give(1, l.id, in)
	}},
	{"the call goes on there to its end", false, func(r *two, l *line) {
		o := &line{id: l.id, answers: l.answers, in: l.in}
		r.play(1, o)
	}},
	{"a sweep", true, func(r *two, _ *line) { r.sweep(1) }},
	{"a sweep after a pause", true, func(r *two, _ *line) { r.w.Clock.Advance(40 * time.Second); r.sweep(1) }},
	{"a sweep after a long pause", true, func(r *two, _ *line) { r.w.Clock.Advance(4 * time.Minute); r.sweep(1) }},
	{"a hang-up", false, func(r *two, l *line) { r.give(1, l.id, ivr.Input{Kind: ivr.HangUp}) }},
	{"a second call on the bill", true, func(r *two, _ *line) { r.play(1, newLine("second")) }},
}

// ways are how a call can go, beside what the other process does.
var ways = []struct {
	name    string
	answers map[string]string
	setUp   func(r *two)
}{
	{"approved, a text message", map[string]string{"receipt.ask": "1"}, func(*two) {}},
	{"approved, an e-mail", map[string]string{"receipt.ask": "2"}, func(*two) {}},
	{"approved, no receipt", map[string]string{"receipt.ask": "3"}, func(*two) {}},
	{"no answer for a while", nil, func(r *two) { r.w.Sandbox.Inject(paymenttest.Authorise, lostAnswers(3)...) }},
	{"the biller is down for a while", nil, func(r *two) { r.w.Biller.PostDown = true }},
	{"declined", map[string]string{"charge.declined.ask": "2"}, func(r *two) {
		r.w.Sandbox.Inject(paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.Decline, Class: payment.OtherMethod})
	}},
}

// At every commit of the call the other process acts, just before it or just after it. Whatever it does, one payment is
// charged at most, told to the biller and to the customer as it ended, and nobody hears what is not true.
func TestTwoProcessesEveryCommit(t *testing.T) {
	moments := 0
	for _, leases := range []bool{true, false} {
		for _, way := range ways {
			for _, intrusion := range intrusions {
				if leases && !intrusion.leases {
					continue // the others take no lease
				}
				for _, after := range []bool{false, true} {
					for at := 1; ; at += stride() {
						r := newTwo(t, leases)
						way.setUp(r)
						l := newLine(callID)
						for k, v := range way.answers {
							l.answers = with(l.answers, k, v)
						}
						r.moment.at, r.moment.after = at, after
						r.moment.act = func() { intrusion.do(r, l) }
						r.play(0, l)
						if r.moment.made < at {
							break // the call has fewer commits than that
						}
						moments++
						r.w.Biller.PostDown = false
						r.settle()
						r.auditPaidOnce(callID, "second")
						if t.Failed() {
							t.Fatalf("%s: %s %v, leases: %v", way.name, intrusion.name, r.moment, leases)
						}
					}
				}
			}
		}
	}
	t.Logf("%d moments", moments)
	assert.Greater(t, moments, 1000/stride())
}

func with(m map[string]string, key, value string) map[string]string {
	all := map[string]string{key: value}
	for k, v := range m {
		if k != key {
			all[k] = v
		}
	}
	return all
}

// auditPaidOnce is audit for calls of which one paid the bill, or none.
func (r *two) auditPaidOnce(calls ...string) {
	r.Helper()
	paid := 0
	for _, p := range r.payments(calls...) {
		if p.State == payment.StatePaid {
			paid++
		}
	}
	assert.LessOrEqual(r, paid, 1)
	r.audit(paid, calls...)
}

// Two sweepers that meet at a call that dropped, at every load and commit of the one, do together what one would do. With
// leases the second finds the call taken; without them the versions alone protect.
func TestTwoSweepers(t *testing.T) {
	moments := 0
	for _, leases := range []bool{true, false} {
		for _, after := range []bool{false, true} {
			for at := 1; ; at++ {
				r := newTwo(t, leases)
				r.dropped()
				r.moment.at, r.moment.after, r.moment.made, r.moment.loads = at, after, 0, true
				r.moment.act = func() { r.sweep(1) }
				for range 4 { // the payment, the posting, the message, nothing
					r.w.Clock.Advance(5 * time.Minute)
					r.w.Biller.PostDown = r.w.Biller.PostDown && r.w.Sandbox.Charges()[0].State != paymenttest.Captured
					r.sweep(0)
				}
				if r.moment.made < at {
					break
				}
				moments++
				r.w.Biller.PostDown = false
				r.settle()
				r.audit(1, callID)
				assert.Equal(t, 1, r.receipts())
				for key, n := range r.sends.byKey {
					assert.True(t, n == 1 || !leases, "%s was given to the messenger %d times", key, n)
				}
				if t.Failed() {
					t.Fatalf("%v, leases: %v", r.moment, leases)
				}
			}
		}
	}
	t.Logf("%d moments", moments)
	assert.Greater(t, moments, 30)
}

// dropped is a call that hung up after the yes, while the processor and the biller do not answer.
func (r *two) dropped() {
	r.w.Sandbox.Inject(paymenttest.Authorise, lostAnswers(2)...)
	r.w.Biller.PostDown = true
	l := newLine(callID)
	for !says(l.turn, "charge.hold") {
		l.heard(r.give(0, l.id, l.in))
	}
	r.give(0, l.id, l.in)
	r.give(0, l.id, ivr.Input{Kind: ivr.HangUp})
}

// The same with real threads: both processes serve the call, one serves a second one on the bill, and both sweep, at
// once. What happens when is the scheduler's; what comes of it is not.
func TestTwoProcessesAtOnce(t *testing.T) {
	for round := range 20 {
		r := newTwo(t, round%2 == 0)
		r.give(0, callID, answered())
		var group sync.WaitGroup
		for node, id := range []string{callID, callID, "second"} {
			group.Go(func() { r.rush(node%2, id) })
		}
		for node := range r.engines {
			group.Go(func() {
				for range 20 {
					_, err := r.engines[node].Sweep(context.Background(), 100)
					assert.NoError(t, err)
				}
			})
		}
		group.Wait()
		r.settle()
		r.auditPaidOnce(callID, "second")
		require.False(t, t.Failed(), "round %d", round)
	}
}

// rush goes on with a call until it ends, without looking at what the other does.
func (r *two) rush(node int, id string) {
	l := newLine(id)
	for n := 0; !l.over && n < 100; n++ {
		turn, err := r.engines[node].Handle(context.Background(), l.id, copied(l.in))
		if err != nil {
			assert.ErrorIs(r, err, flow.ErrStale)
		}
		r.w.Clock.Advance(turn.Wait)
		l.heard(turn)
	}
	assert.True(r, l.over, "%v", l.turn)
}
