// Package peer is the other end of a call, for tests: a network in memory, and a telephone on it. All of it works in a
// testing/synctest bubble, where hours take no time.
package peer

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"
)

// Network carries packets between its Sockets, at once and in order.
type Network struct {
	// Lose, if set, tells which packets get lost.
	Lose func(from, to netip.AddrPort, packet []byte) bool

	mu      sync.Mutex
	sockets map[netip.AddrPort]*Socket
	next    uint16
}

// Listen opens a socket. Port 0 is one that is free.
func (n *Network) Listen(at string) (*Socket, error) {
	addr, err := netip.ParseAddrPort(at)
	if err != nil {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	switch {
	case addr.Port() != 0 && n.sockets[addr] != nil:
		return nil, fmt.Errorf("peer: %v is in use", addr)
	case addr.Port() == 0:
		for addr.Port() == 0 || n.sockets[addr] != nil {
			n.next = (n.next + 2) % 20000
			addr = netip.AddrPortFrom(addr.Addr(), 20000+n.next)
		}
	}
	if n.sockets == nil {
		n.sockets = map[netip.AddrPort]*Socket{}
	}
	s := &Socket{network: n, at: addr, in: make(chan datagram, 256), closed: make(chan struct{})}
	n.sockets[addr] = s
	return s, nil
}

// Open is the number of sockets that are open.
func (n *Network) Open() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.sockets)
}

type datagram struct {
	from netip.AddrPort
	b    []byte
}

// Socket is a UDP socket of a Network. It is a net.PacketConn, and a media.Conn.
type Socket struct {
	network *Network
	at      netip.AddrPort
	in      chan datagram
	closed  chan struct{}
	once    sync.Once
}

// ReadFromUDPAddrPort waits for the next packet.
func (s *Socket) ReadFromUDPAddrPort(b []byte) (int, netip.AddrPort, error) {
	select {
	case d := <-s.in:
		return copy(b, d.b), d.from, nil
	case <-s.closed:
		return 0, netip.AddrPort{}, net.ErrClosed
	}
}

// WriteToUDPAddrPort sends a packet. One that nobody waits for is lost, as is one too many.
func (s *Socket) WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error) {
	select {
	case <-s.closed:
		return 0, net.ErrClosed
	default:
	}
	n := s.network
	to = netip.AddrPortFrom(to.Addr().Unmap(), to.Port())
	if n.Lose != nil && n.Lose(s.at, to, b) {
		return len(b), nil
	}
	n.mu.Lock()
	other := n.sockets[to]
	n.mu.Unlock()
	if other != nil {
		select {
		case other.in <- datagram{s.at, append([]byte(nil), b...)}:
		default:
		}
	}
	return len(b), nil
}

// ReadFrom implements net.PacketConn.
func (s *Socket) ReadFrom(b []byte) (int, net.Addr, error) {
	n, from, err := s.ReadFromUDPAddrPort(b)
	if err != nil {
		return 0, nil, err
	}
	return n, net.UDPAddrFromAddrPort(from), nil
}

// WriteTo implements net.PacketConn.
func (s *Socket) WriteTo(b []byte, to net.Addr) (int, error) {
	udp, ok := to.(*net.UDPAddr)
	if !ok {
		return 0, errors.New("peer: a Socket sends to UDP addresses only")
	}
	return s.WriteToUDPAddrPort(b, udp.AddrPort())
}

// At is the address of the socket.
func (s *Socket) At() netip.AddrPort { return s.at }

// LocalAddr implements net.PacketConn.
func (s *Socket) LocalAddr() net.Addr { return net.UDPAddrFromAddrPort(s.at) }

// Close implements net.PacketConn. It ends a Read.
func (s *Socket) Close() error {
	s.once.Do(func() {
		close(s.closed)
		s.network.mu.Lock()
		delete(s.network.sockets, s.at)
		s.network.mu.Unlock()
	})
	return nil
}

// SetDeadline implements net.PacketConn. There are none.
func (s *Socket) SetDeadline(time.Time) error { return nil }

// SetReadDeadline implements net.PacketConn. There are none.
func (s *Socket) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline implements net.PacketConn. There are none.
func (s *Socket) SetWriteDeadline(time.Time) error { return nil }

// Inject delivers a packet that seems to come from anywhere.
func (n *Network) Inject(from, to netip.AddrPort, b []byte) {
	n.mu.Lock()
	other := n.sockets[to]
	n.mu.Unlock()
	if other != nil {
		select {
		case other.in <- datagram{from, append([]byte(nil), b...)}:
		default:
		}
	}
}
