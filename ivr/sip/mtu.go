package sip

import "github.com/emiago/sipgo/sip"

// The SIP library refuses to send a message by UDP that is longer than 1300 bytes. RFC 3261 (section 18.1.1) asks that of
// requests only: an answer goes back in the way that its request came, and one to a call that passed several proxies, each
// of which left its headers, is longer. A packet may be cut in pieces on its way.
func init() { sip.UDPMTUSize = max(sip.UDPMTUSize, 8192) }
