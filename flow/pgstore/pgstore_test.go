package pgstore_test

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/pgstore"
	"github.com/dialpay/dialpay/flow/sqlstore"
	"github.com/dialpay/dialpay/flow/storetest"
)

func TestStore(t *testing.T) {
	storetest.TestStore(t, func(t *testing.T) storetest.Fixtures {
		return storetest.Fixtures{Store: open(t, database(t))}
	})
}

// migrateEnv makes a child of this test binary open a store and nothing else.
const migrateEnv = "DIALPAY_MIGRATE_CHILD"

func migrateOnly(url string) int {
	s, err := pgstore.Open(context.Background(), url)
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// Processes that start at once make the tables once.
func TestProcessesMigrateAtOnce(t *testing.T) {
	url := database(t)
	var all []*exec.Cmd
	for range 5 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), migrateEnv+"="+url)
		cmd.Stderr = os.Stderr
		require.NoError(t, cmd.Start())
		all = append(all, cmd)
	}
	for _, cmd := range all {
		assert.NoError(t, cmd.Wait())
	}
	db, err := sql.Open("pgx", url)
	require.NoError(t, err)
	defer db.Close()
	var applied, versions int
	require.NoError(t, db.QueryRow(`SELECT count(*), max(version) FROM dialpay_schema`).Scan(&applied, &versions))
	assert.Equal(t, versions, applied)
	assert.NoError(t, open(t, url).Commit(t.Context(), flow.Tx{Session: "s"}))
}

// A commit that waits for others too long does nothing, and says so.
func TestBusy(t *testing.T) {
	url := database(t)
	s := open(t, with(t, url, "lock_timeout", "100ms"))
	require.NoError(t, s.Commit(t.Context(), flow.Tx{Session: "s"}))
	db, err := sql.Open("pgx", url)
	require.NoError(t, err)
	defer db.Close()
	other, err := db.Begin()
	require.NoError(t, err)
	_, err = other.Exec(`UPDATE dialpay_sessions SET epoch = epoch`)
	require.NoError(t, err)
	item := flow.Item{Kind: flow.ItemReceipt, Key: "r"}
	require.ErrorIs(t, s.Commit(t.Context(), flow.Tx{Session: "s", Expect: 1}), sqlstore.ErrBusy)
	require.ErrorIs(t, s.Commit(t.Context(), flow.Tx{Session: "s", Expect: 1, Insert: []flow.Item{item}}), sqlstore.ErrBusy)
	require.NoError(t, other.Rollback())
	require.NoError(t, s.Commit(t.Context(), flow.Tx{Session: "s", Expect: 1, Insert: []flow.Item{item}}))
}

// What could lose an acknowledged commit is said at once (R14).
func TestUnsafeSettingsAreWarnedOf(t *testing.T) {
	url := database(t)
	var log bytes.Buffer
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	open(t, with(t, url, "synchronous_commit", "off"))
	assert.Contains(t, log.String(), "setting=synchronous_commit value=off")
	log.Reset()
	open(t, with(t, url, "synchronous_commit", "on"))
	assert.NotContains(t, log.String(), "synchronous_commit")
}

// The shelf is not in the log; the rest is. A deleted row of it is no more than the sealed bytes that were in it.
func TestOnlyTheShelfIsUnlogged(t *testing.T) {
	url := database(t)
	open(t, url)
	db, err := sql.Open("pgx", url)
	require.NoError(t, err)
	defer db.Close()
	var unlogged string
	require.NoError(t, db.QueryRow(`SELECT string_agg(relname, ' ') FROM pg_class
		WHERE relkind = 'r' AND relpersistence = 'u' AND relnamespace = current_schema()::regnamespace`).Scan(&unlogged))
	assert.Equal(t, "dialpay_shelf", unlogged)
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	for url, want := range map[string]string{
		"postgres://user:hunter2@/calls?host=/nowhere":                   "pgstore: open /nowhere/calls",
		"postgres://user:hunter2@/calls?host=/nowhere&pool_max_conns=no": `pgstore: pool_max_conns is "no": give a number from 1`,
		"postgres://user:hunter2@:port/calls":                            "pgstore: cannot parse",
	} {
		_, err := pgstore.Open(t.Context(), url)
		require.ErrorContains(t, err, want)
		assert.NotContains(t, err.Error(), "hunter2")
	}
}

func TestCalls(t *testing.T) {
	storetest.TestCalls(t, func(t *testing.T) (first, second storetest.Shared) {
		url := database(t)
		return open(t, url), open(t, url)
	})
}

// A store that is ahead finds what will be due, and sees the leases of now as over.
func TestOpenAhead(t *testing.T) {
	url := database(t)
	now := open(t, url)
	ahead, err := pgstore.OpenAhead(t.Context(), url, 2*time.Hour)
	require.NoError(t, err)
	defer ahead.Close()
	it := flow.Item{Kind: flow.ItemPayment, Key: "k", Session: "s", Due: time.Now().Add(time.Hour)}
	require.NoError(t, now.Commit(t.Context(), flow.Tx{Session: "s", Insert: []flow.Item{it}}))
	_, err = now.Acquire(t.Context(), "s", "node 1", time.Minute)
	require.NoError(t, err)
	due, err := now.Due(t.Context(), 10)
	require.NoError(t, err)
	assert.Empty(t, due)
	due, err = ahead.Due(t.Context(), 10)
	require.NoError(t, err)
	assert.Len(t, due, 1)
	_, err = ahead.Acquire(t.Context(), "s", "node 2", time.Minute)
	assert.NoError(t, err)
}
