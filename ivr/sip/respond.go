package sip

import (
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// methods are what this server understands.
var methods = []sip.RequestMethod{sip.INVITE, sip.ACK, sip.BYE, sip.CANCEL, sip.OPTIONS, sip.INFO, sip.UPDATE,
	sip.NOTIFY}

// known are those that exist beside them: they get 405, and any other 501 (RFC 3261, section 8.2.1).
var known = []sip.RequestMethod{sip.REGISTER, sip.SUBSCRIBE, sip.REFER, sip.MESSAGE, sip.PRACK, sip.PUBLISH}

func allow() string {
	names := make([]string, len(methods))
	for i, m := range methods {
		names[i] = string(m)
	}
	return strings.Join(names, ", ")
}

// route has every request go to what handles its method, if it is well made.
func (s *Server) route() {
	handlers := map[sip.RequestMethod]func(*sip.Request, sip.ServerTransaction){
		sip.INVITE: s.invite, sip.ACK: s.ack, sip.BYE: s.bye, sip.CANCEL: s.outside, sip.OPTIONS: s.options,
		sip.INFO: s.info, sip.UPDATE: s.update, sip.NOTIFY: s.notify,
	}
	for method, handle := range handlers {
		s.server.OnRequest(method, s.checked(handle))
	}
	s.server.OnNoRoute(s.checked(func(req *sip.Request, tx sip.ServerTransaction) {
		if s.find(req) != nil {
			c, done := s.inOrder(req, tx)
			if c == nil {
				return
			}
			defer done()
		}
		if slices.Contains(known, req.Method) {
			s.respond(req, tx, 405, "Method Not Allowed")
			return
		}
		s.respond(req, tx, 501, "Not Implemented")
	}))
}

// checked refuses what is not well made, and outlives what nobody thought of.
func (s *Server) checked(handle func(*sip.Request, sip.ServerTransaction)) sipHandler {
	return func(req *sip.Request, tx sip.ServerTransaction) {
		defer func() {
			if r := recover(); r != nil {
				s.cfg.Log.Error("sip: panic", "method", req.Method, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
				s.respond(req, tx, 500, "Server Internal Error")
			}
		}()
		if code, reason, headers := fault(req); code != 0 {
			s.respond(req, tx, code, reason, headers...)
			return
		}
		handle(req, tx)
	}
}

type sipHandler = func(*sip.Request, sip.ServerTransaction)

// single are the headers that a request must have no more than once (RFC 3261, section 7.3.1), by their two names.
var single = map[string]string{"from": "from", "f": "from", "to": "to", "t": "to", "call-id": "call-id", "i": "call-id",
	"cseq": "cseq", "max-forwards": "max-forwards", "content-length": "content-length", "l": "content-length",
	"content-type": "content-type", "c": "content-type"}

// fault tells what is wrong with a request; 0 is nothing.
func fault(req *sip.Request) (code int, reason string, headers []sip.Header) {
	if req.SipVersion != "SIP/2.0" {
		return 505, "Version Not Supported", nil
	}
	seen := map[string]bool{}
	for _, h := range req.Headers() {
		name, one := single[strings.ToLower(h.Name())]
		if one && seen[name] {
			return 400, "Bad Request: more than one " + h.Name(), nil
		}
		seen[name] = one
	}
	switch {
	case req.CSeq() == nil || req.From() == nil || req.To() == nil || req.CallID() == nil || req.Via() == nil:
		return 400, "Bad Request: a header is missing", nil
	case !strings.EqualFold(string(req.CSeq().MethodName), string(req.Method)): // the library has it in upper case
		return 400, "Bad Request: CSeq is of another method", nil
	case !strings.EqualFold(req.Recipient.Scheme, "sip") && !strings.EqualFold(req.Recipient.Scheme, "sips") &&
		!strings.EqualFold(req.Recipient.Scheme, "tel"):
		return 416, "Unsupported URI Scheme", nil
	}
	if _, ok := req.From().Params.Get("tag"); !ok {
		return 400, "Bad Request: From has no tag", nil
	}
	if req.IsAck() || req.IsCancel() {
		return 0, "", nil
	}
	if unknown := unsupported(req); unknown != "" {
		return 420, "Bad Extension", []sip.Header{sip.NewHeader("Unsupported", unknown)}
	}
	return 0, "", nil
}

// unsupported are the extensions that a peer insists on and this server has not.
func unsupported(req *sip.Request) string {
	var unknown []string
	for _, h := range req.GetHeaders("Require") {
		for option := range strings.SplitSeq(h.Value(), ",") {
			if option = strings.TrimSpace(option); option != "" && !strings.EqualFold(option, "timer") {
				unknown = append(unknown, option)
			}
		}
	}
	return strings.Join(unknown, ", ")
}

// respond answers a request. ACK is never answered.
func (s *Server) respond(req *sip.Request, tx sip.ServerTransaction, code int, reason string, headers ...sip.Header) {
	if req.IsAck() || tx == nil {
		return
	}
	s.send(req, tx, s.response(req, code, reason, nil, headers...))
}

// response makes one.
func (s *Server) response(req *sip.Request, code int, reason string, body []byte, headers ...sip.Header) *sip.Response {
	res := sip.NewResponseFromRequest(req, code, reason, body)
	res.SipVersion = "SIP/2.0"
	if code == 405 || code == 501 || code == 200 && (req.IsInvite() || req.Method == sip.OPTIONS) {
		res.AppendHeader(sip.NewHeader("Allow", allow()))
	}
	if code == 200 && (req.IsInvite() || req.Method == sip.OPTIONS) {
		res.AppendHeader(sip.NewHeader("Accept", sdpType))
		res.AppendHeader(sip.NewHeader("Supported", "timer"))
	}
	if body != nil {
		res.AppendHeader(sip.NewHeader("Content-Type", sdpType))
	}
	for _, h := range headers {
		res.AppendHeader(h)
	}
	return res
}

func (s *Server) send(req *sip.Request, tx sip.ServerTransaction, res *sip.Response) {
	if err := tx.Respond(res); err != nil {
		s.cfg.Log.Debug("sip: response not sent", "method", req.Method, "status", res.StatusCode, "error", err)
	}
}

// outside answers a request of a dialog that does not exist.
func (s *Server) outside(req *sip.Request, tx sip.ServerTransaction) {
	s.respond(req, tx, 481, "Call/Transaction Does Not Exist")
}

// options tells what this server can do (RFC 3261, section 11.2): what it would answer an INVITE with.
func (s *Server) options(req *sip.Request, tx sip.ServerTransaction) {
	if _, tagged := req.To().Params.Get("tag"); tagged {
		if c, done := s.inOrder(req, tx); c != nil {
			defer done()
			s.respond(req, tx, 200, "OK")
		}
		return
	}
	s.mu.Lock()
	full := s.full(req)
	s.mu.Unlock()
	if full {
		s.respond(req, tx, 503, "Service Unavailable", sip.NewHeader("Retry-After", retryAfter))
		return
	}
	s.respond(req, tx, 200, "OK")
}

// retryAfter is when a caller may try again, in seconds: most calls take minutes.
const retryAfter = "30"
