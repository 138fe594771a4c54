package sip

import (
	"time"

	"github.com/emiago/sipgo/sip"
)

// leastRefresh is the least time that RFC 4028 allows (section 4).
const leastRefresh = 90 * time.Second

// sessionTimer makes sure that a peer that is gone without a BYE is found out (RFC 4028).
type sessionTimer struct{}

func (s *Server) negotiate(*sip.Request) (t sessionTimer, code int, reason string, headers []sip.Header) {
	return
}

func (t *sessionTimer) headers() []sip.Header  { return nil }
func (t *sessionTimer) refreshed(*sip.Request) {}
func (c *call) watch() (stop func())           { return func() {} }
