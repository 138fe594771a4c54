package riverwake_test

import (
	"context"
	"errors"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/flow/riverwake"
	"github.com/dialpay/dialpay/internal/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

// sweeper counts; the first sweeps find as much as they may take.
type sweeper struct {
	sweeps, full atomic.Int64
	err          error
}

func (s *sweeper) Sweep(_ context.Context, limit int) (int, error) {
	s.sweeps.Add(1)
	if s.full.Add(-1) >= 0 {
		return limit, s.err
	}
	return 0, s.err
}

func open(t *testing.T, url string, s riverwake.Sweeper, c riverwake.Config) *riverwake.Waker {
	t.Helper()
	w, err := riverwake.Open(t.Context(), url, s, c)
	require.NoError(t, err)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		assert.NoError(t, w.Close(ctx))
	})
	return w
}

// sweptOver waits until there were more sweeps than n.
func (s *sweeper) sweptOver(t *testing.T, n int64) {
	t.Helper()
	require.Eventually(t, func() bool { return s.sweeps.Load() > n }, time.Minute, 10*time.Millisecond)
}

// A wake sweeps, until there is less than a sweep takes; at its time and not before.
func TestWake(t *testing.T) {
	url := pgtest.New(t).URL
	s := &sweeper{}
	w := open(t, url, s, riverwake.Config{Every: time.Hour})
	s.sweptOver(t, 0) // the one at the start
	s.full.Store(3)
	before := s.sweeps.Load()
	require.NoError(t, w.Wake(t.Context(), time.Time{}))
	s.sweptOver(t, before+3)

	before = s.sweeps.Load()
	at := time.Now().Add(2 * time.Second)
	for range 10 { // which are one wake
		require.NoError(t, w.Wake(t.Context(), at))
	}
	s.sweptOver(t, before)
	assert.False(t, time.Now().Before(at))
	assert.Equal(t, before+1, s.sweeps.Load())
}

// Jobs that are lost, and sweeps that fail, cost nothing: the next wake comes by itself. Two processes share the wakes.
func TestNothingHangsOnAJob(t *testing.T) {
	url := pgtest.New(t).URL
	s := &sweeper{err: errors.New("the store is down")}
	open(t, url, s, riverwake.Config{Every: time.Second})
	open(t, url, s, riverwake.Config{Every: time.Second})
	db, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer db.Close(context.Background())
	for range 3 {
		_, err := db.Exec(t.Context(), `DELETE FROM river_job`)
		require.NoError(t, err)
		s.sweptOver(t, s.sweeps.Load())
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	_, err := riverwake.Open(t.Context(), "postgres://user:hunter2@/calls?host=/nowhere", nil, riverwake.Config{})
	require.ErrorContains(t, err, "give a sweeper")
	_, err = riverwake.Open(t.Context(), "postgres://user:hunter2@/calls?host=/nowhere", &sweeper{}, riverwake.Config{})
	require.ErrorContains(t, err, "/nowhere")
	assert.NotContains(t, err.Error(), "hunter2")
}
