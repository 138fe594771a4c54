package sip_test

import (
	"encoding/base64"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pion/srtp/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/ivr/sip/internal/peer"
)

// crypto makes a line for a key.
func crypto(tag, suite string, key []byte) string {
	return "a=crypto:" + tag + " " + suite + " inline:" + base64.StdEncoding.EncodeToString(key)
}

func srtpContext(t *testing.T, key []byte, suite string) *srtp.Context {
	profile := srtp.ProtectionProfileAes128CmHmacSha1_80
	if strings.HasSuffix(suite, "_32") {
		profile = srtp.ProtectionProfileAes128CmHmacSha1_32
	}
	c, err := srtp.CreateContext(key[:16], key[16:], profile)
	require.NoError(t, err)
	return c
}

// Sound that is offered with a key is protected, in both directions; keys that are not are not heard.
func TestSRTP(t *testing.T) {
	for _, suite := range []string{"AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32"} {
		t.Run(suite, func(t *testing.T) {
			bubble(t, nil, func(p *place) {
				ph := p.caller("198.51.100.1")
				defer ph.leave()
				key := []byte("a key of 16 byteand a salt: 14")
				unknown := "a=crypto:1 AEAD_AES_256_GCM inline:" + strings.Repeat("A", 59) + "="
				offer := strings.Replace(peer.Offer(ph.sound.At(), 101, unknown, crypto("7", suite, key)), "RTP/AVP", "RTP/SAVP", 1)
				m := ph.do("INVITE", "", offer)
				require.Equal(t, 200, m.Status())
				assert.Contains(t, m.Body, "RTP/SAVP 0 101")
				ours := regexp.MustCompile(`a=crypto:7 ` + suite + ` inline:(\S+)`).FindStringSubmatch(m.Body)
				require.NotNil(t, ours, m.Body)
				theirs, err := base64.StdEncoding.DecodeString(ours[1])
				require.NoError(t, err)
				out, in := srtpContext(t, key, suite), srtpContext(t, theirs, suite)
				ph.Phone = peer.NewPhone(peer.PhoneConfig{Conn: ph.sound, To: peer.Sound(m.Body), Events: 101, Keep: true})
				ph.Press("7") // in the open
				time.Sleep(time.Second)
				_, keys := p.handler.inputs("call-1")
				assert.Empty(t, keys)
				ph.Protect(func(dst, b []byte) ([]byte, error) { return out.EncryptRTP(dst, b, nil) },
					func(dst, b []byte) ([]byte, error) { return in.DecryptRTP(dst, b, nil) })
				ph.Press("5")
				time.Sleep(time.Second)
				_, keys = p.handler.inputs("call-1")
				assert.Equal(t, []string{"5"}, keys)
				assert.NotZero(t, ph.Loud())

				if !strings.HasSuffix(suite, "_32") {
					time.Sleep(22 * time.Minute) // more than 65,536 packets, whose numbers begin again
				}
				m = ph.do("INVITE", "", offer) // again, as after a hold
				assert.Contains(t, m.Body, ours[0], "the key stays, so packets count on")
				ph.Press("6")
				time.Sleep(time.Second)
				_, keys = p.handler.inputs("call-1")
				assert.Equal(t, []string{"5", "6"}, keys)
				assert.Equal(t, 488, ph.do("INVITE", "", peer.Offer(ph.sound.At(), 101)).Status(), "never without, once with")
				ph.do("BYE", "", "")
			})
		})
	}
}

func TestSRTPThatWeDoNotKnow(t *testing.T) {
	for _, line := range []string{"", "a=crypto:1 AEAD_AES_256_GCM inline:AAAA",
		"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:AAAA",
		crypto("1", "AES_CM_128_HMAC_SHA1_80", make([]byte, 30)) + "|1:4", crypto("1", "AES_CM_128_HMAC_SHA1_80",
			make([]byte, 30)) + " UNENCRYPTED_SRTP"} {
		bubble(t, nil, func(p *place) {
			ph := p.caller("198.51.100.1")
			defer ph.leave()
			assert.Equal(t, 488, ph.do("INVITE", "", strings.Replace(peer.Offer(ph.sound.At(), 101, line), "RTP/AVP",
				"RTP/SAVP", 1)).Status(), line)
		})
	}
}
