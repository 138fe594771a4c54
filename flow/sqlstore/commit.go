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
	_, err := s.do(ctx, s.steps(sorted))
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

// do does the steps, several in one transaction, until one finds no row where there must be one. It returns how many rows
// each changed. The error of what ends it may mean that it was done.
func (s *Store) do(ctx context.Context, steps []step) (changed []int64, err error) {
	if ctx, err = s.begun(ctx); err != nil {
		return nil, err
	}
	if s.dialect.Batch != nil && len(steps) > 1 {
		return s.batch(ctx, steps)
	}
	defer s.use()()
	statements := make([]*sql.Stmt, len(steps))
	for i, st := range steps { // before the transaction, which may have the pool's only connection
		if statements[i], err = s.prepare(ctx, s.write, st.text); err != nil {
			return nil, s.plain(err)
		}
	}
	changed = make([]int64, len(steps))
	if len(steps) == 1 {
		if changed[0], err = steps[0].run(ctx, statements[0]); err == nil || errors.Is(err, steps[0].none) {
			return changed, err
		}
		return nil, s.outcome(err)
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return nil, s.plain(err)
	}
	for i, st := range steps {
		if changed[i], err = st.run(ctx, tx.StmtContext(ctx, statements[i])); err != nil {
			return nil, cmp.Or(s.plain(err), tx.Rollback()) // it was not done, whatever the rollback says
		}
	}
	if err := tx.Commit(); err != nil {
		return nil, s.outcome(err)
	}
	return changed, nil
}

// batch does the steps in as few round trips as the engine can.
func (s *Store) batch(ctx context.Context, steps []step) ([]int64, error) {
	all := make([]Statement, len(steps))
	for i, st := range steps {
		all[i] = Statement{s.words.Replace(st.text), st.args}
	}
	changed := make([]int64, len(steps))
	sent, err := s.dialect.Batch(ctx, s.write, all, func(i int, rows int64) error {
		if changed[i] = rows; rows == 0 {
			return steps[i].none
		}
		return nil
	})
	if sent {
		return changed, s.outcome(err)
	}
	return changed, s.plain(err)
}

func (st step) run(ctx context.Context, stmt *sql.Stmt) (int64, error) {
	done, err := stmt.ExecContext(ctx, st.args...)
	if err != nil {
		return 0, err
	}
	n, err := done.RowsAffected()
	if err == nil && n == 0 {
		err = st.none
	}
	return n, err
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
