package flowtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/dialpay/dialpay/wallet"
)

// The customers of a World, by the number that they call from.
const (
	// Ann (account acc-ann) has account number 10012345, PIN 1234, one bill of 123.45 dollars, a default Visa ending in
	// 4242 and a bank account ending in 6789.
	Ann = "+12125550100"
	// Ben (account acc-ben) has account number 20023456, PIN 9876, two bills, and nothing saved. His language is Spanish.
	Ben = "+13055550101"
	// Cat (account acc-cat) has account number 30034567, PIN 4321, one bill of 60 dollars, a Visa ending in 4242 and, once
	// World.Gifts was called, a gift card of 12 dollars ending in 1234 and 500 points worth 5 dollars.
	Cat = "+16175550102"
	// Stranger is no customer's number.
	Stranger = "+14155550199"
)

// World is a company and its customers. Change Definition and Config before the first Dial.
type World struct {
	Definition flow.Definition
	Config     flow.Config

	Clock    *Clock
	Sandbox  *paymenttest.Sandbox
	Biller   *Biller
	Wallet   *wallet.Memory
	Messages *Messages
	People   *People
	Dialler  *Dialler
	Codes    *Codes

	// Wrap, where it is set, changes the Config at last before the engine is made of it, and Via serves the calls in place
	// of the engine: for tests in which collaborators fail and processes die.
	Wrap func(*flow.Config)
	Via  func(*flow.Engine) ivr.Handler
	// Phone, where it is set, makes what each Caller holds, for tests of lines: a call with this ID, served by the handler.
	Phone func(h ivr.Handler, id string) Phone

	t      testing.TB
	engine *flow.Engine
	calls  int
	ids    int
}

// NewWorld makes a World in which everything works.
func NewWorld(t testing.TB) *World {
	t.Helper()
	w := &World{t: t, Clock: &Clock{}, Biller: newBiller(), Wallet: &wallet.Memory{}, Messages: &Messages{},
		People: &People{To: "desk"}, Dialler: &Dialler{}, Codes: &Codes{}}
	w.Sandbox = paymenttest.New(paymenttest.Config{Now: w.Clock.Now})
	w.Definition = flow.Default("City Water")
	hasher := auth.Hasher{Iterations: 1, Rand: zeros{}}
	code, err := auth.NewCode(auth.CodeConfig{Key: key("codes"), Notifier: w.Codes, Once: &auth.MemoryOnce{}, Now: w.Clock.Now})
	w.must(err)
	w.Config = flow.Config{
		Collaborators: flow.Collaborators{
			Directory: w.customers(hasher),
			Factors:   []auth.Factor{auth.Caller{}, auth.PIN{Hasher: hasher}, auth.Last4{}, code},
			Biller:    w.Biller, Processor: w.Sandbox, Vault: w.Sandbox, Wallet: w.Wallet,
			Messenger: w.Messages, People: w.People, Dialler: w.Dialler,
		},
		Now:   w.Clock.Now,
		Node:  "node-1",
		Log:   slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelWarn})),
		NewID: func() string { w.ids++; return fmt.Sprintf("pay-%d", w.ids) },
	}
	w.save("acc-ann", wallet.Method{Kind: payment.KindBank, Token: paymenttest.TokenBank, Brand: "First Bank", Last4: "6789"})
	w.save("acc-ann", wallet.Method{Kind: payment.KindCard, Token: paymenttest.TokenVisa, Brand: payment.Visa, Last4: "4242",
		Expiry: payment.Expiry{Year: 2030, Month: 12}, Default: true})
	return w
}

func (w *World) customers(hasher auth.Hasher) auth.Directory {
	d, err := auth.NewMemoryDirectory("1",
		auth.Entry{Number: "10012345", Account: auth.Account{ID: "acc-ann", Name: "Ann Lee", Phones: []string{Ann},
			Email: "ann@example.com", PIN: w.hash(hasher, "1234"), Last4s: []string{"4242", "6789"}, TimeZone: "America/New_York"}},
		auth.Entry{Number: "20023456", Account: auth.Account{ID: "acc-ben", Name: "Ben Ruiz", Phones: []string{Ben},
			PIN: w.hash(hasher, "9876"), Locale: "es-US", TimeZone: "America/New_York"}},
		auth.Entry{Number: "30034567", Account: auth.Account{ID: "acc-cat", Name: "Cat Moss", Phones: []string{Cat},
			PIN: w.hash(hasher, "4321"), TimeZone: "America/New_York"}},
	)
	w.must(err)
	return d
}

