package auth

import (
	"crypto/sha256"
	"hash"
)

// Counting returns h with every SHA-256 that it finishes counted in sums.
func (h Hasher) Counting(sums *int) Hasher {
	h.newHash = func() hash.Hash { return countingHash{sha256.New(), sums} }
	return h
}

type countingHash struct {
	hash.Hash
	sums *int
}

func (c countingHash) Sum(b []byte) []byte {
	*c.sums++
	return c.Hash.Sum(b)
}

// Keypad spells an e-mail address in keypad digits.
func Keypad(s, others string) string { return keypad(s, others) }

// CodeFor tells the code that a challenge with this key sends.
func (c *Code) CodeFor(a Account, key string) (Secret, error) { return c.derive(a, key) }
