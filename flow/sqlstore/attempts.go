package sqlstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/dialpay/dialpay/auth"
)

// Attempts are the counts of auth.Lockout in the database: all processes count together. Accounts and numbers are stored
// as their HMACs under the key, at least 32 random bytes, the same in all processes: with another one, all is forgiven. A
// process that dies while it checks an answer has counted it as wrong.
func (s *Store) Attempts(key auth.Secret) (auth.Attempts, error) {
	n, err := newNames("attempts", key)
	return attempts{s, n}, err
}

type attempts struct {
	*Store
	names
}

// errChanged tells that another process has changed what was read.
var errChanged = errors.New("it has changed")

// Update implements auth.Attempts: it reads, and writes if the record is still the same, byte by byte.
func (a attempts) Update(ctx context.Context, key string, change func(*auth.Record) error) error {
	name := a.of(key)
	for {
		was, err := a.read(ctx, name)
		if err != nil {
			return fmt.Errorf("sqlstore: attempts: %w", err)
		}
		var r auth.Record
		if len(was) > 0 {
			if err := json.Unmarshal(was, &r); err != nil {
				return fmt.Errorf("sqlstore: attempts: stored record: %w", err)
			}
		}
		if err := change(&r); err != nil {
			return err
		}
		if err = a.write(ctx, name, was, r); err == nil {
			return nil
		}
		if !errors.Is(err, errChanged) {
			return fmt.Errorf("sqlstore: attempts: %w", err)
		}
	}
}

// read is the stored record; none is empty.
func (a attempts) read(ctx context.Context, name []byte) (was []byte, err error) {
	err = a.query(ctx, `SELECT record FROM dialpay_attempts WHERE name = $1`, func(scan func(...any) error) error {
		return scan(&was)
	}, name)
	return was, err
}

// write puts a record in the place of another one; one without failures and lock is no record.
func (a attempts) write(ctx context.Context, name, was []byte, r auth.Record) error {
	is, err := json.Marshal(r)
	if err != nil {
		return err
	}
	empty := len(r.Failures) == 0 && r.Until.IsZero()
	st := step{`UPDATE dialpay_attempts SET record = $1 WHERE name = $2 AND record = $3`, []any{is, name, was}, errChanged}
	switch {
	case empty && len(was) == 0:
		return nil
	case empty:
		st.text, st.args = `DELETE FROM dialpay_attempts WHERE name = $1 AND record = $2`, []any{name, was}
	case len(was) == 0:
		st.text, st.args = `INSERT INTO dialpay_attempts (name, record) VALUES ($1, $2) ON CONFLICT DO NOTHING`, []any{name, is}
	}
	_, err = a.do(ctx, []step{st})
	return err
}
