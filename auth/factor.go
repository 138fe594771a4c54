package auth

import "context"

// FactorName names a factor; the dialogue has a question for each.
type FactorName string

// The factors that dialpay asks for.
const (
	FactorCaller   FactorName = "caller"   // the registered number that the call comes from; nothing is asked
	FactorPIN      FactorName = "pin"      // a PIN of 4 to 8 digits
	FactorLast4    FactorName = "last4"    // the last four digits of a saved card or bank account
	FactorQuestion FactorName = "question" // a security question with a keyed answer
	FactorEmail    FactorName = "email"    // the registered e-mail address, in keypad letters
	FactorCode     FactorName = "code"     // a one-time code sent to the customer
	FactorVoice    FactorName = "voice"    // the voice print
)

// Class is what a factor proves. Two of one class are no stronger than one.
type Class string

// The classes of factors: something you know, have, or are (NIST SP 800-63B-4 section 3.1).
const (
	Knowledge  Class = "knowledge"
	Possession Class = "possession"
	Inherence  Class = "inherence"
	// Weak narrows the search but proves nothing: knowledge that many have.
	Weak Class = "weak"
)

// Result is how a verification ended.
type Result string

// The results. Only Rejected counts as a failure for the lockout.
const (
	Accepted     Result = "accepted"
	Rejected     Result = "rejected"
	Inconclusive Result = "inconclusive" // ask another factor
	NotEnrolled  Result = "not enrolled" // the account has no such factor: ask another
	OptedOut     Result = "opted out"    // the customer does not want this factor: ask another
)

// valid tells whether r is one of the results.
func (r Result) valid() bool {
	switch r {
	case Accepted, Rejected, Inconclusive, NotEnrolled, OptedOut:
		return true
	}
	return false
}

// Evidence is what a factor is verified with. Caller and Attestation are always set; of the rest, what the factor
// needs.
type Evidence struct {
	// Caller is the number that the call comes from, E.164, or empty where withheld; Attestation is what ParseVerstat
	// made of the carrier's verdict on it.
	Caller, Attestation string
	// Keyed is the entry, for factors that are asked.
	Keyed Secret
	// Challenge is what Challenger.Challenge returned for this call.
	Challenge string
	// Call identifies the call, for a VoiceVerifier that listens to it.
	Call string
}

// Factor is one way to make sure who is calling.
type Factor interface {
	Name() FactorName
	Class() Class
	// Verify checks the evidence against the account, in the same time whether the account is real or a decoy. An
	// error means that it could not be checked.
	Verify(ctx context.Context, a Account, e Evidence) (Result, error)
}

// Challenger is a Factor that must do something before it can be asked: choose a question, send a code.
type Challenger interface {
	// Challenge prepares the question. key is the same when it is repeated for the same question of the same call, so
	// that nothing is sent twice. What it returns goes into Evidence.Challenge and is stored with the session: never
	// the code itself.
	Challenge(ctx context.Context, a Account, key string) (string, error)
}
