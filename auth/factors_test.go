package auth_test

import (
	"errors"
	"testing"

	"github.com/dialpay/dialpay/auth"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestKeyedFactors(t *testing.T) {
	a := testAccount(t)
	pin, last4 := auth.PIN{Hasher: testHasher()}, auth.Last4{}
	question, email := auth.SecurityQuestion{Hasher: testHasher()}, auth.Email{}
	for _, c := range []struct {
		rule             string
		factor           auth.Factor
		keyed, challenge string
		want             auth.Result
	}{
		{"the PIN is accepted", pin, "2468", "", auth.Accepted},
		{"another is rejected", pin, "8642", "", auth.Rejected},
		{"part of the PIN is not the PIN", pin, "246", "", auth.Rejected},
		{"nothing is not the PIN", pin, "", "", auth.Rejected},
		{"the last four of any saved method are accepted", last4, "4242", "", auth.Accepted},
		{"of the second too", last4, "1881", "", auth.Accepted},
		{"other digits are rejected", last4, "4241", "", auth.Rejected},
		{"more digits are rejected", last4, "42421881", "", auth.Rejected},
		{"nothing is rejected", last4, "", "", auth.Rejected},
		{"the answer to the question is accepted", question, "1969", "question.birthyear", auth.Accepted},
		{"the answer to another question is rejected", question, "742", "question.birthyear", auth.Rejected},
		{"a question that is gone is nobody's fault", question, "1969", "question.gone", auth.Inconclusive},
		{"the part before the at sign, with 1 for the dot", email, "56176484", "", auth.Accepted},
		{"the same without the dot", email, "5676484", "", auth.Accepted},
		{"the whole address", email, "56176484139267531266", "", auth.Accepted},
		{"the whole address in letters only", email, "56764843926753266", "", auth.Accepted},
		{"a different name", email, "56176485", "", auth.Rejected},
		{"the domain alone", email, "39267531266", "", auth.Rejected},
		{"nothing", email, "", "", auth.Rejected},
	} {
		t.Run(string(c.factor.Name())+": "+c.rule, func(t *testing.T) {
			e := auth.Evidence{Keyed: secretOf(t, c.keyed), Challenge: c.challenge}
			got, err := c.factor.Verify(ctx, a, e)
			require.NoError(t, err)
			assert.Equal(t, c.want, got)

			got, err = c.factor.Verify(ctx, auth.Account{ID: "bare"}, e)
			require.NoError(t, err)
			assert.Equal(t, auth.NotEnrolled, got, "an account without it is asked something else")

			impossible := a
			impossible.Decoy = true
			got, err = c.factor.Verify(ctx, impossible, e)
			require.NoError(t, err)
			assert.NotEqual(t, auth.Accepted, got, "nothing is accepted for a decoy, even the right answer")
		})
	}
}

func TestDamagedLast4s(t *testing.T) {
	a := auth.Account{ID: "a", Last4s: []string{"", "42", "1881"}}
	for keyed, want := range map[string]auth.Result{"": auth.Rejected, "42": auth.Rejected, "1881": auth.Accepted} {
		got, err := auth.Last4{}.Verify(ctx, a, auth.Evidence{Keyed: secretOf(t, keyed)})
		require.NoError(t, err)
		assert.Equal(t, want, got, "only four digits count, keyed %q", keyed)
	}
}

func TestShortEmail(t *testing.T) {
	a := auth.Account{ID: "a", Email: "jo@ex.io"}
	for keyed, want := range map[string]auth.Result{
		"56":       auth.Rejected, // too short to prove anything: the whole address is needed
		"561":      auth.Rejected,
		"56139146": auth.Accepted,
		"563946":   auth.Accepted,
	} {
		got, err := auth.Email{}.Verify(ctx, a, auth.Evidence{Keyed: secretOf(t, keyed)})
		require.NoError(t, err)
		assert.Equal(t, want, got, "keyed %s", keyed)
	}
}

func FuzzKeypad(f *testing.F) {
	for _, s := range []string{"jo.smith@example.com", "", "@", "Ünï.cödé@例え.jp", "a+b_c-d@x.y", "0123456789@\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		full, bare := auth.Keypad(s, "1"), auth.Keypad(s, "")
		if len(full) != len([]rune(s)) {
			t.Errorf("%q has %d characters and became %d keys", s, len([]rune(s)), len(full))
		}
		if len(bare) > len(full) {
			t.Errorf("leaving characters out of %q made it longer", s)
		}
		for _, k := range full + bare {
			if k < '0' || k > '9' {
				t.Errorf("%q spells %q, which no keypad has", s, k)
			}
		}
		keyed, err := auth.NewSecret([]byte(full))
		if err != nil || len(full) < 4 {
			return
		}
		got, err := auth.Email{}.Verify(ctx, auth.Account{ID: "a", Email: s}, auth.Evidence{Keyed: keyed})
		if err != nil || got != auth.Accepted {
			t.Errorf("keying %q as %s is %q, %v", s, full, got, err)
		}
	})
}

