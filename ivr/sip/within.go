package sip

import (
	"strings"
	"sync"

	"github.com/emiago/sipgo/sip"

	"github.com/dialpay/dialpay/ivr/sip/internal/media"
)

// inOrder finds the call of a request within it, and waits for the request's turn there, which lasts until done. Where
// there is no call, or the request is late, it answers, and the call is nil.
func (s *Server) inOrder(req *sip.Request, tx sip.ServerTransaction) (c *call, done func()) {
	c = s.find(req)
	switch {
	case c == nil:
		s.outside(req, tx)
		return nil, nil
	case c.dialog.order.take(c.ctx, req.CSeq().SeqNo):
		c.dialog.receive(req)
		return c, sync.OnceFunc(c.dialog.order.done)
	case c.ctx.Err() != nil:
		s.outside(req, tx)
	default:
		s.respond(req, tx, 500, "Server Internal Error: CSeq is out of order")
	}
	return nil, nil
}

// bye ends a call.
func (s *Server) bye(req *sip.Request, tx sip.ServerTransaction) {
	c, done := s.inOrder(req, tx)
	if c == nil {
		return
	}
	defer done()
	c.dialog.end()
	s.respond(req, tx, 200, "OK")
	if c.refer.going() {
		c.hangUp("transferred") // peers may leave as soon as they call somebody else
	}
	c.hangUp("caller hung up")
	c.acked()
}

// reinvite takes new terms: hold, its end, another address; or none, as a sign of life or to ask for ours.
func (s *Server) reinvite(req *sip.Request, tx sip.ServerTransaction) {
	c, done := s.inOrder(req, tx)
	if c == nil {
		return
	}
	defer done()
	if !c.settled() {
		s.respond(req, tx, 491, "Request Pending")
		return
	}
	t, code, reason := offered(req)
	if code != 0 {
		s.respond(req, tx, code, reason, acceptFor(code)...)
		return
	}
	body, ok := c.renew(t)
	if !ok {
		s.respond(req, tx, 488, "Not Acceptable Here")
		return
	}
	c.timer.refreshed(req)
	res := s.response(req, 200, "OK", body, append([]sip.Header{c.dialog.contact}, c.timer.headers()...)...)
	acked := c.await(req.CSeq().SeqNo)
	s.send(req, tx, res)
	done()
	if !c.awaitAck(tx, res, acked) {
		c.hangUp("no ACK")
	}
}

// update is a re-INVITE without ACK (RFC 3311). Without a body it is a sign of life.
func (s *Server) update(req *sip.Request, tx sip.ServerTransaction) {
	c, done := s.inOrder(req, tx)
	if c == nil {
		return
	}
	defer done()
	t, code, reason := offered(req)
	if code != 0 {
		s.respond(req, tx, code, reason, acceptFor(code)...)
		return
	}
	var body []byte
	if t != nil {
		var ok bool
		if body, ok = c.renew(t); !ok {
			s.respond(req, tx, 488, "Not Acceptable Here")
			return
		}
	}
	c.timer.refreshed(req)
	s.send(req, tx, s.response(req, 200, "OK", body, append([]sip.Header{c.dialog.contact}, c.timer.headers()...)...))
}

// renew answers new terms, or offers ours where there are none. It tells whether we can do them.
func (c *call) renew(t *terms) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.line == nil {
		return nil, false // before the answer to our first offer
	}
	if t != nil && c.ours.secure(t) != nil {
		return nil, false
	}
	c.ours.version++
	body, err := c.ours.describe(t)
	if err != nil {
		return nil, false
	}
	if t != nil {
		c.apply(t)
	}
	return body, true
}

// change takes the peer's answer to an offer of ours.
func (c *call) change(t *terms) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.line != nil {
		c.apply(t)
	}
}

// apply has the sound go by new terms. The lock is held.
func (c *call) apply(t *terms) {
	was := c.terms.held()
	c.terms = *t
	c.line.Update(c.session())
	if was != t.held() {
		c.holding()
	}
}

// holding begins or ends the time that a call may be on hold. The lock is held.
func (c *call) holding() {
	if !c.terms.held() {
		if c.hold.Stop() {
			go c.report("resumed", "")
		}
		return
	}
	c.hold.Reset(c.server.cfg.LongestHold)
	go c.report("held", "")
}

// info takes keys (application/dtmf-relay, application/dtmf). Other bodies are refused, unread.
func (s *Server) info(req *sip.Request, tx sip.ServerTransaction) {
	c, done := s.inOrder(req, tx)
	if c == nil {
		return
	}
	defer done()
	if len(req.Body()) == 0 {
		s.respond(req, tx, 200, "OK")
		return
	}
	key, ok := infoKey(contentType(req), req.Body())
	clear(req.Body()) // it may be a key of a card number
	if !ok {
		s.respond(req, tx, 415, "Unsupported Media Type", sip.NewHeader("Accept", "application/dtmf-relay, application/dtmf"))
		return
	}
	if line := c.lineNow(); line != nil && key != 0 {
		line.Press(key, media.Info)
	}
	s.respond(req, tx, 200, "OK")
}

// infoKey reads the key of an INFO body; 0 is none that a telephone has. There is no standard for it. The two forms
// in use are "Signal=5\r\nDuration=160" and a single character; some peers send 10 and 11 for * and #.
func infoKey(kind string, body []byte) (key byte, ok bool) {
	text := strings.TrimSpace(string(body))
	switch kind {
	case "application/dtmf-relay":
		found := false
		for line := range strings.Lines(text) {
			name, value, _ := strings.Cut(line, "=")
			if strings.EqualFold(strings.TrimSpace(name), "signal") {
				text, found = strings.TrimSpace(value), true
			}
		}
		if !found {
			return 0, false
		}
	case "application/dtmf":
	default:
		return 0, false
	}
	switch {
	case text == "10":
		return '*', true
	case text == "11":
		return '#', true
	case len(text) != 1:
		return 0, false
	case strings.Contains("0123456789*#", text):
		return text[0], true
	}
	return 0, strings.Contains("ABCDabcd", text) || text == "!"
}

// contentType is the type of the body, without parameters.
func contentType(req *sip.Request) string {
	h := req.ContentType()
	if h == nil {
		return ""
	}
	kind, _, _ := strings.Cut(h.Value(), ";")
	return strings.ToLower(strings.TrimSpace(kind))
}

func isSDP(req *sip.Request) bool { return contentType(req) == sdpType }
