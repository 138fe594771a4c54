package auth

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
)

// SecurityQuestion is the factor of a security question whose answer is keyed. Relatives know such answers and data
// brokers sell them; StrictPolicy counts it as Weak.
type SecurityQuestion struct {
	// Hasher is the one that the accounts' answers were hashed with.
	Hasher Hasher
}

// Name is FactorQuestion.
func (SecurityQuestion) Name() FactorName { return FactorQuestion }

// Class is Knowledge.
func (SecurityQuestion) Class() Class { return Knowledge }

// Challenge picks one of the account's questions, the same for the same key, and returns its Prompt. Account.Question
// finds it again. An account without questions is an error.
func (SecurityQuestion) Challenge(_ context.Context, a Account, key string) (string, error) {
	if len(a.Questions) == 0 {
		return "", errors.New("auth: security question: the account has none: ask another factor")
	}
	h := sha256.New()
	writePart(h, a.ID)
	writePart(h, key)
	// The bias of the remainder, below 2^-60, tells nobody anything: which question is asked is no secret.
	pick := binary.BigEndian.Uint64(h.Sum(nil)) % uint64(len(a.Questions))
	return a.Questions[pick].Prompt, nil
}

// Verify checks Evidence.Keyed against the question that Evidence.Challenge names. A question that the account no
// longer has costs the same and is Inconclusive.
func (q SecurityQuestion) Verify(_ context.Context, a Account, e Evidence) (Result, error) {
	asked, found := a.Question(e.Challenge)
	same := q.Hasher.Verify(asked.Answer, e.Keyed)
	if !found && len(a.Questions) > 0 {
		return Inconclusive, nil
	}
	return weigh(a, found, same), nil
}
