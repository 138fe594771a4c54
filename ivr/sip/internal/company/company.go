// Package company is a company with many customers, for tests and measurements of whole calls.
package company

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/dialpay/dialpay/wallet"
)

// Company has customers with the accounts First and up and PIN 1234. Each owes 12.34 dollars and has a card.
type Company struct {
	Engine *flow.Engine

	sandbox *paymenttest.Sandbox
	mu      sync.Mutex
	posted  map[string]payment.Posting // by account
	twice   []string
}

// First is the first account.
const First = 10000000

const owed = 12_34

// New makes a company with so many customers.
func New(customers int) (*Company, error) {
	c := &Company{posted: map[string]payment.Posting{}, sandbox: paymenttest.New(paymenttest.Config{Now: time.Now})}
	hasher := auth.Hasher{Iterations: 1, Rand: rand.Reader}
	pin, err := auth.NewSecret([]byte("1234"))
	if err != nil {
		return nil, err
	}
	hash, err := hasher.Hash(pin)
	if err != nil {
		return nil, err
	}
	saved := &wallet.Memory{}
	entries := make([]auth.Entry, customers)
	for i := range entries {
		number := strconv.Itoa(First + i)
		entries[i] = auth.Entry{Number: number, Account: auth.Account{ID: number, PIN: hash}}
		card := wallet.Method{Kind: payment.KindCard, Token: paymenttest.TokenVisa, Brand: payment.Visa, Last4: "4242",
			Expiry: payment.Expiry{Year: time.Now().Year() + 3, Month: 12}, Default: true}
		if _, err := saved.Save(context.Background(), number, card); err != nil {
			return nil, err
		}
	}
	directory, err := auth.NewMemoryDirectory("1", entries...)
	if err != nil {
		return nil, err
	}
	dialogue, err := flow.Default("City Water").Build()
	if err != nil {
		return nil, err
	}
	c.Engine, err = flow.New(flow.Config{Dialogue: dialogue, Now: time.Now, NewID: rand.Text,
		Log: slog.New(slog.DiscardHandler),
		Collaborators: flow.Collaborators{Directory: directory, Factors: []auth.Factor{auth.PIN{Hasher: hasher}}, Biller: c,
			Processor: c.sandbox, Vault: c.sandbox, Wallet: saved}})
	return c, err
}

// Bills implements payment.Biller.
func (c *Company) Bills(_ context.Context, account string) ([]payment.Bill, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	balance := payment.Money{Minor: owed - c.posted[account].Amount.Minor, Currency: "USD"}
	return []payment.Bill{{ID: "bill", Account: account, Payee: "City Water", Balance: balance}}, nil
}

// Post implements payment.Biller.
func (c *Company) Post(_ context.Context, p payment.Posting) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if was, ok := c.posted[p.Account]; ok && was.Key != p.Key {
		c.twice = append(c.twice, p.Account)
	}
	c.posted[p.Account] = p
	return nil
}

// Paid checks that so many customers have paid their bill, once each, and that nothing else was charged.
func (c *Company) Paid(customers int) error {
	var faults []error
	charges := c.sandbox.Charges()
	for _, charge := range charges {
		if charge.State != paymenttest.Captured || charge.Amount.Minor != owed {
			faults = append(faults, fmt.Errorf("a charge of %v is %s", charge.Amount, charge.State))
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(charges) != customers || len(c.posted) != customers || len(c.twice) > 0 {
		faults = append(faults, fmt.Errorf("%d charges and %d bills paid by %d customers; twice: %v", len(charges),
			len(c.posted), customers, c.twice))
	}
	return errors.Join(faults...)
}
