package sip_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/ivr/sip"
	"github.com/dialpay/dialpay/ivr/sip/internal/peer"
)

var sound = netip.MustParseAddrPort("198.51.100.1:4000")

// What cannot be a call is told so.
func TestRefusals(t *testing.T) {
	good := peer.Offer(sound, 101)
	for _, tc := range []struct {
		method, headers, body string
		status                int
		header, value         string
		rule                  string
	}{
		{"INVITE", "", strings.ReplaceAll(good, "AVP 0 8", "AVP 18 9"), 488, "", "", "an offer without G.711"},
		{"INVITE", "", strings.ReplaceAll(good, "m=audio 4000", "m=audio 0"), 488, "", "", "sound that is switched off"},
		{"INVITE", "", strings.ReplaceAll(good, "m=audio", "m=video"), 488, "", "", "no sound"},
		{"INVITE", "", strings.ReplaceAll(good, "RTP/AVP", "UDP/TLS/RTP/SAVPF"), 488, "", "", "WebRTC"},
		{"INVITE", "", strings.ReplaceAll(good, "IN IP4 198.51.100.1", "IN IP4 sound.example.com"), 488, "", "",
			"a name in place of an address"},
		{"INVITE", "", strings.ReplaceAll(good, "IN IP4 198.51.100.1", "IN IP4 224.0.0.1"), 488, "", "",
			"everybody's address"},
		{"INVITE", "", "hello", 400, "", "", "what is no SDP"},
		{"INVITE", "Content-Type: text/plain\r\n", "hello", 415, "Accept", "application/sdp", "another body"},
		{"INVITE", "Require: 100rel, timer, nothing\r\n", good, 420, "Unsupported", "100rel, nothing",
			"extensions that we have not"},
		{"OPTIONS", "", "", 200, "Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE, NOTIFY", "what we can do"},
		{"OPTIONS", "", "", 200, "Accept", "application/sdp", ""},
		{"REGISTER", "", "", 405, "Allow", "INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE, NOTIFY", "what others do"},
		{"SUBSCRIBE", "", "", 405, "", "", ""},
		{"PRACK", "", "", 405, "", "", ""},
		{"DANCE", "", "", 501, "", "", "what nobody does"},
		{"BYE", "", "", 481, "", "", "a call that does not exist"},
		{"INFO", "", "", 481, "", "", ""},
		{"UPDATE", "", "", 481, "", "", ""},
		{"NOTIFY", "", "", 481, "", "", ""},
	} {
		bubble(t, nil, func(p *place) {
			ph := p.caller("198.51.100.1")
			defer ph.leave()
			m := ph.do(tc.method, tc.headers, tc.body)
			assert.Equal(t, tc.status, m.Status(), "%s: %s: %s", tc.method, tc.rule, m.Start)
			if tc.header != "" {
				assert.Equal(t, tc.value, m.Get(tc.header), tc.rule)
			}
			assert.Zero(t, p.server.Taken())
			assert.Equal(t, 3, p.network.Open(), "no port is taken")
		})
	}
}

// What is not well made is refused, where there is somebody to tell.
func TestMalformed(t *testing.T) {
	for _, tc := range []struct{ old, new, start string }{
		{" SIP/2.0\r\n", " SIP/7.0\r\n", "SIP/2.0 505 Version Not Supported"},
		{"CSeq: 1 INVITE", "CSeq: 1 OPTIONS", "SIP/2.0 400 Bad Request: CSeq is of another method"},
		{";tag=a-raw", "", "SIP/2.0 400 Bad Request: From has no tag"},
		{"Call-ID: raw", "Call-ID: raw\r\nCall-ID: twice", "SIP/2.0 400 Bad Request: more than one Call-ID"},
		{"Contact: <sip:alice@198.51.100.1>\r\n", "", "SIP/2.0 400 Bad Request: Contact is missing"},
		{"INVITE sip:pay@192.0.2.1", "INVITE nobodyKnowsThisScheme:pay", "SIP/2.0 416 Unsupported URI Scheme"},
	} {
		bubble(t, nil, func(p *place) {
			ph := p.caller("198.51.100.1")
			defer ph.leave()
			body := peer.Offer(sound, 101)
			raw := "INVITE sip:pay@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.1:5062;branch=z9hG4bK-raw\r\nMax-Forwards: 70\r\n" +
				"From: <sip:a@b.example>;tag=a-raw\r\nTo: <sip:pay@192.0.2.1>\r\nCall-ID: raw\r\nCSeq: 1 INVITE\r\n" +
				"Contact: <sip:alice@198.51.100.1>\r\nContent-Type: application/sdp\r\n" +
				fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
			require.Contains(t, raw, tc.old)
			ph.Raw(strings.Replace(raw, tc.old, tc.new, 1))
			m, err := ph.Wait()
			require.NoError(t, err, tc.start)
			assert.Equal(t, tc.start, m.Start)
		})
	}
}

