package auth_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/dialpay/dialpay/auth"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func household(t *testing.T) *auth.MemoryDirectory {
	t.Helper()
	d, err := auth.NewMemoryDirectory("1",
		auth.Entry{Number: "10001", Account: auth.Account{ID: "ada", Phones: []string{"+12025550100", "+12025550101"}}},
		auth.Entry{Number: "10002", Account: auth.Account{ID: "ben", Phones: []string{"+12025550100", "+442071838750"}}},
		auth.Entry{Number: "10003", Account: auth.Account{ID: "dora", Phones: []string{"+12025550100"}}},
		auth.Entry{Number: "2025550103", Account: auth.Account{ID: "cleo", Phones: []string{"+12025550103"}}},
	)
	require.NoError(t, err)
	return d
}

func TestMemoryDirectory(t *testing.T) {
	d := household(t)
	for keyed, want := range map[string]string{
		"10001":         "ada",  // an account number
		"2025550101":    "ada",  // a registered telephone number without its country code
		"2025550103":    "cleo", // a number that is both, of the same account
		"2025550100":    "",     // a telephone number that three accounts share
		"12025550101":   "",     // the country code is not keyed
		"442071838750":  "",     // a number of another country has no short form
		"99999":         "",
		"":              "",
		"+442071838750": "",
	} {
		a, err := d.ByNumber(ctx, keyed)
		if want == "" {
			assert.ErrorIs(t, err, auth.ErrUnknownAccount, "keyed %q", keyed)
			continue
		}
		require.NoError(t, err, "keyed %q", keyed)
		assert.Equal(t, want, a.ID, "keyed %q", keyed)
	}

	for caller, want := range map[string]int{"+12025550100": 3, "+12025550101": 1, "+442071838750": 1,
		"+12025550199": 0, "": 0} {
		found, err := d.ByCaller(ctx, caller)
		require.NoError(t, err)
		assert.NotNil(t, found, "none is an empty slice")
		assert.Len(t, found, want, "from %q", caller)
	}

	a, err := d.ByID(ctx, "ben")
	require.NoError(t, err)
	assert.Equal(t, "ben", a.ID)
	a.Phones[0] = "changed"
	again, err := d.ByID(ctx, "ben")
	require.NoError(t, err)
	assert.Equal(t, "+12025550100", again.Phones[0], "what a caller of it does to an account stays with them")
	_, err = d.ByID(ctx, "nobody")
	assert.ErrorIs(t, err, auth.ErrUnknownAccount)
}

func TestMemoryDirectoryIsUnchangeable(t *testing.T) {
	account := testAccount(t)
	d, err := auth.NewMemoryDirectory("1", auth.Entry{Number: "10001", Account: account})
	require.NoError(t, err)
	account.Phones[0], account.Last4s[0], account.Questions[0].Prompt = "changed", "changed", "changed"
	kept, err := d.ByID(ctx, "a1")
	require.NoError(t, err)
	assert.Equal(t, "+12025550100", kept.Phones[0])
	assert.Equal(t, "4242", kept.Last4s[0])
	assert.Equal(t, "question.birthyear", kept.Questions[0].Prompt)
}

func TestMemoryDirectoryFaults(t *testing.T) {
	_, err := auth.NewMemoryDirectory("1",
		auth.Entry{Number: "1", Account: auth.Account{ID: "a", Phones: []string{"2025550100"}}},
		auth.Entry{Number: "1", Account: auth.Account{ID: "b", Phones: []string{"+12025550102", "+12025550102"}}},
		auth.Entry{Number: "x", Account: auth.Account{ID: "b"}},
		auth.Entry{Number: "2", Account: auth.Account{ID: ""}},
		auth.Entry{Number: "3", Account: auth.Account{ID: "decoy-3"}},
		auth.Entry{Number: "4", Account: auth.Account{ID: "d", Phones: []string{"+12025550104"}}},
		auth.Entry{Number: "2025550104", Account: auth.Account{ID: "e"}},
	)
	for _, fault := range []string{
		`entry 0: telephone number "2025550100" is not E.164`,
		`entry 1: account number "1" is there twice`,
		`entry 1: telephone number "+12025550102" is there twice`,
		`entry 2: account ID "b"`,
		`entry 2: account number "x"`,
		`entry 3: account ID ""`,
		`entry 4: account ID "decoy-3"`,
		`entry 5: telephone number "+12025550104" is the account number of entry 6`,
	} {
		assert.ErrorContains(t, err, fault)
	}
}

