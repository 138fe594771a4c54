package sip

import (
	"time"

	"github.com/emiago/sipgo/sip"
)

// acknowledgement is the ACK that we wait for.
type acknowledgement struct {
	seq  uint32
	done chan struct{} // closed when it has come; nil while we wait for none
}

// await begins to wait for the ACK of an INVITE.
func (c *call) await(seq uint32) <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wait = acknowledgement{seq, make(chan struct{})}
	return c.wait.done
}

// awaitAck sends an answer again until it is acknowledged, and tells whether it was (RFC 3261, section 13.3.1.4).
func (c *call) awaitAck(tx sip.ServerTransaction, res *sip.Response, acked <-chan struct{}) bool {
	again, every := time.NewTimer(sip.T1), sip.T1
	defer again.Stop()
	giveUp := time.NewTimer(64 * sip.T1)
	defer giveUp.Stop()
	for {
		select {
		case <-acked:
			return true
		case req := <-tx.Acks(): // one with the branch of its INVITE
			c.acknowledge(req)
		case <-c.ctx.Done():
			return true
		case <-again.C:
			c.server.send(c.dialog.invite, tx, res)
			every = min(2*every, sip.T2)
			again.Reset(every)
		case <-giveUp.C:
			return false
		}
	}
}

// ack takes the ACK of an answer.
func (s *Server) ack(req *sip.Request, _ sip.ServerTransaction) {
	if c := s.find(req); c != nil {
		c.acknowledge(req)
	}
}

// acknowledge takes an ACK, which has the terms of the peer where the offer was ours.
func (c *call) acknowledge(req *sip.Request) {
	if !c.awaited(req.CSeq().SeqNo) {
		return
	}
	t, code, _ := offered(req)
	switch {
	case code != 0 || t == nil && c.asked:
		c.hangUp("no answer to our offer")
	case c.asked:
		c.mu.Lock()
		c.terms, c.asked = *t, false
		c.mu.Unlock()
		c.begin()
	case t != nil:
		c.change(t)
	}
	c.acked()
}

// awaited tells, once, whether it is the ACK that we wait for.
func (c *call) awaited(seq uint32) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wait.done == nil || c.wait.seq != seq {
		return false
	}
	c.wait.seq = seq + 1 // a CSeq is never used again
	return true
}

// acked ends the wait for an ACK that no longer matters.
func (c *call) acked() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.wait.done != nil {
		close(c.wait.done)
		c.wait.done = nil
	}
	if !c.answered {
		c.answered = true
		if c.line != nil {
			c.line.Update(c.session())
		}
	}
}

// settled tells whether no ACK is missing. One that was sent before a request may be read after it.
func (c *call) settled() bool {
	c.mu.Lock()
	done := c.wait.done
	c.mu.Unlock()
	if done == nil {
		return true
	}
	timer := time.NewTimer(sip.T1)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}
