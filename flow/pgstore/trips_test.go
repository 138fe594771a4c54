package pgstore_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/flow"
)

// counter is a line to a server that counts the round trips on it: the messages that ask for an answer, which are Sync
// and Query. https://www.postgresql.org/docs/15/protocol-message-formats.html
type counter struct{ trips atomic.Int64 }

// between puts the counter on the line, and returns the URL of its near end.
func (c *counter) between(t *testing.T, server string) string {
	t.Helper()
	config, err := pgconn.ParseConfig(server)
	require.NoError(t, err)
	near, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { near.Close() })
	go func() {
		for {
			client, err := near.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial(pgconn.NetworkAddress(config.Host, config.Port))
			if err != nil {
				client.Close()
				continue
			}
			go func() { io.Copy(client, far); client.Close() }()
			go func() { c.copy(far, client); far.Close() }()
		}
	}()
	u, err := url.Parse(with(t, server, "sslmode", "disable"))
	require.NoError(t, err)
	q := u.Query()
	q.Del("host")
	u.Host, u.RawQuery = near.Addr().String(), q.Encode()
	return u.String()
}

// copy passes on what a client sends: first a message without a type.
func (c *counter) copy(far io.Writer, client io.Reader) error {
	for head := make([]byte, 4); ; head = make([]byte, 5) {
		if _, err := io.ReadFull(client, head); err != nil {
			return err
		}
		body := make([]byte, binary.BigEndian.Uint32(head[len(head)-4:])-4)
		if _, err := io.ReadFull(client, body); err != nil {
			return err
		}
		alive := bytes.HasPrefix(body, []byte("-- ping")) // after a second without use
		if len(head) == 5 && (head[0] == 'S' || head[0] == 'Q') && !alive {
			c.trips.Add(1)
		}
		if _, err := far.Write(append(head, body...)); err != nil {
			return err
		}
	}
}

// A turn that only moves its session is one round trip; every other commit is two, however much is in it.
func TestRoundTrips(t *testing.T) {
	var line counter
	s := open(t, with(t, line.between(t, database(t)), "pool_max_conns", "1"))
	ctx, later := t.Context(), time.Now().Add(time.Hour)
	require.NoError(t, s.Commit(ctx, flow.Tx{Session: "holder", Claim: []flow.Claim{{Key: "held", Owner: "o"}}}))
	require.NoError(t, s.Commit(ctx, flow.Tx{Session: "s"}))
	var sessions, n uint64
	session := func() string { sessions++; return fmt.Sprint(sessions) }
	next := func() uint64 { n++; return n }
	item := func() flow.Item { return flow.Item{Kind: flow.ItemReceipt, Key: session(), Due: later} }
	for _, c := range []struct {
		what  string
		trips int64
		do    func() error
	}{
		{"a new session", 1, func() error { return s.Commit(ctx, flow.Tx{Session: session()}) }},
		{"a turn", 1, func() error { return s.Commit(ctx, flow.Tx{Session: "s", Expect: next(), Next: []byte("x")}) }},
		{"a turn with an item", 2, func() error {
			return s.Commit(ctx, flow.Tx{Session: "s", Expect: next(), Insert: []flow.Item{item()}})
		}},
		{"a turn with much", 2, func() error {
			return s.Commit(ctx, flow.Tx{Session: "s", Expect: next(), Insert: []flow.Item{item(), item(), item()},
				Name: []string{"n", "m"}, Claim: []flow.Claim{{Key: session(), Owner: "o"}},
				Release: []flow.Claim{{Key: session(), Owner: "o"}}})
		}},
		{"two sessions", 2, func() error {
			return s.Commit(ctx, flow.Tx{Session: session(), Insert: []flow.Item{item()}}, flow.Tx{Session: "s", Expect: next()})
		}},
		{"load", 1, func() error { _, _, err := s.Load(ctx, "s"); return err }},
		{"due", 1, func() error { _, err := s.Due(ctx, 1); return err }},
		{"find", 1, func() error { _, err := s.Find(ctx, "n", 1); return err }},
		{"lease", 1, func() error { _, err := s.Acquire(ctx, "s", "me", time.Minute); return err }},
		{"keep", 2, func() error { return s.PutSealed(ctx, "s", "card", []byte("x"), later) }},
		{"a refused turn, and why", 2, func() error {
			return wants(s.Commit(ctx, flow.Tx{Session: "s", Expect: 10_000}), flow.ErrStale)
		}},
		{"a refused claim, and its rollback", 2, func() error {
			return wants(s.Commit(ctx, flow.Tx{Session: session(), Claim: []flow.Claim{{Key: "held", Owner: "other"}}}), flow.ErrTaken)
		}},
	} {
		require.NoError(t, c.do(), "%s: the first time, which prepares", c.what)
		before := line.trips.Load()
		require.NoError(t, c.do(), c.what)
		assert.Equal(t, c.trips, line.trips.Load()-before, c.what)
	}
}

func wants(err, want error) error {
	if errors.Is(err, want) {
		return nil
	}
	return errors.Join(errors.New("another error is wanted"), err)
}
