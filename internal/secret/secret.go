// Package secret holds the one type in which card numbers, security codes and PINs move through dialpay.
package secret

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// Cap is the longest content of a Secret in bytes. A card number has at most 19, a keyed e-mail address fewer than 64.
const Cap = 64

// Mask is all that any formatter, encoder or logger ever gets to see of a Secret.
const Mask = "[secret]"

// ErrTooLong is returned by New for more than Cap bytes.
var ErrTooLong = fmt.Errorf("secret: longer than %d bytes", Cap)

// ErrSealed is returned by every attempt to decode into a Secret: what was never written cannot be read back.
var ErrSealed = errors.New("secret: cannot be decoded")

type buffer struct {
	n int
	b [Cap]byte
}

// Secret holds up to Cap bytes that must never be seen: a PAN, a CVV, a PIN. The zero value is empty and ready to use.
// Copies share one buffer, so Clear on any of them clears all. Every fmt verb, slog, JSON, text, binary and gob shows
// Mask in its place, also where the Secret sits in an unexported field: the buffer hangs behind a func, because
// printers that use reflection follow pointers but not closures.
type Secret struct {
	buf func() *buffer
}

// New copies b into a fresh buffer of fixed capacity, so that no growth leaves a stray copy behind. The caller clears
// its own b. More than Cap bytes is ErrTooLong.
func New(b []byte) (Secret, error) {
	if len(b) > Cap {
		return Secret{}, ErrTooLong
	}
	buf := &buffer{n: len(b)}
	copy(buf.b[:], b)
	return Secret{buf: func() *buffer { return buf }}, nil
}

// Len is the number of bytes held; 0 after Clear.
func (s Secret) Len() int {
	if s.buf == nil {
		return 0
	}
	return s.buf().n
}

// Open lends the bytes to f for the length of the call. f must not keep or convert them to a string: a string cannot
// be cleared.
func (s Secret) Open(f func(b []byte)) {
	if s.buf == nil {
		f(nil)
		return
	}
	buf := s.buf()
	f(buf.b[:buf.n:buf.n])
}

// Clear overwrites the bytes, for every copy of this Secret.
func (s Secret) Clear() {
	if s.buf == nil {
		return
	}
	buf := s.buf()
	clear(buf.b[:])
	buf.n = 0
}

// Copy returns a Secret with a buffer of its own, which outlives a Clear of this one.
func (s Secret) Copy() Secret {
	var c Secret
	if s.buf == nil {
		return c
	}
	s.Open(func(b []byte) { c, _ = New(b) })
	return c
}

// Equal compares two secrets of the same length in constant time.
func (s Secret) Equal(o Secret) bool {
	same := false
	s.Open(func(a []byte) { o.Open(func(b []byte) { same = subtle.ConstantTimeCompare(a, b) == 1 }) })
	return same
}

// Format writes Mask for every verb and flag.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Mask) }

// String returns Mask.
func (s Secret) String() string { return Mask }

// GoString returns Mask.
func (s Secret) GoString() string { return Mask }

// LogValue returns Mask.
func (s Secret) LogValue() slog.Value { return slog.StringValue(Mask) }

// MarshalText returns Mask; JSON and XML use it too.
func (s Secret) MarshalText() ([]byte, error) { return []byte(Mask), nil }

// MarshalBinary returns Mask; gob uses it too.
func (s Secret) MarshalBinary() ([]byte, error) { return []byte(Mask), nil }

// UnmarshalText returns ErrSealed.
func (s *Secret) UnmarshalText([]byte) error { return ErrSealed }

// UnmarshalBinary returns ErrSealed.
func (s *Secret) UnmarshalBinary([]byte) error { return ErrSealed }
