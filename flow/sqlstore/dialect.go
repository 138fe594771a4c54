package sqlstore

import (
	"fmt"
	"strings"
)

// Dialect is how an engine differs from the others.
type Dialect struct {
	// Name is that of the engine, for errors.
	Name string
	// Words are replaced in every statement, in pairs of old and new for strings.NewReplacer: {now} is the clock in
	// microseconds, {key} and {bytes} are column types, {serial} is that of a primary key which counts up. A "$" begins
	// a numbered parameter.
	Words []string
	// Key makes the parameter of a {key} column.
	Key func(string) any
	// MigrationLock is the statement that begins a migration's transaction, so that others wait; empty where every
	// transaction excludes others.
	MigrationLock string
	// Refused tells that the engine answered with this error, and that nothing was done. Busy tells that, and that the
	// same may succeed when it is tried again.
	Refused, Busy func(error) bool
	// Scrub removes what deleted rows have left in the engine's log; empty for nothing. It returns three integers, as
	// SQLite's wal_checkpoint does: the first is not 0 when others were in the way.
	Scrub string
	// Uninterrupted is for engines in the process, which never wait for long: what is begun is not cancelled half-way.
	Uninterrupted bool
}

func (d Dialect) check() error {
	if d.Name == "" || d.Key == nil || d.Refused == nil || d.Busy == nil {
		return fmt.Errorf("sqlstore: dialect %q: Name, Key, Refused and Busy must be set", d.Name)
	}
	text := strings.NewReplacer(d.Words...).Replace("{now} {key} {bytes} {serial}")
	if strings.Contains(text, "{") {
		return fmt.Errorf("sqlstore: dialect %q: Words lack one of {now}, {key}, {bytes}, {serial}: %s", d.Name, text)
	}
	return nil
}