// Beyond the limit callers are told when to try again, and who is on the line stays there.
func TestTooManyCalls(t *testing.T) {
	bubble(t, func(c *sip.Config) { c.Most = 2 }, func(p *place) {
		a, b, c := p.call(), p.call(), p.caller("198.51.100.99")
		defer func() { a.leave(); b.leave(); c.leave() }()
		m := c.do("INVITE", "", peer.Offer(c.sound.At(), 101))
		assert.Equal(t, 503, m.Status())
		assert.NotEmpty(t, m.Get("Retry-After"))
		assert.Equal(t, 503, c.do("OPTIONS", "", "").Status())
		assert.Equal(t, 200, a.do("OPTIONS", "", "").Status(), "within a call")
		a.do("BYE", "", "")
		synctest.Wait()
		c.dial(peer.Offer(c.sound.At(), 101))
		c.do("BYE", "", "")
		b.do("BYE", "", "")
	})
}

// A call that passed many proxies is answered too, and what is sent later goes by all of them.
func TestManyProxies(t *testing.T) {
	bubble(t, nil, func(p *place) {
		ph := p.caller("198.51.100.1")
		defer ph.leave()
		for i := range 10 {
			host := fmt.Sprintf("proxy%d.%s.example.net", i, strings.Repeat("a-long-name.", 6))
			ph.Headers += "Via: SIP/2.0/UDP " + host + ";branch=z9hG4bK" + strings.Repeat("x",
				40) + "\r\nRecord-Route: <sip:" + host + ";lr>\r\n"
		}
		ph.dial(peer.Offer(ph.sound.At(), 101))
		ph.Press("9")
		m, err := ph.Request()
		require.NoError(t, err)
		assert.Equal(t, "BYE", m.Method())
		assert.Len(t, m.Header["route"], 10)
		assert.True(t, strings.HasPrefix(m.Get("Route"), "<sip:proxy0."))
	})
}

// However many strangers call, some places are left for who is trusted.
func TestStrangersLeavePlacesForWhoIsTrusted(t *testing.T) {
	carrier := sip.Peer{Net: netip.MustParsePrefix("203.0.113.0/24"), Trusted: true}
	bubble(t, func(c *sip.Config) {
		c.Most, c.Peers = 10, []sip.Peer{carrier, {Net: netip.MustParsePrefix("0.0.0.0/0")}}
	}, func(p *place) {
		for range 20 {
			ph := p.caller(fmt.Sprintf("198.51.100.%d", p.callers+1))
			defer ph.leave()
			ph.Send("INVITE", "", peer.Offer(ph.sound.At(), 101)) // without ACK
		}
		synctest.Wait()
		assert.Equal(t, 9, p.server.Taken())
		trusted := p.caller("203.0.113.1")
		defer trusted.leave()
		assert.Equal(t, 200, trusted.do("OPTIONS", "", "").Status())
		trusted.dial(peer.Offer(trusted.sound.At(), 101))
		trusted.do("BYE", "", "")
	})
}

// Who neither acknowledges a call nor answers its BYE keeps nobody out for longer than the wait for the ACK.
func TestACallThatNobodyMeansGivesItsPlaceBack(t *testing.T) {
	bubble(t, func(c *sip.Config) { c.Most = 1 }, func(p *place) {
		ph, other := p.caller("198.51.100.1"), p.caller("198.51.100.2")
		defer func() { ph.leave(); other.leave() }()
		ph.Answer = func(peer.Message) string { return "" }
		ph.Send("INVITE", "", peer.Offer(ph.sound.At(), 101))
		time.Sleep(33 * time.Second)
		other.dial(peer.Offer(other.sound.At(), 101))
		other.do("BYE", "", "")
		time.Sleep(time.Minute)
	})
}

func TestCancel(t *testing.T) {
	bubble(t, func(c *sip.Config) { c.Ring = 10 * time.Second }, func(p *place) {
		ph := p.caller("198.51.100.1")
		defer ph.leave()
		seq := ph.Send("INVITE", "", peer.Offer(ph.sound.At(), 101))
		time.Sleep(5 * time.Second)
		var ringing []int
		for range 2 {
			m, err := ph.Wait()
			require.NoError(t, err)
			ringing = append(ringing, m.Status())
		}
		assert.Equal(t, []int{100, 180}, ringing)
		ph.Send("CANCEL", "", "")
		m, err := ph.Final("CANCEL", seq)
		require.NoError(t, err)
		assert.Equal(t, 200, m.Status())
		m, err = ph.Final("INVITE", seq)
		require.NoError(t, err)
		assert.Equal(t, 487, m.Status())
		time.Sleep(time.Minute)
		assert.Empty(t, p.what("answered"))
		assert.Equal(t, 3, p.network.Open(), "no port is taken")
	})
}

