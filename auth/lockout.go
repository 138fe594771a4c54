package auth

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// failuresMost is how many failures in a row an account may see before a person must unlock it (NIST SP 800-63B-4
// section 3.2.2; section 5.2.2 of revision 3).
const failuresMost = 100

// LockedError tells that too many tries failed. Callers hear the same words for every LockedError.
type LockedError struct {
	// What is locked: "account" or "caller number".
	What string
	// Until is when the lock ends; zero where only Lockout.Unlock ends it.
	Until time.Time
}

// Error says what is locked and until when, never which account or number.
func (e *LockedError) Error() string {
	if e.Until.IsZero() {
		return fmt.Sprintf("auth: %s locked after too many failed tries: only Lockout.Unlock ends it", e.What)
	}
	return fmt.Sprintf("auth: %s locked until %s after too many failed tries: try again then",
		e.What, e.Until.UTC().Format(time.RFC3339))
}

// LockoutConfig is what NewLockout needs.
type LockoutConfig struct {
	// Store keeps the counts: shared by all processes, or a MemoryAttempts where there is one.
	Store Attempts
	// Now is the clock.
	Now func() time.Time
	// Account is how many failures in a row lock an account, 1 to 100; 0 is 5. Each time that as many more follow, the
	// lock takes twice as long. At 100 failures in a row it stays until Unlock.
	Account int
	// First and Longest are how long the first lock of an account takes, and any later one at most; 0 is 15 minutes
	// and 24 hours.
	First, Longest time.Duration
	// Caller is how many failures within Window lock a caller number until the window ends; 0 is 10 in 24 hours.
	Caller int
	Window time.Duration
}

// Lockout limits guessing across calls, by account and by caller number.
//
// A try is counted before it is verified and forgiven if it was right, so that calls in parallel cannot win more tries
// than one after the other. A factor that is accepted forgives only its own failures: who knows the PIN cannot go on
// guessing codes. The failures of an account never age, as NIST counts them in a row; those of a caller number do,
// because a number can be a whole office's.
//
// A caller number that is withheld is not counted: it would be one number that a few strangers lock for all. The
// accounts are, whoever calls. A number without full attestation is counted apart from the same number with it, so that
// a forged number does not lock out the true one. Decoys are counted like accounts, by their ID.
type Lockout struct{ c LockoutConfig }

