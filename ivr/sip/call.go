package sip

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/sip/internal/media"
)

// call is a call that was answered: a dialog, its sound, and the handler's side of it.
type call struct {
	server *Server
	id     string // for the handler
	who    ivr.Call
	dialog *dialog
	conn   media.Conn
	ctx    context.Context
	cancel context.CancelCauseFunc
	// release gives back the place of the call.
	release func()
	refer   progress // of a transfer
	timer   *sessionTimer
	asked   bool // the first offer is ours, and not answered yet

	mu    sync.Mutex
	line  *media.Line // nil until the terms are known
	ours  ours
	terms terms
	wait  acknowledgement
	hold  *time.Timer
	// answered tells that an ACK has come: the peer is where its signals come from, and gets sound.
	answered bool
	reason   string        // why it ended
	over     chan struct{} // closed when there is one
}

// invite answers an INVITE: the first of a call, or one within it.
func (s *Server) invite(req *sip.Request, tx sip.ServerTransaction) {
	if _, within := req.To().Params.Get("tag"); within {
		s.reinvite(req, tx)
		return
	}
	who, ok := s.welcome(req, tx)
	if !ok {
		return
	}
	t, code, reason := offered(req)
	if code != 0 {
		s.respond(req, tx, code, reason, acceptFor(code)...)
		return
	}
	if !s.admit(req) {
		s.respond(req, tx, 503, "Service Unavailable", sip.NewHeader("Retry-After", retryAfter))
		return
	}
	defer s.ended.Done()
	release := sync.OnceFunc(s.release)
	defer release()
	d, err := s.newDialog(req)
	if err != nil {
		s.respond(req, tx, 400, "Bad Request: Contact is missing")
		return
	}
	timer, code, reason, headers := s.negotiate(req)
	if code != 0 {
		s.respond(d.invite, tx, code, reason, headers...)
		return
	}
	conn, err := s.cfg.Media()
	if err != nil {
		s.cfg.Log.Error("sip: no call can be answered", "error", err)
		s.respond(d.invite, tx, 503, "Service Unavailable", sip.NewHeader("Retry-After", retryAfter))
		return
	}
	c := &call{server: s, id: s.cfg.NewID(), who: who, dialog: d, conn: conn, timer: timer, release: release}
	c.refer.final, c.over = make(chan string, 1), make(chan struct{})
	c.ctx, c.cancel = context.WithCancelCause(s.ctx)
	c.ours = ours{session: uint64(rand.Uint32()), version: 1,
		at: netip.AddrPortFrom(d.here.Addr(), addrPort(conn.LocalAddr()).Port())}
	c.hold = time.AfterFunc(s.cfg.LongestHold, func() { c.hangUp("held for too long") })
	c.hold.Stop()
	c.answer(t, tx)
}

// acceptFor says what a body may be.
func acceptFor(code int) []sip.Header {
	if code == 415 {
		return []sip.Header{sip.NewHeader("Accept", sdpType)}
	}
	return nil
}

// offered reads the offer of a request; nil terms are none.
func offered(req *sip.Request) (t *terms, code int, reason string) {
	if len(req.Body()) == 0 {
		return nil, 0, ""
	}
	if !isSDP(req) {
		return nil, 415, "Unsupported Media Type"
	}
	read, err := readTerms(req.Body())
	switch {
	case errors.Is(err, errSDP):
		return nil, 400, "Bad Request: SDP"
	case err != nil:
		return nil, 488, "Not Acceptable Here"
	}
	return &read, 0, ""
}

// answer takes the call, and returns when it is over.
func (c *call) answer(t *terms, tx sip.ServerTransaction) {
	s, invite := c.server, c.dialog.invite
	defer c.conn.Close() // closed by the line, if there is one
	defer c.cancel(nil)
	defer c.hold.Stop()
	s.respond(invite, tx, 100, "Trying")
	if !c.ring(tx) {
		return
	}
	body, err := c.accept(t)
	if err != nil {
		s.respond(invite, tx, 488, "Not Acceptable Here")
		return
	}
	s.add(c)
	defer s.remove(c)
	res := s.response(invite, 200, "OK", body, append([]sip.Header{c.dialog.contact}, c.timer.headers()...)...)
	c.asked = t == nil
	acked := c.await(invite.CSeq().SeqNo)
	if t != nil {
		c.begin() // before the peer can know where to send something
	}
	defer c.closeLine()
	if err := tx.Respond(res); err != nil {
		return // cancelled at the last moment
	}
	if !c.awaitAck(tx, res, acked) {
		c.because("no ACK")
	} else {
		c.settle()
		c.serve()
	}
	c.closeLine()
	c.release() // nobody waits for the place until a peer that is gone has not answered BYE
	c.finish()
}

