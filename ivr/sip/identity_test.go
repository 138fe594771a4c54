package sip_test

import (
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/sip"
	"github.com/dialpay/dialpay/ivr/sip/internal/peer"
)

// What a trusted peer says of its caller is believed, and nobody else's word.
func TestIdentity(t *testing.T) {
	const asserted = "P-Asserted-Identity: "
	for _, tc := range []struct {
		from, headers  string
		number, attest string
		rule           string
	}{
		{"<sip:+12125550100@carrier.example>", "", "+12125550100", "", "the number of From, for which nobody vouches"},
		{"<sip:+12125550100;verstat=TN-Validation-Passed@carrier.example;user=phone>", "", "+12125550100", "A",
			"verstat of the number"},
		{"<sip:+12125550100@carrier.example;verstat=TN-Validation-Passed-B>", "", "+12125550100", "B", "of the URI"},
		{"<sip:+12125550100@carrier.example>;verstat=TN-Validation-Passed-C", "", "+12125550100", "C", "of the header"},
		{"<sip:+12125550100@carrier.example>;verstat=TN-Validation-Failed", "", "+12125550100", "", "not verified"},
		{"<sip:+12125550100@carrier.example>;verstat=No-TN-Validation", "", "+12125550100", "", ""},
		{"<sip:+12125550100@carrier.example>;verstat=TN-Validation-Passed-Diverted", "", "+12125550100", "",
			"a level that is none"},
		{"<sip:evil@x.example>", asserted + "<sip:+12125550100;verstat=TN-Validation-Passed@c.example>\r\n",
			"+12125550100", "A", "P-Asserted-Identity comes first"},
		{"<sip:+19998887777@x.example>", asserted +
			"\"Lee, Ann\" <sip:ann@c.example>, <tel:+1-212-555-0100;verstat=TN-Validation-Passed>\r\n",
			"+12125550100", "A", "the first of several that is a number"},
		{"<sip:+12125550100@c.example>", "P-Attestation-Indicator: B\r\n" + asserted +
			"<tel:+12125550100;verstat=TN-Validation-Passed>\r\n", "+12125550100", "B", "Bandwidth"},
		{"<sip:+12125550100@c.example>", "X-Twilio-VerStat: TN-Validation-Passed-A\r\n", "+12125550100", "A", "Twilio"},
		{"<sip:+12125550100@c.example>", "Privacy: id\r\n" + asserted +
			"<tel:+12125550100;verstat=TN-Validation-Passed>\r\n", "", "", "withheld"},
		{"<sip:+12125550100;verstat=TN-Validation-Passed@x.example>", asserted + "<sip:trunk7@c.example>\r\n",
			"+12125550100", "", "what the caller's telephone says of itself is not what the carrier asserts"},
		{"\"Anonymous\" <sip:anonymous@anonymous.invalid>", "", "", "", "withheld"},
		{"<sip:2125550100@c.example>", "", "", "", "a number that is not of the whole world"},
		{"<sip:+1212@c.example>", "", "", "", "too short for one"},
	} {
		for _, trusted := range []bool{true, false} {
			peers := func(c *sip.Config) {
				c.Peers = []sip.Peer{{Net: netip.MustParsePrefix("198.51.100.0/24"), Trusted: trusted}}
			}
			bubble(t, peers, func(p *place) {
				ph := p.caller("198.51.100.1")
				defer ph.leave()
				ph.From, ph.Headers = tc.from, tc.headers
				ph.dial(peer.Offer(ph.sound.At(), 101))
				time.Sleep(time.Second)
				want := ivr.Call{To: "pay"}
				if trusted {
					want.From, want.Attestation = tc.number, tc.attest
				}
				p.handler.mu.Lock()
				assert.Equal(t, want, p.handler.got["call-1"][0].Call, "%s: %s %s", tc.rule, tc.from, tc.headers)
				p.handler.mu.Unlock()
				ph.do("BYE", "", "")
			})
		}
	}
}

// The number that was called is what the peer likes to send: what is none, and no name, reaches nobody.
func TestTheNumberThatWasCalled(t *testing.T) {
	for _, tc := range []struct{ user, to string }{
		{"+12125550199", "+12125550199"}, {"+1-212-555-0199;phone-context=x", "+12125550199"}, {"pay", "pay"},
		{"*98#", "*98#"}, {"..%2F..%2Fetc%2Fpasswd", ""}, {"../../etc/passwd", ""}, {"..", ""}, {"a%0D%0Ab", ""}, {"%00", ""},
		{strings.Repeat("a", 65), ""},
	} {
		bubble(t, nil, func(p *place) {
			ph := p.caller("198.51.100.1")
			defer ph.leave()
			ph.Raw("INVITE sip:" + tc.user + "@192.0.2.1 SIP/2.0\r\n" + common +
				"CSeq: 1 INVITE\r\nContact: <sip:a@b.example>\r\n" + "Content-Type: application/sdp\r\nContent-Length: 108\r\n\r\n" + sdpBody)
			synctest.Wait()
			assert.Equal(t, 1, p.server.Taken())
			time.Sleep(time.Minute)
			assert.Equal(t, tc.to, p.what("ended").To, tc.user)
		})
	}
}

// Who is on no list may not call, and learns nothing.
func TestPeers(t *testing.T) {
	bubble(t, func(c *sip.Config) { c.Peers = []sip.Peer{{Net: netip.MustParsePrefix("203.0.113.0/24")}} },
		func(p *place) {
			ph := p.caller("198.51.100.1")
			defer ph.leave()
			ph.Send("INVITE", "", peer.Offer(ph.sound.At(), 101))
			ph.Send("OPTIONS", "", "")
			_, err := ph.Wait()
			assert.Error(t, err, "no answer at all")
			friend := p.caller("203.0.113.5")
			defer friend.leave()
			friend.dial(peer.Offer(friend.sound.At(), 101))
			friend.do("BYE", "", "")
		})
}