func TestQuestionIsPickedByKey(t *testing.T) {
	a := testAccount(t)
	q := auth.SecurityQuestion{Hasher: testHasher()}
	seen := map[string]bool{}
	for _, key := range []string{"call 1", "call 2", "call 3", "call 4", "call 5", "call 6", "call 7", "call 8"} {
		picked, err := q.Challenge(ctx, a, key)
		require.NoError(t, err)
		again, err := q.Challenge(ctx, a, key)
		require.NoError(t, err)
		assert.Equal(t, picked, again, "the same key asks the same question")
		asked, found := a.Question(picked)
		require.True(t, found)
		assert.Equal(t, picked, asked.Prompt)
		seen[picked] = true
	}
	assert.Len(t, seen, len(a.Questions), "every question gets its turn")

	_, err := q.Challenge(ctx, auth.Account{ID: "bare"}, "call 1")
	assert.ErrorContains(t, err, "ask another factor")
}

func TestVoice(t *testing.T) {
	down := errors.New("verifier is down")
	enrolled, optedOut, none := testAccount(t), testAccount(t), testAccount(t)
	optedOut.Voice, none.Voice = auth.VoiceOptedOut, ""
	decoy := enrolled
	decoy.Decoy = true
	for rule, c := range map[string]struct {
		account  auth.Account
		verifier *voice
		want     auth.Result
		err      string
		asked    bool
	}{
		"the customer's voice is accepted":           {enrolled, &voice{result: auth.Accepted}, auth.Accepted, "", true},
		"another's is rejected":                      {enrolled, &voice{result: auth.Rejected}, auth.Rejected, "", true},
		"a bad line is inconclusive":                 {enrolled, &voice{result: auth.Inconclusive}, auth.Inconclusive, "", true},
		"who opted out is not listened to":           {optedOut, &voice{result: auth.Accepted}, auth.OptedOut, "", false},
		"nor is who never enrolled":                  {none, &voice{result: auth.Accepted}, auth.NotEnrolled, "", false},
		"a decoy is listened to, and rejected":       {decoy, &voice{result: auth.Accepted}, auth.Rejected, "", true},
		"a decoy that is not enrolled is rejected":   {decoy, &voice{result: auth.NotEnrolled}, auth.Rejected, "", true},
		"an error says that it could not be checked": {enrolled, &voice{err: down}, "", "verifier is down", true},
		"an answer that is no result is an error":    {enrolled, &voice{result: "maybe"}, "", `"maybe"`, true},
	} {
		t.Run(rule, func(t *testing.T) {
			got, err := auth.Voice{Verifier: c.verifier}.Verify(ctx, c.account, auth.Evidence{Call: "call 1"})
			assert.Equal(t, c.want, got)
			if c.err == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, c.err)
			}
			if c.asked {
				assert.Equal(t, []string{"a1/call 1"}, c.verifier.asked)
			} else {
				assert.Empty(t, c.verifier.asked)
			}
		})
	}
	_, err := auth.Voice{}.Verify(ctx, enrolled, auth.Evidence{})
	assert.ErrorContains(t, err, "Voice.Verifier is nil")
}
