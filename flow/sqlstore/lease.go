package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/dialpay/dialpay/flow"
)

// Acquire implements flow.Leaser.
func (s *Store) Acquire(ctx context.Context, session, owner string, ttl time.Duration) (flow.Lease, error) {
	l := flow.Lease{Session: session, Owner: owner}
	err := s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		err := s.run(ctx, tx, []step{{`UPDATE dialpay_sessions SET epoch = epoch + 1, lease_owner = $1, lease_until = {now} + $2
			WHERE id = $3 AND (lease_owner = $1 OR lease_until <= {now})`,
			[]any{s.key(owner), ttl.Microseconds(), s.key(session)}, flow.ErrHeld}})
		if err != nil {
			return err
		}
		return s.readLease(ctx, tx, &l)
	})
	if err == nil {
		return l, nil
	}
	if _, _, gone := s.Load(ctx, session); gone != nil {
		err = gone
	}
	return flow.Lease{}, fmt.Errorf("sqlstore: lease session %q: %w", session, err)
}

// Renew implements flow.Leaser.
func (s *Store) Renew(ctx context.Context, l flow.Lease, ttl time.Duration) (flow.Lease, error) {
	err := s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error {
		err := s.run(ctx, tx, []step{{`UPDATE dialpay_sessions SET lease_owner = $1, lease_until = {now} + $2
			WHERE id = $3 AND epoch = $4`,
			[]any{s.key(l.Owner), ttl.Microseconds(), s.key(l.Session), l.Epoch}, flow.ErrFenced}})
		if err != nil {
			return err
		}
		return s.readLease(ctx, tx, &l)
	})
	if err != nil {
		return flow.Lease{}, fmt.Errorf("sqlstore: renew the lease of session %q: %w", l.Session, err)
	}
	return l, nil
}

func (s *Store) readLease(ctx context.Context, tx *sql.Tx, l *flow.Lease) error {
	stmt, err := s.prepareIn(ctx, tx, `SELECT epoch, lease_until FROM dialpay_sessions WHERE id = $1`)
	if err != nil {
		return err
	}
	var until sql.NullInt64
	err = stmt.QueryRowContext(ctx, s.key(l.Session)).Scan(&l.Epoch, &until)
	l.Until = at(until)
	return s.plain(err)
}

// Release implements flow.Leaser.
func (s *Store) Release(ctx context.Context, l flow.Lease) error {
	_, err := s.exec(ctx, `UPDATE dialpay_sessions SET lease_owner = $1, lease_until = 0 WHERE id = $2 AND epoch = $3`,
		s.key(""), s.key(l.Session), l.Epoch)
	if err != nil {
		return fmt.Errorf("sqlstore: release the lease of session %q: %w", l.Session, err)
	}
	return nil
}
