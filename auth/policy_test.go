package auth_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/dialpay/dialpay/auth"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

type names = []auth.FactorName

const (
	caller   = auth.FactorCaller
	pin      = auth.FactorPIN
	last4    = auth.FactorLast4
	question = auth.FactorQuestion
	email    = auth.FactorEmail
	code     = auth.FactorCode
	voiced   = auth.FactorVoice
)

func TestLevel(t *testing.T) {
	for _, c := range []struct {
		rule           string
		passed         names
		normal, strict auth.Level
	}{
		{"an account that was named is narrowed", nil, auth.LevelNarrowed, auth.LevelNarrowed},
		{"a line is never enough", names{caller}, auth.LevelNarrowed, auth.LevelNarrowed},
		{"a PIN identifies", names{pin}, auth.LevelIdentified, auth.LevelIdentified},
		{"a code identifies", names{code}, auth.LevelIdentified, auth.LevelIdentified},
		{"a code to the calling line is the same class", names{caller, code}, auth.LevelIdentified, auth.LevelIdentified},
		{"line and PIN are two classes", names{caller, pin}, auth.LevelStrong, auth.LevelIdentified},
		{"code and PIN are two classes", names{code, pin}, auth.LevelStrong, auth.LevelStrong},
		{"a question is knowledge, but not strictly", names{question}, auth.LevelIdentified, auth.LevelNarrowed},
		{"two of one class are no stronger than one", names{pin, question}, auth.LevelIdentified, auth.LevelIdentified},
		{"a voice identifies, but strictly only beside possession", names{voiced}, auth.LevelIdentified, auth.LevelNarrowed},
		{"voice and PIN", names{voiced, pin}, auth.LevelStrong, auth.LevelIdentified},
		{"voice and code", names{voiced, code}, auth.LevelStrong, auth.LevelStrong},
		{"one weak factor proves nothing", names{last4}, auth.LevelNarrowed, auth.LevelNarrowed},
		{"the same twice is one", names{last4, last4}, auth.LevelNarrowed, auth.LevelNarrowed},
		{"two weak ones are knowledge, but not strictly", names{last4, email}, auth.LevelIdentified, auth.LevelNarrowed},
		{"weak ones add nothing to a PIN", names{last4, email, pin}, auth.LevelIdentified, auth.LevelIdentified},
		{"they add a class to the line", names{last4, email, caller}, auth.LevelStrong, auth.LevelNarrowed},
		{"what the policy does not ask for counts for nothing", names{"x", "y"}, auth.LevelNarrowed, auth.LevelNarrowed},
	} {
		t.Run(c.rule, func(t *testing.T) {
			assert.Equal(t, c.normal, auth.DefaultPolicy().Level("a1", c.passed), "default")
			assert.Equal(t, c.strict, auth.StrictPolicy().Level("a1", c.passed), "strict")
			assert.Equal(t, auth.LevelNone, auth.DefaultPolicy().Level("", c.passed), "no account, no level")
		})
	}
}

func TestNeeds(t *testing.T) {
	p := auth.DefaultPolicy()
	for _, c := range []struct {
		action   auth.Action
		currency string
		amount   int64
		want     auth.Level
	}{
		{auth.ActionHearBill, "", 0, auth.LevelIdentified},
		{auth.ActionPaySaved, "USD", 500_00, auth.LevelIdentified},
		{auth.ActionPaySaved, "USD", 500_01, auth.LevelStrong},
		{auth.ActionPaySaved, "USD", math.MaxInt64, auth.LevelStrong},
		{auth.ActionPaySaved, "USD", -1, auth.LevelStrong},
		{auth.ActionPaySaved, "JPY", 75_000, auth.LevelIdentified},
		{auth.ActionPaySaved, "JPY", 75_001, auth.LevelStrong},
		{auth.ActionPaySaved, "KWD", 1, auth.LevelStrong}, // a currency without a threshold is above it
		{auth.ActionPayNew, "USD", 500_01, auth.LevelIdentified},
		{auth.ActionChange, "", 0, auth.LevelStrong},
		{"fly to the moon", "", 0, auth.LevelStrong}, // an action without a rule
	} {
		assert.Equal(t, c.want, p.Needs(c.action, c.currency, c.amount), "%s %d %s", c.action, c.amount, c.currency)
	}
	assert.Equal(t, auth.LevelStrong, auth.StrictPolicy().Needs(auth.ActionPaySaved, "USD", 1))
	assert.Equal(t, auth.LevelStrong, auth.Policy{}.Needs(auth.ActionHearBill, "", 0))
}

