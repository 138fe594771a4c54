package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/dialpay/dialpay/wallet"
)

const company = "City Water"

// customer is what the first screen tells of a customer.
type customer struct{ id, name, phone, account, pin string }

var (
	ann = customer{"acc-ann", "Ann Lee", "+12125550100", "10012345", "1234"}
	ben = customer{"acc-ben", "Ben Ruiz", "+13055550101", "20023456", "9876"}
)

// world is a company with its customers. Everything is in memory, and gone when the program ends.
type world struct {
	engine *flow.Engine
	screen *screen

	mu     sync.Mutex
	bills  map[string][]payment.Bill // by account
	posted map[string]bool           // by posting key
	sent   map[string]bool           // by message key
}

func newWorld(s *screen, log *slog.Logger, agent bool) (*world, error) {
	w := &world{screen: s, posted: map[string]bool{}, sent: map[string]bool{}}
	due := func(days int) payment.Date { return payment.Date(time.Now().AddDate(0, 0, days).Format(time.DateOnly)) }
	usd := func(minor int64) payment.Money { return payment.Money{Minor: minor, Currency: "USD"} }
	w.bills = map[string][]payment.Bill{
		ann.id: {{ID: "w-1", Account: ann.id, Payee: company, Due: due(4), Balance: usd(123_45), Minimum: usd(25_00)}},
		ben.id: {{ID: "w-3", Account: ben.id, Payee: company, Service: "40 Oak Avenue", Due: due(-3),
			Balance: usd(612_50), PastDue: usd(61_00)},
			{ID: "w-2", Account: ben.id, Payee: company, Service: "12 Elm Street", Due: due(18), Balance: usd(80_00)}},
	}
	with, err := w.collaborators(agent)
	if err != nil {
		return nil, err
	}
	dialogue, err := flow.Default(company).Build()
	if err != nil {
		return nil, err
	}
	w.engine, err = flow.New(flow.Config{Dialogue: dialogue, Collaborators: with, Now: time.Now, NewID: rand.Text,
		Log:     log,
		Observe: s.transition})
	return w, err
}

func (w *world) collaborators(agent bool) (with flow.Collaborators, err error) {
	hasher := auth.Hasher{Iterations: 10_000, Rand: rand.Reader} // the default is better, and slow to start with
	var entries []auth.Entry
	for _, c := range []customer{ann, ben} {
		pin, err := auth.NewSecret([]byte(c.pin))
		if err != nil {
			return with, err
		}
		hash, err := hasher.Hash(pin)
		if err != nil {
			return with, err
		}
		entries = append(entries, auth.Entry{Number: c.account, Account: auth.Account{ID: c.id, Name: c.name,
			Phones: []string{c.phone},
			PIN:    hash, TimeZone: "America/New_York"}})
	}
	if with.Directory, err = auth.NewMemoryDirectory("1", entries...); err != nil {
		return with, err
	}
	saved := &wallet.Memory{}
	_, err = saved.Save(context.Background(), ann.id, wallet.Method{Kind: payment.KindCard, Token: paymenttest.TokenVisa,
		Brand: payment.Visa, Last4: "4242", Expiry: payment.Expiry{Year: time.Now().Year() + 3, Month: 12}, Default: true})
	if err != nil {
		return with, err
	}
	sandbox := paymenttest.New(paymenttest.Config{Now: time.Now})
	with.Factors = []auth.Factor{auth.Caller{}, auth.PIN{Hasher: hasher}}
	with.Biller, with.Processor, with.Vault, with.Wallet, with.Messenger = w, sandbox, sandbox, saved, w
	if agent {
		with.People = desk{}
	}
	return with, nil
}

// sweep finishes what calls left open.
func (w *world) sweep(ctx context.Context, log *slog.Logger) {
	tick := time.NewTicker(5 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if _, err := w.engine.Sweep(ctx, 100); err != nil && ctx.Err() == nil {
			log.Error("sweep", "error", err)
		}
	}
}

// Bills implements payment.Biller.
func (w *world) Bills(_ context.Context, account string) ([]payment.Bill, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]payment.Bill(nil), w.bills[account]...), nil
}

// Post implements payment.Biller. A posting that comes again is known by its key.
func (w *world) Post(_ context.Context, p payment.Posting) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.posted[p.Key] {
		return nil
	}
	for i := range w.bills[p.Account] {
		if bill := &w.bills[p.Account][i]; bill.ID == p.Bill {
			balance, err := bill.Balance.Sub(p.Amount)
			if err != nil {
				return fmt.Errorf("post to bill %s: %w", p.Bill, err)
			}
			bill.Balance = balance
		}
	}
	w.posted[p.Key] = true
	w.screen.print(fmt.Sprintf("\n  [paid]  %v of bill %s, transaction ID %s\n\n", p.Amount, p.Bill, p.Transaction))
	return nil
}

// Send implements flow.Messenger. The text message is shown here.
func (w *world) Send(_ context.Context, m flow.Message) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.sent[m.Key] {
		w.sent[m.Key] = true
		w.screen.print(fmt.Sprintf("\n  [%s to %s]  %s\n\n", m.Channel, m.Account, strings.TrimSpace(m.Text)))
	}
	return nil
}

// desk is a person who is always there.
type desk struct{}

// Open implements flow.People.
func (desk) Open(context.Context, string, time.Time) (string, bool, error) { return "desk", true, nil }
