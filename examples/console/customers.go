package main

import (
	"crypto/rand"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
)

// customer is what the first screen tells of a customer.
type customer struct{ id, name, phone, email, account, pin, about string }

var (
	ann = customer{"acc-ann", "Ann Lee", "+12125550100", "ann@example.com", "10012345", "1234",
		"one bill, a card and a bank account"}
	ben = customer{"acc-ben", "Ben Ruiz", "+13055550101", "ben@example.com", "20023456", "9876", "two bills, in Spanish"}
	cat = customer{"acc-cat", "Cat Moss", "+16175550102", "cat@example.com", "30034567", "4321",
		"gift cards and points; is called back if cut off"}

	customers = []customer{ann, ben, cat}
)

// customerOf is the one with this account; Ann for any other.
func customerOf(account string) customer {
	for _, c := range customers {
		if c.id == account {
			return c
		}
	}
	return ann
}

// entries are the customers as the directory has them.
func entries(hasher auth.Hasher) ([]auth.Entry, error) {
	accounts := []auth.Account{
		{Email: ann.email, Last4s: []string{"4242", "6789"}},
		{Last4s: []string{"4444", "0002"}, Locale: "es-US"},
		{Last4s: []string{"4242", "0002"}, CallBack: true},
	}
	var all []auth.Entry
	for i, c := range customers {
		pin, err := auth.NewSecret([]byte(c.pin))
		if err != nil {
			return nil, err
		}
		a := accounts[i]
		a.ID, a.Name, a.Phones, a.TimeZone = c.id, c.name, []string{c.phone}, "America/New_York"
		if a.PIN, err = hasher.Hash(pin); err != nil {
			return nil, err
		}
		all = append(all, auth.Entry{Number: c.account, Account: a})
	}
	return all, nil
}

// identify makes the part of the collaborators that finds out who is calling.
func (w *world) identify() (c flow.Collaborators, err error) {
	key, err := w.folder.key("identity")
	if err != nil {
		return c, err
	}
	hasher := auth.Hasher{Iterations: 10_000, Rand: rand.Reader} // the default is better, and slow to start with
	all, err := entries(hasher)
	if err != nil {
		return c, err
	}
	directory, err := auth.NewMemoryDirectory("1", all...)
	if err != nil {
		return c, err
	}
	like := make([]auth.Account, 0, len(all))
	for _, e := range all {
		like = append(like, e.Account)
	}
	if c.Directory, err = auth.NewDecoys(directory, auth.DecoyConfig{Key: key, Hasher: hasher, Like: like}); err != nil {
		return c, err
	}
	once, err := w.folder.calls.Once(key)
	if err != nil {
		return c, err
	}
	code, err := auth.NewCode(auth.CodeConfig{Key: key, Notifier: w.phone, Once: once, Now: w.clock.now})
	if err != nil {
		return c, err
	}
	c.Factors = []auth.Factor{auth.Caller{}, auth.PIN{Hasher: hasher}, code, auth.Last4{}}
	attempts, err := w.folder.calls.Attempts(key)
	if err != nil {
		return c, err
	}
	c.Lockout, err = auth.NewLockout(auth.LockoutConfig{Store: attempts, Now: w.clock.now})
	return c, err
}
