package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/dialpay/dialpay/flow"
)

// step is one statement of a commit. Where it changes no row, the commit fails with none.
type step struct {
	text string
	args []any
	none error
}

// errSession is the none of a session's row: why it is, is looked up.
var errSession = errors.New("the session is not as expected")

// Commit implements flow.Store.
func (s *Store) Commit(ctx context.Context, txs ...flow.Tx) error {
	if len(txs) == 0 {
		return nil
	}
	sorted := slices.SortedFunc(slices.Values(txs), func(a, b flow.Tx) int { return cmp.Compare(a.Session, b.Session) })
	for i, tx := range sorted[1:] {
		if tx.Session == sorted[i].Session {
			return fmt.Errorf("sqlstore: commit: session %q is there twice", tx.Session)
		}
	}
	steps := s.steps(sorted)
	var err error
	if len(steps) == 1 {
		var n int64
		if n, err = s.exec(ctx, steps[0].text, steps[0].args...); err == nil && n == 0 {
			err = errSession
		}
	} else {
		err = s.transact(ctx, func(ctx context.Context, tx *sql.Tx) error { return s.run(ctx, tx, steps) })
	}
	if errors.Is(err, errSession) {
		err = s.why(ctx, sorted)
	}
	if err != nil {
		return fmt.Errorf("sqlstore: commit of session %q: %w", sorted[0].Session, err)
	}
	return nil
}

