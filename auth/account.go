package auth

import (
	"context"
	"errors"

	"github.com/dialpay/dialpay/internal/secret"
)

// Secret holds what a caller keyed to prove who they are. Every fmt verb, slog, JSON, text, binary and gob shows
// "[secret]" in its place. It is the same type as ivr.Secret and payment.Secret.
type Secret = secret.Secret

// NewSecret copies b, at most 64 bytes, into a Secret. The caller clears b.
func NewSecret(b []byte) (Secret, error) { return secret.New(b) }

// ErrUnknownAccount is what a Directory returns for a number that is no account's.
var ErrUnknownAccount = errors.New("auth: unknown account")

// Account is a customer's account as the Directory knows it: what may be asked to make sure who is calling.
type Account struct {
	// ID is the directory's own, never spoken.
	ID string
	// Name is the customer's, for the mandate of a bank debit.
	Name string
	// Phones are the registered numbers, E.164. A code is sent to the first.
	Phones []string
	// Email is the registered address; empty for none.
	Email string
	// PIN is the hashed PIN (Hasher.Hash); empty for none.
	PIN string
	// Last4s are the last four digits of the saved cards and bank accounts.
	Last4s []string
	// Questions are the security questions.
	Questions []Question
	// Voice tells whether a voice print is "enrolled" (VoiceEnrolled), "opted out" (VoiceOptedOut), or neither ("").
	Voice string
	// Locale is the customer's language, a BCP 47 tag; empty where unknown.
	Locale string
	// TimeZone is an IANA name; empty for UTC.
	TimeZone string
	// CallBack tells that the customer agreed to be called back, at their first registered number, when a call is cut off
	// before they could pay. Keep the words in which they agreed.
	CallBack bool
	// Decoy marks an account that does not exist, made by Decoys. No factor may accept anything for it.
	Decoy bool
}

// Offers tells whether the account has what the factor asks for. A factor of an embedder's own is always offered; it
// answers NotEnrolled where it is not.
func (a Account) Offers(f FactorName) bool {
	switch f {
	case FactorCaller, FactorCode:
		return len(a.Phones) > 0
	case FactorPIN:
		return a.PIN != ""
	case FactorLast4:
		return len(a.Last4s) > 0
	case FactorQuestion:
		return len(a.Questions) > 0
	case FactorEmail:
		return a.Email != ""
	case FactorVoice:
		return a.Voice == VoiceEnrolled
	}
	return true
}

// Question returns the security question with this Prompt, which SecurityQuestion.Challenge picked.
func (a Account) Question(prompt string) (Question, bool) {
	for _, q := range a.Questions {
		if q.Prompt == prompt {
			return q, true
		}
	}
	return Question{}, false
}

// Question is a security question whose answer is a number that can be keyed: a year, a house number, a date.
type Question struct {
	// Prompt is the key of the message that asks it.
	Prompt string
	// Answer is the hashed answer (Hasher.Hash).
	Answer string
	// Digits is the length of the answer.
	Digits int
}

// Directory finds accounts.
type Directory interface {
	// ByCaller returns the accounts with this registered number, E.164; none is an empty slice.
	ByCaller(ctx context.Context, number string) ([]Account, error)
	// ByNumber returns the account with this account number, or registered telephone number without its country
	// code. ErrUnknownAccount if there is none.
	ByNumber(ctx context.Context, number string) (Account, error)
	// ByID returns the account that one of the other two returned before.
	ByID(ctx context.Context, id string) (Account, error)
}
