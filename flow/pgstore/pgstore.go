// Package pgstore is a flow.Store in PostgreSQL 15 or newer, for any number of processes on any number of machines: each
// may take any call, and what one acknowledged all others see. It goes through pgx.
//
// What Commit has acknowledged survives the server's crash. That it also survives the loss of the server's machine needs
// a synchronous standby (synchronous_standby_names); see docs/durability.md. Open warns on the default logger where the
// server's settings promise less.
//
// A turn that only moves its session is one round trip; every other commit is two: all of its statements, and the COMMIT.
// A connection that was idle for a second is first asked whether it is still there. Statements are prepared once for each
// connection, so a pooler between must know prepared statements.
//
// The URL is PostgreSQL's own, with several hosts where there are standbys; only one that can be written to is used:
//
//	postgres://dialpay@db1,db2/calls?sslmode=verify-full
//
// lock_timeout (5s), idle_in_transaction_session_timeout (10s) and connect_timeout (5) can be set in it, pool_max_conns
// (16), too.
package pgstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/dialpay/dialpay/flow/sqlstore"
)

// Store is a flow.Store, Leaser, Finder, Purger and Shelf in a PostgreSQL.
type Store struct {
	*sqlstore.Store
	db *sql.DB
}

const (
	oldest         = 150000 // server_version_num
	connections    = 16
	connectTimeout = 5 * time.Second
	// idle is how long a connection may be unused before it is closed.
	idle = 5 * time.Minute
)

// defaults are settings of every connection that the URL does not give. A process that stops in the middle of a commit
// must not keep others from the bill for long.
var defaults = map[string]string{
	"application_name":                    "dialpay",
	"default_transaction_isolation":       "read committed",
	"lock_timeout":                        "5s",
	"idle_in_transaction_session_timeout": "10s",
}

// Open connects to the database, and makes the tables where they are missing.
func Open(ctx context.Context, url string) (*Store, error) { return OpenAhead(ctx, url, 0) }

// OpenAhead is Open with a clock that is ahead of the server's, for demonstrations and tests that do not wait.
func OpenAhead(ctx context.Context, url string, ahead time.Duration) (*Store, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("pgstore: %w", err) // which leaves the password out
	}
	size, err := configure(config)
	if err != nil {
		return nil, fmt.Errorf("pgstore: %w", err)
	}
	s := &Store{db: stdlib.OpenDB(*config)}
	s.db.SetMaxOpenConns(size)
	s.db.SetMaxIdleConns(size)
	s.db.SetConnMaxIdleTime(idle)
	if err = s.guard(ctx); err == nil {
		s.Store, err = sqlstore.New(ctx, s.db, s.db, dialect(ahead))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("pgstore: open %s/%s: %w", config.Host, config.Database, err), s.db.Close())
	}
	return s, nil
}

// configure sets what the URL does not, and returns how many connections there may be.
func configure(config *pgx.ConnConfig) (int, error) {
	size := connections
	if text, ok := config.RuntimeParams["pool_max_conns"]; ok {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 {
			return 0, fmt.Errorf("pool_max_conns is %q: give a number from 1", text)
		}
		size = n
		delete(config.RuntimeParams, "pool_max_conns") // which the server does not know
	}
	for name, value := range defaults {
		if _, ok := config.RuntimeParams[name]; !ok {
			config.RuntimeParams[name] = value
		}
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectTimeout
	}
	if config.ValidateConnect == nil {
		config.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	return size, nil
}

// guard refuses a server that is too old, and warns of settings under which an acknowledged commit can be lost (R14).
func (s *Store) guard(ctx context.Context) error {
	var version int
	var synchronous, fsync, pages string
	err := s.db.QueryRowContext(ctx, `SELECT CAST(current_setting('server_version_num') AS integer),
		current_setting('synchronous_commit'), current_setting('fsync'), current_setting('full_page_writes')`).
		Scan(&version, &synchronous, &fsync, &pages)
	if err != nil {
		return err
	}
	if err := newEnough(version); err != nil {
		return err
	}
	for _, setting := range [][2]string{{"synchronous_commit", synchronous}, {"fsync", fsync}, {"full_page_writes", pages}} {
		if setting[1] == "off" {
			slog.WarnContext(ctx, "pgstore: the server can lose commits that it has acknowledged: set it to on",
				"setting", setting[0], "value", setting[1])
		}
	}
	return nil
}

func newEnough(version int) error {
	if version < oldest {
		return fmt.Errorf("the server is PostgreSQL %d.%d: use 15 or newer", version/10000, version%10000)
	}
	return nil
}

// Close closes the connections. What is still under way ends first.
func (s *Store) Close() error { return errors.Join(s.Store.Close(), s.db.Close()) }
