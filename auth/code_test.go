package auth_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCodeIsSentAndAccepted(t *testing.T) {
	clk, out := newClock(), &outbox{}
	code, a := testCode(t, clk, out), testAccount(t)

	challenge, err := code.Challenge(ctx, a, "call 1")
	require.NoError(t, err)
	require.Len(t, out.notices, 1)
	n := out.notices[0]
	assert.Equal(t, "a1", n.Account)
	assert.Equal(t, "+12025550100", n.To, "it goes to the first registered number")
	assert.Equal(t, "en-US", n.Locale)
	assert.Equal(t, start.Add(10*time.Minute), n.Expires)
	assert.Regexp(t, `^[0-9]{6}$`, opened(n.Code))
	assert.Equal(t, 6, code.Digits())
	assert.NotContains(t, challenge, opened(n.Code), "the challenge is stored, so the code is not in it")

	got, err := code.Verify(ctx, a, auth.Evidence{Keyed: n.Code, Challenge: challenge})
	require.NoError(t, err)
	assert.Equal(t, auth.Accepted, got)
	got, err = code.Verify(ctx, a, auth.Evidence{Keyed: n.Code, Challenge: challenge})
	require.NoError(t, err)
	assert.Equal(t, auth.Rejected, got, "a code is good once")
}

func TestCodeChallengeRepeated(t *testing.T) {
	clk, out := newClock(), &outbox{}
	code, a := testCode(t, clk, out), testAccount(t)
	first, err := code.Challenge(ctx, a, "call 1")
	require.NoError(t, err)

	clk.forward(9 * time.Minute)
	again, err := code.Challenge(ctx, a, "call 1")
	require.NoError(t, err)
	assert.Equal(t, first, again, "a repetition gives the same challenge, and no more time")
	require.Len(t, out.notices, 2)
	assert.Equal(t, out.notices[0].Key, out.notices[1].Key, "the provider sees that it is the same notice")
	assert.Equal(t, opened(out.notices[0].Code), opened(out.notices[1].Code))

	clk.forward(time.Minute)
	_, err = code.Challenge(ctx, a, "call 1")
	require.NoError(t, err)
	assert.Len(t, out.notices, 2, "a code that has ended is not sent")

	_, err = code.Challenge(ctx, a, "call 1, second code")
	require.NoError(t, err)
	require.Len(t, out.notices, 3)
	assert.NotEqual(t, out.notices[0].Key, out.notices[2].Key, "another key is another notice")
	assert.NotEqual(t, opened(out.notices[0].Code), opened(out.notices[2].Code), "with another code")
}