func TestDecoys(t *testing.T) {
	like := []auth.Account{testAccount(t), {PIN: "-", Phones: []string{"-"}}}
	config := auth.DecoyConfig{Key: testKey(t), Hasher: testHasher(), Like: like}
	decoys, err := auth.NewDecoys(household(t), config)
	require.NoError(t, err)
	restarted, err := auth.NewDecoys(household(t), config)
	require.NoError(t, err)

	real, err := decoys.ByNumber(ctx, "10001")
	require.NoError(t, err)
	assert.Equal(t, "ada", real.ID, "a real account is itself")
	assert.False(t, real.Decoy)
	found, err := decoys.ByCaller(ctx, "+12025550199")
	require.NoError(t, err)
	assert.Empty(t, found, "an unknown caller claims nothing, so there is nothing to hide")

	shapes := map[int]bool{}
	for _, number := range []string{"99990", "99991", "99992", "99993", "99994", "99995"} {
		decoy, err := decoys.ByNumber(ctx, number)
		require.NoError(t, err)
		assert.True(t, decoy.Decoy)
		assert.NotContains(t, decoy.ID, number, "what was keyed cannot be read from the ID")
		again, err := restarted.ByNumber(ctx, number)
		require.NoError(t, err)
		assert.Equal(t, decoy, again, "the same number is the same decoy in every process")
		byID, err := restarted.ByID(ctx, decoy.ID)
		require.NoError(t, err)
		assert.Equal(t, decoy, byID)
		shape := like[1]
		if len(decoy.Questions) > 0 {
			shape = like[0]
		}
		for _, f := range allFactors(t, newClock()) {
			assert.Equal(t, shape.Offers(f.Name()), decoy.Offers(f.Name()), "it has what the account has that it is like")
		}
		for i, q := range decoy.Questions {
			assert.Equal(t, like[0].Questions[i].Prompt, q.Prompt)
			assert.Equal(t, like[0].Questions[i].Digits, q.Digits)
			assert.NotEqual(t, like[0].Questions[i].Answer, q.Answer, "nothing secret is taken over")
		}
		shapes[len(decoy.Questions)] = true
	}
	assert.Len(t, shapes, 2, "decoys are like each of the accounts")

	other := config
	other.Key = secretOf(t, strings.Repeat("K", 32))
	foreign, err := auth.NewDecoys(household(t), other)
	require.NoError(t, err)
	a, err := decoys.ByNumber(ctx, "99990")
	require.NoError(t, err)
	b, err := foreign.ByNumber(ctx, "99990")
	require.NoError(t, err)
	assert.NotEqual(t, a.ID, b.ID, "without the key nobody knows which number a decoy is for")
}

// Not even a factor that has never heard of decoys accepts anything for one.
func TestDecoysMatchNothing(t *testing.T) {
	decoys, err := auth.NewDecoys(household(t), auth.DecoyConfig{Key: testKey(t), Hasher: testHasher(),
		Like: []auth.Account{testAccount(t)}})
	require.NoError(t, err)
	decoy, err := decoys.ByNumber(ctx, "99999")
	require.NoError(t, err)
	decoy.Decoy = false
	keyed := []string{"", "-", "--", "2468", "1969", "742", "4242", "1881", "56176484", "5676484", "1111"}
	for _, f := range []auth.Factor{auth.PIN{Hasher: testHasher()}, auth.Last4{}, auth.Email{},
		auth.SecurityQuestion{Hasher: testHasher()}, auth.Caller{}} {
		for _, k := range keyed {
			for _, q := range decoy.Questions {
				got, err := f.Verify(ctx, decoy, auth.Evidence{Keyed: secretOf(t, k), Challenge: q.Prompt,
					Caller: "+12025550100", Attestation: "A"})
				require.NoError(t, err)
				assert.NotEqual(t, auth.Accepted, got, "%s keyed %q", f.Name(), k)
			}
		}
	}
}

// brokenDirectory is a directory that is down.
type brokenDirectory struct{ auth.Directory }

var errDown = errors.New("directory is down")

func (brokenDirectory) ByNumber(context.Context, string) (auth.Account, error) {
	return auth.Account{}, errDown
}

func TestDecoysFaults(t *testing.T) {
	_, err := auth.NewDecoys(nil, auth.DecoyConfig{})
	assert.ErrorContains(t, err, "DecoyConfig.Key has 0 bytes")
	assert.ErrorContains(t, err, "no directory")

	decoys, err := auth.NewDecoys(brokenDirectory{}, auth.DecoyConfig{Key: testKey(t)})
	require.NoError(t, err)
	_, err = decoys.ByNumber(ctx, "10001")
	assert.ErrorIs(t, err, errDown, "a directory that is down is not an unknown number")
}
