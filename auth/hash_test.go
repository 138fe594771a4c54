package auth_test

import (
	"strings"
	"testing"

	"github.com/dialpay/dialpay/auth"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestHashVerifies(t *testing.T) {
	h := testHasher()
	text, err := h.Hash(secretOf(t, "2468"))
	require.NoError(t, err)
	again, err := h.Hash(secretOf(t, "2468"))
	require.NoError(t, err)

	assert.Regexp(t, `^\$pbkdf2-sha256\$i=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`, text)
	assert.NotEqual(t, text, again, "every hash has a salt of its own")
	assert.True(t, h.Verify(text, secretOf(t, "2468")), "the same PIN matches")
	assert.False(t, h.Verify(text, secretOf(t, "2469")), "another PIN does not")
	assert.False(t, h.Verify(text, secretOf(t, "24680")), "nor a longer one: nothing is cut off")
	assert.False(t, h.Verify(text, auth.Secret{}), "nor an empty one")

	peppered := h
	peppered.Pepper = testKey(t)
	assert.False(t, peppered.Verify(text, secretOf(t, "2468")), "a hash is worth nothing under another pepper")
}

// The expected value was computed with Python: hashlib.pbkdf2_hmac("sha256", hmac.digest(b"k"*32, b"2468", "sha256"),
// b"0123456789abcdef", 1000).
func TestHashIsPBKDF2(t *testing.T) {
	h := auth.Hasher{Pepper: testKey(t), Iterations: 1000}
	assert.True(t, h.Verify(pythonHash, secretOf(t, "2468")))
	assert.False(t, h.Verify(pythonHash, secretOf(t, "2467")))
	assert.False(t, h.Verify(pythonHashOfNothing, auth.Secret{}), "nothing is no PIN, even where it was hashed as one")
}

func TestHashFaults(t *testing.T) {
	pin := secretOf(t, "2468")
	for name, c := range map[string]struct {
		h    auth.Hasher
		s    auth.Secret
		says string
	}{
		"an empty secret is nothing to hash":       {testHasher(), auth.Secret{}, "empty"},
		"without randomness there is no salt":      {auth.Hasher{Iterations: 1}, pin, "crypto/rand.Reader"},
		"broken randomness is no salt either":      {auth.Hasher{Iterations: 1, Rand: failing{}}, pin, "salt"},
		"iterations below zero are a mistake":      {auth.Hasher{Iterations: -1, Rand: &counter{}}, pin, "Iterations is -1"},
		"iterations without bound stop the engine": {auth.Hasher{Iterations: 1 << 30, Rand: &counter{}}, pin, "10000000"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.h.Hash(c.s)
			assert.ErrorContains(t, err, c.says)
		})
	}
}

// malformed are texts that no Hasher wrote.
var malformed = []string{"", "$", "$$$$", "2468", "$pbkdf2-sha256$i=1$$", "$pbkdf2-sha256$i=1$AAAAAAAAAAAAAAAAAAAAAA$AAAA",
	"$pbkdf2-sha256$i=0$AAAAAAAAAAAAAAAAAAAAAA$" + strings.Repeat("A", 43),
	"$pbkdf2-sha256$i=99999999999$AAAAAAAAAAAAAAAAAAAAAA$" + strings.Repeat("A", 43),
	"$scrypt$i=1$AAAAAAAAAAAAAAAAAAAAAA$" + strings.Repeat("A", 43),
	"$pbkdf2-sha256$i=1$%%%%$" + strings.Repeat("A", 43)}

func TestVerifyCostsTheSame(t *testing.T) {
	const iterations = 50
	hashed := func(n int) string {
		text, err := auth.Hasher{Iterations: n, Rand: &counter{}}.Hash(secretOf(t, "2468"))
		require.NoError(t, err)
		return text
	}
	work := func(text, pin string) int {
		sums := 0
		auth.Hasher{Iterations: iterations}.Counting(&sums).Verify(text, secretOf(t, pin))
		return sums
	}
	want := work(hashed(iterations), "2468")
	assert.Greater(t, want, iterations, "the count sees the iterations")
	assert.Equal(t, want, work(hashed(iterations), "1357"), "a wrong PIN costs what the right one costs")
	for _, text := range malformed {
		assert.Equal(t, want, work(text, "2468"), "a hash that is none costs the same: %q", text)
	}
	assert.GreaterOrEqual(t, work(hashed(10), "2468"), want, "a hash of fewer iterations is not cheaper")
}

