package pgstore_test

import (
	"database/sql"
	"net/url"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/flow/pgstore"
	"github.com/dialpay/dialpay/internal/pgtest"
)

func TestMain(m *testing.M) {
	if url := os.Getenv(migrateEnv); url != "" {
		os.Exit(migrateOnly(url))
	}
	os.Exit(pgtest.Main(m))
}

// database returns the URL of a database, with a schema of its own.
func database(t *testing.T) string {
	t.Helper()
	return schemaOf(t, pgtest.URL(t))
}

// schemaOf makes an empty schema, and returns the URL under which its tables are found.
func schemaOf(t *testing.T, server string) string {
	t.Helper()
	db, err := sql.Open("pgx", server)
	require.NoError(t, err)
	var name string
	require.NoError(t, db.QueryRow(`SELECT 'dialpay_' || replace(gen_random_uuid()::text, '-', '')`).Scan(&name))
	_, err = db.Exec(`CREATE SCHEMA ` + name)
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := db.Exec(`DROP SCHEMA ` + name + ` CASCADE`)
		assert.NoError(t, err)
		assert.NoError(t, db.Close())
	})
	return with(t, server, "search_path", name)
}

func with(t *testing.T, server, name, value string) string {
	t.Helper()
	u, err := url.Parse(server)
	require.NoError(t, err)
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

func open(t *testing.T, url string) *pgstore.Store {
	t.Helper()
	s, err := pgstore.Open(t.Context(), url)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return s
}