// steps are the statements of the transactions, in the order in which every commit takes its locks.
func (s *Store) steps(txs []flow.Tx) []step {
	var sessions, rest, claims []step
	for _, tx := range txs {
		sessions = append(sessions, s.sessionStep(tx))
		for _, it := range tx.Insert {
			rest = append(rest, s.insertStep(tx, it))
		}
		for _, it := range tx.Update {
			rest = append(rest, step{`UPDATE dialpay_items SET due = $1, data = $2, version = $3
				WHERE kind = $4 AND key = $5 AND session = $6`,
				[]any{stored(it.Due), data(it.Data), tx.Expect + 1, s.key(string(it.Kind)), s.key(it.Key), s.key(tx.Session)},
				fmt.Errorf("the session has no item %s %q to update", it.Kind, it.Key)})
		}
		for _, name := range tx.Name {
			rest = append(rest, step{`INSERT INTO dialpay_names (name, session) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
				[]any{s.key(name), s.key(tx.Session)}, nil})
		}
	}
	for _, c := range s.claims(txs) {
		claims = append(claims, c.step)
	}
	return slices.Concat(sessions, rest, claims)
}

func (s *Store) key(k string) any { return s.dialect.Key(k) }

// data is never nil, which would be NULL.
func data(b []byte) []byte { return append([]byte{}, b...) }

func (s *Store) sessionStep(tx flow.Tx) step {
	args := []any{data(tx.Next), s.key(tx.Session)}
	if tx.Expect == 0 {
		text := `INSERT INTO dialpay_sessions (data, id, version, updated) SELECT $1, $2, 1, {now}`
		if tx.Epoch != 0 {
			text += ` WHERE 1 = 0` // nobody can have leased what does not exist
		} else {
			text += ` WHERE true ON CONFLICT DO NOTHING` // "WHERE true" is for SQLite's parser
		}
		return step{text, args, errSession}
	}
	text := `UPDATE dialpay_sessions SET data = $1, version = version + 1, updated = {now} WHERE id = $2 AND version = $3`
	args = append(args, tx.Expect)
	if tx.Epoch != 0 {
		text += ` AND epoch = $4`
		args = append(args, tx.Epoch)
	}
	return step{text, args, errSession}
}

// insertStep leaves an item of this session as it is, and finds no row for one of another session.
func (s *Store) insertStep(tx flow.Tx, it flow.Item) step {
	return step{`INSERT INTO dialpay_items (kind, key, session, version, due, data) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (kind, key) DO UPDATE SET version = dialpay_items.version
		WHERE dialpay_items.session = excluded.session`,
		[]any{s.key(string(it.Kind)), s.key(it.Key), s.key(tx.Session), tx.Expect + 1, stored(it.Due), data(it.Data)},
		fmt.Errorf("%s %q belongs to another session", it.Kind, it.Key)}
}

// claimStep is a claim with its place among the others.
type claimStep struct {
	key   string
	order int
	step  step
}

// claims are the steps of all claims by their keys; of one key, the releases come first.
func (s *Store) claims(txs []flow.Tx) (all []claimStep) {
	for _, tx := range txs {
		for _, c := range tx.Release {
			all = append(all, claimStep{c.Key, 0, step{`DELETE FROM dialpay_claims WHERE key = $1 AND owner = $2`,
				[]any{s.key(c.Key), s.key(c.Owner)}, nil}})
		}
		for _, c := range tx.Claim {
			all = append(all, claimStep{c.Key, 1, step{`INSERT INTO dialpay_claims (key, owner, session) VALUES ($1, $2, $3)
				ON CONFLICT (key) DO UPDATE SET session = excluded.session WHERE dialpay_claims.owner = excluded.owner`,
				[]any{s.key(c.Key), s.key(c.Owner), s.key(tx.Session)}, fmt.Errorf("%w: %q", flow.ErrTaken, c.Key)}})
		}
	}
	slices.SortStableFunc(all, func(a, b claimStep) int { return cmp.Or(cmp.Compare(a.key, b.key), a.order-b.order) })
	return all
}

// run does the steps, until one finds no row where there must be one.
func (s *Store) run(ctx context.Context, tx *sql.Tx, steps []step) error {
	for _, st := range steps {
		stmt, err := s.prepareIn(ctx, tx, st.text)
		if err != nil {
			return err
		}
		done, err := stmt.ExecContext(ctx, st.args...)
		if err != nil {
			return s.plain(err)
		}
		if n, err := done.RowsAffected(); err != nil || n == 0 && st.none != nil {
			return cmp.Or(err, st.none)
		}
	}
	return nil
}

// prepareIn finds the statement for a transaction. One that is new is prepared on the transaction's own connection: the
// pool may have no other.
func (s *Store) prepareIn(ctx context.Context, tx *sql.Tx, text string) (*sql.Stmt, error) {
	if stmt, ok := s.prepared.Load(preparedKey{s.write, text}); ok {
		return tx.StmtContext(ctx, stmt.(*sql.Stmt)), nil
	}
	stmt, err := tx.PrepareContext(ctx, s.words.Replace(text))
	return stmt, s.plain(err)
}

// transact does something in one transaction. The error of the commit itself may mean that it was done.
func (s *Store) transact(ctx context.Context, do func(context.Context, *sql.Tx) error) error {
	ctx, err := s.begun(ctx)
	if err != nil {
		return err
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return s.plain(err)
	}
	if err := do(ctx, tx); err != nil {
		return cmp.Or(err, tx.Rollback()) // what fails before the commit was not done, whatever the rollback says
	}
	if err := tx.Commit(); err != nil {
		return s.outcome(err)
	}
	return nil
}

// why tells which session is not as it was expected. One that is by now changed once more since.
func (s *Store) why(ctx context.Context, txs []flow.Tx) error {
	for _, tx := range txs {
		var version, epoch uint64
		err := s.query(ctx, `SELECT version, epoch FROM dialpay_sessions WHERE id = $1`, func(scan func(...any) error) error {
			return scan(&version, &epoch)
		}, s.key(tx.Session))
		switch {
		case err != nil:
			return fmt.Errorf("nothing was done: %w", err)
		case version != tx.Expect:
			return fmt.Errorf("%w: session %q is at version %d, not %d", flow.ErrStale, tx.Session, version, tx.Expect)
		case tx.Epoch != 0 && epoch != tx.Epoch:
			return fmt.Errorf("%w: session %q is at epoch %d, not %d", flow.ErrFenced, tx.Session, epoch, tx.Epoch)
		}
	}
	return fmt.Errorf("%w: session %q", flow.ErrStale, txs[0].Session)
}
