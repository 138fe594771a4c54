package sqlitestore_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/auth/authtest"
)

// Two processes count wrong answers together, and a code that one has accepted counts in the other no more.
func TestAuth(t *testing.T) {
	key, err := auth.NewSecret(make([]byte, 32))
	require.NoError(t, err)
	t.Run("attempts", func(t *testing.T) {
		authtest.TestAttempts(t, func(t *testing.T) (first, second auth.Attempts) {
			url := filepath.Join(t.TempDir(), "calls.db")
			return must(open(t, url).Attempts(key)), must(open(t, url).Attempts(key))
		})
	})
	t.Run("once", func(t *testing.T) {
		authtest.TestOnce(t, func(t *testing.T) (first, second auth.Once) {
			url := filepath.Join(t.TempDir(), "calls.db")
			return must(open(t, url).Once(key)), must(open(t, url).Once(key))
		})
	})
}
