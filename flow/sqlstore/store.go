package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dialpay/dialpay/flow"
)

// Store is a flow.Store, Leaser, Finder, Purger and Shelf. It may be used by any number of goroutines and processes.
type Store struct {
	write, read *sql.DB
	dialect     Dialect
	words       *strings.Replacer
	writer      sync.Mutex  // of an engine in the process: held while the connection that writes is used
	prepared    sync.Map    // *sql.Stmt by database and text
	littered    atomic.Bool // what was taken from the shelf may still be in the engine's log
}

// The errors that Commit and the others have beside those of package flow.
var (
	// ErrBusy tells that others kept the database busy for too long. Nothing was done; it can be tried again.
	ErrBusy = errors.New("sqlstore: the database is busy: nothing was done: try again")
	// ErrUnknown tells that the answer to a commit was lost: it was done, or it was not.
	ErrUnknown = errors.New("sqlstore: the outcome of the commit is unknown: load the session and compare")
	// ErrNewer tells that the tables are those of a newer version of this package.
	ErrNewer = errors.New("sqlstore: the tables are of a newer version: update this program")
)

// New makes a Store of a database, and its tables where they are missing. read may be another pool of the same database
// for what only reads. The caller closes both, after Close.
func New(ctx context.Context, write, read *sql.DB, d Dialect) (*Store, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	s := &Store{write: write, read: read, dialect: d, words: strings.NewReplacer(d.Words...)}
	if err := s.migrate(ctx); err != nil {
		return nil, fmt.Errorf("sqlstore: %s: make the tables: %w", d.Name, err)
	}
	s.littered.Store(true) // perhaps by a process that was killed
	if err := s.scrub(ctx); err != nil && !errors.Is(err, ErrBusy) {
		return nil, fmt.Errorf("sqlstore: %s: clean the log: %w", d.Name, err)
	}
	return s, nil
}

// Close gives back the prepared statements.
func (s *Store) Close() error {
	var errs []error
	s.prepared.Range(func(_, stmt any) bool {
		errs = append(errs, stmt.(*sql.Stmt).Close())
		return true
	})
	return errors.Join(errs...)
}

type preparedKey struct {
	db   *sql.DB
	text string
}

// prepare returns the statement in the words of the dialect. There are few texts, so all are kept.
func (s *Store) prepare(ctx context.Context, db *sql.DB, text string) (*sql.Stmt, error) {
	key := preparedKey{db, text}
	if stmt, ok := s.prepared.Load(key); ok {
		return stmt.(*sql.Stmt), nil
	}
	stmt, err := db.PrepareContext(ctx, s.words.Replace(text))
	if err != nil {
		return nil, err
	}
	if first, loaded := s.prepared.LoadOrStore(key, stmt); loaded {
		stmt.Close()
		return first.(*sql.Stmt), nil
	}
	return stmt, nil
}

// begun is the context of what is not cancelled half-way.
func (s *Store) begun(ctx context.Context) (context.Context, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if s.dialect.InProcess {
		ctx = context.WithoutCancel(ctx)
	}
	return ctx, nil
}

// use has the connection that writes to itself until it is called again, where there is one.
func (s *Store) use() (done func()) {
	if !s.dialect.InProcess {
		return func() {}
	}
	s.writer.Lock()
	return s.writer.Unlock
}

// query reads rows.
func (s *Store) query(ctx context.Context, text string, each func(scan func(...any) error) error, args ...any) error {
	return s.plain(s.rows(ctx, s.read, text, each, args...))
}

// rows goes to the end of what the statement returns: only there one that also writes has done it.
func (s *Store) rows(ctx context.Context, db *sql.DB, text string, each func(scan func(...any) error) error, args ...any) error {
	stmt, err := s.prepare(ctx, db, text)
	if err != nil {
		return err
	}
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// plain names the error of something that changed nothing.
func (s *Store) plain(err error) error {
	if err != nil && s.dialect.Busy(err) {
		return fmt.Errorf("%w: %w", ErrBusy, err)
	}
	return err
}

// outcome names the error of something that may have been done.
func (s *Store) outcome(err error) error {
	if err == nil || s.dialect.Busy(err) || s.dialect.Refused(err) {
		return s.plain(err)
	}
	return fmt.Errorf("%w: %w", ErrUnknown, err)
}

// Load implements flow.Store. It is one statement, so that snapshot and items are of one moment.
func (s *Store) Load(ctx context.Context, session string) (flow.Snapshot, []flow.Item, error) {
	const load = `SELECT 0 AS place, version, CAST('' AS {key}), CAST('' AS {key}), NULL, data
		FROM dialpay_sessions WHERE id = $1
		UNION ALL SELECT seq, version, kind, key, due, data FROM dialpay_items WHERE session = $1 ORDER BY place`
	db := s.read
	if s.dialect.InProcess && s.writer.TryLock() {
		defer s.writer.Unlock()
		db = s.write
	}
	var snap flow.Snapshot
	var items []flow.Item
	err := s.rows(ctx, db, load, func(scan func(...any) error) error {
		var place int64
		var due sql.NullInt64
		it := flow.Item{Session: session}
		if err := scan(&place, &it.Version, &it.Kind, &it.Key, &due, &it.Data); err != nil {
			return err
		}
		if place == 0 {
			snap = flow.Snapshot{Version: it.Version, Data: it.Data}
			return nil
		}
		it.Due = at(due)
		items = append(items, it)
		return nil
	}, s.key(session))
	if err != nil {
		return flow.Snapshot{}, nil, fmt.Errorf("sqlstore: load session %q: %w", session, s.plain(err))
	}
	if snap.Version == 0 {
		return snap, nil, fmt.Errorf("%w: %q", flow.ErrNoSession, session)
	}
	return snap, items, nil
}

// Due implements flow.Store.
func (s *Store) Due(ctx context.Context, limit int, kinds ...flow.ItemKind) ([]flow.Item, error) {
	text := `SELECT i.kind, i.key, i.session, i.version, i.due, i.data FROM dialpay_items i
		WHERE i.due <= {now} AND NOT EXISTS (SELECT 1 FROM dialpay_sessions l WHERE l.id = i.session AND l.lease_until > {now})`
	args := []any{max(limit, 0)}
	for i, kind := range kinds {
		text += []string{` AND i.kind IN (`, `, `}[min(i, 1)] + fmt.Sprintf("$%d", len(args)+1)
		args = append(args, s.key(string(kind)))
	}
	if len(kinds) > 0 {
		text += `)`
	}
	var due []flow.Item
	err := s.query(ctx, text+` ORDER BY i.due, i.kind, i.key LIMIT $1`, func(scan func(...any) error) error {
		var it flow.Item
		var when sql.NullInt64
		if err := scan(&it.Kind, &it.Key, &it.Session, &it.Version, &when, &it.Data); err != nil {
			return err
		}
		it.Due = at(when)
		due = append(due, it)
		return nil
	}, args...)
	if err != nil {
		return nil, fmt.Errorf("sqlstore: what is due: %w", err)
	}
	return due, nil
}

// at is a stored time; zero for none.
func at(micro sql.NullInt64) time.Time {
	if !micro.Valid {
		return time.Time{}
	}
	return time.UnixMicro(micro.Int64).UTC()
}

// stored is how a time is stored: an item that is done has none.
func stored(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}