// The promise of the package: whoever keys an unknown number causes the same work as whoever keys a wrong PIN.
func TestUnknownAccountCostsTheSame(t *testing.T) {
	const iterations = 20
	hasher := auth.Hasher{Iterations: iterations, Rand: &counter{}}
	a := testAccount(t)
	var err error
	a.PIN, err = hasher.Hash(secretOf(t, "2468"))
	require.NoError(t, err)
	for i := range a.Questions {
		a.Questions[i].Answer, err = hasher.Hash(secretOf(t, "1969"))
		require.NoError(t, err)
	}
	directory, err := auth.NewMemoryDirectory("1", auth.Entry{Number: "10001", Account: a})
	require.NoError(t, err)

	work := func(number string, f func(auth.Hasher) auth.Factor) int {
		sums := 0
		counting := hasher.Counting(&sums)
		decoys, err := auth.NewDecoys(directory, auth.DecoyConfig{Key: testKey(t), Hasher: counting, Like: []auth.Account{a}})
		require.NoError(t, err)
		found, err := decoys.ByNumber(ctx, number)
		require.NoError(t, err)
		factor, e := f(counting), auth.Evidence{Keyed: secretOf(t, "1111")}
		if challenger, ok := factor.(auth.Challenger); ok {
			e.Challenge, err = challenger.Challenge(ctx, found, "call 1")
			require.NoError(t, err)
		}
		result, err := testLockout(t, newClock(), &auth.MemoryAttempts{}).Verify(ctx, factor, found, e)
		require.NoError(t, err)
		require.Equal(t, auth.Rejected, result)
		return sums
	}
	for _, f := range []func(auth.Hasher) auth.Factor{
		func(h auth.Hasher) auth.Factor { return auth.PIN{Hasher: h} },
		func(h auth.Hasher) auth.Factor { return auth.SecurityQuestion{Hasher: h} },
	} {
		known := work("10001", f)
		assert.Greater(t, known, iterations)
		assert.Equal(t, known, work("99999", f), "factor %q", f(hasher).Name())
	}
}

func FuzzVerify(f *testing.F) {
	for _, text := range malformed {
		f.Add(text, "2468")
	}
	f.Add(pythonHash, "2468")
	f.Fuzz(func(t *testing.T, text, pin string) {
		if strings.Count(text, "$") == 4 && len(text) > 0 && strings.Contains(text, "i=") && len(pin) <= 64 {
			_, iterations, _ := strings.Cut(text, "i=")
			if digits, _, _ := strings.Cut(iterations, "$"); len(digits) > 4 && len(digits) < 9 {
				t.Skip("a valid work factor, but too much of it for a fuzz run")
			}
		}
		secret, err := auth.NewSecret([]byte(pin))
		if err != nil {
			t.Skip("longer than a Secret")
		}
		if (auth.Hasher{Iterations: 1}).Verify(text, secret) && !strings.HasPrefix(text, "$pbkdf2-sha256$i=") {
			t.Errorf("%q was taken for a hash of something", text)
		}
	})
}

// The second is the same of an empty PIN.
const (
	pythonHash          = "$pbkdf2-sha256$i=1000$MDEyMzQ1Njc4OWFiY2RlZg$aCQF7Jf6KB5hW2sk+nJRj8svOwHUv/StLqXS07o5sm0"
	pythonHashOfNothing = "$pbkdf2-sha256$i=1000$MDEyMzQ1Njc4OWFiY2RlZg$AzHkcHzWoWMn9ywDlPC6/MMe9XdBhqI04fbwGrWmx3w"
)