func TestCodeVerify(t *testing.T) {
	a, other := testAccount(t), testAccount(t)
	other.ID = "a2"
	decoy := a
	decoy.Decoy = true
	for _, c := range []struct {
		rule    string
		account auth.Account
		later   time.Duration
		change  func(keyed, challenge string) (string, string)
		want    auth.Result
	}{
		{"to the last second, the code counts", a, 10*time.Minute - time.Second, nil, auth.Accepted},
		{"after ten minutes it does not, and is no failure", a, 10 * time.Minute, nil, auth.Inconclusive},
		{"of a code that has ended, a wrong one tells no more", a, 10 * time.Minute, func(_, challenge string) (string, string) {
			return "000000", challenge
		}, auth.Inconclusive},
		{"another code is rejected", a, 0, func(keyed, challenge string) (string, string) {
			return string('0'+(keyed[0]-'0'+1)%10) + keyed[1:], challenge
		}, auth.Rejected},
		{"nothing is rejected", a, 0, func(_, challenge string) (string, string) { return "", challenge }, auth.Rejected},
		{"a later end that was written in is rejected", a, 0, func(keyed, challenge string) (string, string) {
			parts := strings.Split(challenge, ".")
			return keyed, parts[0] + ".9999999999." + parts[2]
		}, auth.Rejected},
		{"the code of another account is rejected", other, 0, nil, auth.Rejected},
		{"a decoy's right code is rejected", decoy, 0, nil, auth.Rejected},
	} {
		t.Run(c.rule, func(t *testing.T) {
			clk, out := newClock(), &outbox{}
			code := testCode(t, clk, out)
			challenge, err := code.Challenge(ctx, a, "call 1")
			require.NoError(t, err)
			keyed := opened(out.notices[0].Code)
			if c.change != nil {
				keyed, challenge = c.change(keyed, challenge)
			}
			clk.forward(c.later)
			got, err := code.Verify(ctx, c.account, auth.Evidence{Keyed: secretOf(t, keyed), Challenge: challenge})
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
	for _, challenge := range []string{"", ".", "..", "a.b.c", "a.1.", ".1.c", "a.1.b.c"} {
		_, err := testCode(t, newClock(), &outbox{}).Verify(ctx, a, auth.Evidence{Challenge: challenge})
		assert.ErrorContains(t, err, "pass it on unchanged", "challenge %q", challenge)
	}
}

// A code for a decoy takes the same way, is sent to nobody, and fails for nobody to hear.
func TestCodeForDecoy(t *testing.T) {
	clk, out := newClock(), &outbox{err: errors.New("no number")}
	code := testCode(t, clk, out)
	_, err := code.Challenge(ctx, testAccount(t), "call 1")
	assert.ErrorContains(t, err, "no number", "for a customer, the failure is reported")

	directory, err := auth.NewMemoryDirectory("1")
	require.NoError(t, err)
	decoys, err := auth.NewDecoys(directory, auth.DecoyConfig{Key: testKey(t), Hasher: testHasher()})
	require.NoError(t, err)
	decoy, err := decoys.ByNumber(ctx, "99999")
	require.NoError(t, err)
	challenge, err := code.Challenge(ctx, decoy, "call 1")
	require.NoError(t, err)
	require.Len(t, out.notices, 2)
	assert.Empty(t, out.notices[1].To)
	got, err := code.Verify(ctx, decoy, auth.Evidence{Keyed: out.notices[1].Code, Challenge: challenge})
	require.NoError(t, err)
	assert.Equal(t, auth.Rejected, got)
}

func TestCodesAreEven(t *testing.T) {
	code, a := testCode(t, newClock(), &outbox{}), testAccount(t)
	const draws = 20_000
	var counts [6][10]int
	seen := map[string]bool{}
	for i := range draws {
		secret, err := code.CodeFor(a, fmt.Sprint(i))
		require.NoError(t, err)
		digits := opened(secret)
		seen[digits] = true
		for at, d := range digits {
			counts[at][d-'0']++
		}
	}
	for at := range counts {
		for d, n := range counts[at] {
			// Six standard deviations of a binomial of 20,000 at 1/10 are 255. The draws are the same in every run.
			assert.InDelta(t, draws/10, n, 255, "digit %d at place %d", d, at)
		}
	}
	assert.Greater(t, len(seen), draws*97/100, "codes repeat no more than chance has it")
}

// brokenOnce is a store that is down.
type brokenOnce struct{}

func (brokenOnce) Claim(context.Context, string, time.Time, time.Time) (time.Time, bool, error) {
	return time.Time{}, false, errors.New("store is down")
}

func TestCodeFaults(t *testing.T) {
	_, err := auth.NewCode(auth.CodeConfig{Key: secretOf(t, "short"), Digits: 5, Life: time.Hour})
	for _, fault := range []string{"CodeConfig.Key has 5 bytes", "Notifier is nil", "Once is nil",
		"Now is nil", "Digits is 5", "Life is 1h"} {
		assert.ErrorContains(t, err, fault, "all faults are told at once")
	}

	clk, out := newClock(), &outbox{}
	code, err := auth.NewCode(auth.CodeConfig{Key: testKey(t), Notifier: out, Once: brokenOnce{}, Now: clk.Now})
	require.NoError(t, err)
	_, err = code.Challenge(ctx, testAccount(t), "call 1")
	assert.ErrorContains(t, err, "store is down")
	assert.Empty(t, out.notices, "nothing is sent that could not be recorded")

	_, err = code.Challenge(ctx, auth.Account{ID: "bare"}, "call 1")
	assert.ErrorContains(t, err, "ask another factor")
}

func TestMemoryOnce(t *testing.T) {
	once := &auth.MemoryOnce{}
	first, fresh, err := once.Claim(ctx, "x", start, start.Add(time.Minute))
	require.NoError(t, err)
	assert.True(t, fresh)
	assert.Equal(t, start, first)
	first, fresh, err = once.Claim(ctx, "x", start.Add(time.Second), start.Add(time.Hour))
	require.NoError(t, err)
	assert.False(t, fresh, "what is claimed is claimed")
	assert.Equal(t, start, first, "at the time of the first")
	_, fresh, err = once.Claim(ctx, "x", start.Add(61*time.Second), start.Add(2*time.Minute))
	require.NoError(t, err)
	assert.True(t, fresh, "what is past may happen again")
	for i := range 1000 {
		_, fresh, err = once.Claim(ctx, fmt.Sprint(i), start.Add(2*time.Minute), start.Add(3*time.Minute))
		require.NoError(t, err)
		assert.True(t, fresh)
	}
	for i := range 1000 {
		_, fresh, err = once.Claim(ctx, fmt.Sprint(i), start.Add(3*time.Minute), start.Add(4*time.Minute))
		require.NoError(t, err)
		assert.False(t, fresh, "nothing is forgotten that is not past, however much there is")
	}
}