func (w *World) hash(h auth.Hasher, pin string) string {
	s, err := auth.NewSecret([]byte(pin))
	w.must(err)
	hash, err := h.Hash(s)
	w.must(err)
	return hash
}

func (w *World) save(account string, m wallet.Method) {
	_, err := w.Wallet.Save(context.Background(), account, m)
	w.must(err)
}

func (w *World) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// Engine is the engine of this World, made at the first use.
func (w *World) Engine() *flow.Engine {
	w.t.Helper()
	if w.engine == nil {
		if w.Config.Dialogue == nil {
			if w.Definition.Settings.TimeZone == "" {
				w.Definition.Settings.TimeZone = "America/New_York"
			}
			d, err := w.Definition.Build()
			w.must(err)
			w.Config.Dialogue = d
		}
		config := w.Config
		if w.Wrap != nil {
			w.Wrap(&config)
		}
		e, err := flow.New(config)
		w.must(err)
		w.engine = e
	}
	return w.engine
}

// Dial rings from a number whose right the carrier attests in full; "" is withheld.
func (w *World) Dial(from string) *Caller {
	w.t.Helper()
	return w.DialAs(ivr.Call{From: from, Attestation: "A"})
}

// DialAs rings with everything that a line knows of a call.
func (w *World) DialAs(call ivr.Call) *Caller {
	w.t.Helper()
	h := w.handler()
	w.calls++
	return w.connect(h, fmt.Sprintf("call-%d", w.calls), call, "dials from "+orWithheld(call.From))
}

func (w *World) connect(h ivr.Handler, id string, call ivr.Call, how string) *Caller {
	w.t.Helper()
	var phone Phone = &direct{handler: h, clock: w.Clock, id: id}
	if w.Phone != nil {
		phone = w.Phone(h, id)
	}
	return begin(w.t, phone, w.Config.Dialogue.Catalog(), w.Clock, call, how)
}

func (w *World) handler() ivr.Handler {
	w.t.Helper()
	e := w.Engine()
	if w.Via != nil {
		return w.Via(e)
	}
	return e
}

// Sweep lets time pass and does what is due.
func (w *World) Sweep(after time.Duration) {
	w.t.Helper()
	w.Clock.Advance(after)
	_, err := w.Engine().Sweep(context.Background(), 100)
	w.must(err)
}

// Ledger is every charge, whatever became of it: those of the Sandbox, and of any other sandbox in the Config.
func (w *World) Ledger() (all []paymenttest.Charge) {
	seen := []*paymenttest.Sandbox{w.Sandbox}
	for _, p := range []payment.Processor{w.Config.Processor, w.Config.Bank, w.Config.Points, w.Config.Gift} {
		if s, ok := p.(*paymenttest.Sandbox); ok && !slices.Contains(seen, s) {
			seen = append(seen, s)
		}
	}
	for _, s := range seen {
		all = append(all, s.Charges()...)
	}
	return all
}

// Charges are those of the Ledger that took money or hold it.
func (w *World) Charges() []paymenttest.Charge {
	return slices.DeleteFunc(w.Ledger(), func(c paymenttest.Charge) bool {
		return c.State != paymenttest.Captured && c.State != paymenttest.Held
	})
}

// testLog shows beside a failing test what collaborators did wrong.
type testLog struct{ t testing.TB }

func (l testLog) Write(line []byte) (int, error) {
	l.t.Helper()
	l.t.Log(string(bytes.TrimSpace(line)))
	return len(line), nil
}

// zeros is a source of salt for tests, so that the same test makes the same hashes.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func key(purpose string) auth.Secret {
	s, _ := auth.NewSecret(append(bytes.Repeat([]byte{'k'}, 32), purpose...))
	return s
}

// ErrDown is what a fake returns that was told to be down.
var ErrDown = errors.New("flowtest: down")

// Biller is a payment.Biller in memory. Posted payments reduce the balance.
type Biller struct {
	// Open are the bills by account. Down makes every call fail, PostDown only Post.
	Open           map[string][]payment.Bill
	Down, PostDown bool
	// Posted are the postings, each key once.
	Posted []payment.Posting

	mu sync.Mutex
}

