package ivr

import "github.com/dialpay/dialpay/internal/secret"

// Secret holds keys that nobody may see: a card number, a security code, a PIN. Every fmt verb, slog, JSON, text,
// binary and gob shows "[secret]" in its place. Open lends the bytes, Clear overwrites them for every copy, Equal
// compares in constant time, Len counts. It is the same type as payment.Secret and auth.Secret.
type Secret = secret.Secret

// NewSecret copies b, at most 64 bytes, into a Secret. The caller clears b.
func NewSecret(b []byte) (Secret, error) { return secret.New(b) }
