package sqlitestore_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/sqlitestore"
)

// The child of TestKill is this test binary with the file's name in the environment; DIALPAY_KILLS is how often it is
// killed.
const childEnv = "DIALPAY_KILL_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		fmt.Fprintln(os.Stderr, commitUntilKilled(path))
		os.Exit(1)
	}
	if path := os.Getenv(openEnv); path != "" {
		s, err := sqlitestore.Open(context.Background(), path)
		if err == nil {
			err = s.Close()
		}
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// commitUntilKilled goes on with the session, and writes each version that was acknowledged to the standard output.
func commitUntilKilled(path string) error {
	ctx := context.Background()
	s, err := sqlitestore.Open(ctx, path)
	if err != nil {
		return err
	}
	snap, _, err := s.Load(ctx, "s")
	for err == nil || snap.Version == 0 {
		next := snap.Version + 1
		err = s.Commit(ctx, flow.Tx{Session: "s", Expect: snap.Version, Next: fmt.Append(nil, next),
			Insert: []flow.Item{{Kind: flow.ItemPayment, Key: fmt.Sprint(next), Due: time.Now()}}})
		if err != nil {
			return err
		}
		snap.Version = next
		fmt.Println(next)
	}
	return err
}

// What was acknowledged before the process was killed is there afterwards, whole, and the file is sound.
func TestKill(t *testing.T) {
	kills := 50
	if more, err := strconv.Atoi(os.Getenv("DIALPAY_KILLS")); err == nil {
		kills = more
	}
	path := filepath.Join(t.TempDir(), "calls.db")
	var acknowledged uint64
	for range kills {
		acknowledged = max(acknowledged, killOne(t, path))
		db, err := sql.Open("sqlite", path)
		require.NoError(t, err)
		var check string
		require.NoError(t, db.QueryRow("PRAGMA integrity_check").Scan(&check))
		require.Equal(t, "ok", check)
		require.NoError(t, db.Close())
		acknowledged = checkWhole(t, path, acknowledged)
	}
	require.Greater(t, acknowledged, uint64(kills), "too few commits to mean anything")
	t.Logf("%d kills, %d commits", kills, acknowledged)
}

// killOne runs a child for a moment, and returns the last version that it has acknowledged.
func killOne(t *testing.T, path string) (last uint64) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	timer := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	defer timer.Stop()
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if last == 0 { // it has begun: its end comes at random
			time.AfterFunc(time.Duration(rand.IntN(30_000))*time.Microsecond, func() { cmd.Process.Kill() })
		}
		_, err := fmt.Sscan(lines.Text(), &last)
		require.NoError(t, err)
	}
	require.Error(t, cmd.Wait(), "it was killed")
	require.NotZero(t, last, "it has committed nothing")
	return last
}

func checkWhole(t *testing.T, path string, acknowledged uint64) uint64 {
	s, err := sqlitestore.Open(t.Context(), path)
	require.NoError(t, err)
	defer s.Close()
	snap, items, err := s.Load(t.Context(), "s")
	require.NoError(t, err)
	require.GreaterOrEqual(t, snap.Version, acknowledged)
	require.Equal(t, fmt.Sprint(snap.Version), string(snap.Data))
	require.Len(t, items, int(snap.Version), "a commit is all or nothing")
	return snap.Version
}
