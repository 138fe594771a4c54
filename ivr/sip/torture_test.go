package sip_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/dialpay/dialpay/ivr/sip"
	"github.com/dialpay/dialpay/ivr/sip/internal/peer"
)

// common are headers of a message of RFC 4475 that are as they should be.
const common = "To: sip:j.user@example.com\r\nFrom: sip:caller@example.net;tag=134161461246\r\nMax-Forwards: 7\r\n" +
	"Call-ID: torture.0ha0isndaksdjasdf3234nas\r\nVia: SIP/2.0/UDP 198.51.100.1:5062;branch=z9hG4bKkdjuw\r\n"

const sdpBody = "v=0\r\no=mhandley 29739 7272939 IN IP4 192.0.2.3\r\ns=-\r\nc=IN IP4 192.0.2.4\r\nt=0 0\r\nm=audio 49217 RTP/AVP 0 12\r\n"

// torture are the messages of RFC 4475 that matter for a server that is called, by their names there, shortened.
// Status is that of the answer; 0 is none.
var torture = []struct {
	name, start, headers, body string
	status                     int
}{
	// Syntax that is strange, and right.
	{"lwsdisp", "OPTIONS sip:user@example.com SIP/2.0", strings.Replace(common, "From: ",
		"From: caller<sip:caller@example.com>;tag=323\r\nX: ", 1) +
		"CSeq: 60 OPTIONS\r\nl: 0\r\n", "", 200},
	{"esc02", "RE%47IST%45R sip:registrar.example.com SIP/2.0", common +
		"CSeq: 29344 RE%47IST%45R\r\nContent-Length: 0\r\n", "", 501},
	{"escnull", "REGISTER sip:example.com SIP/2.0", strings.Replace(common, "sip:j.user@", "sip:null-%00-null@", 1) +
		"CSeq: 14398234 REGISTER\r\nL:0\r\n", "", 405},
	{"intmeth", "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0",
		common + "CSeq: 139122385 !interesting-Method0123456789_*+`.%indeed'~\r\nContent-Length: 0\r\n", "", 501},
	{"semiuri", "OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0", common + "CSeq: 8 OPTIONS\r\nl: 0\r\n", "",
		200},
	{"transports", "OPTIONS sip:user@example.com SIP/2.0", common +
		"Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf\r\n" +
		"Via: SIP/2.0/UNKNOWN t5.example.com;branch=z9hG4bKklasjdhf\r\nCSeq: 60 OPTIONS\r\nl: 0\r\n", "", 200},
	{"longreq", "INVITE sip:user@example.com SIP/2.0", common + "CSeq: 3882340 INVITE\r\nContact: <sip:" +
		strings.Repeat("amazinglylongcallername", 5) +
		"@host5.example.net>\r\nUnknown-" + strings.Repeat("Long", 20) + ": " + strings.Repeat("unknown-value",
		30) + "\r\nContent-Type: application/sdp\r\n", sdpBody, 200},
	{"noreason", "SIP/2.0 100 ", common + "CSeq: 35 INVITE\r\nContent-Length: 0\r\n", "", 0},

	// Syntax that is wrong.
	{"badinv01", "INVITE sip:user@example.com SIP/2.0", common +
		"CSeq: 193942 INVITE\r\nContact: \"Joe\" <sip:joe@example.org>;;;;\r\nVia: SIP/2.0/UDP\r\n" +
		"Content-Type: application/sdp\r\n", sdpBody, 400},
	{"clerr", "OPTIONS sip:user@example.com SIP/2.0", common + "CSeq: 8 OPTIONS\r\nContent-Length: 9999\r\n", "", 400},
	{"ncl", "OPTIONS sip:user@example.com SIP/2.0", common + "CSeq: 8 OPTIONS\r\nContent-Length: -999\r\n", "", 400},
	{"scalar02", "REGISTER sip:example.com SIP/2.0", common +
		"CSeq: 36893488147419103232 REGISTER\r\nContent-Length: 0\r\n", "", 400},
	{"scalarlg", "SIP/2.0 503 Service Unavailable", common +
		"CSeq: 9292394834772304023312 OPTIONS\r\nContent-Length: 0\r\n", "", 0},
	{"ltgtruri", "INVITE <sip:user@example.com> SIP/2.0", common +
		"CSeq: 1 INVITE\r\nContent-Type: application/sdp\r\n", sdpBody, 400},
	{"lwsruri", "INVITE sip:user@example.com; lr SIP/2.0", common +
		"CSeq: 1 INVITE\r\nContent-Type: application/sdp\r\n", sdpBody, 400},
	{"lwsstart", "INVITE  sip:user@example.com  SIP/2.0", common +
		"CSeq: 1 INVITE\r\nContent-Type: application/sdp\r\n", sdpBody, 400},
	{"trws", "OPTIONS sip:remote-target@example.com SIP/2.0  ", common + "CSeq: 1 OPTIONS\r\nl: 0\r\n", "", 400},
	{"badvers", "OPTIONS sip:t.watson@example.org SIP/7.0", common + "CSeq: 1 OPTIONS\r\nl: 0\r\n", "", 505},
	{"mismatch01", "OPTIONS sip:user@example.com SIP/2.0", common + "CSeq: 8 INVITE\r\nl: 0\r\n", "", 400},
	{"mismatch02", "NEWMETHOD sip:user@example.com SIP/2.0", common + "CSeq: 8 INVITE\r\nl: 0\r\n", "", 400},
	{"bigcode", "SIP/2.0 4294967301 better not break the receiver", common + "CSeq: 8 INVITE\r\nl: 0\r\n", "", 0},
	{"no end", "OPTIONS sip:user@example.com SIP/2.0", common + "CSeq: 8 OPTIONS\r\nnothing", "", 400},

	// What the syntax allows, and nothing else does.
	{"insuf", "INVITE sip:user@example.com SIP/2.0",
		"CSeq: 193942 INVITE\r\nVia: SIP/2.0/UDP 198.51.100.1:5062;branch=z9hG4bKkdj.insuf\r\n" +
			"Content-Type: application/sdp\r\n", sdpBody, 400},
	{"unkscm", "OPTIONS nobodyKnowsThisScheme:totallyopaquecontent SIP/2.0", common + "CSeq: 3 OPTIONS\r\nl: 0\r\n",
		"", 416},
	{"novelsc", "OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0", common + "CSeq: 3 OPTIONS\r\nl: 0\r\n", "", 416},
	{"bext01", "OPTIONS sip:user@example.com SIP/2.0", common +
		"CSeq: 8 OPTIONS\r\nRequire: nothingSupportsThis, nothingSupportsThisEither\r\nl: 0\r\n", "", 420},
	{"invut", "INVITE sip:user@example.com SIP/2.0", common +
		"CSeq: 8 INVITE\r\nContact: <sip:a@b.example>\r\nContent-Type: application/unknownformat\r\n", "<audio>", 415},
	{"multi01", "INVITE sip:user@company.com SIP/2.0", common +
		"CSeq: 5 INVITE\r\nCSeq: 59 INVITE\r\nCall-ID: other\r\nFrom: sip:other@x.example;tag=9\r\n" +
		"Contact: <sip:a@b.example>\r\nContent-Type: application/sdp\r\n", sdpBody, 400},
	{"mcl01", "OPTIONS sip:user@example.com SIP/2.0", common +
		"CSeq: 5 OPTIONS\r\nContent-Length: 13\r\nContent-Length: 5\r\n", "hello", 400},
	{"zeromf", "OPTIONS sip:user@example.com SIP/2.0", strings.Replace(common, "Max-Forwards: 7", "Max-Forwards: 0",
		1) + "CSeq: 39234321 OPTIONS\r\nl: 0\r\n", "", 200},
	{"cparam02", "REGISTER sip:example.com SIP/2.0", common +
		"CSeq: 38 REGISTER\r\nContact: <sip:+19725552222@gw1.example.net;unknownparam>\r\nl: 0\r\n", "", 405},
	{"sdp01", "INVITE sip:user@example.com SIP/2.0", common +
		"CSeq: 8 INVITE\r\nContact: <sip:a@b.example>\r\nAccept: text/nobodyKnowsThis\r\nl: 0\r\n", "", 200},
	{"inv2543", "INVITE sip:user@example.com SIP/2.0", strings.Replace(common, ";branch=z9hG4bKkdjuw", "", 1) +
		"CSeq: 0 INVITE\r\n" +
		"Contact: <sip:a@b.example>\r\nContent-Type: application/sdp\r\n", sdpBody, 200},
}