// The answer is said again until the ACK comes, and the call ends when it never does.
func TestNoAck(t *testing.T) {
	bubble(t, nil, func(p *place) {
		ph := p.caller("198.51.100.1")
		defer ph.leave()
		ph.Phone = peer.NewPhone(peer.PhoneConfig{Conn: ph.sound, To: p.at, Keep: true})
		ph.Send("INVITE", "", peer.Offer(ph.sound.At(), 101))
		m, err := ph.Request()
		require.NoError(t, err)
		assert.Equal(t, "BYE", m.Method())
		assert.Equal(t, "no ACK", p.what("ended").Reason)
		answers := 0
		for {
			m, err := ph.Wait()
			if err != nil {
				break
			}
			if m.Status() == 200 {
				answers++
			}
		}
		assert.InDelta(t, 11, answers, 1, "after 0.5, 1, 2, 4, 4 … s")
		assert.Zero(t, len(ph.Heard()), "who names the address of somebody else has them sent no sound")
	})
}

// A peer that makes no offer is made one, and answers with its ACK.
func TestOfferOfOurs(t *testing.T) {
	bubble(t, nil, func(p *place) {
		ph := p.caller("198.51.100.1")
		defer ph.leave()
		ph.Send("INVITE", "", "")
		var m peer.Message
		for m.Status() < 200 {
			var err error
			m, err = ph.Wait()
			require.NoError(t, err)
		}
		assert.Contains(t, m.Body, "RTP/AVP 0 8 101")
		ph.Learn(m)
		answer := strings.ReplaceAll(peer.Offer(ph.sound.At(), 101), "AVP 0 8", "AVP 8")
		ph.Phone = peer.NewPhone(peer.PhoneConfig{Conn: ph.sound, To: peer.Sound(m.Body), Codec: 8, Events: 101})
		ph.Send("ACK", "", answer)
		time.Sleep(time.Second)
		assert.NotZero(t, ph.Loud(), "the peer hears us in A-law")
		ph.Press("9")
		_, err := ph.Request()
		require.NoError(t, err)
		_, keys := p.handler.inputs("call-1")
		assert.Equal(t, []string{"9"}, keys)
	})
}

// Hold and resume, in both ways that peers have, and a call that is never resumed.
func TestHoldByReinvite(t *testing.T) {
	bubble(t, nil, func(p *place) {
		ph := p.call()
		defer ph.leave()
		offer := peer.Offer(ph.sound.At(), 101)
		for hold, says := range map[string]string{
			offer + "a=sendonly\r\n": "a=recvonly",
			offer + "a=inactive\r\n": "a=inactive",
			strings.ReplaceAll(offer, "c=IN IP4 198.51.100.1", "c=IN IP4 0.0.0.0"): "a=sendrecv",
		} {
			m := ph.do("INVITE", "", hold)
			assert.Equal(t, 200, m.Status())
			assert.Contains(t, m.Body, says)
			synctest.Wait()
			n := len(ph.Heard())
			time.Sleep(5 * time.Minute)
			assert.Len(t, ph.Heard(), n, "on hold nothing is said")
			assert.Equal(t, "held", p.what("held").Kind)
			m = ph.do("INVITE", "", offer)
			assert.Contains(t, m.Body, "a=sendrecv")
			time.Sleep(time.Second)
			assert.Greater(t, len(ph.Heard()), n+40)
		}
		assert.Equal(t, "resumed", p.what("resumed").Kind)
		ph.do("INVITE", "", offer+"a=sendonly\r\n")
		m, err := ph.Request()
		for err != nil {
			m, err = ph.Request()
		}
		assert.Equal(t, "BYE", m.Method())
		assert.Equal(t, "held for too long", p.what("ended").Reason)
	})
}