// NewLockout checks the configuration and returns every fault.
func NewLockout(c LockoutConfig) (*Lockout, error) {
	var faults []error
	if c.Store == nil {
		faults = append(faults, errors.New("auth: LockoutConfig.Store is nil: give one, or &auth.MemoryAttempts{}"))
	}
	if c.Now == nil {
		faults = append(faults, errors.New("auth: LockoutConfig.Now is nil: give a clock such as time.Now"))
	}
	if c.Account < 0 || c.Account > failuresMost {
		faults = append(faults, fmt.Errorf("auth: LockoutConfig.Account is %d: give 1 to %d, or 0 for 5",
			c.Account, failuresMost))
	}
	if c.First < 0 || c.Longest < 0 || c.Window < 0 || c.Caller < 0 {
		faults = append(faults, errors.New("auth: LockoutConfig has a negative time or count: give 0 for the default"))
	}
	c.Account = orDefault(c.Account, 5)
	c.First = orDefault(c.First, 15*time.Minute)
	c.Longest = orDefault(c.Longest, 24*time.Hour)
	c.Caller = orDefault(c.Caller, 10)
	c.Window = orDefault(c.Window, 24*time.Hour)
	if c.First > c.Longest {
		faults = append(faults, fmt.Errorf("auth: LockoutConfig.First is %v, more than Longest, %v", c.First, c.Longest))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return &Lockout{c}, nil
}

func orDefault[T int | time.Duration](v, zero T) T {
	if v == 0 {
		return zero
	}
	return v
}

// errUnchanged ends an Update that only reads.
var errUnchanged = errors.New("unchanged")

// Check returns a *LockedError if the account or the caller number of e is locked, nil if not, and any other error if
// that could not be found out. Of e, only Caller and Attestation count; of a zero Account, nothing. Ask it before a
// question, so that nobody keys a PIN in vain; Verify asks again.
func (l *Lockout) Check(ctx context.Context, a Account, e Evidence) error {
	now := l.c.Now()
	if key := callerKey(e); key != "" {
		if err := l.look(ctx, key, func(r Record) error { return l.callerLocked(r, now) }); err != nil {
			return err
		}
	}
	if a.ID == "" {
		return nil
	}
	return l.look(ctx, accountKey(a.ID), func(r Record) error { return l.accountLocked(r, now) })
}

// Verify is f.Verify within the limits: the only way to verify a factor that can be guessed. A *LockedError means that
// the evidence was not looked at. A Rejected is counted; everything else is not, an error of the factor included. The
// caller number, of which nothing is keyed, is verified without counting.
func (l *Lockout) Verify(ctx context.Context, f Factor, a Account, e Evidence) (Result, error) {
	if f.Name() == FactorCaller {
		if err := l.Check(ctx, a, e); err != nil {
			return "", err
		}
		return f.Verify(ctx, a, e)
	}
	locks, err := l.reserve(ctx, f.Name(), a, e)
	if err != nil {
		return "", err
	}
	r, err := f.Verify(ctx, a, e)
	if err == nil && !r.valid() {
		err = fmt.Errorf("auth: factor %q answered %q, which is no auth.Result", f.Name(), r)
	}
	if err == nil && r == Rejected {
		return r, nil
	}
	// What is forgiven must be written also when the caller has hung up in the meantime.
	accepted := err == nil && r == Accepted
	if err := errors.Join(err, l.forgive(context.WithoutCancel(ctx), f.Name(), a, e, locks, accepted)); err != nil {
		return "", err
	}
	return r, nil
}

// Unlock forgives all failures of the account with this ID. It is for a person who has made sure who is calling.
func (l *Lockout) Unlock(ctx context.Context, account string) error {
	return l.update(ctx, accountKey(account), func(r *Record) error {
		*r = Record{}
		return nil
	})
}

// reserve counts a try as failed, on the caller number first: a locked number must not add to an account. It tells
// whether that locked the account, for the case that the try is wrong.
func (l *Lockout) reserve(ctx context.Context, f FactorName, a Account, e Evidence) (locks bool, err error) {
	now := l.c.Now()
	if key := callerKey(e); key != "" {
		err := l.update(ctx, key, func(r *Record) error {
			if err := l.callerLocked(*r, now); err != nil {
				return err
			}
			if !now.Before(r.Since.Add(l.c.Window)) {
				*r = Record{Since: now}
			}
			r.add(f, 1)
			return nil
		})
		if err != nil {
			return false, err
		}
	}
	err = l.update(ctx, accountKey(a.ID), func(r *Record) error {
		locks = false
		if err := l.accountLocked(*r, now); err != nil {
			return err
		}
		if r.total() == 0 {
			r.Since = now
		}
		r.add(f, 1)
		r.Until = time.Time{}
		if n := r.total(); n%l.c.Account == 0 {
			r.Until = now.Add(l.lockTime(n / l.c.Account))
			locks = true
		}
		return nil
	})
	if err != nil {
		return false, errors.Join(err, l.forgiveCaller(context.WithoutCancel(ctx), f, e))
	}
	return locks, nil
}

// lockTime is First, doubled with each lock after the first one, up to Longest.
func (l *Lockout) lockTime(lock int) time.Duration {
	d := l.c.First
	for i := 1; i < lock && d < l.c.Longest; i++ {
		d *= 2
	}
	return min(d, l.c.Longest)
}

// forgive takes back a try, and with accepted all failures of the factor. A lock that this try did not set stays: it is
// another call's.
func (l *Lockout) forgive(ctx context.Context, f FactorName, a Account, e Evidence, locks, accepted bool) error {
	err := l.update(ctx, accountKey(a.ID), func(r *Record) error {
		r.add(f, -1)
		if accepted {
			r.add(f, -failuresMost)
		}
		if locks {
			r.Until = time.Time{}
		}
		return nil
	})
	return errors.Join(err, l.forgiveCaller(ctx, f, e))
}

// forgiveCaller takes back this try only. Who calls to guess at other accounts could clear the rest with their own.
func (l *Lockout) forgiveCaller(ctx context.Context, f FactorName, e Evidence) error {
	key := callerKey(e)
	if key == "" {
		return nil
	}
	return l.update(ctx, key, func(r *Record) error {
		r.add(f, -1)
		return nil
	})
}

func (l *Lockout) accountLocked(r Record, now time.Time) error {
	switch {
	case r.total() >= failuresMost:
		return &LockedError{What: "account"}
	case now.Before(r.Until):
		return &LockedError{What: "account", Until: r.Until}
	}
	return nil
}

func (l *Lockout) callerLocked(r Record, now time.Time) error {
	if end := r.Since.Add(l.c.Window); r.total() >= l.c.Caller && now.Before(end) {
		return &LockedError{What: "caller number", Until: end}
	}
	return nil
}

// look runs check on the record of key without changing it.
func (l *Lockout) look(ctx context.Context, key string, check func(Record) error) error {
	err := l.update(ctx, key, func(r *Record) error {
		if err := check(*r); err != nil {
			return err
		}
		return errUnchanged
	})
	if errors.Is(err, errUnchanged) {
		return nil
	}
	return err
}

func (l *Lockout) update(ctx context.Context, key string, change func(*Record) error) error {
	err := l.c.Store.Update(ctx, key, change)
	var locked *LockedError
	if err == nil || errors.Is(err, errUnchanged) || errors.As(err, &locked) {
		return err
	}
	return fmt.Errorf("auth: lockout: updating the attempts: %w", err)
}

func accountKey(id string) string { return "account " + id }

// callerKey is empty for a withheld number.
func callerKey(e Evidence) string {
	if e.Caller == "" {
		return ""
	}
	if ParseVerstat(e.Attestation) == AttestationFull {
		return "caller " + e.Caller + " attested"
	}
	return "caller " + e.Caller
}