func TestTorture(t *testing.T) {
	for _, tc := range torture {
		t.Run(tc.name, func(t *testing.T) {
			bubble(t, nil, func(p *place) {
				ph := p.caller("198.51.100.1")
				defer ph.leave()
				message := tc.start + "\r\n" + tc.headers
				if tc.body != "" && !strings.Contains(message, "Content-Length") {
					message += fmt.Sprintf("Content-Length: %d\r\n", len(tc.body))
				}
				if tc.name != "no end" {
					message += "\r\n" + tc.body
				}
				ph.Raw(message)
				final := peer.Message{}
				for final.Status() < 200 {
					m, err := ph.Wait()
					if err != nil {
						break
					}
					final = m
				}
				assert.Equal(t, tc.status, final.Status(), "%s", final.Start)
				if tc.status > 0 {
					assert.True(t, strings.HasPrefix(final.Start, "SIP/2.0 "))
					assert.NotEmpty(t, final.Get("Via"))
				}
				time.Sleep(2 * time.Minute) // a call that was begun has ended
				ph.call(t)
			})
		})
	}
}

// call tells that the server still answers.
func (ph *phone) call(t *testing.T) {
	t.Helper()
	other := ph.p.caller("198.51.100.200")
	defer other.leave()
	other.dial(peer.Offer(other.sound.At(), 101))
	other.do("BYE", "", "")
}