// A re-INVITE may bring another address: what comes from there then counts, and what comes from the old one does not.
func TestNewAddress(t *testing.T) {
	bubble(t, nil, func(p *place) {
		ph := p.call()
		defer ph.leave()
		moved, err := p.network.Listen("198.51.100.77:4444")
		require.NoError(t, err)
		m := ph.do("INVITE", "", peer.Offer(moved.At(), 96))
		second := peer.NewPhone(peer.PhoneConfig{Conn: moved, To: peer.Sound(m.Body), Events: 96, Keep: true})
		defer second.Close()
		assert.Contains(t, m.Body, "a=rtpmap:96 telephone-event/8000")
		time.Sleep(time.Second)
		second.Press("5")
		ph.Press("6")
		time.Sleep(time.Second)
		_, keys := p.handler.inputs("call-1")
		assert.Equal(t, []string{"5"}, keys)
		assert.Greater(t, len(second.Heard()), 40)
		assert.Equal(t, 488, ph.do("INVITE", "", strings.ReplaceAll(peer.Offer(sound, 0), "AVP 0 8", "AVP 18")).Status())
		second.Press("9")
		_, err = ph.Request()
		require.NoError(t, err, "the call went on all the same")
	})
}

func TestInfo(t *testing.T) {
	bubble(t, nil, func(p *place) {
		ph := p.caller("198.51.100.1")
		defer ph.leave()
		ph.dial(peer.Offer(ph.sound.At(), 0))
		for _, tc := range []struct {
			kind, body string
			status     int
		}{
			{"application/dtmf-relay", "Signal=4\r\nDuration=160\r\n", 200},
			{"application/dtmf-relay", "Duration=250\nsignal= 2 \n", 200},
			{"application/dtmf", "5", 200},
			{"application/dtmf; charset=utf-8", " 0\r\n", 200},
			{"application/dtmf-relay", "Signal=A\r\n", 200},
			{"application/dtmf-relay", "Signal=4242424242424242\r\n", 415},
			{"application/dtmf-relay", "Nothing=4\r\n", 415},
			{"application/octet-stream", "7", 415},
		} {
			m := ph.do("INFO", "Content-Type: "+tc.kind+"\r\n", tc.body)
			assert.Equal(t, tc.status, m.Status(), tc.body)
			time.Sleep(time.Second)
		}
		assert.Equal(t, 200, ph.do("INFO", "", "").Status(), "a sign of life")
		_, keys := p.handler.inputs("call-1")
		assert.Equal(t, []string{"4", "2", "5", "0"}, keys)
		assert.NotContains(t, p.log.String(), "4242")
		ph.do("BYE", "", "")
	})
}

// A request that comes late, or again under another name, does nothing.
func TestOutOfOrder(t *testing.T) {
	bubble(t, nil, func(p *place) {
		ph := p.call()
		defer ph.leave()
		ph.do("OPTIONS", "", "")
		raw := "BYE sip:192.0.2.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.1:5062;branch=z9hG4bK-late\r\nFrom: <sip:alice@example.com>;" +
			"tag=a-c1\r\nTo: " + ph.Remote() + "\r\nCall-ID: c1\r\nCSeq: 1 BYE\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
		ph.Raw(raw)
		m, err := ph.Wait()
		require.NoError(t, err)
		assert.Equal(t, 500, m.Status())
		assert.Equal(t, 1, p.server.Calls())
		ph.do("BYE", "", "")
	})
}

// Told to stop, the server takes no new call, and lets those that are going on end; at last it hangs them up.
func TestShutdown(t *testing.T) {
	bubble(t, func(c *sip.Config) { c.Drain = 10 * time.Minute }, func(p *place) {
		a, b, c := p.call(), p.call(), p.caller("198.51.100.99")
		defer func() { a.leave(); b.leave(); c.leave() }()
		begun := time.Now()
		p.stop()
		synctest.Wait()
		assert.Equal(t, 503, c.do("INVITE", "", peer.Offer(c.sound.At(), 101)).Status())
		time.Sleep(time.Minute)
		a.Press("9")
		m, err := a.Request()
		require.NoError(t, err)
		assert.Equal(t, "BYE", m.Method())
		time.Sleep(time.Second)
		assert.Equal(t, 1, p.server.Calls())
		for {
			if m, err = b.Request(); err == nil {
				break
			}
		}
		assert.Equal(t, "BYE", m.Method())
		assert.Equal(t, 10*time.Minute, time.Since(begun).Round(time.Second))
	})
}

func TestLongestCall(t *testing.T) {
	bubble(t, func(c *sip.Config) { c.Longest = 10 * time.Second }, func(p *place) {
		ph := p.call()
		defer ph.leave()
		_, err := ph.Request()
		require.NoError(t, err)
		assert.Equal(t, "longest time for a call is over", p.what("ended").Reason)
	})
}

func TestConfig(t *testing.T) {
	_, err := sip.New(sip.Config{FirstPort: 10, LastPort: 9, Refresh: time.Second, Most: -1, Peers: []sip.Peer{{}},
		Ring: -1})
	for _, want := range []string{"Handler", "Say", "LastPort", "Refresh", "Most", "Peers", "Ring"} {
		assert.ErrorContains(t, err, "Config."+want)
	}
}
