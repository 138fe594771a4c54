package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
)

// keyLeast is the shortest key in bytes: the strength of the SHA-256 that it goes into.
const keyLeast = 32

func checkKey(what string, key Secret) error {
	if key.Len() < keyLeast {
		return fmt.Errorf("auth: %s has %d bytes: give at least %d random ones", what, key.Len(), keyLeast)
	}
	return nil
}

// mac is HMAC-SHA256 over the purpose, the parts and last the secret, each with its length before it, so that no two
// lists of parts run together into the same bytes.
func mac(key Secret, purpose string, last Secret, parts ...string) [sha256.Size]byte {
	var sum [sha256.Size]byte
	key.Open(func(k []byte) {
		h := hmac.New(sha256.New, k)
		writePart(h, purpose)
		for _, p := range parts {
			writePart(h, p)
		}
		last.Open(func(b []byte) {
			writeLength(h, len(b))
			h.Write(b)
		})
		h.Sum(sum[:0])
	})
	return sum
}

func writePart(h hash.Hash, s string) {
	writeLength(h, len(s))
	_, _ = io.WriteString(h, s)
}

func writeLength(h hash.Hash, n int) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], uint64(n))
	h.Write(b[:])
}
