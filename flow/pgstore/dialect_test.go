package pgstore

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/assert"
)

// Only a server that answered and lives on has done nothing for certain.
func TestWhatAnErrorMeans(t *testing.T) {
	answer := func(severity, code string) error {
		return fmt.Errorf("commit: %w", &pgconn.PgError{Severity: "FEHLER", SeverityUnlocalized: severity, Code: code})
	}
	for _, c := range []struct {
		err           error
		refused, busy bool
	}{
		{answer("ERROR", "23505"), true, false},  // unique_violation
		{answer("ERROR", "25006"), true, false},  // read_only_sql_transaction
		{answer("ERROR", "55P03"), true, true},   // lock_not_available
		{answer("ERROR", "40P01"), true, true},   // deadlock_detected
		{answer("ERROR", "40001"), true, true},   // serialization_failure
		{answer("FATAL", "57P01"), false, false}, // admin_shutdown
		{answer("PANIC", "XX000"), false, false},
		{answer("ERROR", "08006"), false, false}, // connection_failure
		{answer("FATAL", "53300"), false, false}, // of a session that had begun
		{&pgconn.ConnectError{}, true, false},
		{pgx.ErrTxCommitRollback, true, false},
		{io.ErrUnexpectedEOF, false, false},
		{context.DeadlineExceeded, false, false},
		{errors.New("another"), false, false},
	} {
		assert.Equal(t, c.refused, refused(c.err), "refused: %#v", c.err)
		assert.Equal(t, c.busy, busy(c.err), "busy: %#v", c.err)
	}
}

func TestOldServersAreRefused(t *testing.T) {
	assert.EqualError(t, newEnough(140012), "the server is PostgreSQL 14.12: use 15 or newer")
	assert.NoError(t, newEnough(150000))
	assert.NoError(t, newEnough(180001))
}
