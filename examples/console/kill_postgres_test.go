package main_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/flow/pgstore"
	"github.com/dialpay/dialpay/internal/pgtest"
)

var stops = flag.Int("stops", 10, "how often TestKillPostgres stops the server")

// Two consoles at a time share a PostgreSQL, and pay what there is to pay. The server is stopped in immediate mode at
// random instants of their calls, and every other time one of the consoles is killed as well. The ledger is in another
// process. When what they left open is finished, the books are those of calls that were not disturbed.
func TestKillPostgres(t *testing.T) {
	if testing.Short() {
		*stops = 2
	}
	t.Logf("go test ./examples/console -run TestKillPostgres -stops %d -killseed %d", *stops, *killSeed)
	server := pgtest.New(t)
	k := newKilling(t, "-postgres", server.URL)
	k.database = [2]string{"pgx", server.URL}
	whole := k.call(time.Hour)
	random := rand.New(rand.NewPCG(*killSeed, 2))
	hit := 0
	for n := 0; hit < *stops; n++ {
		k.forgive()
		require.Less(t, n, 10**stops, "the calls end before the server is stopped")
		if k.pair(server, time.Duration(random.Int64N(int64(whole/2))), n%2 == 0) {
			hit++
		}
	}
	k.finish()
	store, err := pgstore.OpenAhead(t.Context(), server.URL, 1000*time.Hour)
	require.NoError(t, err)
	defer store.Close()
	k.audit(store)
	t.Logf("%d consoles, %d of them killed, the server was stopped in %d calls: %d payments of %d charges", k.calls, k.killed, hit,
		k.payments, k.charges)
}

// pair lets two consoles make calls, stops the server after a while, and starts it again when the consoles have ended. It
// tells whether one of the calls failed by that.
func (k *killing) pair(server *pgtest.Server, after time.Duration, kill bool) (hit bool) {
	k.Helper()
	until, cancel := context.WithCancel(k.Context())
	defer cancel()
	pair := []*payer{k.payer(until), k.payer(k.Context())}
	for _, p := range pair {
		<-p.began
	}
	time.Sleep(after)
	if kill {
		cancel()
	}
	require.NoError(k, server.Stop())
	for _, p := range pair {
		_ = p.Wait()
		k.heard.WriteString(p.out.String())
		k.calls++
		switch p.ProcessState.ExitCode() {
		case 0:
		case -1:
			k.killed++
			hit = true
		default:
			hit = true
			assert.Contains(k, p.errs.String(), "sqlstore", "only the store fails")
		}
	}
	require.NoError(k, server.Start())
	return hit
}