// Whatever bytes come, the server goes on: pieces of messages, cut, mixed and changed.
func TestNoise(t *testing.T) {
	n := 20_000
	if testing.Short() {
		n = 2000
	}
	bubble(t, func(c *sip.Config) { c.Messages = 1_000_000 }, func(p *place) {
		ph := p.caller("198.51.100.1")
		defer ph.leave()
		r := rand.New(rand.NewPCG(4475, 0))
		for i := range n {
			tc := torture[r.IntN(len(torture))]
			b := []byte(tc.start + "\r\n" + strings.ReplaceAll(tc.headers, "kdjuw", fmt.Sprintf("noise%d", i)) + "\r\n" +
				tc.body)
			for range r.IntN(6) {
				switch at := r.IntN(len(b)); r.IntN(4) {
				case 0:
					b = b[:at+1]
				case 1:
					b[at] = byte(r.Uint32())
				case 2:
					b = append(b[:at:at], b[min(at+r.IntN(30), len(b)-1):]...)
				case 3:
					other := torture[r.IntN(len(torture))].headers
					b = append(b[:at:at], other[r.IntN(len(other)):]...)
				}
			}
			ph.Raw(string(b))
			if i%50 == 0 {
				time.Sleep(time.Millisecond)
				for drained := false; !drained; {
					drained = !ph.Skip()
				}
			}
		}
		time.Sleep(2 * time.Minute)
		ph.call(t)
		assert.NotContains(t, p.log.String(), "sip: panic")
	})
}

// A flood from addresses that are all different leaves nothing behind, and who called before is served.
func TestFlood(t *testing.T) {
	bubble(t, func(c *sip.Config) { c.Messages = 400 }, func(p *place) {
		ph := p.call()
		defer ph.leave()
		message := "OPTIONS sip:user@example.com SIP/2.0\r\n" + common + "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
		for i := range 30_000 {
			var ip [4]byte
			binary.BigEndian.PutUint32(ip[:], 0x0A000000+uint32(i))
			p.network.Inject(netip.AddrPortFrom(netip.AddrFrom4(ip), 5060), p.at,
				[]byte(strings.ReplaceAll(message, "kdjuw", fmt.Sprint("flood", i))))
			if i%100 == 0 {
				time.Sleep(25 * time.Millisecond)
			}
		}
		synctest.Wait()
		assert.Less(t, p.server.Senders(), 10_000, "addresses are forgotten")
		time.Sleep(time.Second)
		assert.Equal(t, 200, ph.do("OPTIONS", "", "").Status())
		ph.Press("1")
		time.Sleep(time.Second)
		ph.do("BYE", "", "")
		_, keys := p.handler.inputs("call-1")
		assert.Equal(t, []string{"1"}, keys)
	})
}

