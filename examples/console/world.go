package main

import (
	"context"
	"crypto/rand"
	"log/slog"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/dialpay/dialpay/wallet"
)

const (
	company = "City Water"
	// hotline is the number that is called.
	hotline = "+12125550199"
)

// customer is what the first screen tells of a customer.
type customer struct{ id, name, phone, account, pin string }

var (
	ann = customer{"acc-ann", "Ann Lee", "+12125550100", "10012345", "1234"}
	ben = customer{"acc-ben", "Ben Ruiz", "+13055550101", "20023456", "9876"}
)

// definition is the library's own dialogue, with the time that it takes to read prompts instead of hearing them.
func definition() flow.Definition {
	d := flow.Default(company)
	d.Settings.Phone = hotline
	d.Settings.TimeZone = "America/New_York"
	d.Settings.CallHours = flow.CallHours{From: 0, Until: 24, Wide: true} // a terminal wakes nobody
	d.Settings.Timing = ivr.Timing{Menu: 25 * time.Second, Field: 25 * time.Second, Fetch: 40 * time.Second}
	return d
}

// world is a company with its customers, and everything else that a call needs, made up.
type world struct {
	dialogue *flow.Dialogue
	engine   *flow.Engine
	screen   *screen
	clock    *clock
	sandbox  *paymenttest.Sandbox
	biller   *biller
	phone    *phone
	dialler  *dialler
}

type worldConfig struct {
	closed bool
	log    *slog.Logger
	trace  func(flow.Transition)
}

func newWorld(d *flow.Dialogue, s *screen, c worldConfig) (*world, error) {
	w := &world{dialogue: d, screen: s, clock: &clock{}, biller: newBiller(time.Now()), dialler: &dialler{}}
	w.phone = &phone{screen: s, clock: w.clock, sent: map[string]bool{}}
	w.sandbox = paymenttest.New(paymenttest.Config{Now: w.clock.now})
	identity, err := identify(w.phone, w.clock.now)
	if err != nil {
		return nil, err
	}
	saved, err := savedMethods()
	if err != nil {
		return nil, err
	}
	identity.Biller, identity.Processor, identity.Vault = w.biller, w.sandbox, w.sandbox
	identity.Wallet, identity.Messenger = saved, w.phone
	identity.People, identity.Dialler = desk{closed: c.closed}, w.dialler
	w.engine, err = flow.New(flow.Config{Dialogue: d, Collaborators: identity, Now: w.clock.now, NewID: rand.Text,
		Log: c.log, Observe: c.trace})
	return w, err
}

// identify makes the part of the collaborators that finds out who is calling.
func identify(texts auth.Notifier, now func() time.Time) (c flow.Collaborators, err error) {
	key, err := auth.NewSecret([]byte(rand.Text() + rand.Text()))
	if err != nil {
		return c, err
	}
	hasher := auth.Hasher{Iterations: 10_000, Rand: rand.Reader} // the default is better, and slow to start with
	accounts, err := customers(hasher)
	if err != nil {
		return c, err
	}
	directory, err := auth.NewMemoryDirectory("1", accounts...)
	if err != nil {
		return c, err
	}
	like := []auth.Account{accounts[0].Account, accounts[1].Account}
	if c.Directory, err = auth.NewDecoys(directory, auth.DecoyConfig{Key: key, Hasher: hasher, Like: like}); err != nil {
		return c, err
	}
	code, err := auth.NewCode(auth.CodeConfig{Key: key, Notifier: texts, Once: &auth.MemoryOnce{}, Now: now})
	c.Factors = []auth.Factor{auth.Caller{}, auth.PIN{Hasher: hasher}, code, auth.Last4{}}
	return c, err
}

func customers(hasher auth.Hasher) ([]auth.Entry, error) {
	entries := []auth.Entry{
		{Number: ann.account, Account: auth.Account{ID: ann.id, Name: ann.name, Phones: []string{ann.phone},
			Email: "ann@example.com", Last4s: []string{"4242", "6789"}, TimeZone: "America/New_York"}},
		{Number: ben.account, Account: auth.Account{ID: ben.id, Name: ben.name, Phones: []string{ben.phone},
			Last4s: []string{"4444", "0002"}, Locale: "es-US", TimeZone: "America/New_York"}},
	}
	for i, c := range []customer{ann, ben} {
		pin, err := auth.NewSecret([]byte(c.pin))
		if err != nil {
			return nil, err
		}
		if entries[i].Account.PIN, err = hasher.Hash(pin); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

func savedMethods() (*wallet.Memory, error) {
	w := &wallet.Memory{}
	expiry := payment.Expiry{Year: time.Now().Year() + 3, Month: 12}
	for _, m := range []struct {
		of string
		wallet.Method
	}{
		{ann.id, wallet.Method{Kind: wallet.KindBank, Token: paymenttest.TokenBank, Brand: "First Bank", Last4: "6789"}},
		{ann.id, wallet.Method{Kind: wallet.KindCard, Token: paymenttest.TokenVisa, Brand: payment.Visa, Last4: "4242",
			Expiry: expiry, Default: true}},
		{ben.id, wallet.Method{Kind: wallet.KindCard, Token: paymenttest.TokenDeclined, Brand: payment.Visa, Last4: "0002",
			Expiry: expiry}},
		{ben.id, wallet.Method{Kind: wallet.KindCard, Token: paymenttest.TokenMastercard, Brand: payment.Mastercard,
			Last4: "4444", Expiry: expiry, Default: true}},
	} {
		if _, err := w.Save(context.Background(), m.of, m.Method); err != nil {
			return nil, err
		}
	}
	return w, nil
}
