package authtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dialpay/dialpay/auth"
)

// TestAttempts tests an auth.Attempts. open is called once for each rule, and returns two processes that see the same
// records, of which there are none yet.
func TestAttempts(t *testing.T, open func(t *testing.T) (first, second auth.Attempts)) {
	run(t, attemptsRules, open)
}

var attemptsRules = []rule[auth.Attempts]{
	{"kept", "What was written is read by every process, to the microsecond; what was never written is the zero Record.", checkKept},
	{"apart", "Each key has a record of its own, whatever bytes are in it.", checkApart},
	{"refused", "An error of change is returned, wrapped or as it is, and nothing is written.", checkRefused},
	{"forgiven", "A record that is set to the zero Record is that from then on, and can be written again.", checkForgiven},
	{"together", "Two calls never work on the same record: no count is lost, whoever counts at the same time.", checkTogether},
	{"guessing", "Of many guesses at once, in several processes, no more are looked at than one after the other.", checkGuessing},
}

// read is the record of a key, as a process sees it. It writes nothing.
func read(ctx context.Context, a auth.Attempts, key string) (r auth.Record, err error) {
	only := errors.New("only read")
	err = a.Update(ctx, key, func(now *auth.Record) error { r = *now; return only })
	if errors.Is(err, only) {
		return r, nil
	}
	return r, fmt.Errorf("update returned %v, not the error of change", err)
}

func same(a, b auth.Record) bool {
	near := func(x, y time.Time) bool { return x.Sub(y).Abs() < time.Microsecond }
	return maps.Equal(a.Failures, b.Failures) && near(a.Since, b.Since) && near(a.Until, b.Until)
}

// expect compares the record that both processes see.
func expect(ctx context.Context, first, second auth.Attempts, key string, want auth.Record) error {
	for i, a := range []auth.Attempts{first, second} {
		got, err := read(ctx, a, key)
		if err != nil {
			return err
		}
		if !same(got, want) {
			return fmt.Errorf("process %d reads %+v of key %q, not %+v", i+1, got, key, want)
		}
	}
	return nil
}

// record is one with everything in it.
func record(n int) auth.Record {
	at := time.Date(2026, 3, 2, 9, 0, 0, 123_456_000, time.FixedZone("", 3600))
	return auth.Record{Failures: map[auth.FactorName]int{auth.FactorPIN: n, auth.FactorCode: 2}, Since: at,
		Until: at.Add(time.Hour)}
}

func write(ctx context.Context, a auth.Attempts, key string, r auth.Record) error {
	return a.Update(ctx, key, func(now *auth.Record) error { *now = r; return nil })
}

func checkKept(ctx context.Context, first, second auth.Attempts) error {
	return errors.Join(
		expect(ctx, first, second, "account a", auth.Record{}),
		write(ctx, first, "account a", record(1)),
		expect(ctx, first, second, "account a", record(1)),
		write(ctx, second, "account a", record(3)),
		expect(ctx, first, second, "account a", record(3)))
}

func checkApart(ctx context.Context, first, second auth.Attempts) error {
	keys := []string{"account a", "account A", "account a ", "caller a", "caller \x00\xff", "ключ", strings.Repeat("k", 500)}
	var errs []error
	for i, key := range keys {
		errs = append(errs, write(ctx, first, key, record(i+1)))
	}
	for i, key := range keys {
		errs = append(errs, expect(ctx, first, second, key, record(i+1)))
	}
	return errors.Join(errs...)
}

func checkRefused(ctx context.Context, first, second auth.Attempts) error {
	locked := &auth.LockedError{What: "account"}
	spoil := func(r *auth.Record) error {
		r.Since = time.Time{}
		clear(r.Failures)
		return locked
	}
	if err := write(ctx, first, "a", record(1)); err != nil {
		return err
	}
	var errs []error
	for _, key := range []string{"a", "not there"} {
		if err := first.Update(ctx, key, spoil); !errors.As(err, new(*auth.LockedError)) {
			errs = append(errs, fmt.Errorf("update returned %v, not the error of change", err))
		}
	}
	return errors.Join(append(errs, expect(ctx, first, second, "a", record(1)),
		expect(ctx, first, second, "not there", auth.Record{}))...)
}

func checkForgiven(ctx context.Context, first, second auth.Attempts) error {
	return errors.Join(
		write(ctx, first, "a", auth.Record{}),
		write(ctx, first, "a", record(1)),
		write(ctx, second, "a", auth.Record{}),
		expect(ctx, first, second, "a", auth.Record{}),
		write(ctx, first, "a", record(2)),
		expect(ctx, first, second, "a", record(2)))
}

// atOnce has all workers do at the same time, in turns in the two processes.
func atOnce[S any](first, second S, do func(worker int, s S) error) error {
	errs := make([]error, workers)
	var group sync.WaitGroup
	for i := range workers {
		group.Go(func() { errs[i] = do(i, []S{first, second}[i%2]) })
	}
	group.Wait()
	return errors.Join(errs...)
}

func checkTogether(ctx context.Context, first, second auth.Attempts) error {
	// The count is zero in between: a record that goes and comes must not be taken for the one before it.
	count := func(n int) func(*auth.Record) error {
		return func(r *auth.Record) error {
			if r.Failures == nil {
				r.Failures = map[auth.FactorName]int{}
			}
			if r.Failures[auth.FactorPIN] += n; r.Failures[auth.FactorPIN] == 0 {
				*r = auth.Record{}
			}
			return nil
		}
	}
	err := atOnce(first, second, func(_ int, a auth.Attempts) error {
		for range rounds {
			if err := errors.Join(a.Update(ctx, "a", count(1)), a.Update(ctx, "a", count(-1))); err != nil {
				return err
			}
		}
		return a.Update(ctx, "a", count(1))
	})
	want := auth.Record{Failures: map[auth.FactorName]int{auth.FactorPIN: workers}}
	return errors.Join(err, expect(ctx, first, second, "a", want))
}

// guess is a factor that is always wrong, and counts how often it was asked.
type guess struct{ asked *atomic.Int64 }

// Name implements auth.Factor.
func (guess) Name() auth.FactorName { return auth.FactorPIN }

// Class implements auth.Factor.
func (guess) Class() auth.Class { return auth.Knowledge }

// Verify implements auth.Factor.
func (g guess) Verify(context.Context, auth.Account, auth.Evidence) (auth.Result, error) {
	g.asked.Add(1)
	return auth.Rejected, nil
}

func checkGuessing(ctx context.Context, first, second auth.Attempts) error {
	const most = 5
	now := func() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }
	asked := &atomic.Int64{}
	err := atOnce(first, second, func(_ int, a auth.Attempts) error {
		l, err := auth.NewLockout(auth.LockoutConfig{Store: a, Now: now, Account: most})
		for range rounds {
			if err != nil {
				return err
			}
			_, err = l.Verify(ctx, guess{asked}, auth.Account{ID: "a"}, auth.Evidence{})
			if errors.As(err, new(*auth.LockedError)) {
				err = nil
			}
		}
		return err
	})
	if n := asked.Load(); n != most {
		err = errors.Join(err, fmt.Errorf("%d guesses were looked at, not %d", n, most))
	}
	return err
}
