package sip

import (
	"github.com/emiago/sipgo/sip"

	"github.com/dialpay/dialpay/ivr"
)

// welcome finds out who calls, and answers where they may not.
func (s *Server) welcome(req *sip.Request, tx sip.ServerTransaction) (ivr.Call, bool) {
	peer, ok := s.cfg.peer(peerOf(req).Addr())
	if !ok {
		s.respond(req, tx, 403, "Forbidden")
		return ivr.Call{}, false
	}
	if s.cfg.Users != nil && !peer.Trusted && !s.digest.check(req) {
		s.respond(req, tx, 401, "Unauthorized", s.digest.challenges(req)...)
		return ivr.Call{}, false
	}
	who := ivr.Call{To: called(req.Recipient)}
	who.Locale = s.cfg.Locale(who.To)
	if peer.Trusted {
		who.From, who.Attestation = identity(req)
	}
	return who, true
}
