package sqlitestore_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"modernc.org/sqlite"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/sqlitestore"
	"github.com/dialpay/dialpay/flow/sqlstore"
)

// A commit whose answer is lost is ErrUnknown, whether it was done or not; what comes after goes on.
func TestLostAnswer(t *testing.T) {
	for _, rule := range []struct {
		sentence string
		tx       flow.Tx
		lose     lose
	}{
		{"a transaction that was done", flow.Tx{Insert: []flow.Item{{Kind: flow.ItemPayment, Key: "p"}}}, lose{after: true}},
		{"a transaction that was not", flow.Tx{Insert: []flow.Item{{Kind: flow.ItemPayment, Key: "p"}}}, lose{before: true}},
		{"a single statement that was done", flow.Tx{}, lose{after: true}},
		{"a single statement that was not", flow.Tx{}, lose{before: true}},
	} {
		t.Run(rule.sentence, func(t *testing.T) {
			line := &lossy{}
			s := overLossy(t, line)
			require.NoError(t, s.Commit(t.Context(), flow.Tx{Session: "s", Next: []byte("one")}))
			tx := rule.tx
			tx.Session, tx.Expect, tx.Next = "s", 1, []byte("two")
			line.next = rule.lose
			err := s.Commit(t.Context(), tx)
			require.ErrorIs(t, err, sqlstore.ErrUnknown)
			require.ErrorIs(t, err, errLost)
			snap, items, err := s.Load(t.Context(), "s")
			require.NoError(t, err)
			if rule.lose.before {
				assert.Equal(t, flow.Snapshot{Version: 1, Data: []byte("one")}, snap)
				assert.Empty(t, items)
				require.NoError(t, s.Commit(t.Context(), tx))
				return
			}
			assert.Equal(t, flow.Snapshot{Version: 2, Data: []byte("two")}, snap)
			assert.Len(t, items, len(tx.Insert))
			assert.ErrorIs(t, s.Commit(t.Context(), tx), flow.ErrStale)
		})
	}
}

// A lease whose answer is lost is acquired again by its owner.
func TestLostLease(t *testing.T) {
	line := &lossy{}
	s := overLossy(t, line)
	require.NoError(t, s.Commit(t.Context(), flow.Tx{Session: "s"}))
	line.next = lose{after: true}
	_, err := s.Acquire(t.Context(), "s", "n", time.Hour)
	require.ErrorIs(t, err, sqlstore.ErrUnknown)
	l, err := s.Acquire(t.Context(), "s", "n", time.Hour)
	require.NoError(t, err)
	assert.Equal(t, uint64(2), l.Epoch, "the first one was done")
}

// While somebody else writes for too long, everything that writes is ErrBusy and does nothing; what reads goes on.
func TestBusy(t *testing.T) {
	path := filepath.Join(t.TempDir(), "calls.db")
	s := overSQLite(t, path, "&_busy_timeout=20", nil)
	require.NoError(t, s.Commit(t.Context(), flow.Tx{Session: "s", Next: []byte("one")}))
	other, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer other.Close()
	other.SetMaxOpenConns(1)
	_, err = other.Exec("BEGIN IMMEDIATE")
	require.NoError(t, err)
	one := flow.Tx{Session: "s", Expect: 1, Next: []byte("two")}
	more := one
	more.Insert = []flow.Item{{Kind: flow.ItemPayment, Key: "p"}}
	ctx := t.Context()
	for name, try := range map[string]func() error{
		"one statement": func() error { return s.Commit(ctx, one) },
		"a transaction": func() error { return s.Commit(ctx, more) },
		"a lease":       func() error { _, err := s.Acquire(ctx, "s", "n", time.Hour); return err },
		"the shelf":     func() error { return s.PutSealed(ctx, "s", "card", []byte("c"), time.Now().Add(time.Hour)) },
	} {
		err := try()
		assert.ErrorIs(t, err, sqlstore.ErrBusy, name)
		assert.NotErrorIs(t, err, sqlstore.ErrUnknown, name)
	}
	_, items, err := s.Load(ctx, "s")
	require.NoError(t, err)
	assert.Empty(t, items)
	_, err = other.Exec("ROLLBACK")
	require.NoError(t, err)
	require.NoError(t, s.Commit(ctx, more))
	_, err = s.GetSealed(ctx, "s", "card")
	assert.ErrorIs(t, err, flow.ErrNotKept)
	l, err := s.Acquire(ctx, "s", "m", time.Hour)
	require.NoError(t, err)
	assert.Equal(t, uint64(1), l.Epoch)
}

// Tables of a newer version are refused, and left as they are.
func TestNewer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "calls.db")
	s, err := sqlitestore.Open(t.Context(), path)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec("INSERT INTO dialpay_schema (version) VALUES (1000)")
	require.NoError(t, err)
	_, err = sqlitestore.Open(t.Context(), path)
	require.ErrorIs(t, err, sqlstore.ErrNewer)
	assert.ErrorContains(t, err, path)
	var versions string
	require.NoError(t, db.QueryRow("SELECT group_concat(version) FROM dialpay_schema").Scan(&versions))
	assert.Equal(t, "1,2,1000", versions)
}

