package sip

import "github.com/dialpay/dialpay/ivr/sip/internal/media"

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
