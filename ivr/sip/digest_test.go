package sip_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/icholy/digest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/ivr/sip"
	"github.com/dialpay/dialpay/ivr/sip/internal/peer"
)

func passwords(c *sip.Config) {
	c.Users = func(name string) (string, bool) { return "secret", name == "alice" }
	c.Peers = []sip.Peer{{Net: netip.MustParsePrefix("203.0.113.0/24"), Trusted: true},
		{Net: netip.MustParsePrefix("0.0.0.0/0")}}
}

// answer makes the credentials for a challenge of a response.
func answer(t *testing.T, m peer.Message, which int, user, password string, count int) string {
	c, err := digest.ParseChallenge(m.Header["www-authenticate"][which])
	require.NoError(t, err)
	creds, err := digest.Digest(c, digest.Options{Method: "INVITE", URI: "sip:pay@192.0.2.1:5060", Username: user,
		Password: password, Count: count})
	require.NoError(t, err)
	return "Authorization: " + creds.String() + "\r\n"
}

func TestPasswords(t *testing.T) {
	bubble(t, passwords, func(p *place) {
		ph := p.caller("198.51.100.1")
		defer ph.leave()
		offer := peer.Offer(ph.sound.At(), 101)
		m := ph.do("INVITE", "", offer)
		require.Equal(t, 401, m.Status())
		assert.Contains(t, m.Header["www-authenticate"][0], "SHA-256", "the stronger one first")
		for _, wrong := range []string{
			answer(t, m, 0, "alice", "guess", 1),
			answer(t, m, 0, "bob", "secret", 1),
			strings.Replace(answer(t, m, 0, "alice", "secret", 1), `nonce="`, `nonce="A`, 1),
			"Authorization: Basic YWxpY2U6c2VjcmV0\r\n",
			"Authorization: Digest username=alice\r\n",
		} {
			assert.Equal(t, 401, ph.do("INVITE", wrong, offer).Status(), wrong)
		}
		for which := range 2 {
			right := answer(t, m, which, "alice", "secret", 1+which)
			assert.Equal(t, 200, ph.do("INVITE", right, offer).Status(), right)
			ph.do("BYE", "", "")
			other := p.caller("198.51.100.7" + string(rune('0'+which)))
			assert.Equal(t, 401, other.do("INVITE", right, offer).Status(), "what somebody overheard is good for nothing")
			other.leave()
			ph.Forget()
		}
		time.Sleep(6 * time.Minute)
		late := ph.do("INVITE", answer(t, m, 0, "alice", "secret", 9), offer)
		assert.Equal(t, 401, late.Status())
		assert.Contains(t, late.Header["www-authenticate"][0], "stale=true", "the password was right, the question too old")
		assert.Equal(t, 200, ph.do("INVITE", answer(t, late, 1, "alice", "secret", 1), offer).Status())
		ph.do("BYE", "", "")

		trusted := p.caller("203.0.113.1")
		defer trusted.leave()
		trusted.dial(peer.Offer(trusted.sound.At(), 101))
		trusted.do("BYE", "", "")
	})
}

// Without qop the count is no part of what was proved: who overhears such credentials cannot count them on.
func TestAnOverheardPasswordIsNotCountedOn(t *testing.T) {
	bubble(t, passwords, func(p *place) {
		ph, thief := p.caller("198.51.100.1"), p.caller("198.51.100.66")
		defer func() { ph.leave(); thief.leave() }()
		offer := peer.Offer(ph.sound.At(), 101)
		c, err := digest.ParseChallenge(ph.do("INVITE", "", offer).Header["www-authenticate"][1])
		require.NoError(t, err)
		c.QOP = nil
		creds, err := digest.Digest(c, digest.Options{Method: "INVITE", URI: "sip:pay@192.0.2.1:5060", Username: "alice",
			Password: "secret"})
		require.NoError(t, err)
		right := "Authorization: " + creds.String()
		require.Equal(t, 200, ph.do("INVITE", right+"\r\n", offer).Status())
		ph.do("BYE", "", "")
		assert.Equal(t, 401, thief.do("INVITE", right+", nc=00000002\r\n", offer).Status())
	})
}
