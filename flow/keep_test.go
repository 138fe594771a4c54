package flow_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const day = 24 * time.Hour

func kept(t *testing.T, store flow.Store, call string) bool {
	_, _, err := store.Load(context.Background(), call)
	if err != nil {
		require.ErrorIs(t, err, flow.ErrNoSession)
	}
	return err == nil
}

// A call that is over is forgotten when it is as old as the settings say, and not before.
func TestKeepFor(t *testing.T) {
	for _, rule := range []struct {
		sentence string
		keepFor  time.Duration
		days     int
	}{{"90 days by default", 0, 90}, {"as long as is set", 7 * day, 7}} {
		t.Run(rule.sentence, func(t *testing.T) {
			w, store := stored(t)
			w.Definition.Settings.KeepFor = rule.keepFor
			c := w.Dial(flowtest.Ann)
			ready(c)
			yes(c)
			bye(c)
			w.Sweep(time.Duration(rule.days)*day - time.Minute)
			assert.True(t, kept(t, store, "call-1"))
			w.Sweep(2 * time.Minute)
			assert.False(t, kept(t, store, "call-1"))
			found, err := store.Find(context.Background(), "account acc-ann", 10)
			require.NoError(t, err)
			assert.Empty(t, found)
		})
	}
}

// What is not done is kept, however old it is: a posting that the biller does not take, and a payment that waits for a
// person.
func TestKeepWhatIsOpen(t *testing.T) {
	for _, rule := range []struct {
		sentence string
		setUp    func(w *flowtest.World)
	}{
		{"a posting", func(w *flowtest.World) { w.Biller.PostDown = true }},
		{"a payment in review", func(w *flowtest.World) {
			w.Sandbox.Inject(paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.Down, Delay: 10000 * time.Hour})
		}},
	} {
		t.Run(rule.sentence, func(t *testing.T) {
			w, store := stored(t)
			rule.setUp(w)
			c := w.Dial(flowtest.Ann)
			ready(c)
			yes(c).HangUp()
			for range 100 {
				w.Sweep(time.Hour)
			}
			w.Sweep(200 * day)
			w.Sweep(time.Minute)
			w.Biller.PostDown = false
			w.Sweep(200 * day)
			w.Sweep(200 * day)
			assert.Equal(t, rule.sentence == "a payment in review", kept(t, store, "call-1"))
			assert.Len(t, w.Biller.Posted, len(w.Charges()))
		})
	}
}

// forgetful is a store that remembers how it was asked to forget.
type forgetful struct {
	*flow.Memory
	limit int
	err   error
}

func (s *forgetful) Purge(ctx context.Context, before time.Time, limit int) (int, error) {
	s.limit = limit
	n, err := s.Memory.Purge(ctx, before, limit)
	return n, errors.Join(err, s.err)
}

// A sweep forgets a bounded number, tells what went wrong, and does its other work in any case.
func TestPurgeIsBoundedAndReported(t *testing.T) {
	w, store := stored(t)
	s := &forgetful{Memory: store, err: errors.New("the disk is slow")}
	w.Config.Store = s
	for range 150 {
		w.Dial(flowtest.Stranger).HangUp()
	}
	w.Clock.Advance(100 * day)
	c := w.Dial(flowtest.Ann)
	ready(c)
	yes(c).HangUp() // during the receipt, which is sent later
	w.Clock.Advance(5 * time.Minute)
	_, err := w.Engine().Sweep(context.Background(), 100)
	assert.ErrorContains(t, err, "the disk is slow")
	assert.Len(t, w.Messages.Sent, 1)
	assert.Equal(t, 100, s.limit)
	left := 0
	for n := range 151 {
		if kept(t, store, fmt.Sprintf("call-%d", n+1)) {
			left++
		}
	}
	assert.Equal(t, 51, left)
}

// A session must outlast the call.
func TestKeepForIsChecked(t *testing.T) {
	d := flow.Default("City Water")
	d.Settings.KeepFor = time.Hour
	_, err := d.Build()
	assert.ErrorContains(t, err, "Settings.KeepFor is 1h0m0s, must be at least 24h0m0s")
}
