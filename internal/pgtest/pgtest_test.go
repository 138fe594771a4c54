package pgtest

import (
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The server listens, is gone when it is stopped, comes back, and leaves nothing behind.
func TestServer(t *testing.T) {
	var dir string
	t.Run("life", func(t *testing.T) {
		s := New(t)
		dir = s.dir
		listens := func() bool {
			conn, err := net.Dial("unix", filepath.Join(dir, ".s.PGSQL.5432"))
			if err == nil {
				conn.Close()
			}
			return err == nil
		}
		assert.True(t, listens())
		require.NoError(t, s.Stop())
		assert.False(t, listens())
		require.NoError(t, s.Start())
		assert.True(t, listens())
	})
	if dir != "" {
		assert.NoDirExists(t, dir)
	}
}

func TestTheNewestIsTaken(t *testing.T) {
	top := t.TempDir()
	_, err := binaries(top)
	require.ErrorIs(t, err, ErrNone)
	for _, version := range []string{"9.6", "14", "15", "17"} {
		bin := filepath.Join(top, version, "bin")
		require.NoError(t, os.MkdirAll(bin, 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(bin, "initdb"), nil, 0o755))
	}
	bin, err := binaries(top)
	require.NoError(t, err)
	assert.Equal(t, filepath.Join(top, "17", "bin"), bin)
	require.NoError(t, os.RemoveAll(filepath.Join(top, "17")))
	require.NoError(t, os.RemoveAll(filepath.Join(top, "15")))
	_, err = binaries(top)
	assert.ErrorIs(t, err, ErrNone, "14 is too old")
}
