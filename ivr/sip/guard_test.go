package sip

import (
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/stretchr/testify/assert"
)

// A connection that sends too much waits, and loses nothing.
func TestAConnectionIsHeldUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGuard(&Config{Messages: 100, Now: time.Now})
		from := sip.TransportReadProps{Transport: "TCP", RemoteAddr: &net.TCPAddr{IP: net.IPv4(198, 51, 100, 1), Port: 4000}}
		begun := time.Now()
		for range 1000 {
			data, err := g.slow(from, []byte("OPTIONS"))
			assert.NoError(t, err)
			assert.NotEmpty(t, data)
		}
		assert.InDelta(t, 9, time.Since(begun).Seconds(), 1, "a hundred a second")
		g.deaf.Store(true)
		data, err := g.slow(from, []byte("OPTIONS"))
		assert.NoError(t, err)
		assert.Empty(t, data, "a server that is stopping reads nothing")
	})
}

// However many connections strangers hold, there are some for who is trusted.
func TestStrangersDoNotTakeAllConnections(t *testing.T) {
	carrier := netip.MustParsePrefix("203.0.113.0/24")
	g := newGuard(&Config{Messages: 100, Now: time.Now, Peers: []Peer{{Net: carrier, Trusted: true},
		{Net: netip.MustParsePrefix("0.0.0.0/0")}}})
	stranger := netip.MustParseAddr("198.51.100.0")
	taken := 0
	for range 100 {
		stranger = stranger.Next()
		for g.enter(stranger) {
			taken++
		}
	}
	assert.Equal(t, mostConns, taken)
	assert.True(t, g.enter(carrier.Addr()))
	g.exit(stranger.Prev())
	g.exit(carrier.Addr())
}
