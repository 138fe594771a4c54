package payment

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strconv"
	"strings"
)

// product keeps our keys apart from those of other software at the same processor account.
const product = "dialpay"

// keyLength is the length of every Key in characters.
const keyLength = 26

var base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Key is the idempotency key of one operation ("authorise", "capture" …) on one leg, counted from 0: 26 characters of
// a–z and 2–7, the same for every repetition from any process. Some processors take no more than 32 characters, which
// rules out a UUID with dashes.
func Key(product, tenant, payment string, leg int, operation string, attempt int) string {
	return digest(product, tenant, payment, strconv.Itoa(leg), operation, strconv.Itoa(attempt))
}

// keyOf is the Key of an operation on a leg of the payment.
func (p *Payment) keyOf(leg int, operation StepKind) string {
	return Key(product, p.Tenant, p.ID, leg, string(operation), p.Legs[leg].Attempt)
}

// fingerprint is a digest of all that the authorisation of a leg asks for. A key is only ever sent with the parameters
// that it was made for.
func (p *Payment) fingerprint(leg int) string {
	l := &p.Legs[leg]
	parts := []string{l.Key, l.Processor, l.Token, l.Amount.Currency, strconv.FormatInt(l.Amount.Minor, 10), p.ID, p.Payee}
	if l.Points != 0 {
		parts = append(parts, strconv.FormatInt(l.Points, 10))
	}
	return digest(parts...)
}

// digest hashes the parts, each with its length in front, so that no two lists of parts are the same bytes.
func digest(parts ...string) string {
	var b []byte
	for _, part := range parts {
		b = strconv.AppendInt(b, int64(len(part)), 10)
		b = append(append(b, ':'), part...)
	}
	sum := sha256.Sum256(b)
	return base32Lower.EncodeToString(sum[:16])
}

// spoken are the characters of a transaction ID. Left out is what looks alike (0 O, 1 I L, 2 Z, 5 S, 6 G, 8 B, U V) and
// what sounds alike on a line that ends at 3.4 kHz: of A J K only K, of B C D E G P T V Z 3 only C, T and 3, of F S X
// only F and X, of M N only M, of 5 9 only 9. With A, E, I, O and U gone, no words come out.
const spoken = "234679CFHKMQRTWXY"

// TransactionID is the number of a payment that a caller hears and writes down: 9 characters of "234679CFHKMQRTWXY",
// derived from the payment's ID. There are about 10^11, so that two payments may have the same one: tell payments apart
// by their ID.
func TransactionID(paymentID string) string {
	sum := sha256.Sum256([]byte("transaction:" + paymentID))
	n := binary.BigEndian.Uint64(sum[:8])
	var id strings.Builder
	for range 9 {
		id.WriteByte(spoken[n%uint64(len(spoken))])
		n /= uint64(len(spoken))
	}
	return id.String()
}
