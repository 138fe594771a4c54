package pgstore_test

import (
	"fmt"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/internal/pgtest"
)

// host is where a server of pgtest listens.
func host(t *testing.T, server *pgtest.Server) string {
	t.Helper()
	u, err := url.Parse(server.URL)
	require.NoError(t, err)
	return u.Query().Get("host")
}

// The primary is lost while goroutines commit, and its synchronous standby is promoted: what was acknowledged is there
// (R14), and the same store goes on there, by the hosts in its URL.
func TestFailOver(t *testing.T) {
	primary := pgtest.New(t, "synchronous_standby_names=*")
	standby := primary.Standby(t)
	s := open(t, with(t, primary.URL, "host", host(t, primary)+","+host(t, standby)))
	var all []*writer
	for i := range 8 {
		all = append(all, &writer{session: fmt.Sprint("s", i, "-"), withItems: i%2 == 0})
	}
	load := func(stop func() error) {
		var running sync.WaitGroup
		for _, w := range all {
			running.Go(func() { w.run(t, s) })
		}
		time.Sleep(500 * time.Millisecond)
		require.NoError(t, stop())
		running.Wait()
	}
	load(primary.Stop)
	require.NoError(t, standby.Promote())
	before := 0
	for _, w := range all {
		before += int(w.acknowledged)
		w.check(t, s)
	}
	require.NotZero(t, before)
	load(standby.Stop)
	after := 0
	for _, w := range all {
		after += int(w.acknowledged)
	}
	assert.Greater(t, after, before+len(all), "nothing was committed after the fail-over")
	t.Logf("%d commits before the fail-over, %d after it", before, after-before)
}