func newBiller() *Biller {
	usd := func(minor int64) payment.Money { return payment.Money{Minor: minor, Currency: "USD"} }
	return &Biller{Open: map[string][]payment.Bill{
		"acc-ann": {{ID: "w-1", Account: "acc-ann", Payee: "City Water", Balance: usd(12345), Minimum: usd(2500),
			Usual: usd(6000), Due: "2026-03-06"}},
		"acc-ben": {
			{ID: "w-2", Account: "acc-ben", Payee: "City Water", Service: "12 Elm Street", Balance: usd(8000), Due: "2026-03-20"},
			{ID: "w-3", Account: "acc-ben", Payee: "City Water", Service: "40 Oak Avenue", Balance: usd(4100), PastDue: usd(1100), Due: "2026-02-27"},
		},
		"acc-cat": {{ID: "w-4", Account: "acc-cat", Payee: "City Water", Balance: usd(6000), Due: "2026-03-06"}},
	}}
}

// Bills implements payment.Biller.
func (b *Biller) Bills(_ context.Context, account string) ([]payment.Bill, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.Down {
		return nil, ErrDown
	}
	return slices.Clone(b.Open[account]), nil
}

// Post implements payment.Biller.
func (b *Biller) Post(_ context.Context, p payment.Posting) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.Down || b.PostDown {
		return ErrDown
	}
	if slices.ContainsFunc(b.Posted, func(o payment.Posting) bool { return o.Key == p.Key }) {
		return nil
	}
	b.Posted = append(b.Posted, p)
	for i := range b.Open[p.Account] {
		if bill := &b.Open[p.Account][i]; bill.ID == p.Bill {
			bill.Balance.Minor -= p.Amount.Minor
		}
	}
	return nil
}

// Messages is a flow.Messenger that keeps what was sent, each key once.
type Messages struct {
	Sent []flow.Message
	Down bool

	mu sync.Mutex
}

// Send implements flow.Messenger.
func (m *Messages) Send(_ context.Context, msg flow.Message) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.Down {
		return ErrDown
	}
	if !slices.ContainsFunc(m.Sent, func(o flow.Message) bool { return o.Key == msg.Key }) {
		m.Sent = append(m.Sent, msg)
	}
	return nil
}

// People is a flow.People that is open unless told otherwise.
type People struct {
	To           string
	Closed, Down bool
}

// Open implements flow.People.
func (p *People) Open(context.Context, string, time.Time) (string, bool, error) {
	if p.Down {
		return "", false, ErrDown
	}
	return p.To, !p.Closed, nil
}

// Dialler is a flow.Dialler that keeps what was dialled. Nobody answers unless the test says so: see World.Answer.
type Dialler struct {
	Dialled []flow.Dial
	// Down makes every call fail before it is placed.
	Down bool

	mu sync.Mutex
}

// Dial implements flow.Dialler.
func (d *Dialler) Dial(_ context.Context, call flow.Dial) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.Down {
		return ErrDown
	}
	d.Dialled = append(d.Dialled, call)
	return nil
}

// Last is the last call that was placed; the zero Dial if there was none.
func (d *Dialler) Last() flow.Dial {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.Dialled) == 0 {
		return flow.Dial{}
	}
	return d.Dialled[len(d.Dialled)-1]
}

// Answer lets somebody, or a voicemail, answer the call that was placed last.
func (w *World) Answer() *Caller {
	w.t.Helper()
	d := w.Dialler.Last()
	if d.Call == "" {
		w.t.Fatal("nobody was called")
	}
	return w.connect(w.handler(), d.Call, ivr.Call{To: d.Number}, "answers at "+d.Number)
}

// NoAnswer tells that nobody answered the call that was placed last, or why it was not connected: "busy".
func (w *World) NoAnswer(reason string) {
	w.t.Helper()
	_, err := w.handler().Handle(context.Background(), w.Dialler.Last().Call, ivr.Input{Kind: ivr.HangUp, Reason: reason})
	w.must(err)
}

// Codes is an auth.Notifier that keeps the last one-time code, as the customer's telephone would show it.
type Codes struct {
	Last string
	Sent int

	mu sync.Mutex
}

// Notify implements auth.Notifier.
func (c *Codes) Notify(_ context.Context, n auth.Notice) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Sent++
	n.Code.Open(func(b []byte) { c.Last = string(b) })
	return nil
}
