package sqlitestore_test

import (
	"bytes"
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

// What is cleared from the shelf is in none of the files.
func TestClearedIsGone(t *testing.T) {
	dir := t.TempDir()
	s := open(t, filepath.Join(dir, "calls.db"))
	secret := []byte("sealed-bytes-that-must-go")
	there := func() (found bool) {
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		require.NoError(t, err)
		for _, file := range files {
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			found = found || bytes.Contains(text, secret)
		}
		return found
	}
	require.NoError(t, s.PutSealed(t.Context(), "s", "card", secret, time.Now().Add(time.Hour)))
	require.True(t, there(), "it can be found")
	require.NoError(t, s.ClearSealed(t.Context(), "s"))
	assert.False(t, there())
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
