package auth

import "context"

// PIN is the factor of a PIN of 4 to 8 digits, kept as a hash in Account.PIN. NIST calls a PIN a password and asks for
// at least 8 characters (SP 800-63B-4 section 3.1.1.2); few customers can key that many from memory, so the Lockout has
// to make up for it.
type PIN struct {
	// Hasher is the one that the accounts' PINs were hashed with.
	Hasher Hasher
}

// Name is FactorPIN.
func (PIN) Name() FactorName { return FactorPIN }

// Class is Knowledge.
func (PIN) Class() Class { return Knowledge }

// Verify checks Evidence.Keyed. An account without a PIN costs the same and is NotEnrolled.
func (p PIN) Verify(_ context.Context, a Account, e Evidence) (Result, error) {
	return weigh(a, a.PIN != "", p.Hasher.Verify(a.PIN, e.Keyed)), nil
}

// weigh gives the result of a comparison that has already been made, in the order in which the reasons count.
func weigh(a Account, enrolled, same bool) Result {
	switch {
	case !enrolled:
		return NotEnrolled
	case same && !a.Decoy:
		return Accepted
	}
	return Rejected
}
