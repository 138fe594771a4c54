package auth

import (
	"context"
	"slices"
	"strings"
)

// The STIR/SHAKEN attestation levels (ATIS-1000074).
const (
	AttestationFull    = "A" // the carrier knows its customer, and that the customer may use the number
	AttestationPartial = "B" // the carrier knows its customer only
	AttestationGateway = "C" // the carrier knows only where the call entered its network
)

// attestations is what carriers write, in lower case, and what it is worth here. The bare "passed" is full attestation
// (3GPP TS 24.229 knows no levels); the letters are Twilio's and Telnyx's. A diverted call is signed by whoever
// forwarded it, who cannot know the right of the first caller to the number: full falls to partial.
var attestations = map[string]string{
	"a":                                  AttestationFull,
	"b":                                  AttestationPartial,
	"c":                                  AttestationGateway,
	"tn-validation-passed":               AttestationFull,
	"tn-validation-passed-a":             AttestationFull,
	"tn-validation-passed-b":             AttestationPartial,
	"tn-validation-passed-c":             AttestationGateway,
	"tn-validation-passed-a-passthrough": AttestationFull,
	"tn-validation-passed-b-passthrough": AttestationPartial,
	"tn-validation-passed-c-passthrough": AttestationGateway,
	"tn-validation-passed-a-diverted":    AttestationPartial,
	"tn-validation-passed-b-diverted":    AttestationPartial,
	"tn-validation-passed-c-diverted":    AttestationGateway,
}

// ParseVerstat turns a carrier's verdict on the caller number into its attestation level, "A", "B" or "C", or "" where
// nothing was verified, the verification failed, or the text is unknown. It takes the verstat parameter of
// P-Asserted-Identity, X-Twilio-VerStat, Twilio's StirVerstat, and a bare level such as Bandwidth's
// P-Attestation-Indicator, which is to be preferred where a call has both. Upper and lower case are the same.
func ParseVerstat(verstat string) string {
	return attestations[strings.ToLower(strings.TrimSpace(verstat))]
}

// Caller is the factor of the registered number that the call comes from. With full attestation it is possession of a
// line. Anything less only narrows the search, and so does a number that is not the account's: it is Inconclusive,
// never Rejected, because customers may call from anywhere.
type Caller struct{}

// Name is FactorCaller.
func (Caller) Name() FactorName { return FactorCaller }

// Class is Possession.
func (Caller) Class() Class { return Possession }

// Verify looks at Evidence.Caller and Evidence.Attestation.
func (Caller) Verify(_ context.Context, a Account, e Evidence) (Result, error) {
	if a.Decoy || ParseVerstat(e.Attestation) != AttestationFull || !slices.Contains(a.Phones, e.Caller) {
		return Inconclusive, nil
	}
	return Accepted, nil
}
