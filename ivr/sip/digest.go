package sip

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// digestAuth has peers prove that they know a password (RFC 3261, section 22; RFC 8760). A nonce proves itself, so that
// nothing is kept for who only asks for one; it is remembered once it was used, so that it is not used again.
type digestAuth struct {
	cfg *Config
	key [32]byte

	mu   sync.Mutex
	used map[string]useOfNonce
}

type useOfNonce struct {
	count   int
	expires time.Time
}

const (
	// nonceLife is how long a nonce is good for.
	nonceLife = 5 * time.Minute
	// mostNonces bounds those that are remembered. Beyond it nobody else is let in, until some have expired.
	mostNonces = 10_000
)

func newDigestAuth(cfg *Config) *digestAuth {
	d := &digestAuth{cfg: cfg, used: map[string]useOfNonce{}}
	_, _ = rand.Read(d.key[:])
	return d
}

// challenges are what a peer is asked: the stronger one first.
func (d *digestAuth) challenges(req *sip.Request) (all []sip.Header) {
	nonce, stale := d.nonce(d.cfg.Now()), false
	if c := credentials(req); c != nil {
		made, ok := d.made(c.Nonce)
		stale = ok && d.cfg.Now().Sub(made) > nonceLife
	}
	for _, algorithm := range []string{"SHA-256", "MD5"} {
		c := digest.Challenge{Realm: d.cfg.Realm, Nonce: nonce, Algorithm: algorithm, QOP: []string{"auth"}, Stale: stale}
		all = append(all, sip.NewHeader("WWW-Authenticate", c.String()))
	}
	return all
}

// check tells whether a request bears the right password.
func (d *digestAuth) check(req *sip.Request) bool {
	c := credentials(req)
	if c == nil || c.Realm != d.cfg.Realm || c.Userhash || !one(c.Algorithm, "", "MD5", "SHA-256") ||
		!one(c.QOP, "", "auth") {
		return false
	}
	made, ok := d.made(c.Nonce)
	if age := d.cfg.Now().Sub(made); !ok || age < 0 || age > nonceLife {
		return false
	}
	password, known := d.cfg.Users(c.Username)
	chal := &digest.Challenge{Realm: c.Realm, Nonce: c.Nonce, Algorithm: c.Algorithm}
	if c.QOP != "" {
		chal.QOP = []string{c.QOP}
	}
	want, err := digest.Digest(chal, digest.Options{Method: string(req.Method), URI: c.URI, Count: c.Nc,
		Username: c.Username,
		Password: password, Cnonce: c.Cnonce})
	right := err == nil && subtle.ConstantTimeCompare([]byte(want.Response), []byte(c.Response)) == 1
	return right && known && d.first(c, made.Add(nonceLife))
}

func one(s string, of ...string) bool {
	for _, o := range of {
		if strings.EqualFold(s, o) {
			return true
		}
	}
	return false
}

// credentials are those of a request; nil if it has none that can be read.
func credentials(req *sip.Request) *digest.Credentials {
	h := req.GetHeader("Authorization")
	if h == nil {
		return nil
	}
	c, err := digest.ParseCredentials(h.Value())
	if err != nil {
		return nil
	}
	return c
}

// first tells whether this use of a nonce is its first: its count must grow (RFC 7616, section 3.3).
func (d *digestAuth) first(c *digest.Credentials, expires time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	count := 1 // without qop it is no part of what was proved
	if c.QOP != "" {
		count = max(c.Nc, 1)
	}
	if was, ok := d.used[c.Nonce]; ok && count <= was.count {
		return false
	}
	if len(d.used) >= mostNonces {
		for nonce, u := range d.used {
			if d.cfg.Now().After(u.expires) {
				delete(d.used, nonce)
			}
		}
		if len(d.used) >= mostNonces {
			return false
		}
	}
	d.used[c.Nonce] = useOfNonce{count, expires}
	return true
}

// nonce is the time, something random, and the proof that we made it.
func (d *digestAuth) nonce(at time.Time) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(at.UnixNano()))
	var salt [8]byte
	_, _ = rand.Read(salt[:])
	b = append(b, salt[:]...)
	return base64.RawURLEncoding.EncodeToString(append(b, d.proof(b)...))
}

func (d *digestAuth) proof(b []byte) []byte {
	h := hmac.New(sha256.New, d.key[:])
	h.Write(b)
	return h.Sum(nil)[:16]
}

// made tells when a nonce of ours was made.
func (d *digestAuth) made(nonce string) (time.Time, bool) {
	b, err := base64.RawURLEncoding.DecodeString(nonce)
	if err != nil || len(b) != 32 || !hmac.Equal(d.proof(b[:16]), b[16:]) {
		return time.Time{}, false
	}
	return time.Unix(0, int64(binary.BigEndian.Uint64(b))), true
}
