package auth_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// call is one caller trying one account.
type call struct {
	t       *testing.T
	lockout *auth.Lockout
	account auth.Account
	from    auth.Evidence
}

func newCall(t *testing.T, l *auth.Lockout, number string) call {
	return call{t, l, testAccount(t), auth.Evidence{Caller: number}}
}

// try keys a PIN and tells how it ended and, if it was locked, until when.
func (c call) try(keyed string) (auth.Result, *auth.LockedError) {
	return c.verify(auth.PIN{Hasher: testHasher()}, keyed)
}

func (c call) verify(f auth.Factor, keyed string) (auth.Result, *auth.LockedError) {
	c.t.Helper()
	e := c.from
	e.Keyed = secretOf(c.t, keyed)
	result, err := c.lockout.Verify(ctx, f, c.account, e)
	var locked *auth.LockedError
	if err != nil {
		require.ErrorAs(c.t, err, &locked)
		require.ErrorAs(c.t, c.lockout.Check(ctx, c.account, c.from), new(*auth.LockedError), "Check says the same")
	}
	return result, locked
}

func (c call) fail(times int) {
	c.t.Helper()
	for range times {
		result, locked := c.try("0000")
		require.Nil(c.t, locked)
		require.Equal(c.t, auth.Rejected, result)
	}
}

func (c call) lockedUntil(want time.Time) {
	c.t.Helper()
	_, locked := c.try("2468")
	require.NotNil(c.t, locked, "even the right PIN is not looked at")
	assert.Equal(c.t, "account", locked.What)
	assert.Equal(c.t, want, locked.Until)
}

func TestAccountLocks(t *testing.T) {
	clk := newClock()
	c := newCall(t, testLockout(t, clk, &auth.MemoryAttempts{}), "")
	c.fail(4)
	require.NoError(t, c.lockout.Check(ctx, c.account, c.from), "four failures do not lock")
	c.fail(1)
	for _, minutes := range []int{15, 30, 60, 120, 240, 480, 960, 1440, 1440} {
		end := clk.now.Add(time.Duration(minutes) * time.Minute)
		c.lockedUntil(end)
		clk.forward(time.Duration(minutes)*time.Minute - time.Second)
		c.lockedUntil(end)
		clk.forward(time.Second)
		c.fail(5)
	}
}

func TestHundredFailuresNeedAPerson(t *testing.T) {
	clk := newClock()
	c := newCall(t, testLockout(t, clk, &auth.MemoryAttempts{}), "")
	for range 20 {
		c.fail(5)
		clk.forward(24 * time.Hour)
	}
	clk.forward(10 * 365 * 24 * time.Hour)
	c.lockedUntil(time.Time{})
	require.NoError(t, c.lockout.Unlock(ctx, c.account.ID))
	result, locked := c.try("2468")
	assert.Nil(t, locked)
	assert.Equal(t, auth.Accepted, result)
}

func TestSuccessForgives(t *testing.T) {
	c := newCall(t, testLockout(t, newClock(), &auth.MemoryAttempts{}), "")
	for range 10 {
		c.fail(4)
		result, locked := c.try("2468")
		require.Nil(t, locked)
		require.Equal(t, auth.Accepted, result, "the fifth try counts as it turns out")
	}
	c.fail(4)
	for range 3 {
		result, _ := c.verify(auth.Last4{}, "4242")
		require.Equal(t, auth.Accepted, result)
	}
	c.fail(1)
	_, locked := c.try("2468")
	assert.NotNil(t, locked, "a factor that was accepted does not forgive the failures of another")
}

func TestOnlyRejectedCounts(t *testing.T) {
	l := testLockout(t, newClock(), &auth.MemoryAttempts{})
	c := newCall(t, l, "+12025550199")
	inconclusive := auth.Voice{Verifier: &voice{result: auth.Inconclusive}}
	for range 30 {
		result, locked := c.verify(inconclusive, "")
		require.Nil(t, locked)
		require.Equal(t, auth.Inconclusive, result)
		_, err := l.Verify(ctx, auth.Voice{Verifier: &voice{err: errors.New("down")}}, c.account, c.from)
		require.ErrorContains(t, err, "down")
		_, err = l.Verify(ctx, auth.Voice{Verifier: &voice{result: "perhaps"}}, c.account, c.from)
		require.ErrorContains(t, err, "perhaps")
		result, err = l.Verify(ctx, auth.Caller{}, c.account, c.from)
		require.NoError(t, err)
		require.Equal(t, auth.Inconclusive, result)
	}
	c.fail(4)
	_, locked := c.verify(inconclusive, "")
	require.Nil(t, locked)
	c.fail(1)
	_, locked = c.verify(inconclusive, "")
	assert.NotNil(t, locked, "a locked account is locked for every factor")
	_, err := l.Verify(ctx, auth.Caller{}, c.account, c.from)
	assert.ErrorAs(t, err, &locked, "for the caller number too")
}