// closeLine ends the sound, if there is any.
func (c *call) closeLine() {
	c.mu.Lock()
	line := c.line
	c.line = nil
	c.mu.Unlock()
	if line == nil {
		return
	}
	if err := line.Close(); err != nil {
		c.server.cfg.Log.Error("sip: end of call", "call", c.id, "error", err)
	}
}

// breath is how long a telephone may take, from its ACK, until its loudspeaker is on: the first words would be cut off.
const breath = 200 * time.Millisecond

// settle waits until the caller hears.
func (c *call) settle() {
	timer := time.NewTimer(breath)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.over:
	case <-c.ctx.Done():
	}
}

// ring lets the call ring, and tells whether it is still there.
func (c *call) ring(tx sip.ServerTransaction) bool {
	s := c.server
	if s.cfg.Ring > 0 {
		s.respond(c.dialog.invite, tx, 180, "Ringing", c.dialog.contact)
		c.report("ringing", "")
		timer := time.NewTimer(s.cfg.Ring)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-tx.Done(): // cancelled
			return false
		case <-s.ctx.Done():
			s.respond(c.dialog.invite, tx, 503, "Service Unavailable")
			return false
		}
	}
	return !errors.Is(tx.Err(), sip.ErrTransactionCanceled)
}

// accept is our description: an answer to terms, or an offer where there are none.
func (c *call) accept(t *terms) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t != nil {
		c.terms = *t
		if err := c.ours.secure(t); err != nil {
			return nil, err
		}
	}
	body, err := c.ours.describe(t)
	if err != nil {
		return nil, fmt.Errorf("sip: %w", err)
	}
	return body, nil
}

// begin begins the sound.
func (c *call) begin() {
	s := c.server
	var recorder media.Recorder
	if s.cfg.Record != nil {
		r, err := s.cfg.Record(c.id, c.who)
		if err != nil {
			s.cfg.Log.Error("sip: call is not recorded", "call", c.id, "error", err)
		} else {
			recorder = r
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.line = media.New(media.Config{Conn: c.conn, Pacer: &s.pacer,
		Say:      func(t *ivr.Turn) media.Audio { return s.cfg.Say(t) },
		Transfer: c.transfer, Recorder: recorder,
		Now: s.cfg.Now}, c.session())
	c.holding()
}

func (c *call) lineNow() *media.Line {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.line
}

// session is what the terms mean for the sound. The lock is held.
func (c *call) session() media.Session {
	m := media.Session{Codec: c.terms.codec, Events: c.terms.events, Remote: c.terms.remote, Source: c.dialog.from(),
		Hold: c.terms.held() || !c.answered}
	if k := c.ours.srtp; k != nil {
		m.Seal, m.Open = k.seal, k.open
	}
	return m
}

// serve holds the call, from its first word to its last.
func (c *call) serve() {
	s, line := c.server, c.lineNow()
	if line == nil {
		return
	}
	c.report("answered", "")
	longest := time.AfterFunc(s.cfg.Longest, func() { c.hangUp("longest time for a call is over") })
	defer longest.Stop()
	stop := c.watch()
	defer stop()
	err := ivr.Serve(c.ctx, c.id, ivr.Input{Kind: ivr.Answered, Call: c.who}, line, s.cfg.Handler)
	if err != nil && !errors.Is(err, context.Canceled) {
		s.cfg.Log.Error("sip: call", "call", c.id, "error", err)
		c.because("failed")
	}
	c.because("hung up by the dialogue")
}

// finish says BYE where the peer has not.
func (c *call) finish() {
	c.mu.Lock()
	reason := c.reason
	c.mu.Unlock()
	c.dialog.bye()
	c.report("ended", reason)
}

// hangUp ends the call.
func (c *call) hangUp(reason string) {
	c.because(reason)
	if line := c.lineNow(); line != nil {
		line.HangUp(reason)
		return
	}
	c.cancel(errors.New(reason))
}

// because notes why the call ends; the first reason is it.
func (c *call) because(reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reason == "" {
		c.reason = reason
		close(c.over)
	}
}

func (c *call) report(kind, reason string) {
	c.server.cfg.Observe(Report{Call: c.id, From: c.who.From, To: c.who.To, Kind: kind, Reason: reason,
		At: c.server.cfg.Now()})
}
