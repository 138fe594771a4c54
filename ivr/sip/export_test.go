package sip

import "net/netip"

// Taken is the number of places that are taken.
func (s *Server) Taken() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken
}

// Senders is how many addresses the SIP library remembers.
func (s *Server) Senders() int { return s.ua.TransportLayer().Pool("udp").Size() }

// Answer is the answer to an offer.
func Answer(offer []byte) ([]byte, error) {
	t, err := readTerms(offer)
	if err != nil {
		return nil, err
	}
	o := &ours{session: 1, version: 1, at: netip.MustParseAddrPort("192.0.2.1:10000")}
	if err := o.secure(&t); err != nil {
		return nil, err
	}
	return o.describe(&t)
}
