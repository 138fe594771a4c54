// Package sqlitestore is a flow.Store in a SQLite file, for one machine. It needs no server and no C compiler
// (modernc.org/sqlite). Any number of processes of the machine may open the same file; a network file system is not for
// it.
//
// What Commit has acknowledged survives the process and, where the disk keeps its word, the machine: write-ahead log,
// synchronous=FULL. Every writing transaction takes the write lock at its beginning, and waits up to five seconds for
// it. What is deleted is overwritten, and what is taken from the shelf is in none of the files afterwards; where a process
// ends before that, when the next one opens the file. Open refuses a SQLite older than 3.51.3, which could corrupt a
// write-ahead log.
//
// Never open the file by other means than SQLite while a process has it: closing it would drop the locks.
package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/dialpay/dialpay/flow/sqlstore"
)

// Store is a flow.Store, Leaser, Finder, Purger and Shelf in a file.
type Store struct {
	*sqlstore.Store
	write, read *sql.DB
}

// readers is how many may read at a time.
const readers = 8

// Open opens the database in the file, and makes it if there is none.
func Open(ctx context.Context, path string) (*Store, error) { return OpenAhead(ctx, path, 0) }

// OpenAhead is Open with a clock that is ahead of the machine's, for demonstrations and tests that do not wait.
func OpenAhead(ctx context.Context, path string, ahead time.Duration) (*Store, error) {
	s, err := open(ctx, path, ahead)
	if err != nil {
		return nil, fmt.Errorf("sqlitestore: open %s: %w", path, err)
	}
	return s, nil
}

func open(ctx context.Context, path string, ahead time.Duration) (*Store, error) {
	dsn, err := source(path)
	if err != nil {
		return nil, err
	}
	s := &Store{}
	if s.write, err = sql.Open("sqlite", dsn); err != nil {
		return nil, err
	}
	if s.read, err = sql.Open("sqlite", dsn+"&_query_only=1"); err != nil {
		return nil, errors.Join(err, s.write.Close())
	}
	s.write.SetMaxOpenConns(1) // SQLite has one writer at a time; it is better to wait here than in its polling
	s.read.SetMaxOpenConns(readers)
	s.read.SetMaxIdleConns(readers)
	if err = s.guard(ctx); err == nil {
		s.Store, err = sqlstore.New(ctx, s.write, s.read, dialect(ahead))
	}
	if err != nil {
		return nil, errors.Join(err, s.write.Close(), s.read.Close())
	}
	return s, nil
}

// source is the name under which the driver opens the file, with the settings of every connection.
func source(path string) (string, error) {
	full, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if path == "" {
		return "", errors.New("the path is empty")
	}
	settings := url.Values{"_txlock": {"immediate"}, "_busy_timeout": {"5000"}, "_journal_mode": {"WAL"},
		"_synchronous": {"FULL"}, "_pragma": {"secure_delete(1)", "mmap_size(0)"}}
	return (&url.URL{Scheme: "file", Path: filepath.ToSlash(full), RawQuery: settings.Encode()}).String(), nil
}

// guard waits until the file is in WAL mode, which several processes may be about to set, and checks the rest.
func (s *Store) guard(ctx context.Context) error {
	err := s.write.PingContext(ctx)
	for try := 0; err != nil && busy(err) && try < 50 && ctx.Err() == nil; try++ {
		time.Sleep(20 * time.Millisecond)
		err = s.write.PingContext(ctx)
	}
	if err != nil {
		return err
	}
	var version, journal string
	var full int
	if err := s.write.QueryRowContext(ctx, `SELECT sqlite_version()`).Scan(&version); err != nil {
		return err
	}
	if err := tooOld(version); err != nil {
		return err
	}
	if err := s.write.QueryRowContext(ctx, `PRAGMA journal_mode`).Scan(&journal); err != nil {
		return err
	}
	if err := s.write.QueryRowContext(ctx, `PRAGMA synchronous`).Scan(&full); err != nil {
		return err
	}
	if journal != "wal" || full != 2 {
		return fmt.Errorf("the journal is %q and synchronous %d, not wal and 2: is it on a file system without locks?", journal, full)
	}
	return nil
}

// oldest is the first release without the defect of resetting a write-ahead log (https://sqlite.org/changes.html).
const oldest = "3.51.3"

func tooOld(version string) error {
	if older(version, oldest) {
		return fmt.Errorf("SQLite %s can corrupt a write-ahead log: use %s or newer", version, oldest)
	}
	return nil
}

// older compares versions such as 3.51.3.
func older(a, b string) bool {
	parts := func(v string) (n [3]int) {
		fmt.Sscanf(strings.TrimSpace(v), "%d.%d.%d", &n[0], &n[1], &n[2])
		return n
	}
	x, y := parts(a), parts(b)
	for i := range x {
		if x[i] != y[i] {
			return x[i] < y[i]
		}
	}
	return false
}

// Close closes the file. What is still under way ends first.
func (s *Store) Close() error {
	return errors.Join(s.Store.Close(), s.read.Close(), s.write.Close())
}

func dialect(ahead time.Duration) sqlstore.Dialect {
	now := fmt.Sprintf("(CAST(unixepoch('subsec') * 1000000 AS INTEGER) + %d)", ahead.Microseconds())
	return sqlstore.Dialect{
		Name: "SQLite",
		Words: []string{"$", "?", "{now}", now, "{key}", "TEXT", "{bytes}", "BLOB",
			"{serial}", "INTEGER PRIMARY KEY AUTOINCREMENT", "{unlogged}", ""},
		Key:  func(k string) any { return k },
		Busy: busy,
		// An input or output error in a commit leaves open whether the log has it.
		Refused: func(err error) bool {
			var e *sqlite.Error
			return errors.As(err, &e) && e.Code()&0xff != sqlite3.SQLITE_IOERR
		},
		Scrub:     `PRAGMA wal_checkpoint(TRUNCATE)`,
		InProcess: true,
	}
}

func busy(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code()&0xff == sqlite3.SQLITE_BUSY || e.Code()&0xff == sqlite3.SQLITE_LOCKED)
}
