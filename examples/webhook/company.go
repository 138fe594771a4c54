package main

import (
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/pgstore"
	"github.com/dialpay/dialpay/flow/sqlitestore"
	"github.com/dialpay/dialpay/ivr"
)

const (
	name = "City Water"
	zone = "America/New_York"
)

// store is a database of calls.
type store interface {
	flow.Store
	flow.Leaser
	flow.Finder
	flow.Purger
	flow.Shelf
	Attempts(key auth.Secret) (auth.Attempts, error)
	Once(key auth.Secret) (auth.Once, error)
	Close() error
}

func openStore(ctx context.Context, o options) (store, error) {
	if o.postgres != "" {
		return pgstore.Open(ctx, o.postgres)
	}
	if err := os.MkdirAll(o.data, 0o700); err != nil {
		return nil, err
	}
	return sqlitestore.Open(ctx, filepath.Join(o.data, "calls.db"))
}

// customer is one of those whom the introduction tells of.
type customer struct{ id, name, phone, account, pin, about string }

var (
	ann = customer{"acc-ann", "Ann Lee", "+12125550100", "10012345", "1234", "one bill, a saved Visa and a bank account"}
	ben = customer{"acc-ben", "Ben Ruiz", "+13055550101", "20023456", "9876", "two bills, in Spanish"}
)

func (c customer) introduce(phone string) string {
	return fmt.Sprintf("%s, from %s or with account number %s, PIN %s: %s", c.name, phone, c.account, c.pin, c.about)
}

// company is what the dialogue works with, made up.
type company struct {
	*books
	processor ledger
	dialler   *dialler // nil: nobody is called back
	keys      []byte
	zone      *time.Location
}

func (c *company) now() time.Time { return time.Now().In(c.zone) }

// newEngine joins the dialogue, the company and the store.
func newEngine(o options, s store, log *slog.Logger) (*flow.Engine, *company, error) {
	c, err := newCompany(o)
	if err != nil {
		return nil, nil, err
	}
	d := flow.Default(name)
	d.Settings.TimeZone = zone
	dialogue, err := d.Build()
	if err != nil {
		return nil, nil, err
	}
	config := flow.Config{Dialogue: dialogue, Store: s, Now: time.Now, NewID: rand.Text, Log: log}
	if config.Seal, err = c.seal(); err != nil {
		return nil, nil, err
	}
	if err := c.identify(&config.Collaborators, o, s, messages{log}); err != nil {
		return nil, nil, err
	}
	// A card that is being keyed may reach several processes, and must survive this one.
	if config.Keeper, err = flow.NewSealedKeeper(s, config.Seal, time.Now); err != nil {
		return nil, nil, err
	}
	config.Biller, config.Wallet, config.Messenger = biller{c.books}, purse{c.books}, messages{log}
	config.Processor, config.Vault = c.processor, c.processor
	config.People = desk{o.agent}
	if o.account != "" {
		c.dialler = &dialler{o: o}
		config.Dialler = c.dialler
	}
	e, err := flow.New(config)
	return e, c, err
}

func newCompany(o options) (*company, error) {
	if err := os.MkdirAll(o.data, 0o700); err != nil {
		return nil, err
	}
	b, err := openBooks(filepath.Join(o.data, "books.json"))
	if err != nil {
		return nil, err
	}
	c := &company{books: b}
	if c.zone, err = time.LoadLocation(zone); err != nil {
		return nil, err
	}
	if c.processor, err = newLedger(b, c.now); err != nil {
		return nil, err
	}
	c.keys, err = openKeys(filepath.Join(o.data, "seal.key"))
	return c, err
}

const keySize = 64

// openKeys reads the keys, and makes them at first. A company keeps its keys elsewhere than its calls.
func openKeys(path string) ([]byte, error) {
	keys, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		keys = make([]byte, keySize)
		_, _ = rand.Read(keys) // never fails
		err = os.WriteFile(path, keys, 0o600)
	}
	if err != nil || len(keys) != keySize {
		return nil, fmt.Errorf("the keys in %s: %d bytes, not %d: %w", path, len(keys), keySize, err)
	}
	return keys, nil
}