func TestNext(t *testing.T) {
	all := testAccount(t)
	bare := func(change func(*auth.Account)) auth.Account {
		a := auth.Account{ID: "bare"}
		change(&a)
		return a
	}
	voiceOnly := bare(func(a *auth.Account) { a.Voice = auth.VoiceEnrolled })
	voicePhone := bare(func(a *auth.Account) { a.Voice, a.Phones = auth.VoiceEnrolled, all.Phones })
	weakOnly := bare(func(a *auth.Account) { a.Last4s, a.Email = all.Last4s, all.Email })
	normal, strict := auth.DefaultPolicy(), auth.StrictPolicy()
	const none = auth.FactorName("")
	for _, c := range []struct {
		rule          string
		policy        auth.Policy
		account       auth.Account
		passed, tried names
		want          auth.Level
		next          auth.FactorName
	}{
		{"one question is enough to identify", normal, all, nil, nil, auth.LevelIdentified, pin},
		{"what is reached asks for nothing", normal, all, names{pin}, nil, auth.LevelIdentified, none},
		{"step-up: after the PIN, the line", normal, all, names{pin}, nil, auth.LevelStrong, caller},
		{"not the line when it was looked at in vain", normal, all, names{pin}, names{caller}, auth.LevelStrong, voiced},
		{"no voice when it was inconclusive, but a code", normal, all, names{pin}, names{caller, voiced}, auth.LevelStrong, code},
		{"then there is nothing left", normal, all, names{pin}, names{caller, voiced, code}, auth.LevelStrong, none},
		{"a line that is proven needs one question more", normal, all, names{caller}, nil, auth.LevelStrong, pin},
		{"after the PIN failed, another factor", normal, all, names{caller}, names{pin}, auth.LevelStrong, voiced},
		{"weak ones come last", normal, all, nil, names{pin, voiced, question, code}, auth.LevelIdentified, last4},
		{"and both are asked", normal, all, names{last4}, names{pin, voiced, question, code}, auth.LevelIdentified, email},
		{"one weak one alone leads nowhere", normal, all, nil, names{pin, voiced, question, code, email}, auth.LevelIdentified, none},
		{"weak ones never lead anywhere strictly", strict, weakOnly, nil, nil, auth.LevelIdentified, none},
		{"strictly, strong is PIN and code", strict, all, nil, nil, auth.LevelStrong, pin},
		{"the code follows", strict, all, names{pin}, nil, auth.LevelStrong, code},
		{"without the PIN, code and voice", strict, all, nil, names{pin}, auth.LevelStrong, code},
		{"the voice follows", strict, all, names{code}, names{pin}, auth.LevelStrong, voiced},
		{"strictly, a voice does not go with a PIN", strict, all, names{pin}, names{code}, auth.LevelStrong, none},
		{"a voice is never the only way", normal, voiceOnly, nil, nil, auth.LevelIdentified, none},
		{"beside a code it may be asked", normal, voicePhone, nil, nil, auth.LevelIdentified, voiced},
		{"who is not recognised gets the code", normal, voicePhone, nil, names{voiced}, auth.LevelIdentified, code},
		{"but strong would need the voice, so a person", normal, voicePhone, nil, nil, auth.LevelStrong, none},
		{"an account with nothing to ask", normal, bare(func(*auth.Account) {}), nil, nil, auth.LevelIdentified, none},
		{"no account at all", normal, auth.Account{}, nil, nil, auth.LevelNarrowed, none},
	} {
		t.Run(c.rule, func(t *testing.T) {
			next, ok := c.policy.Next(c.account, c.passed, c.tried, c.want)
			assert.Equal(t, c.next, next)
			assert.Equal(t, c.next != none, ok)
		})
	}
}

// Whatever happens, asking ends: with the level, or with nothing left. And a decoy is asked what its account would be.
func TestNextEnds(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	full := testAccount(t)
	for range 2000 {
		p := []auth.Policy{auth.DefaultPolicy(), auth.StrictPolicy()}[r.IntN(2)]
		a := auth.Account{ID: "a"}
		if r.IntN(2) == 0 {
			a.PIN = full.PIN
		}
		if r.IntN(2) == 0 {
			a.Phones = full.Phones
		}
		if r.IntN(2) == 0 {
			a.Questions = full.Questions
		}
		if r.IntN(2) == 0 {
			a.Last4s, a.Email = full.Last4s, full.Email
		}
		if r.IntN(2) == 0 {
			a.Voice = auth.VoiceEnrolled
		}
		want := auth.Level(r.IntN(4))
		var passed, tried names
		for range len(p.Asks) + 1 {
			f, ok := p.Next(a, passed, tried, want)
			if !ok {
				break
			}
			require.NotContains(t, append(passed, tried...), f, "nothing is asked twice")
			require.True(t, a.Offers(f), "nothing is asked that the account does not have")
			if r.IntN(2) == 0 {
				passed = append(passed, f)
			} else {
				tried = append(tried, f)
			}
		}
		_, more := p.Next(a, passed, tried, want)
		require.False(t, more)
		if len(tried) == 0 && p.Level(a.ID, passed) < want {
			require.Empty(t, passed, "no question is asked that leads nowhere")
		}
	}
}

