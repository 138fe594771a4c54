package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/sqlitestore"
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
	folder   *folder
	books    *books
	sandbox  *paymenttest.Sandbox
	phone    *phone
	dialler  *dialler
	// charged and posted are how many charges and postings there were before this call.
	charged, posted int
}

type worldConfig struct {
	data, processor string
	ahead           time.Duration
	closed          bool
	log             *slog.Logger
	trace           func(flow.Transition)
}

func newWorld(ctx context.Context, d *flow.Dialogue, s *screen, c worldConfig) (w *world, err error) {
	w = &world{dialogue: d, screen: s, clock: &clock{}, dialler: &dialler{}}
	if w.folder, err = openFolder(ctx, c.data, c.ahead); err != nil {
		return nil, err
	}
	w.books = w.folder.books
	w.phone = &phone{screen: s, clock: w.clock, books: w.books}
	w.engine, err = w.newEngine(ctx, c)
	if err != nil {
		return nil, errors.Join(err, w.folder.close())
	}
	return w, nil
}

func (w *world) newEngine(ctx context.Context, c worldConfig) (*flow.Engine, error) {
	with, err := identify(w.phone, w.clock.now)
	if err != nil {
		return nil, err
	}
	saved, err := w.books.wallet()
	if err != nil {
		return nil, err
	}
	with.Biller, with.Wallet, with.Messenger = biller{w.books}, saved, w.phone
	with.People, with.Dialler = desk{closed: c.closed}, w.dialler
	if err := w.process(ctx, &with, c.processor); err != nil {
		return nil, err
	}
	return flow.New(flow.Config{Dialogue: w.dialogue, Collaborators: with, Store: calls{w.folder.calls, w.folder.later, w.clock},
		Seal: w.folder.seal, Now: w.clock.now, NewID: rand.Text, Log: c.log, Observe: c.trace})
}

// process chooses the processor: the sandbox of the books, or one in another process, which takes no new cards.
func (w *world) process(ctx context.Context, with *flow.Collaborators, url string) error {
	w.sandbox = paymenttest.New(paymenttest.Config{Now: w.clock.now})
	if url != "" {
		remote, err := paymenttest.Dial(ctx, url)
		if err != nil {
			return fmt.Errorf("no processor at %s: %w; start one with -ledger", url, err)
		}
		with.Processor = remote
		return nil
	}
	if len(w.books.Charges) > 0 {
		if err := w.sandbox.Import(w.books.Charges); err != nil {
			return err
		}
	}
	w.books.sandbox = w.sandbox
	w.charged, w.posted = len(w.sandbox.Charges()), len(w.books.Posted)
	processor := written{w.sandbox, w.books}
	with.Processor, with.Vault = processor, processor
	return nil
}

// calls is the store. When the console plays an hour later, what is due then is due.
type calls struct {
	*sqlitestore.Store
	later *sqlitestore.Store
	clock *clock
}

// Acquire implements flow.Leaser. An hour later, the lease of a console that was killed has run out.
func (c calls) Acquire(ctx context.Context, session, owner string, ttl time.Duration) (flow.Lease, error) {
	if c.clock.later > 0 {
		return c.later.Acquire(ctx, session, owner, ttl)
	}
	return c.Store.Acquire(ctx, session, owner, ttl)
}

// Due implements flow.Store.
func (c calls) Due(ctx context.Context, limit int, kinds ...flow.ItemKind) ([]flow.Item, error) {
	if c.clock.later > 0 {
		return c.later.Due(ctx, limit, kinds...)
	}
	return c.Store.Due(ctx, limit, kinds...)
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

// wallet has what the customers saved: before, and in earlier calls.
func (b *books) wallet() (methods, error) {
	w := methods{&wallet.Memory{}, b}
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
		if _, err := w.Memory.Save(context.Background(), m.of, m.Method); err != nil {
			return w, err
		}
	}
	for _, m := range b.Methods {
		if _, err := w.Memory.Save(context.Background(), m.Account, m.Method); err != nil {
			return w, err
		}
	}
	return w, nil
}
