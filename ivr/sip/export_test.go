package sip

import (
	"net/netip"

	"github.com/dialpay/dialpay/ivr/sip/internal/media"
)

// WithMedia has calls use connections from elsewhere.
func (c Config) WithMedia(open func() (media.Conn, error)) Config {
	c.openMedia = open
	return c
}

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
