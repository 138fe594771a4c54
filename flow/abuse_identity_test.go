package flow_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A call ID that was answered before belongs to who called then: another caller hears nothing of it.
func TestAnsweredForAnotherCaller(t *testing.T) {
	h := newByHand(t)
	turn := h.until("amount.ask")
	other := ivr.Input{Kind: ivr.Answered, Call: ivr.Call{From: flowtest.Stranger}}
	got, err := h.e.Handle(context.Background(), callID, other)
	assert.ErrorIs(t, err, flow.ErrCallID)
	assert.Equal(t, ivr.ActionHangUp, got.Action)
	assert.True(t, says(got, "sorry"))
	assert.Len(t, got.Prompts, 1)
	assert.Equal(t, turn, h.give(answered()), "the same caller, told again")
	assert.Equal(t, turn, h.give(ivr.Input{Kind: ivr.Answered}), "a line that does not know who calls")
}

// stepUp is a caller who is asked for a one-time code.
func stepUp(w *flowtest.World) *flowtest.Caller {
	w.Biller.Open["acc-ann"][0].Balance.Minor = 975_00
	c := w.DialAs(ivr.Call{From: flowtest.Stranger})
	c.Press("1").Hear("identify.account.ask").Press("10012345#")
	pin(c)
	full(c)
	return savedVisa(c).Hear("identify.code.ask")
}

// A right code is accepted although the sweeper went on with the session while it was read.
func TestRightCodeAfterStale(t *testing.T) {
	w, memory := stored(t)
	overtaken := false
	store := &overtakingStore{Memory: memory, overtake: func() {}}
	w.Config.Store = store
	c := stepUp(w)
	store.once = sync.Once{}
	store.overtake = func() { // what a sweep does with any item of this session
		snap, _, err := memory.Load(context.Background(), "call-1")
		require.NoError(t, err)
		err = memory.Commit(context.Background(), flow.Tx{Session: "call-1", Expect: snap.Version, Next: snap.Data})
		require.NoError(t, err)
		overtaken = true
	}
	c.Press(w.Codes.Last + "#").NotHear("identify.rejected").Hear("confirm.readback.ask")
	assert.True(t, overtaken)
}

// slowPIN is a PIN factor that takes a second.
type slowPIN struct{ auth.PIN }

func (s slowPIN) Verify(ctx context.Context, a auth.Account, e auth.Evidence) (auth.Result, error) {
	time.Sleep(time.Second)
	return s.PIN.Verify(ctx, a, e)
}

// One wrong PIN that a line delivers three times at the same moment counts once.
func TestDuplicateCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := stored(t)
		hasher := auth.Hasher{Iterations: 1}
		w.Config.Factors[1] = slowPIN{auth.PIN{Hasher: hasher}}
		key, err := auth.NewSecret(bytes.Repeat([]byte{'k'}, 32))
		require.NoError(t, err)
		w.Config.Directory, err = auth.NewDecoys(w.Config.Directory, auth.DecoyConfig{Key: key, Hasher: hasher})
		require.NoError(t, err)
		attempts := &auth.MemoryAttempts{}
		w.Config.Lockout, err = auth.NewLockout(auth.LockoutConfig{Store: attempts, Now: w.Clock.Now})
		require.NoError(t, err)
		c := w.Dial(flowtest.Ann)
		c.Hear("identify.pin.ask")
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				_, err := w.Engine().Handle(context.Background(), "call-1",
					ivr.Input{Kind: ivr.Keys, Secret: secret("0000"), Turn: c.Turn.Seq})
				assert.NoError(t, err)
			})
		}
		all.Wait()
		assert.Equal(t, 1, failures(t, attempts, "account acc-ann"))
		turn, err := w.Engine().Handle(context.Background(), "call-1", answered())
		require.NoError(t, err)
		for turn.Action == ivr.ActionWait {
			turn, err = w.Engine().Handle(context.Background(), "call-1", ivr.Input{Kind: ivr.PromptEnded, Turn: turn.Seq})
			require.NoError(t, err)
		}
		assert.True(t, says(turn, "identify.rejected"), "%v", turn.Prompts)
	})
}

// failures are what is counted under a key.
func failures(t testing.TB, attempts auth.Attempts, key string) (n int) {
	look := errors.New("look only")
	require.ErrorIs(t, attempts.Update(context.Background(), key, func(r *auth.Record) error {
		for _, of := range r.Failures {
			n += of
		}
		return look
	}), look)
	return n
}

// One call asks about five accounts at most: each costs its customer a message with a code.
func TestFiveAccountsACall(t *testing.T) {
	w, _ := stored(t)
	var entries []auth.Entry
	for i := range 6 {
		entries = append(entries, auth.Entry{Number: fmt.Sprint(50000000 + i),
			Account: auth.Account{ID: fmt.Sprint("acc-", i), Phones: []string{fmt.Sprint("+1212555010", i)}}})
	}
	var err error
	w.Config.Directory, err = auth.NewMemoryDirectory("1", entries...)
	require.NoError(t, err)
	c := w.DialAs(ivr.Call{})
	c.Press("1")
	for i := range 5 {
		c.Hear("identify.account.ask").Press(entries[i].Number + "#").Hear("identify.code.ask").Press("*")
	}
	c.Hear("identify.account.ask").Press(entries[5].Number + "#").Transferred("unproven")
	assert.Equal(t, 5, w.Codes.Sent)
}
