package sip

import (
	"crypto/tls"
	"net"
	"sync/atomic"
	"time"
)

// guard keeps from the server what it need not see.
type guard struct {
	cfg  *Config
	deaf atomic.Bool // nothing is read any more
}

func newGuard(cfg *Config) *guard { return &guard{cfg: cfg} }

// linger is how long the SIP library takes, at most, to find out where the answer to a request goes, once it has read it.
// If the connection that it came from were closed before, it would open another one.
const linger = 200 * time.Millisecond

// close has nothing more be read, and waits until everything that was is on its way.
func (g *guard) close() {
	g.deaf.Store(true)
	time.Sleep(linger)
}

func (g *guard) serveUDP(conn net.PacketConn, serve func(net.PacketConn) error) error {
	return serve(&guarded{PacketConn: conn, guard: g})
}

// guarded is a connection from which only what the guard lets through is read.
type guarded struct {
	net.PacketConn
	guard *guard
}

// ReadFrom implements net.PacketConn.
func (c *guarded) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := c.PacketConn.ReadFrom(b)
		if err != nil || !c.guard.deaf.Load() {
			return n, from, err
		}
	}
}

func (g *guard) listener(l net.Listener) net.Listener { return l }

func tlsListener(l net.Listener, cfg *tls.Config) net.Listener { return tls.NewListener(l, cfg) }