func TestOldSQLite(t *testing.T) {
	for version, refused := range map[string]bool{"3.51.3": false, "3.52.0": false, "4.0.0": false, "3.51.10": false,
		"3.51.2": true, "3.9.9": true, "2.99.99": true, "": true} {
		assert.Equal(t, refused, sqlitestore.TooOld(version) != nil, version)
	}
}

// openEnv makes a child of this test binary open the file and close it.
const openEnv = "DIALPAY_OPEN_CHILD"

// A file that several processes and several handles of each open for the first time has its tables once.
func TestOpenedByMany(t *testing.T) {
	path := filepath.Join(t.TempDir(), "calls.db")
	const many = 4
	errs := make(chan error, 2*many)
	for range many {
		go func() {
			s, err := sqlitestore.Open(context.Background(), path)
			if err == nil {
				err = s.Close()
			}
			errs <- err
		}()
		go func() {
			child := exec.Command(os.Args[0])
			child.Env = append(os.Environ(), openEnv+"="+path)
			out, err := child.CombinedOutput()
			if err != nil {
				err = errors.Join(err, errors.New(string(out)))
			}
			errs <- err
		}()
	}
	for range 2 * many {
		require.NoError(t, <-errs)
	}
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	defer db.Close()
	var versions string
	require.NoError(t, db.QueryRow("SELECT group_concat(version) FROM dialpay_schema").Scan(&versions))
	assert.Equal(t, "1,2", versions)
}

func overLossy(t *testing.T, line *lossy) *sqlstore.Store {
	return overSQLite(t, filepath.Join(t.TempDir(), "calls.db"), "", line)
}

// overSQLite is a Store without Open: with other settings, and behind a line that loses answers if there is one.
func overSQLite(t *testing.T, path, settings string, line *lossy) *sqlstore.Store {
	dsn, err := sqlitestore.Source(path)
	require.NoError(t, err)
	dsn = strings.ReplaceAll(dsn, "&_busy_timeout=5000", "") // the settings may name another, or none
	dsn = strings.ReplaceAll(dsn, "_busy_timeout=5000&", "") + settings
	connector, err := sqlite.NewConnector(dsn)
	require.NoError(t, err)
	write, read := sql.OpenDB(connector), sql.OpenDB(connector)
	if line != nil {
		line.Connector = connector
		write = sql.OpenDB(line)
	}
	write.SetMaxOpenConns(1)
	s, err := sqlstore.New(t.Context(), write, read, sqlitestore.Dialect(0))
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, errors.Join(s.Close(), read.Close(), write.Close())) })
	return s
}

var errLost = errors.New("the line broke")

// lose says whether the next thing that commits is lost before it is done, or after.
type lose struct{ before, after bool }

// lossy is a line to the database that loses the answer to a commit, and with before the commit itself.
type lossy struct {
	driver.Connector
	next lose
}

func (l *lossy) Connect(ctx context.Context) (driver.Conn, error) {
	c, err := l.Connector.Connect(ctx)
	return &lossyConn{Conn: c, line: l}, err
}

// commit does something that commits, unless it is lost.
func (l *lossy) commit(do func() error) error {
	next := l.next
	l.next = lose{}
	if next.before {
		return errLost
	}
	if err := do(); err != nil {
		return err
	}
	if next.after {
		return errLost
	}
	return nil
}

type lossyConn struct {
	driver.Conn
	line *lossy
	open bool // a transaction
}

func (c *lossyConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	tx, err := c.Conn.(driver.ConnBeginTx).BeginTx(ctx, opts)
	c.open = err == nil
	return &lossyTx{tx, c}, err
}

func (c *lossyConn) Prepare(query string) (driver.Stmt, error) {
	stmt, err := c.Conn.Prepare(query)
	return &lossyStmt{stmt, c}, err
}

type lossyTx struct {
	driver.Tx
	conn *lossyConn
}

func (x *lossyTx) Commit() error {
	x.conn.open = false
	err := x.conn.line.commit(x.Tx.Commit)
	if errors.Is(err, errLost) {
		x.Tx.Rollback() // the engine does it when the line breaks; one that was committed has nothing to roll back
	}
	return err
}

func (x *lossyTx) Rollback() error {
	x.conn.open = false
	return x.Tx.Rollback()
}

type lossyStmt struct {
	driver.Stmt
	conn *lossyConn
}

func (s *lossyStmt) Exec(args []driver.Value) (done driver.Result, err error) {
	do := func() error {
		var err error
		//lint:ignore SA1019 the statement of the wrapped driver
		done, err = s.Stmt.Exec(args)
		return err
	}
	if s.conn.open {
		return done, do()
	}
	err = s.conn.line.commit(do)
	return done, err
}

func (s *lossyStmt) Query(args []driver.Value) (rows driver.Rows, err error) {
	err = s.conn.line.commit(func() error {
		//lint:ignore SA1019 the statement of the wrapped driver
		rows, err = s.Stmt.Query(args)
		return err
	})
	if errors.Is(err, errLost) && rows != nil {
		err = errors.Join(err, rows.Close())
	}
	return rows, err
}
