package sip

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// leastRefresh is the least time that RFC 4028 allows (section 4).
const leastRefresh = 90 * time.Second

// sessionTimer makes sure that a peer that is gone without a BYE is found out (RFC 4028): one side refreshes the
// session with a re-INVITE or an UPDATE, and the other takes it for over when no refresh comes.
type sessionTimer struct {
	every time.Duration
	ours  bool // we refresh
	asked bool // the peer knows of it
	again chan struct{}

	mu sync.Mutex
}

// negotiate agrees on a timer with an INVITE; a code tells why the call cannot be.
func (s *Server) negotiate(req *sip.Request) (t *sessionTimer, code int, reason string, headers []sip.Header) {
	t = &sessionTimer{every: s.cfg.Refresh, again: make(chan struct{}, 1), ours: true, asked: has(req, "timer",
		"Supported", "k")}
	if t.asked {
		t.ours = false
	}
	every, refresher, ok := sessionExpires(req)
	if !ok {
		return t, 0, "", nil
	}
	if every < leastRefresh {
		return t, 422, "Session Interval Too Small", []sip.Header{sip.NewHeader("Min-SE", seconds(leastRefresh))}
	}
	t.every = min(every, t.every)
	if h := req.GetHeader("Min-SE"); h != nil {
		if n, err := strconv.Atoi(firstOf(h.Value())); err == nil && n > 0 && n < 1<<20 {
			t.every = max(t.every, time.Duration(n)*time.Second)
		}
	}
	t.ours = refresher == "uas" || !t.asked
	return t, 0, "", nil
}

// has tells whether a header has an option among its values.
func has(req sip.Message, option string, names ...string) bool {
	for _, name := range names {
		for _, h := range req.GetHeaders(name) {
			for o := range strings.SplitSeq(h.Value(), ",") {
				if strings.EqualFold(strings.TrimSpace(o), option) {
					return true
				}
			}
		}
	}
	return false
}

// sessionExpires reads that header, in its long or its short form.
func sessionExpires(m sip.Message) (every time.Duration, refresher string, ok bool) {
	for _, name := range []string{"Session-Expires", "x"} {
		for _, h := range m.GetHeaders(name) {
			n, err := strconv.ParseUint(firstOf(h.Value()), 10, 31)
			if err != nil {
				continue
			}
			for p := range strings.SplitSeq(h.Value(), ";") {
				if k, v, _ := strings.Cut(p, "="); strings.EqualFold(strings.TrimSpace(k), "refresher") {
					refresher = strings.ToLower(strings.TrimSpace(v))
				}
			}
			return time.Duration(n) * time.Second, refresher, true
		}
	}
	return 0, "", false
}

func firstOf(value string) string {
	first, _, _ := strings.Cut(value, ";")
	return strings.TrimSpace(first)
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }

// headers tell the peer what was agreed on.
func (t *sessionTimer) headers() []sip.Header {
	t.mu.Lock()
	defer t.mu.Unlock()
	refresher := "uac"
	if t.ours {
		refresher = "uas"
	}
	all := []sip.Header{sip.NewHeader("Session-Expires", seconds(t.every)+";refresher="+refresher)}
	if !t.ours {
		all = append(all, sip.NewHeader("Require", "timer"))
	}
	return all
}

// refreshed notes that the peer is there.
func (t *sessionTimer) refreshed(m sip.Message) {
	t.mu.Lock()
	if every, _, ok := sessionExpires(m); ok && every >= leastRefresh {
		t.every = every
	}
	t.mu.Unlock()
	select {
	case t.again <- struct{}{}:
	default:
	}
}

// due is when something must have happened: our refresh at half of the time, the peer's a little before its end (RFC
// 4028, section 10).
func (t *sessionTimer) due() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ours {
		return t.every / 2
	}
	return t.every - min(32*time.Second, t.every/3)
}

// watch refreshes the session, or ends the call when the peer does not.
func (c *call) watch() (stop func()) {
	over := make(chan struct{})
	var done sync.WaitGroup
	done.Go(func() {
		for {
			timer := time.NewTimer(c.timer.due())
			select {
			case <-timer.C:
				if !c.timer.ours {
					c.hangUp("the peer is gone: no refresh")
				} else if err := c.refresh(); err != nil {
					c.hangUp("the peer is gone: " + err.Error())
				}
			case <-c.timer.again:
			case <-over:
				timer.Stop()
				return
			}
			timer.Stop()
		}
	})
	return func() { close(over); done.Wait() }
}

// refresh asks the peer for a sign of life. An error tells that there is none.
func (c *call) refresh() error {
	headers := []sip.Header{sip.NewHeader("Session-Expires", seconds(c.timer.every)+";refresher=uac"),
		sip.NewHeader("Supported", "timer")}
	ctx, cancel := context.WithTimeout(c.ctx, 40*time.Second) // 64 T1 and some
	defer cancel()
	if has(c.dialog.invite, "UPDATE", "Allow") {
		res, _, err := c.dialog.request(ctx, sip.UPDATE, nil, headers...)
		return gone(res, err)
	}
	c.mu.Lock()
	terms := c.terms
	body, err := c.ours.describe(&terms)
	c.mu.Unlock()
	if err != nil {
		return err
	}
	res, req, err := c.dialog.request(ctx, sip.INVITE, body, headers...)
	if err := gone(res, err); err != nil || res.StatusCode >= 300 {
		return err
	}
	c.dialog.acknowledge(req)
	if t, err := readTerms(res.Body()); err == nil {
		c.change(&t)
	}
	return nil
}

// gone tells that a peer is not there any more. One that only does not like the request is.
func gone(res *sip.Response, err error) error {
	switch {
	case err != nil:
		return err
	case res.StatusCode == 408 || res.StatusCode == 481:
		return fmt.Errorf("sip: refresh: %d %s", res.StatusCode, res.Reason)
	}
	return nil
}

// acknowledge sends the ACK of an INVITE of ours that was accepted.
func (d *dialog) acknowledge(invite *sip.Request) {
	ack := d.make(sip.ACK, nil)
	ack.CSeq().SeqNo = invite.CSeq().SeqNo
	if err := d.server.client.WriteRequest(ack, func(*sipgo.Client, *sip.Request) error { return nil }); err != nil {
		d.server.cfg.Log.Warn("sip: ACK not sent", "error", err)
	}
}
