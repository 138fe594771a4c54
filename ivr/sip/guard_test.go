package sip

import (
	"net"
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
