package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/dialpay/dialpay/wallet"
)

// books stand for the systems of the company, of its processor and of its vault: a small file, written anew with each
// change, that outlives the process. One process has it; several need systems of your own.
type books struct {
	record

	mu   sync.Mutex
	path string
}

type record struct {
	Bills   map[string][]payment.Bill `json:"bills"`
	Posted  []payment.Posting         `json:"posted"`
	Methods []owned                   `json:"methods"`
	Charges json.RawMessage           `json:"charges,omitempty"` // of the sandbox
}

// owned is a card that a customer let us keep.
type owned struct {
	Account string        `json:"account"`
	Method  wallet.Method `json:"method"`
}

func usd(minor int64) payment.Money { return payment.Money{Minor: minor, Currency: "USD"} }

func openBooks(path string) (*books, error) {
	b := &books{path: path}
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &b.record)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return b, b.change(func() error { b.Bills = newBills(time.Now()); return nil })
	}
	if err != nil {
		return nil, fmt.Errorf("the books of the company: %w; remove %s to begin anew", err, path)
	}
	return b, nil
}

// change does something to the books, and writes them: they are there whole or not at all.
func (b *books) change(do func() error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := do(); err != nil {
		return err
	}
	data, err := json.MarshalIndent(b.record, "", " ")
	if err != nil {
		return err
	}
	next := b.path + ".new"
	if err := os.WriteFile(next, data, 0o600); err != nil {
		return err
	}
	return os.Rename(next, b.path)
}

func newBills(now time.Time) map[string][]payment.Bill {
	day := func(days int) payment.Date { return payment.DateOf(now.AddDate(0, 0, days)) }
	return map[string][]payment.Bill{
		ann.id: {{ID: "w-1", Account: ann.id, Payee: name, Due: day(4), Balance: usd(123_45), Minimum: usd(25_00)}},
		ben.id: {
			{ID: "w-3", Account: ben.id, Payee: name, Service: "40 Oak Avenue", Due: day(-3), Balance: usd(61_50), PastDue: usd(61_50)},
			{ID: "w-2", Account: ben.id, Payee: name, Service: "12 Elm Street", Due: day(18), Balance: usd(80_00)},
		},
	}
}

// biller is the company's payment.Biller.
type biller struct{ *books }

// Bills implements payment.Biller. Who has paid everything gets new bills, so that there is something to pay.
func (b biller) Bills(_ context.Context, account string) (bills []payment.Bill, err error) {
	err = b.change(func() error {
		if !slices.ContainsFunc(b.books.Bills[account], func(b payment.Bill) bool { return b.Balance.Positive() }) {
			round := fmt.Sprint("-", len(b.Posted))
			for _, bill := range newBills(time.Now())[account] {
				bill.ID += round
				b.books.Bills[account] = append(b.books.Bills[account], bill)
			}
		}
		bills = slices.Clone(b.books.Bills[account])
		return nil
	})
	return slices.DeleteFunc(bills, func(b payment.Bill) bool { return !b.Balance.Positive() }), err
}

// Post implements payment.Biller. A posting that comes again is known by its key.
func (b biller) Post(_ context.Context, p payment.Posting) error {
	return b.change(func() error {
		if slices.ContainsFunc(b.Posted, func(o payment.Posting) bool { return o.Key == p.Key }) {
			return nil
		}
		open := b.books.Bills[p.Account]
		for i := range open {
			if bill := &open[i]; bill.ID == p.Bill {
				balance, err := bill.Balance.Sub(p.Amount)
				if err != nil {
					return fmt.Errorf("post to bill %s: %w", p.Bill, err)
				}
				bill.Balance = balance
			}
		}
		b.Posted = append(b.Posted, p)
		return nil
	})
}

// purse is the wallet.Wallet of the books.
type purse struct{ *books }

// wallet has what was saved before the first call, and in the calls.
func (p purse) wallet(ctx context.Context) (*wallet.Memory, error) {
	w := &wallet.Memory{}
	expiry := payment.Expiry{Year: time.Now().Year() + 3, Month: 12}
	saved := []owned{
		{ann.id, wallet.Method{Kind: payment.KindBank, Token: paymenttest.TokenBank, Brand: "First Bank", Last4: "6789"}},
		{ann.id, wallet.Method{Kind: payment.KindCard, Token: paymenttest.TokenVisa, Brand: payment.Visa, Last4: "4242",
			Expiry: expiry, Default: true}},
		{ben.id, wallet.Method{Kind: payment.KindCard, Token: paymenttest.TokenMastercard, Brand: payment.Mastercard,
			Last4: "4444", Expiry: expiry, Default: true}},
	}
	for _, m := range slices.Concat(saved, p.books.Methods) {
		if _, err := w.Save(ctx, m.Account, m.Method); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// Methods implements wallet.Wallet.
func (p purse) Methods(ctx context.Context, account string) ([]wallet.Method, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w, err := p.wallet(ctx)
	if err != nil {
		return nil, err
	}
	return w.Methods(ctx, account)
}

// Save implements wallet.Wallet.
func (p purse) Save(ctx context.Context, account string, m wallet.Method) (saved wallet.Method, err error) {
	err = p.change(func() error {
		w, err := p.wallet(ctx)
		if err != nil {
			return err
		}
		p.books.Methods = append(p.books.Methods, owned{account, m})
		saved, err = w.Save(ctx, account, m)
		return err
	})
	return saved, err
}

// ledger is the processor and the vault: a sandbox. What it does is written before it answers, as a processor's is.
type ledger struct {
	*paymenttest.Sandbox
	books *books
}

func newLedger(b *books, now func() time.Time) (ledger, error) {
	l := ledger{paymenttest.New(paymenttest.Config{Now: now}), b}
	if len(b.Charges) == 0 {
		return l, nil
	}
	return l, l.Import(b.Charges)
}

// kept is what an operation came to, once it is in the books.
func kept[T any](l ledger, got T, err error) (T, error) {
	return got, errors.Join(err, l.books.change(func() (err error) {
		l.books.Charges, err = l.Export()
		return err
	}))
}

// Tokenise implements payment.Vault.
func (l ledger) Tokenise(ctx context.Context, c payment.Card, key string) (payment.Token, error) {
	token, err := l.Sandbox.Tokenise(ctx, c, key)
	return kept(l, token, err)
}

// Authorise implements payment.Processor.
func (l ledger) Authorise(ctx context.Context, c payment.Charge) (payment.Outcome, error) {
	out, err := l.Sandbox.Authorise(ctx, c)
	return kept(l, out, err)
}

// Capture implements payment.Capturer.
func (l ledger) Capture(ctx context.Context, h payment.Hold) (payment.Outcome, error) {
	out, err := l.Sandbox.Capture(ctx, h)
	return kept(l, out, err)
}

// Void implements payment.Capturer.
func (l ledger) Void(ctx context.Context, h payment.Hold) (payment.Outcome, error) {
	out, err := l.Sandbox.Void(ctx, h)
	return kept(l, out, err)
}

// Refund implements payment.Refunder.
func (l ledger) Refund(ctx context.Context, h payment.Hold) (payment.Outcome, error) {
	out, err := l.Sandbox.Refund(ctx, h)
	return kept(l, out, err)
}