// One who sends too much is read no more, for the rest of that second; others are.
func TestOneWhoSendsTooMuch(t *testing.T) {
	bubble(t, func(c *sip.Config) { c.Messages = 10 }, func(p *place) {
		loud, calm := p.caller("198.51.100.1"), p.caller("198.51.100.2")
		defer func() { loud.leave(); calm.leave() }()
		for range 100 {
			loud.Send("OPTIONS", "", "")
		}
		assert.Equal(t, 200, calm.do("OPTIONS", "", "").Status())
		answers := 0
		for loud.Skip() {
			answers++
		}
		assert.LessOrEqual(t, answers, 10)
		time.Sleep(time.Second)
		assert.Equal(t, 200, loud.do("OPTIONS", "", "").Status())
	})
}

// However many strangers send, who is trusted is heard.
func TestStrangersDoNotDrownWhoIsTrusted(t *testing.T) {
	bubble(t, func(c *sip.Config) { passwords(c); c.Messages = 10 }, func(p *place) {
		trusted := p.caller("203.0.113.1")
		defer trusted.leave()
		message := "OPTIONS sip:user@example.com SIP/2.0\r\n" + common + "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
		for i := range 200 {
			from := netip.AddrPortFrom(netip.AddrFrom4([4]byte{198, 51, 100, byte(i)}), 5060)
			p.network.Inject(from, p.at, []byte(strings.ReplaceAll(message, "kdjuw", fmt.Sprint("many", i))))
		}
		synctest.Wait()
		begun := time.Now()
		assert.Equal(t, 200, trusted.do("OPTIONS", "", "").Status())
		assert.Less(t, time.Since(begun), 100*time.Millisecond, "at once")
	})
}

// A message counts by its kilobytes: what there is to keep of a flood does not depend on how long its messages are.
func TestLongMessagesCountForMore(t *testing.T) {
	bubble(t, func(c *sip.Config) { c.Messages = 100 }, func(p *place) {
		ph := p.caller("198.51.100.1")
		defer ph.leave()
		for range 50 {
			ph.Send("OPTIONS", "X-Long: "+strings.Repeat("x", 30<<10)+"\r\n", "")
		}
		time.Sleep(500 * time.Millisecond)
		answers := 0
		for ph.Skip() {
			answers++
		}
		assert.Equal(t, 3, answers)
	})
}

// Keys in INFO are not logged, whatever is wrong with the request around them.
func TestNoKeyIsLogged(t *testing.T) {
	bubble(t, nil, func(p *place) {
		ph := p.call()
		defer ph.leave()
		const canary = "4929718365502415"
		for _, key := range canary {
			ph.do("INFO", "Content-Type: application/dtmf-relay\r\n", fmt.Sprintf("Signal=%c\r\nDuration=160\r\n", key))
		}
		ph.Raw("INFO sip:x SIP/2.0\r\nContent-Length: -1\r\n\r\nSignal=" + canary)
		ph.Raw("INFO sip:x\r\nSignal=" + canary)
		ph.Send("INFO", "Content-Type: application/dtmf\r\nContent-Length: 99\r\n", canary)
		time.Sleep(time.Second)
		ph.do("BYE", "", "")
		assert.NotContains(t, p.log.String(), canary)
		assert.NotContains(t, p.log.String(), "Signal")
	})
}

// FuzzReadTerms looks that no description makes the server panic, and that what it answers can be read.
func FuzzReadTerms(f *testing.F) {
	f.Add([]byte(peer.Offer(sound, 101)))
	f.Add([]byte(sdpBody + "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + strings.Repeat("A", 40) + "\r\na=sendonly\r\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		answer, err := sip.Answer(b)
		if err == nil && !bytes.HasPrefix(answer, []byte("v=0\r\n")) {
			t.Fatalf("%q", answer)
		}
	})
}
