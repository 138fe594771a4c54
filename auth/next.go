package auth

import (
	"math/bits"
	"slices"
)

// asksMost bounds Policy.Asks, because Next looks at every set of them.
const asksMost = 12

// Next is the factor to verify next on the way to the level want, or false if it cannot be reached any more and a
// person has to help. passed are the factors that were accepted in this call, tried those that ended in any other way:
// neither is asked again. Next takes the shortest way, and among equals the one that the policy puts in front, so the
// caller number, which takes no question, is tried first if Asks begins with it.
//
// A voice print is asked only where the account could reach want without one, so that whoever cannot or does not want
// to use theirs is never shut out.
func (p Policy) Next(a Account, passed, tried []FactorName, want Level) (FactorName, bool) {
	if p.Level(a.ID, passed) >= want {
		return "", false
	}
	var open, others []FactorName // what may be asked now, and what could have been without a voice print
	for _, ask := range p.Asks {
		if !a.Offers(ask.Factor) {
			continue
		}
		// From another telephone, nobody can do anything about the caller number.
		if ask.Class != Inherence && (ask.Factor != FactorCaller || slices.Contains(passed, FactorCaller)) {
			others = append(others, ask.Factor)
		}
		if !slices.Contains(passed, ask.Factor) && !slices.Contains(tried, ask.Factor) {
			open = append(open, ask.Factor)
		}
	}
	if p.Level(a.ID, others) < want {
		open = slices.DeleteFunc(open, func(f FactorName) bool { return p.class(f) == Inherence })
	}
	return p.shortest(a, passed, open, want)
}

// shortest is the first factor of the smallest set of open ones that leads to want. The sets are the bits of a number
// whose lowest bit is the first factor, so among sets of one size the lexically first is the one with the earliest
// factors.
func (p Policy) shortest(a Account, passed, open []FactorName, want Level) (FactorName, bool) {
	open = open[:min(len(open), asksMost)]
	best, found := FactorName(""), false
	size, lead := len(open)+1, 0
	for set := uint(1); set < 1<<len(open); set++ {
		n, first := bits.OnesCount(set), bits.TrailingZeros(set)
		if n > size || n == size && first >= lead {
			continue
		}
		with := slices.Clone(passed)
		for i, f := range open {
			if set&(1<<i) != 0 {
				with = append(with, f)
			}
		}
		if p.Level(a.ID, with) >= want {
			best, found, size, lead = open[first], true, n, first
		}
	}
	return best, found
}