// key is one for a purpose of its own, the same in all processes.
func (c *company) key(purpose string) (auth.Secret, error) {
	key, err := hkdf.Key(sha256.New, c.keys, nil, "webhook "+purpose, 32)
	if err != nil {
		return auth.Secret{}, err
	}
	defer clear(key)
	return auth.NewSecret(key)
}

func (c *company) seal() (*flow.Seal, error) {
	key, err := c.key("seal")
	if err != nil {
		return nil, err
	}
	index, err := c.key("index")
	if err != nil {
		return nil, err
	}
	return flow.NewSeal(flow.SealConfig{Current: "1", Keys: map[string]ivr.Secret{"1": key}, Index: index})
}

// identify is the part of the collaborators that finds out who is calling. Wrong PINs and used codes are counted in the
// store, for all processes.
func (c *company) identify(with *flow.Collaborators, o options, s store, texts auth.Notifier) error {
	key, err := c.key("identity")
	if err != nil {
		return err
	}
	hasher := auth.Hasher{Iterations: 10_000, Rand: rand.Reader} // the default is better, and slow to start with
	entries, err := entries(hasher, o.ann)
	if err != nil {
		return err
	}
	directory, err := auth.NewMemoryDirectory("1", entries...)
	if err != nil {
		return err
	}
	like := []auth.Account{entries[0].Account, entries[1].Account}
	if with.Directory, err = auth.NewDecoys(directory, auth.DecoyConfig{Key: key, Hasher: hasher, Like: like}); err != nil {
		return err
	}
	once, err := s.Once(key)
	if err != nil {
		return err
	}
	code, err := auth.NewCode(auth.CodeConfig{Key: key, Notifier: texts, Once: once, Now: time.Now})
	if err != nil {
		return err
	}
	with.Factors = []auth.Factor{auth.Caller{}, auth.PIN{Hasher: hasher}, code, auth.Last4{}}
	attempts, err := s.Attempts(key)
	if err != nil {
		return err
	}
	with.Lockout, err = auth.NewLockout(auth.LockoutConfig{Store: attempts, Now: time.Now})
	return err
}

func entries(hasher auth.Hasher, annsPhone string) ([]auth.Entry, error) {
	all := []auth.Entry{
		{Number: ann.account, Account: auth.Account{ID: ann.id, Name: ann.name, Phones: []string{annsPhone},
			Email: "ann@example.com", Last4s: []string{"4242", "6789"}, TimeZone: zone}},
		{Number: ben.account, Account: auth.Account{ID: ben.id, Name: ben.name, Phones: []string{ben.phone},
			Last4s: []string{"4444"}, Locale: "es-US", TimeZone: zone}},
	}
	for i, c := range []customer{ann, ben} {
		pin, err := auth.NewSecret([]byte(c.pin))
		if err != nil {
			return nil, err
		}
		if all[i].Account.PIN, err = hasher.Hash(pin); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// desk is the person to whom callers are transferred.
type desk struct{ number string }

// Open implements flow.People.
func (d desk) Open(context.Context, string, time.Time) (string, bool, error) {
	return d.number, d.number != "", nil
}

// messages shows what would be sent. It implements flow.Messenger and auth.Notifier.
type messages struct{ log *slog.Logger }

// Send implements flow.Messenger.
func (m messages) Send(_ context.Context, msg flow.Message) error {
	m.log.Info("message", "to", msg.Account, "by", msg.Channel, "text", msg.Text)
	return nil
}

// Notify implements auth.Notifier. The code is shown because nobody gets it otherwise: a program with real customers
// sends it, and shows it to nobody.
func (m messages) Notify(_ context.Context, n auth.Notice) error {
	if n.To == "" {
		return nil
	}
	n.Code.Open(func(code []byte) {
		m.log.Info("one-time code, which a customer would get by text message", "code", string(code))
	})
	return nil
}
