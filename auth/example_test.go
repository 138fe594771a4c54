package auth_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/dialpay/dialpay/auth"
)

// A customer calls from home, keys a wrong PIN and then the right one. A stranger keys an account number that does not
// exist, and is asked and refused like anybody else.
func Example() {
	ctx := context.Background()
	secret := func(s string) auth.Secret {
		b := []byte(s)
		defer clear(b)
		v, err := auth.NewSecret(b)
		if err != nil {
			panic(err)
		}
		return v
	}

	hasher := auth.Hasher{Iterations: 1, Rand: rand.Reader} // leave Iterations out where it is not a demo
	pin, err := hasher.Hash(secret("2468"))
	if err != nil {
		panic(err)
	}
	customers, err := auth.NewMemoryDirectory("1", auth.Entry{Number: "10001", Account: auth.Account{
		ID: "ada", Phones: []string{"+12025550100"}, PIN: pin, Last4s: []string{"4242"}, Email: "ada@example.com",
	}})
	if err != nil {
		panic(err)
	}
	directory, err := auth.NewDecoys(customers, auth.DecoyConfig{
		Key: secret("a random key of 32 bytes or more!"), Hasher: hasher,
	})
	if err != nil {
		panic(err)
	}
	lockout, err := auth.NewLockout(auth.LockoutConfig{Store: &auth.MemoryAttempts{}, Now: time.Now})
	if err != nil {
		panic(err)
	}
	factors := map[auth.FactorName]auth.Factor{
		auth.FactorCaller: auth.Caller{}, auth.FactorPIN: auth.PIN{Hasher: hasher}, auth.FactorLast4: auth.Last4{},
	}
	policy := auth.DefaultPolicy().With(auth.Caller{}, auth.PIN{}, auth.Last4{})

	// identify asks until the level is reached or there is nothing left to ask.
	identify := func(number string, call auth.Evidence, want auth.Level, keyed ...string) auth.Level {
		account, err := directory.ByNumber(ctx, number)
		if err != nil {
			panic(err)
		}
		var passed, tried []auth.FactorName
		for {
			name, ok := policy.Next(account, passed, tried, want)
			if !ok {
				return policy.Level(account.ID, passed)
			}
			e := call
			if name != auth.FactorCaller {
				if len(keyed) == 0 {
					return policy.Level(account.ID, passed)
				}
				e.Keyed, keyed = secret(keyed[0]), keyed[1:]
			}
			result, err := lockout.Verify(ctx, factors[name], account, e)
			if locked := (*auth.LockedError)(nil); errors.As(err, &locked) {
				return auth.LevelNone
			} else if err != nil {
				panic(err)
			}
			fmt.Printf("  %s: %s\n", name, result)
			switch {
			case result == auth.Accepted:
				passed = append(passed, name)
			case result != auth.Rejected || name != auth.FactorPIN: // a wrong PIN may be keyed again
				tried = append(tried, name)
			}
		}
	}

	want := policy.Needs(auth.ActionPaySaved, "USD", 750_00)
	fmt.Println("To pay 750 dollars with a saved card:", want)

	fmt.Println("The customer")
	home := auth.Evidence{Caller: "+12025550100", Attestation: auth.ParseVerstat("TN-Validation-Passed-A")}
	fmt.Println("  is", identify("10001", home, want, "8642", "2468"))

	fmt.Println("A stranger")
	away := auth.Evidence{Caller: "+12025550199", Attestation: "A"}
	fmt.Println("  is", identify("99999", away, auth.LevelIdentified, "1111", "2222", "3333"))

	// Output:
	// To pay 750 dollars with a saved card: strong
	// The customer
	//   caller: accepted
	//   pin: rejected
	//   pin: accepted
	//   is strong
	// A stranger
	//   pin: rejected
	//   pin: rejected
	//   pin: rejected
	//   is narrowed
}