// No sequence of wrong answers gives more than what was proven: a stranger with the line, and with one of the secrets,
// never gets further than these two.
func TestWrongAnswersProveNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	a := testAccount(t)
	right := map[auth.FactorName]string{pin: "2468", last4: "1881", question: "1969", email: "5676484"}
	for range 1000 {
		clk := newClock()
		lockout := testLockout(t, clk, &auth.MemoryAttempts{})
		p := []auth.Policy{auth.DefaultPolicy(), auth.StrictPolicy()}[r.IntN(2)]
		factors := allFactors(t, clk)
		factors[len(factors)-1] = auth.Voice{Verifier: &voice{result: auth.Rejected}}
		stolen := []auth.FactorName{pin, last4, question, email, "none"}[r.IntN(5)]
		line := []string{"", "A", "B"}[r.IntN(3)]
		var proven, passed names
		for range 12 {
			f := factors[r.IntN(len(factors))]
			e := auth.Evidence{Caller: "+12025550100", Attestation: line, Keyed: secretOf(t, fmt.Sprint(r.IntN(1000))),
				Challenge: "question.birthyear", Call: "call 1"}
			if c, ok := f.(auth.Challenger); ok && f.Name() == code {
				challenge, err := c.Challenge(ctx, a, "call 1")
				require.NoError(t, err)
				e.Challenge = challenge
			}
			truly := f.Name() == stolen && r.IntN(2) == 0 || f.Name() == caller && line == "A"
			if truly && f.Name() != caller {
				e.Keyed = secretOf(t, right[stolen])
			}
			result, err := lockout.Verify(ctx, f, a, e)
			var locked *auth.LockedError
			if err != nil {
				require.ErrorAs(t, err, &locked)
				continue
			}
			if truly {
				proven = append(proven, f.Name())
			}
			if result == auth.Accepted {
				passed = append(passed, f.Name())
			}
		}
		require.LessOrEqual(t, p.Level(a.ID, passed), p.Level(a.ID, proven))
		for _, f := range passed {
			require.True(t, slices.Contains(proven, f), "%s was accepted without being proven", f)
		}
	}
}

func TestPolicyCheck(t *testing.T) {
	factors := allFactors(t, newClock())
	assert.NoError(t, auth.DefaultPolicy().Check(factors...))
	assert.NoError(t, auth.StrictPolicy().Check(factors...))
	assert.NoError(t, auth.Policy{}.Check())
	assert.True(t, auth.Policy{}.IsZero())
	assert.False(t, auth.DefaultPolicy().IsZero())

	few := auth.DefaultPolicy().With(auth.PIN{}, auth.Last4{})
	assert.NoError(t, few.Check(auth.PIN{}, auth.Last4{}))
	assert.Equal(t, []auth.Ask{{pin, auth.Knowledge}, {last4, auth.Weak}}, few.Asks, "in the policy's order")
	assert.Len(t, auth.DefaultPolicy().Asks, 7, "the original is as it was")

	bad := auth.Policy{
		Rules: []auth.Rule{
			{Action: "a", Level: 9},
			{Action: "a", Above: []auth.Threshold{{"dollars", 1, auth.LevelStrong}, {"USD", -1, auth.LevelStrong},
				{"USD", 1, 7}}},
		},
		Asks:         []auth.Ask{{pin, auth.Possession}, {last4, auth.Knowledge}, {last4, auth.Weak}, {"moon", auth.Weak}},
		WeakTogether: 1,
	}
	for range 9 {
		bad.Asks = append(bad.Asks, auth.Ask{Factor: pin, Class: auth.Knowledge})
	}
	err := bad.Check(auth.PIN{}, auth.Last4{})
	for _, fault := range []string{
		"13 factors: at most 12", `"pin" as "possession"`, `"last4" as "knowledge"`, `factor "last4" twice`,
		`factor "moon", which is not there`, `action "a" has two rules`, `needs level 9`, "{Currency:dollars",
		"Amount:-1", "Level:level 7", "WeakTogether is 1",
	} {
		assert.ErrorContains(t, err, fault)
	}
}

func TestLevelNames(t *testing.T) {
	for level, name := range map[auth.Level]string{auth.LevelNone: "none", auth.LevelNarrowed: "narrowed",
		auth.LevelIdentified: "identified", auth.LevelStrong: "strong", -1: "level -1", 4: "level 4"} {
		assert.Equal(t, name, level.String())
	}
}
