package sqlitestore_test

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/sqlitestore"
	"github.com/dialpay/dialpay/flow/storetest"
)

func open(t *testing.T, path string) *sqlitestore.Store {
	t.Helper()
	s, err := sqlitestore.Open(t.Context(), path)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}

func TestStore(t *testing.T) {
	storetest.TestStore(t, func(t *testing.T) storetest.Fixtures {
		return storetest.Fixtures{Store: open(t, filepath.Join(t.TempDir(), "calls.db"))}
	})
}

// What is cleared from the shelf, replaced there, purged or past its time is in none of the files after the call that
// removes it; what a process leaves that was killed, after the next Open.
func TestClearedIsGone(t *testing.T) {
	later := time.Now().Add(time.Hour)
	type shelf interface {
		flow.Shelf
		flow.Purger
	}
	for name, remove := range map[string]func(ctx context.Context, s shelf) error{
		"cleared":  func(ctx context.Context, s shelf) error { return s.ClearSealed(ctx, "s") },
		"replaced": func(ctx context.Context, s shelf) error { return s.PutSealed(ctx, "s", "card", []byte("other"), later) },
		"purged": func(ctx context.Context, s shelf) error {
			n, err := s.Purge(ctx, later, 1)
			return cmp.Or(err, map[bool]error{true: errors.New("nothing was purged")}[n != 1])
		},
		"expired, then a put": func(ctx context.Context, s shelf) error {
			return cmp.Or(expire(ctx, s), s.PutSealed(ctx, "t", "card", []byte("other"), later))
		},
		"expired, then a get": func(ctx context.Context, s shelf) error {
			if _, err := s.GetSealed(ctx, "s", "card"); err != nil {
				return fmt.Errorf("it is there: %w", err)
			}
			if err := expire(ctx, s); err != nil {
				return err
			}
			if _, err := s.GetSealed(ctx, "s", "card"); !errors.Is(err, flow.ErrNotKept) {
				return fmt.Errorf("it is gone: %w", err)
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := open(t, filepath.Join(dir, "calls.db"))
			require.NoError(t, s.Commit(t.Context(), flow.Tx{Session: "s"}))
			require.NoError(t, s.PutSealed(t.Context(), "s", "card", []byte(secret), later))
			require.True(t, holds(t, dir), "it can be found")
			require.NoError(t, remove(t.Context(), s))
			assert.False(t, holds(t, dir))
		})
	}
}

const secret = "sealed-bytes-that-must-go"

// expire lets the time of what is kept for s pass.
func expire(ctx context.Context, s flow.Shelf) error {
	err := s.PutSealed(ctx, "s", "other", []byte("other"), time.Now().Add(10*time.Millisecond))
	time.Sleep(20 * time.Millisecond)
	return err
}

// holds tells whether the secret is in a file of the directory.
func holds(t *testing.T, dir string) (found bool) {
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		found = found || bytes.Contains(text, []byte(secret))
	}
	return found
}

// What a process took from the shelf and could not overwrite everywhere, since it was killed, is gone with the next Open.
func TestOpenCleansUp(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "calls.db")
	require.NoError(t, open(t, path).PutSealed(t.Context(), "s", "card", []byte(secret), time.Now().Add(time.Hour)))
	dsn, err := sqlitestore.Source(path)
	require.NoError(t, err)
	db, err := sql.Open("sqlite", dsn)
	require.NoError(t, err)
	defer db.Close()
	_, err = db.Exec("DELETE FROM dialpay_shelf")
	require.NoError(t, err)
	require.True(t, holds(t, dir), "it is still in the log")
	open(t, path)
	assert.False(t, holds(t, dir))
}

// A store whose clock is ahead finds what will be due.
func TestOpenAhead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "calls.db")
	now := open(t, path)
	later, err := sqlitestore.OpenAhead(t.Context(), path, time.Hour)
	require.NoError(t, err)
	t.Cleanup(func() { _ = later.Close() })
	soon := flow.Item{Kind: flow.ItemReceipt, Key: "r", Due: time.Now().Add(time.Minute), Data: []byte("r")}
	require.NoError(t, now.Commit(t.Context(), flow.Tx{Session: "s", Next: []byte("s"), Insert: []flow.Item{soon}}))
	due, err := now.Due(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, due)
	due, err = later.Due(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, due, 1)
}

func TestCalls(t *testing.T) {
	storetest.TestCalls(t, func(t *testing.T) (first, second storetest.Shared) {
		path := filepath.Join(t.TempDir(), "calls.db")
		return open(t, path), open(t, path)
	})
}
