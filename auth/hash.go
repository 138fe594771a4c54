package auth

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"
)

// DefaultIterations is the work factor for PBKDF2-HMAC-SHA256 of the OWASP Password Storage Cheat Sheet.
const DefaultIterations = 600_000

const (
	hashScheme = "pbkdf2-sha256"
	saltLen    = 16 // bytes; NIST SP 800-63B-4 section 3.1.1.2 asks for at least 4
	// iterationsMost bounds the work that a damaged record can cause.
	iterationsMost = 10_000_000
)

// Hasher turns a PIN or an answer into the text that is kept of it, and checks one against that text. It follows NIST
// SP 800-63B-4 section 3.1.1.2: salted, with a work factor that is kept beside the hash, and with a pepper that is not.
// A short PIN stays guessable to whoever has both the hash and the pepper, so keep the two apart.
type Hasher struct {
	// Iterations of PBKDF2 for new hashes; 0 is DefaultIterations, about 0.1 s of one core. Tests and demos take 1.
	Iterations int
	// Pepper is a secret key that goes into every hash and is kept away from them; empty is none. To change it, all
	// hashes must be made anew.
	Pepper Secret
	// Rand gives the salts, crypto/rand.Reader as a rule. Only Hash needs it.
	Rand io.Reader

	newHash func() hash.Hash // tests count with it
}

// Hash returns the text form, "$pbkdf2-sha256$i=<iterations>$<salt>$<hash>", with salt and hash in unpadded base64. An
// empty secret, no Rand, a Rand that fails, or Iterations outside 0 to 10,000,000 is an error.
func (h Hasher) Hash(s Secret) (string, error) {
	switch {
	case s.Len() == 0:
		return "", errors.New("auth: nothing to hash: the secret is empty")
	case h.Rand == nil:
		return "", errors.New("auth: Hasher.Rand is nil: give crypto/rand.Reader")
	case h.Iterations < 0 || h.Iterations > iterationsMost:
		return "", fmt.Errorf("auth: Hasher.Iterations is %d: give 1 to %d, or 0 for the default",
			h.Iterations, iterationsMost)
	}
	salt := make([]byte, saltLen)
	if _, err := io.ReadFull(h.Rand, salt); err != nil {
		return "", fmt.Errorf("auth: reading a salt from Hasher.Rand: %w", err)
	}
	sum, err := h.derive(s, salt, h.iterations())
	if err != nil {
		return "", err
	}
	return formatHash(hashed{h.iterations(), salt, sum}), nil
}

// Verify tells whether text is the hash of s, comparing in constant time. Text that is no hash is false after the same
// work, and a hash with fewer Iterations than the Hasher's costs as much as one with all of them, so that the time
// tells nothing of the account.
func (h Hasher) Verify(text string, s Secret) bool {
	stored, ok := parseHash(text)
	if !ok {
		stored = hashed{h.iterations(), make([]byte, saltLen), make([]byte, sha256.Size)}
	}
	sum, err := h.derive(s, stored.salt, stored.iterations)
	if short := h.iterations() - stored.iterations; short > 0 {
		_, _ = h.derive(s, stored.salt, short)
	}
	same := subtle.ConstantTimeCompare(sum, stored.sum) == 1
	return same && ok && err == nil && s.Len() > 0
}

// decoy is a hash that costs Verify the same as a real one and that nothing keyed can match: no one knows a secret
// that hashes to it. The same seed gives the same decoy.
func (h Hasher) decoy(seed [sha256.Size]byte) string {
	salt := sha256.Sum256(append([]byte("salt"), seed[:]...))
	sum := sha256.Sum256(append([]byte("sum"), seed[:]...))
	return formatHash(hashed{h.iterations(), salt[:saltLen], sum[:]})
}

func (h Hasher) iterations() int {
	if h.Iterations <= 0 || h.Iterations > iterationsMost {
		return DefaultIterations
	}
	return h.Iterations
}

// derive stretches HMAC(pepper, s). PBKDF2 takes its password as a string, which cannot be cleared; this way the string
// is a digest and never the PIN.
func (h Hasher) derive(s Secret, salt []byte, iterations int) ([]byte, error) {
	newHash := h.newHash
	if newHash == nil {
		newHash = sha256.New
	}
	var digest []byte
	h.Pepper.Open(func(pepper []byte) {
		m := hmac.New(newHash, pepper)
		s.Open(func(b []byte) { m.Write(b) })
		digest = m.Sum(nil)
	})
	sum, err := pbkdf2.Key(newHash, string(digest), salt, iterations, sha256.Size)
	if err != nil {
		return nil, fmt.Errorf("auth: PBKDF2: %w", err)
	}
	return sum, nil
}

// hashed is what the text form says.
type hashed struct {
	iterations int
	salt, sum  []byte
}

var hashEncoding = base64.RawStdEncoding.Strict()

func formatHash(p hashed) string {
	return fmt.Sprintf("$%s$i=%d$%s$%s", hashScheme, p.iterations,
		hashEncoding.EncodeToString(p.salt), hashEncoding.EncodeToString(p.sum))
}

func parseHash(text string) (hashed, bool) {
	parts := strings.Split(text, "$")
	if len(parts) != 5 || parts[0] != "" || parts[1] != hashScheme || !strings.HasPrefix(parts[2], "i=") {
		return hashed{}, false
	}
	iterations, err := strconv.Atoi(strings.TrimPrefix(parts[2], "i="))
	if err != nil || iterations < 1 || iterations > iterationsMost {
		return hashed{}, false
	}
	salt, saltErr := hashEncoding.DecodeString(parts[3])
	sum, sumErr := hashEncoding.DecodeString(parts[4])
	if saltErr != nil || sumErr != nil || len(salt) < 4 || len(sum) != sha256.Size {
		return hashed{}, false
	}
	return hashed{iterations, salt, sum}, true
}
