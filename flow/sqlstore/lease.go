package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/dialpay/dialpay/flow"
)

// Acquire implements flow.Leaser.
func (s *Store) Acquire(ctx context.Context, session, owner string, ttl time.Duration) (flow.Lease, error) {
	l := flow.Lease{Session: session, Owner: owner}
	err := s.lease(ctx, &l, flow.ErrHeld, `UPDATE dialpay_sessions
		SET epoch = epoch + 1, lease_owner = $1, lease_until = {now} + $2
		WHERE id = $3 AND (lease_owner = $1 OR lease_until <= {now})`, s.key(owner), ttl.Microseconds(), s.key(session))
	if errors.Is(err, flow.ErrHeld) {
		switch there, late := s.strings(ctx, `SELECT id FROM dialpay_sessions WHERE id = $1`, s.key(session)); {
		case late != nil:
			err = late
		case len(there) == 0:
			err = flow.ErrNoSession
		}
	}
	if err != nil {
		return flow.Lease{}, fmt.Errorf("sqlstore: lease session %q: %w", session, err)
	}
	return l, nil
}

// Renew implements flow.Leaser.
func (s *Store) Renew(ctx context.Context, l flow.Lease, ttl time.Duration) (flow.Lease, error) {
	err := s.lease(ctx, &l, flow.ErrFenced, `UPDATE dialpay_sessions SET lease_owner = $1, lease_until = {now} + $2
		WHERE id = $3 AND epoch = $4`, s.key(l.Owner), ttl.Microseconds(), s.key(l.Session), l.Epoch)
	if err != nil {
		return flow.Lease{}, fmt.Errorf("sqlstore: renew the lease of session %q: %w", l.Session, err)
	}
	return l, nil
}

// lease changes a lease and reads what it is then, in one statement.
func (s *Store) lease(ctx context.Context, l *flow.Lease, none error, text string, args ...any) error {
	ctx, err := s.begun(ctx)
	if err != nil {
		return err
	}
	defer s.use()()
	found := false
	err = s.rows(ctx, s.write, text+` RETURNING epoch, lease_until`, func(scan func(...any) error) error {
		found = true
		var until sql.NullInt64
		err := scan(&l.Epoch, &until)
		l.Until = at(until)
		return err
	}, args...)
	if err == nil && !found {
		return none
	}
	return s.outcome(err)
}

// Release implements flow.Leaser.
func (s *Store) Release(ctx context.Context, l flow.Lease) error {
	_, err := s.do(ctx, []step{{`UPDATE dialpay_sessions SET lease_owner = $1, lease_until = 0 WHERE id = $2 AND epoch = $3`,
		[]any{s.key(""), s.key(l.Session), l.Epoch}, nil}})
	if err != nil {
		return fmt.Errorf("sqlstore: release the lease of session %q: %w", l.Session, err)
	}
	return nil
}
