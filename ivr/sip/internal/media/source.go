package media

import (
	"net/netip"
	"time"
)

// unproven is how long a peer gets sound at an address from which none came, and which is not where its signals come
// from: who names the address of somebody else cannot have them flooded.
const unproven = 10 * time.Second

// source is where a peer's packets come from, and where ours go: to where its come from (symmetric RTP, RFC 4961),
// because a NAT lets nothing else through. It is learnt once, from packets that can only be the peer's, so that no
// stranger can take a call over.
type source struct {
	remote  netip.AddrPort // as the peer said
	allowed netip.Addr     // where its signals come from
	known   netip.AddrPort // learnt
	begun   time.Time
	try     struct {
		from netip.AddrPort
		ssrc uint32
		seq  uint16
	}
}

func newSource(remote netip.AddrPort, allowed netip.Addr, now time.Time) source {
	return source{remote: unmapped(remote), allowed: allowed.Unmap(), begun: now}
}

// unmapped makes an IPv4 address of one that is mapped into IPv6, as sockets for both report them.
func unmapped(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }

// accept tells whether a packet is the peer's. One that comes from the very address that the peer named is; from
// another port of that host, or from where its signals come from, the second of two that follow each other is.
func (s *source) accept(from netip.AddrPort, ssrc uint32, seq uint16) bool {
	from = unmapped(from)
	switch {
	case !s.may(from):
		return false
	case s.known.IsValid():
		return true
	case from == s.remote, s.try.from == from && s.try.ssrc == ssrc && seq == s.try.seq+1:
		s.known = from
		return true
	}
	s.try.from, s.try.ssrc, s.try.seq = from, ssrc, seq
	return false
}

// may tells whether a packet from there can be the peer's at all.
func (s *source) may(from netip.AddrPort) bool {
	from = unmapped(from)
	if s.known.IsValid() {
		return from == s.known
	}
	return from.Addr() == s.remote.Addr() || from.Addr() == s.allowed
}

// everybody is the address of all in a network. Those of multicast are in no session.
var everybody = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// near tells whether an address means this machine, or one on its link: a peer that names it is there itself, or means
// to have something else reached.
func near(a netip.Addr) bool { return a.IsLoopback() || a.IsLinkLocalUnicast() }

// target is where packets are sent now; the zero value is nowhere.
func (s *source) target(now time.Time) netip.AddrPort {
	switch {
	case s.known.IsValid():
		return s.known
	case everybody == s.remote.Addr():
		return netip.AddrPort{}
	case s.remote.Addr() != s.allowed && (now.Sub(s.begun) > unproven || near(s.remote.Addr())):
		return netip.AddrPort{}
	}
	return s.remote
}
