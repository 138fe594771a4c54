package pgstore

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/dialpay/dialpay/flow/sqlstore"
)

// dialect is PostgreSQL's. Keys are bytea, as a text can have neither zero bytes nor bytes that are not UTF-8. The shelf
// is neither in the log nor on standbys, and empty after a crash.
func dialect(ahead time.Duration) sqlstore.Dialect {
	now := fmt.Sprintf("(CAST(EXTRACT(EPOCH FROM statement_timestamp()) * 1000000 AS BIGINT) + %d)", ahead.Microseconds())
	return sqlstore.Dialect{
		Name: "PostgreSQL",
		Words: []string{"{now}", now, "{key}", "BYTEA", "{bytes}", "BYTEA",
			"{serial}", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "{unlogged}", "UNLOGGED"},
		Key: func(k string) any { return []byte(k) },
		// The number is "dialpay" in bytes.
		MigrationLock: `SELECT pg_advisory_xact_lock(x'6469616c706179'::bigint)`,
		Refused:       refused,
		Busy:          busy,
		Batch:         batch,
	}
}

// refused is true where the server has answered with an error and lives on, and where nothing was sent. A server that
// ends the session (FATAL, and class 08) may have committed first.
// https://www.postgresql.org/docs/15/errcodes-appendix.html
func refused(err error) bool {
	var connect *pgconn.ConnectError
	if errors.As(err, &connect) || errors.Is(err, pgx.ErrTxCommitRollback) || pgconn.SafeToRetry(err) {
		return true
	}
	var e *pgconn.PgError
	return errors.As(err, &e) && severity(e) == "ERROR" && !strings.HasPrefix(e.Code, "08")
}

// busyCodes are serialization_failure, deadlock_detected, lock_not_available and too_many_connections.
var busyCodes = []string{"40001", "40P01", "55P03", "53300"}

func busy(err error) bool {
	var e *pgconn.PgError
	return errors.As(err, &e) && refused(err) && slices.Contains(busyCodes, e.Code)
}

func severity(e *pgconn.PgError) string { return cmp.Or(e.SeverityUnlocalized, e.Severity) }

// rollbackTimeout is how long a server may take to give up a transaction, before its connection is given up.
const rollbackTimeout = 5 * time.Second

// batch sends BEGIN and all statements at once, looks at what they did, and sends COMMIT.
func batch(ctx context.Context, db *sql.DB, all []sqlstore.Statement,
	each func(i int, rows int64) error) (sent bool, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer func() { err = cmp.Or(err, conn.Close()) }()
	fault := conn.Raw(func(c any) error {
		pg := c.(*stdlib.Conn).Conn()
		if err = send(ctx, pg, all, each); err == nil {
			sent = true
			err = commit(ctx, pg)
		} else if !pg.IsClosed() {
			rollback(ctx, pg)
		}
		if pg.IsClosed() {
			return driver.ErrBadConn // so that nobody gets this connection again
		}
		return nil
	})
	if err == nil && fault != nil {
		err = fault
	}
	return sent, err
}

func send(ctx context.Context, pg *pgx.Conn, all []sqlstore.Statement, each func(i int, rows int64) error) error {
	b := &pgx.Batch{}
	b.Queue("begin")
	for _, st := range all {
		b.Queue(st.Text, st.Args...)
	}
	results := pg.SendBatch(ctx, b)
	_, err := results.Exec()
	var none error
	for i := 0; i < len(all) && err == nil; i++ {
		var tag pgconn.CommandTag
		if tag, err = results.Exec(); err == nil && none == nil {
			none = each(i, tag.RowsAffected())
		}
	}
	return cmp.Or(err, results.Close(), none)
}

// commit fails where the server has answered a COMMIT with ROLLBACK. It is not pgx.Conn.Exec, which without arguments
// takes the simple protocol: there pgx 5.12.0 calls a lost answer "conn closed", and that safe to try again.
func commit(ctx context.Context, pg *pgx.Conn) error {
	done := pg.PgConn().ExecParams(ctx, "commit", nil, nil, nil, nil).Read()
	if done.Err == nil && done.CommandTag.String() != "COMMIT" {
		return pgx.ErrTxCommitRollback
	}
	return done.Err
}

// rollback makes the connection ready for others, or closes it.
func rollback(ctx context.Context, pg *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTimeout)
	defer cancel()
	if _, err := pg.Exec(ctx, "rollback"); err != nil {
		pg.Close(ctx)
	}
}
