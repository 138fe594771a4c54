package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// Dialect is how an engine differs from the others.
type Dialect struct {
	// Name is that of the engine, for errors.
	Name string
	// Words are replaced in every statement, in pairs of old and new for strings.NewReplacer: {now} is the clock in
	// microseconds, {key} and {bytes} are column types, {serial} is that of a primary key which counts up, {unlogged}
	// comes before the TABLE of the shelf, whose rows need not survive a crash. A "$" begins a numbered parameter.
	Words []string
	// Key makes the parameter of a {key} column.
	Key func(string) any
	// MigrationLock is the statement that begins a migration's transaction, so that others wait; empty where every
	// transaction excludes others.
	MigrationLock string
	// Refused tells that the engine answered with this error, and that nothing was done. Busy tells that, and that the
	// same may succeed when it is tried again.
	Refused, Busy func(error) bool
	// Batch does the statements in one transaction with as few round trips as the engine allows; nil for one statement
	// after another. Before it commits, it calls each for each statement with the number of rows that it changed, and
	// gives up with the error that this returns. sent is true once the commit may have reached the engine.
	Batch func(ctx context.Context, db *sql.DB, all []Statement, each func(i int, rows int64) error) (sent bool, err error)
	// Scrub removes what deleted rows have left in the engine's log; empty for nothing. It returns three integers, as
	// SQLite's wal_checkpoint does: the first is not 0 when others were in the way.
	Scrub string
	// InProcess is for an engine in the process, in which one connection writes and nothing waits for long: what is begun
	// is not cancelled half-way, and while that connection is idle, sessions are read on it: it has their pages.
	InProcess bool
}

// Statement is one of a Batch, in the words of the dialect.
type Statement struct {
	Text string
	Args []any
}

func (d Dialect) check() error {
	if d.Name == "" || d.Key == nil || d.Refused == nil || d.Busy == nil {
		return fmt.Errorf("sqlstore: dialect %q: Name, Key, Refused and Busy must be set", d.Name)
	}
	text := strings.NewReplacer(d.Words...).Replace("{now} {key} {bytes} {serial} {unlogged}")
	if strings.Contains(text, "{") {
		return fmt.Errorf("sqlstore: dialect %q: Words lack one of {now}, {key}, {bytes}, {serial}, {unlogged}: %s", d.Name, text)
	}
	return nil
}
