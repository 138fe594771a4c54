package auth

import (
	"context"
	"errors"
	"fmt"
)

// What Account.Voice says.
const (
	VoiceEnrolled = "enrolled"
	VoiceOptedOut = "opted out"
)

// VoiceVerifier compares the voice on a call with the account's voice print.
type VoiceVerifier interface {
	// VerifyVoice listens to the call, or has listened to it, and says whether it is the account's customer. An error
	// means that it could not be checked; a voice that cannot be told is Inconclusive.
	VerifyVoice(ctx context.Context, account, call string) (Result, error)
}

// Voice is the factor of the voice print. There is always another way: Policy.Next asks for it only where the same
// level can be reached without it (W3C NAUR requirement 2; NIST SP 800-63B-4 section 3.2.3).
type Voice struct {
	// Verifier does the comparison.
	Verifier VoiceVerifier
}

// Name is FactorVoice.
func (Voice) Name() FactorName { return FactorVoice }

// Class is Inherence.
func (Voice) Class() Class { return Inherence }

// Verify asks the Verifier about Evidence.Call, also for a decoy, where every answer counts as Rejected.
func (v Voice) Verify(ctx context.Context, a Account, e Evidence) (Result, error) {
	switch {
	case v.Verifier == nil:
		return "", errors.New("auth: Voice.Verifier is nil: give one, or leave the voice print out of the policy")
	case a.Voice == VoiceOptedOut:
		return OptedOut, nil
	case a.Voice != VoiceEnrolled:
		return NotEnrolled, nil
	}
	r, err := v.Verifier.VerifyVoice(ctx, a.ID, e.Call)
	switch {
	case err != nil:
		return "", fmt.Errorf("auth: voice print: %w", err)
	case a.Decoy:
		return Rejected, nil
	case !r.valid():
		return "", fmt.Errorf("auth: voice print: the verifier answered %q, which is no auth.Result", r)
	}
	return r, nil
}