func TestCallerNumberLocks(t *testing.T) {
	clk := newClock()
	l := testLockout(t, clk, &auth.MemoryAttempts{})
	guess := func(from auth.Evidence, id string) error {
		a := testAccount(t)
		a.ID = id
		from.Keyed = secretOf(t, "0000")
		_, err := l.Verify(ctx, auth.PIN{Hasher: testHasher()}, a, from)
		return err
	}
	forged := auth.Evidence{Caller: "+12025550100"}
	for i := range 10 {
		require.NoError(t, guess(forged, string(rune('a'+i))))
		clk.forward(time.Minute)
		own := newCall(t, l, forged.Caller)
		own.account.ID = "own"
		result, locked := own.try("2468")
		require.True(t, locked != nil || result == auth.Accepted)
	}
	var locked *auth.LockedError
	require.ErrorAs(t, guess(forged, "z"), &locked, "the eleventh account is not even looked at")
	assert.Equal(t, auth.LockedError{What: "caller number", Until: start.Add(24 * time.Hour)}, *locked)
	require.ErrorAs(t, l.Check(ctx, auth.Account{}, forged), &locked, "before any account is named")
	require.NoError(t, l.Check(ctx, auth.Account{ID: "z"}, auth.Evidence{}), "its refused tries do not count on the account")

	attested := forged
	attested.Attestation = "A"
	require.NoError(t, guess(attested, "z"), "a forged number does not lock out the true one")
	for i := range 20 {
		require.NoError(t, guess(auth.Evidence{}, "withheld "+string(rune('a'+i))), "withheld numbers are not one caller")
	}
	clk.now = start.Add(24 * time.Hour)
	assert.NoError(t, guess(forged, "y"), "the window is over")
}

func TestLockedAccountDoesNotCountOnTheCaller(t *testing.T) {
	c := newCall(t, testLockout(t, newClock(), &auth.MemoryAttempts{}), "+12025550199")
	c.fail(5)
	for range 20 {
		_, locked := c.try("0000")
		require.NotNil(t, locked)
		require.Equal(t, "account", locked.What, "a try that was not looked at tells a guesser nothing")
	}
	c.account.ID = "another"
	c.fail(5)
	_, locked := c.try("0000")
	require.NotNil(t, locked)
	assert.Equal(t, "caller number", locked.What, "ten that were looked at lock the number")
}

func TestDecoyLocksLikeAnAccount(t *testing.T) {
	clk := newClock()
	decoys, err := auth.NewDecoys(household(t), auth.DecoyConfig{Key: testKey(t), Hasher: testHasher()})
	require.NoError(t, err)
	l := testLockout(t, clk, &auth.MemoryAttempts{})
	known, unknown := newCall(t, l, ""), newCall(t, l, "")
	for range 12 {
		// Each call looks the unknown number up anew.
		unknown.account, err = decoys.ByNumber(ctx, "99999")
		require.NoError(t, err)
		a, lockedA := known.try("1111")
		b, lockedB := unknown.try("1111")
		require.Equal(t, a, b)
		require.Equal(t, lockedA, lockedB)
		clk.forward(5 * time.Minute)
	}
}

// Calls at the same time do not win tries: of 50 guesses at once, 5 are looked at.
func TestParallelCallsWinNothing(t *testing.T) {
	l := testLockout(t, newClock(), &auth.MemoryAttempts{})
	a, hasher := testAccount(t), testHasher()
	var wg sync.WaitGroup
	var mu sync.Mutex
	looked := 0
	release := make(chan struct{})
	for range 50 {
		wg.Go(func() {
			<-release
			_, err := l.Verify(ctx, auth.PIN{Hasher: hasher}, a, auth.Evidence{Keyed: secretOf(t, "0000")})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				looked++
			}
		})
	}
	close(release)
	wg.Wait()
	assert.Equal(t, 5, looked)
}

func TestMemoryAttemptsWriteAllOrNothing(t *testing.T) {
	var m auth.MemoryAttempts
	set := func(n int, err error) error {
		return m.Update(ctx, "k", func(r *auth.Record) error {
			if r.Failures == nil {
				r.Failures = map[auth.FactorName]int{}
			}
			r.Failures[auth.FactorPIN] = n
			return err
		})
	}
	stop := errors.New("stop")
	require.NoError(t, set(3, nil))
	require.ErrorIs(t, set(9, stop), stop)
	require.NoError(t, m.Update(ctx, "k", func(r *auth.Record) error {
		assert.Equal(t, 3, r.Failures[auth.FactorPIN], "what ended in an error is not written")
		return nil
	}))
}

// brokenAttempts is a store that is down from some update on.
type brokenAttempts struct {
	auth.MemoryAttempts
	after int
}

func (b *brokenAttempts) Update(ctx context.Context, key string, change func(*auth.Record) error) error {
	if b.after--; b.after < 0 {
		return errors.New("store is down")
	}
	return b.MemoryAttempts.Update(ctx, key, change)
}

func TestLockoutFailsClosed(t *testing.T) {
	for after := range 4 {
		l := testLockout(t, newClock(), &brokenAttempts{after: after})
		e := auth.Evidence{Caller: "+12025550199", Keyed: secretOf(t, "2468")}
		result, err := l.Verify(ctx, auth.PIN{Hasher: testHasher()}, testAccount(t), e)
		assert.ErrorContains(t, err, "store is down", "after %d updates", after)
		assert.Empty(t, result, "nothing is accepted that could not be counted")
	}
	l := testLockout(t, newClock(), &brokenAttempts{})
	assert.ErrorContains(t, l.Check(ctx, testAccount(t), auth.Evidence{}), "store is down")
}

func TestLockoutFaults(t *testing.T) {
	_, err := auth.NewLockout(auth.LockoutConfig{Account: 101, Window: -1, First: 48 * time.Hour})
	for _, fault := range []string{"Store is nil", "Now is nil", "Account is 101", "negative", "First is 48h"} {
		assert.ErrorContains(t, err, fault)
	}
	assert.EqualError(t, &auth.LockedError{What: "account", Until: start},
		"auth: account locked until 2026-03-02T09:00:00Z after too many failed tries: try again then")
	assert.ErrorContains(t, &auth.LockedError{What: "account"}, "only Lockout.Unlock ends it")
}
