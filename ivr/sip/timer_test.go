package sip_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/sip"
	"github.com/dialpay/dialpay/ivr/sip/internal/peer"
)

// patient waits for callers for hours.
func patient(c *sip.Config) { c.Longest, c.LongestHold = 100*time.Hour, 100*time.Hour }

func patiently(p *place) {
	p.handler.turn = func(in ivr.Input) (ivr.Turn, bool) {
		return ivr.Turn{Action: ivr.ActionListen, Listen: ivr.Listen{Most: 1,
			First: 200 * time.Hour}}, in.Kind == ivr.Answered
	}
}

// dialTimed calls with session timers, and puts the call on hold, so that hours of it take no time.
func (p *place) dialTimed(headers string) (*phone, peer.Message) {
	patiently(p)
	ph := p.caller("198.51.100.1")
	ph.Headers = headers
	m, err := ph.Do("INVITE", "", peer.Offer(ph.sound.At(), 101, "a=inactive"))
	require.NoError(p.t, err)
	return ph, m
}

// A peer that refreshes has its call for as long as it does, and one that ceases to is gone.
func TestThePeerRefreshes(t *testing.T) {
	bubble(t, patient, func(p *place) {
		ph, m := p.dialTimed("Supported: timer\r\nSession-Expires: 120;refresher=uac\r\n")
		defer ph.leave()
		assert.Equal(t, "120;refresher=uac", m.Get("Session-Expires"))
		assert.Equal(t, "timer", m.Get("Require"))
		for range 5 {
			time.Sleep(time.Minute)
			m := ph.do("UPDATE", "Supported: timer\r\nSession-Expires: 120;refresher=uac\r\n", "")
			assert.Equal(t, 200, m.Status())
			assert.Equal(t, "120;refresher=uac", m.Get("Session-Expires"))
		}
		begun := time.Now()
		var err error
		for m, err = ph.Request(); err != nil; m, err = ph.Request() {
		}
		assert.Equal(t, "BYE", m.Method())
		assert.Equal(t, 88*time.Second, time.Since(begun).Truncate(time.Second))
		assert.Equal(t, "the peer is gone: no refresh", p.what("ended").Reason)
	})
}

// A peer that knows no timers is asked for a sign of life.
func TestWeRefresh(t *testing.T) {
	for _, tc := range []struct{ allow, method, answer, end string }{
		{"INVITE, UPDATE", "UPDATE", "200 OK", ""},
		{"INVITE", "INVITE", "200 OK", ""},
		{"INVITE", "INVITE", "491 Request Pending", ""},
		{"INVITE, UPDATE", "UPDATE", "481 Call Does Not Exist", "the peer is gone: sip: refresh: 481 Call Does Not Exist"},
		{"INVITE", "INVITE", "", "the peer is gone: sip: INVITE: transaction timeout"},
	} {
		t.Run(tc.allow+" "+tc.answer, func(t *testing.T) {
			bubble(t, patient, func(p *place) {
				ph, m := p.dialTimed("Allow: " + tc.allow + "\r\n")
				defer ph.leave()
				assert.Equal(t, "1800;refresher=uas", m.Get("Session-Expires"))
				assert.Empty(t, m.Get("Require"))
				acks := make(chan string, 10)
				ph.Answer = func(m peer.Message) string {
					switch m.Method() {
					case tc.method:
						if tc.method == "INVITE" && strings.HasPrefix(tc.answer, "200") {
							return tc.answer + "\r\n\r\n" + peer.Offer(ph.sound.At(), 101, "a=inactive")
						}
						return tc.answer
					case "ACK":
						acks <- m.Get("CSeq")
					}
					return "200 OK"
				}
				begun := time.Now()
				var err error
				for m, err = ph.Request(); err != nil; m, err = ph.Request() {
				}
				assert.Equal(t, tc.method, m.Method())
				assert.Equal(t, "1800;refresher=uac", m.Get("Session-Expires"))
				assert.Equal(t, 15*time.Minute, time.Since(begun).Truncate(time.Second))
				time.Sleep(time.Minute)
				if tc.end != "" {
					assert.True(t, strings.HasPrefix(p.what("ended").Reason, tc.end[:30]), p.what("ended").Reason)
					return
				}
				assert.Equal(t, 1, p.server.Calls())
				if tc.method == "INVITE" {
					assert.Equal(t, strings.Replace(m.Get("CSeq"), "INVITE", "ACK", 1), <-acks)
				}
				ph.do("BYE", "", "")
			})
		})
	}
}

func TestTimersThatAreTooShort(t *testing.T) {
	bubble(t, patient, func(p *place) {
		ph, m := p.dialTimed("Supported: timer\r\nSession-Expires: 60\r\n")
		defer ph.leave()
		assert.Equal(t, 422, m.Status())
		assert.Equal(t, "90", m.Get("Min-SE"))
		ph.Headers = "k: timer\r\nx: 4000;refresher=uas\r\nMin-SE: 2000\r\n"
		m = ph.do("INVITE", "", peer.Offer(ph.sound.At(), 101))
		assert.Equal(t, "2000;refresher=uas", m.Get("Session-Expires"))
		ph.do("BYE", "", "")
	})
}
