package auth

import (
	"errors"
	"fmt"
	"slices"
)

// Level is how sure it is who is calling. Levels are compared with < and >=.
type Level int

// The levels.
const (
	LevelNone       Level = iota // nothing is known
	LevelNarrowed                // an account was named, by its number or by the caller number; nothing is proven
	LevelIdentified              // one factor was accepted, other than the caller number alone
	LevelStrong                  // factors of two different classes were accepted
)

var levelNames = [...]string{"none", "narrowed", "identified", "strong"}

// String is the level's name, for logs.
func (l Level) String() string {
	if l < LevelNone || l > LevelStrong {
		return fmt.Sprintf("level %d", int(l))
	}
	return levelNames[l]
}

// Action is something that a caller wants and that needs a level.
type Action string

// The actions that dialpay asks a Policy about. An embedder's own stages may have others.
const (
	ActionHearBill   Action = "hear bill"
	ActionPaySaved   Action = "pay saved"   // pay with a saved method
	ActionPayNew     Action = "pay new"     // pay with a method that is keyed in the call
	ActionSaveMethod Action = "save method" // keep a new method
	ActionChange     Action = "change"      // change preferences, AutoPay or contact details
)

// Rule is what one action needs.
type Rule struct {
	Action Action
	// Level is what it needs whatever the amount.
	Level Level
	// Above raises the level from an amount on. Where it is not empty, an amount in a currency that it does not list
	// needs the highest of its levels.
	Above []Threshold
}

// Threshold raises the level for amounts above Amount, in minor units of Currency (ISO 4217: "USD", cents).
type Threshold struct {
	Currency string
	Amount   int64
	Level    Level
}

// Ask is a factor that a Policy asks for.
type Ask struct {
	Factor FactorName
	// Class is what the factor counts as: its own Factor.Class, or Weak.
	Class Class
}

// Policy says which level each action needs and which factors lead there. It is plain data; change a copy of
// DefaultPolicy or StrictPolicy, or write one out. Check tells whether it holds together.
type Policy struct {
	// Rules has one for each action. An action without a rule needs LevelStrong.
	Rules []Rule
	// Asks are the factors in use, at most 12, those to be asked first in front.
	Asks []Ask
	// WeakTogether is how many different Weak factors together count as one of class Knowledge; 0 is never.
	WeakTogether int
	// InherenceNeedsPossession tells that a voice print counts only beside a factor of class Possession.
	InherenceNeedsPossession bool
}

// DefaultPolicy fits a biller whose customers hear and pay their own bills.
func DefaultPolicy() Policy {
	return Policy{
		Rules: []Rule{
			{Action: ActionHearBill, Level: LevelIdentified},
			{Action: ActionPaySaved, Level: LevelIdentified, Above: []Threshold{
				{"USD", 500_00, LevelStrong},
				{"CAD", 500_00, LevelStrong},
				{"EUR", 500_00, LevelStrong},
				{"GBP", 500_00, LevelStrong},
				{"MXN", 10_000_00, LevelStrong},
				{"JPY", 75_000, LevelStrong},
			}},
			{Action: ActionPayNew, Level: LevelIdentified},
			{Action: ActionSaveMethod, Level: LevelIdentified},
			{Action: ActionChange, Level: LevelStrong},
		},
		Asks: []Ask{
			{FactorCaller, Possession},
			{FactorPIN, Knowledge},
			{FactorVoice, Inherence},
			{FactorQuestion, Knowledge},
			{FactorCode, Possession},
			{FactorLast4, Weak},
			{FactorEmail, Weak},
		},
		WeakTogether: 2,
	}
}

// StrictPolicy follows NIST SP 800-63B-4 as far as a telephone can: what a customer knows about themselves is no factor
// (there is no knowledge-based authenticator in section 3.1), a voice print counts only beside possession (3.2.3), and
// the caller number, which can be ported and forwarded, only narrows the search (3.1.3.3). Saved methods and all
// changes need two classes.
func StrictPolicy() Policy {
	return Policy{
		Rules: []Rule{
			{Action: ActionHearBill, Level: LevelIdentified},
			{Action: ActionPaySaved, Level: LevelStrong},
			{Action: ActionPayNew, Level: LevelIdentified},
			{Action: ActionSaveMethod, Level: LevelStrong},
			{Action: ActionChange, Level: LevelStrong},
		},
		Asks: []Ask{
			{FactorCaller, Weak},
			{FactorPIN, Knowledge},
			{FactorCode, Possession},
			{FactorVoice, Inherence},
			{FactorQuestion, Weak},
			{FactorLast4, Weak},
			{FactorEmail, Weak},
		},
		InherenceNeedsPossession: true,
	}
}

// IsZero tells whether nothing of the policy is set.
func (p Policy) IsZero() bool {
	return p.Rules == nil && p.Asks == nil && p.WeakTogether == 0 && !p.InherenceNeedsPossession
}

