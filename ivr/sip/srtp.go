package sip

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"github.com/pion/sdp/v3"
	"github.com/pion/srtp/v3"
)

// suites are those of RFC 4568 that we know: both have keys of 16 bytes and salts of 14.
var suites = map[string]srtp.ProtectionProfile{
	"AES_CM_128_HMAC_SHA1_80": srtp.ProtectionProfileAes128CmHmacSha1_80,
	"AES_CM_128_HMAC_SHA1_32": srtp.ProtectionProfileAes128CmHmacSha1_32,
}

const (
	keySize  = 16
	saltSize = 14
)

// srtpOffer is the key of a peer, for what it sends (RFC 4568).
type srtpOffer struct {
	tag, suite, key string
}

// srtpKeys protect the sound of a call.
type srtpKeys struct {
	offer   srtpOffer
	key     []byte // for what we send
	in, out *srtp.Context
}

// readCrypto takes the first key of a description that we can use. One with an index (MKI) or with parameters of the
// session is none.
func readCrypto(m *sdp.MediaDescription) *srtpOffer {
	for _, a := range m.Attributes {
		f := strings.Fields(a.Value)
		if a.Key != "crypto" || len(f) != 3 || suites[f[1]] == 0 {
			continue
		}
		key, ok := strings.CutPrefix(f[2], "inline:")
		key, rest, _ := strings.Cut(key, "|")
		if b, err := base64.StdEncoding.DecodeString(key); ok && err == nil && len(b) == keySize+saltSize &&
			!strings.Contains(rest, ":") {
			return &srtpOffer{tag: f[0], suite: f[1], key: key}
		}
	}
	return nil
}

// line is the value of our crypto attribute.
func (k *srtpKeys) line() string {
	return fmt.Sprintf("%s %s inline:%s", k.offer.tag, k.offer.suite, base64.StdEncoding.EncodeToString(k.key))
}

// secure makes ready for the keys of the peer. What was offered before stays as it is: packets count on. A call whose
// sound was protected does not go on without.
func (o *ours) secure(t *terms) error {
	switch {
	case t.srtp == nil && o.srtp == nil, t.srtp != nil && o.srtp != nil && *t.srtp == o.srtp.offer:
		return nil
	case t.srtp == nil:
		return errors.New("sip: sound without SRTP in a call that had it")
	}
	k := &srtpKeys{offer: *t.srtp}
	theirs, err := base64.StdEncoding.DecodeString(t.srtp.key)
	if err != nil {
		return fmt.Errorf("sip: SRTP: %w", err)
	}
	if o.srtp != nil && o.srtp.offer.suite == t.srtp.suite {
		k.key, k.out = o.srtp.key, o.srtp.out
	} else {
		k.key = make([]byte, keySize+saltSize)
		_, _ = rand.Read(k.key)
		k.out, err = srtp.CreateContext(k.key[:keySize], k.key[keySize:], suites[k.offer.suite])
	}
	if err == nil {
		k.in, err = srtp.CreateContext(theirs[:keySize], theirs[keySize:], suites[k.offer.suite],
			srtp.SRTPReplayProtection(64))
	}
	if err != nil {
		return fmt.Errorf("sip: SRTP: %w", err)
	}
	o.srtp = k
	return nil
}

// seal protects a packet that is sent, open takes the protection off one that is received.
func (k *srtpKeys) seal(dst, packet []byte) ([]byte, error) {
	return k.out.EncryptRTP(dst, packet, nil)
}
func (k *srtpKeys) open(dst, packet []byte) ([]byte, error) { return k.in.DecryptRTP(dst, packet, nil) }
