package sip

import (
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"
)

// guard keeps from the SIP library what it need not see: messages of who may not call, of who sends too many, and those
// that are malformed. It also keeps the library from growing: that remembers the address of every sender as long as it
// listens to a connection.
type guard struct {
	cfg  *Config
	deaf atomic.Bool // nothing is read any more

	mu     sync.Mutex
	second int64
	from   map[netip.Addr]int // messages in this second
	conns  map[netip.Addr]int // connections now
	// Who is trusted and who is not are counted apart, so that strangers leave something to the others.
	strangers, trusted share
}

// share is what peers of one kind have: messages in this second, and connections now.
type share struct{ messages, conns int }

// of is the share of a peer's kind. The lock is held.
func (g *guard) of(p Peer) *share {
	if p.Trusted {
		return &g.trusted
	}
	return &g.strangers
}

const (
	// mostSenders is how many addresses the library may remember.
	mostSenders = 4096
	// mostConns and mostConnsOfOne bound the TCP connections: of all strangers, of all who are trusted, and of one
	// address.
	mostConns      = 1024
	mostConnsOfOne = 64
	// linger is how long the library takes, at most, to find out where the answer to a request goes once it has read it.
	// If the connection that it came from were closed before, it would open another one.
	linger = 200 * time.Millisecond
)

func newGuard(cfg *Config) *guard {
	return &guard{cfg: cfg, from: map[netip.Addr]int{}, conns: map[netip.Addr]int{}}
}

// close has nothing more be read, and waits until everything that was is on its way.
func (g *guard) close() {
	g.deaf.Store(true)
	time.Sleep(linger)
}

// weight is how many messages one of so many bytes counts as: what is kept of it for a while grows with its length.
func weight(bytes int) int { return 1 + bytes/1024 }

// admits tells whether something of this weight from this address is read.
func (g *guard) admits(from netip.Addr, n int) bool {
	peer, ok := g.cfg.peer(from)
	if !ok || g.deaf.Load() {
		return false
	}
	now := g.cfg.Now().Unix()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.second != now {
		g.second, g.strangers.messages, g.trusted.messages = now, 0, 0
		clear(g.from)
	}
	all := g.of(peer)
	if all.messages+n > 10*g.cfg.Messages || !peer.Trusted && g.from[from]+n > g.cfg.Messages {
		return false
	}
	all.messages += n
	g.from[from] += n
	return true
}

// serveUDP has the library read a connection, and begin anew before it remembers too many addresses.
func (g *guard) serveUDP(conn net.PacketConn, serve func(net.PacketConn) error) error {
	var all sync.WaitGroup
	defer all.Wait()
	var first *packet
	for {
		c := &guarded{PacketConn: conn, guard: g, first: first, senders: map[string]struct{}{}, full: make(chan *packet)}
		ended := make(chan error, 1)
		all.Go(func() { ended <- serve(c) })
		select {
		case first = <-c.full:
		case err := <-ended:
			return err
		}
	}
}

// packet is one that was read.
type packet struct {
	b    []byte
	from net.Addr
}

// guarded is a connection as the library may see it, until mostSenders have sent something.
type guarded struct {
	net.PacketConn
	guard   *guard
	first   *packet // which one before it has read
	senders map[string]struct{}
	full    chan *packet
}

// ReadFrom implements net.PacketConn.
func (c *guarded) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := c.read(b)
		if err != nil {
			return n, from, err
		}
		at := addrPort(from).Addr().Unmap()
		if !c.guard.admits(at, weight(n)) {
			continue
		}
		if answer, ok := wellFormed(b[:n]); !ok {
			if answer != nil {
				_, _ = c.WriteTo(answer, from)
			}
			continue
		}
		if _, known := c.senders[from.String()]; !known && len(c.senders) >= mostSenders {
			c.full <- &packet{append([]byte(nil), b[:n]...), from}
			time.Sleep(linger)
			return 0, nil, net.ErrClosed
		}
		c.senders[from.String()] = struct{}{}
		return n, from, nil
	}
}

func (c *guarded) read(b []byte) (int, net.Addr, error) {
	if p := c.first; p != nil {
		c.first = nil
		return copy(b, p.b), p.from, nil
	}
	return c.PacketConn.ReadFrom(b)
}

// wellFormed tells whether the library can read a message, and what to answer one that it cannot. A message that
// makes it panic is not read.
func wellFormed(b []byte) (answer []byte, ok bool) {
	defer func() {
		if recover() != nil {
			answer, ok = nil, false
		}
	}()
	if len(b) <= 4 { // keep-alive
		return nil, true
	}
	if _, err := sip.ParseMessage(b); err != nil {
		return badRequest(b), false
	}
	return nil, true
}

// slow holds up a connection that sends too much, a kilobyte being a message. It reads no more of it meanwhile.
func (g *guard) slow(p sip.TransportReadProps, data []byte) ([]byte, error) {
	if p.Transport == "UDP" {
		return data, nil
	}
	at := addrPort(p.RemoteAddr).Addr().Unmap()
	for range weight(len(data)) {
		for !g.admits(at, 1) {
			if g.deaf.Load() {
				return nil, nil
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
	return data, nil
}

// listener limits connections.
func (g *guard) listener(l net.Listener) net.Listener { return &limited{l, g} }

type limited struct {
	net.Listener
	guard *guard
}

// Accept implements net.Listener. Connections that are too many are closed.
func (l *limited) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		at := addrPort(conn.RemoteAddr()).Addr().Unmap()
		if l.guard.enter(at) {
			return &counted{Conn: conn, leave: sync.OnceFunc(func() { l.guard.exit(at) })}, nil
		}
		_ = conn.Close()
	}
}

func (g *guard) enter(at netip.Addr) bool {
	peer, ok := g.cfg.peer(at)
	if !ok || g.deaf.Load() {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	all := g.of(peer)
	if all.conns >= mostConns || g.conns[at] >= mostConnsOfOne {
		return false
	}
	all.conns++
	g.conns[at]++
	return true
}

func (g *guard) exit(at netip.Addr) {
	peer, _ := g.cfg.peer(at)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.of(peer).conns--
	if g.conns[at]--; g.conns[at] == 0 {
		delete(g.conns, at)
	}
}

// counted is a connection that gives its place back.
type counted struct {
	net.Conn
	leave func()
}

// Close implements net.Conn.
func (c *counted) Close() error {
	c.leave()
	return c.Conn.Close()
}