// With is the policy without the asks for factors that are not there.
func (p Policy) With(factors ...Factor) Policy {
	p.Asks = slices.DeleteFunc(slices.Clone(p.Asks), func(ask Ask) bool {
		return !slices.ContainsFunc(factors, func(f Factor) bool { return f.Name() == ask.Factor })
	})
	return p
}

// Needs is the level that the action needs for an amount in minor units of the currency, "" and 0 where there is none.
// A negative amount needs as much as the largest.
func (p Policy) Needs(action Action, currency string, amount int64) Level {
	i := slices.IndexFunc(p.Rules, func(r Rule) bool { return r.Action == action })
	if i < 0 {
		return LevelStrong
	}
	rule := p.Rules[i]
	if amount == 0 {
		return rule.Level
	}
	listed := slices.ContainsFunc(rule.Above, func(t Threshold) bool { return t.Currency == currency })
	need := rule.Level
	for _, t := range rule.Above {
		if !listed || t.Currency == currency && (amount > t.Amount || amount < 0) {
			need = max(need, t.Level)
		}
	}
	return need
}

// Level is how sure it is that the caller is the customer of the account with this ID, once these factors were
// accepted. A factor that the policy does not ask for counts for nothing. The ID "", where no account was named yet, is
// LevelNone.
func (p Policy) Level(account string, passed []FactorName) Level {
	if account == "" {
		return LevelNone
	}
	got := p.tally(passed)
	if p.InherenceNeedsPossession && got.possession == 0 {
		got.inherence = 0
	}
	classes := min(got.knowledge, 1) + min(got.possession, 1) + min(got.inherence, 1)
	switch {
	case classes >= 2:
		return LevelStrong
	case classes == 1 && !got.callerAlone:
		return LevelIdentified
	}
	return LevelNarrowed
}

// tally counts the different factors of each class.
type tally struct {
	knowledge, possession, inherence, weak int
	// callerAlone tells that the only factor that is not Weak is the caller number.
	callerAlone bool
}

func (p Policy) tally(passed []FactorName) tally {
	var t tally
	caller := false
	for i, f := range passed {
		if slices.Contains(passed[:i], f) {
			continue
		}
		switch p.class(f) {
		case Knowledge:
			t.knowledge++
		case Possession:
			t.possession++
			caller = caller || f == FactorCaller
		case Inherence:
			t.inherence++
		case Weak:
			t.weak++
		}
	}
	if p.WeakTogether > 0 && t.weak >= p.WeakTogether {
		t.knowledge++
	}
	t.callerAlone = caller && t.knowledge+t.possession+t.inherence == 1
	return t
}

func (p Policy) class(f FactorName) Class {
	for _, ask := range p.Asks {
		if ask.Factor == f {
			return ask.Class
		}
	}
	return ""
}

// Check tells every fault of the policy, given the factors that there are: a factor that is not there (With leaves
// those out), asked for twice or counted as more than it is; an action with two rules; a level that does not exist.
func (p Policy) Check(factors ...Factor) error {
	var faults []error
	fault := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("auth: policy: "+format, args...))
	}
	if len(p.Asks) > asksMost {
		fault("it asks for %d factors: at most %d", len(p.Asks), asksMost)
	}
	for i, ask := range p.Asks {
		at := slices.IndexFunc(factors, func(f Factor) bool { return f.Name() == ask.Factor })
		switch {
		case at < 0:
			fault("it asks for factor %q, which is not there: add it, or take it out of Asks with Policy.With", ask.Factor)
		case ask.Class != Weak && ask.Class != factors[at].Class():
			fault("it counts factor %q as %q: the factor is %q, or at most Weak", ask.Factor, ask.Class, factors[at].Class())
		}
		if slices.ContainsFunc(p.Asks[:i], func(b Ask) bool { return b.Factor == ask.Factor }) {
			fault("it asks for factor %q twice", ask.Factor)
		}
	}
	for i, r := range p.Rules {
		if slices.ContainsFunc(p.Rules[:i], func(b Rule) bool { return b.Action == r.Action }) {
			fault("action %q has two rules", r.Action)
		}
		if !r.Level.valid() {
			fault("action %q needs %v, which does not exist", r.Action, r.Level)
		}
		for _, t := range r.Above {
			if !t.Level.valid() || t.Amount < 0 || len(t.Currency) != 3 {
				fault("action %q has a bad threshold: %+v", r.Action, t)
			}
		}
	}
	if p.WeakTogether < 0 || p.WeakTogether == 1 {
		fault("WeakTogether is %d: a single Weak factor proves nothing; give 0, or 2 and more", p.WeakTogether)
	}
	return errors.Join(faults...)
}

func (l Level) valid() bool { return l >= LevelNone && l <= LevelStrong }
