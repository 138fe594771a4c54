package media

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
)

// Conn is a packet connection. *net.UDPConn is one. Read and Write must not hold on to b, and Close ends a Read.
type Conn interface {
	ReadFromUDPAddrPort(b []byte) (n int, from netip.AddrPort, err error)
	WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error)
	LocalAddr() net.Addr
	Close() error
}

// Ports opens UDP connections on the even ports of a range, one after the other, so that a port rests as long as
// possible before its next call. It may be used by several goroutines.
type Ports struct {
	// IP is the address to bind to; the zero value is every one.
	IP netip.Addr
	// From and To bound the ports.
	From, To uint16

	mu   sync.Mutex
	next int
}

// ErrNoPort tells that all ports of the range are in use.
var ErrNoPort = errors.New("media: every port of the range is in use")

// Open opens the next port that is free.
func (p *Ports) Open() (Conn, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	first := (int(p.From) + 1) &^ 1
	count := (int(p.To)-first)/2 + 1
	var last error
	for range max(count, 0) {
		port := first + 2*(p.next%count)
		p.next++
		at := &net.UDPAddr{Port: port}
		if p.IP.IsValid() {
			at.IP = p.IP.AsSlice()
		}
		conn, err := net.ListenUDP("udp", at)
		if err == nil {
			return conn, nil
		}
		last = err
	}
	return nil, fmt.Errorf("%w, %d to %d: %w", ErrNoPort, p.From, p.To, last)
}
