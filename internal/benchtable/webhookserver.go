package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/internal/bench"
	"github.com/dialpay/dialpay/internal/cputime"
	"github.com/dialpay/dialpay/ivr/twiml"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/dialpay/dialpay/wallet"
)

const (
	// webhookServer is the environment variable that makes this program the server.
	webhookServer = "DIALPAY_BENCH_WEBHOOKS"
	webhookBase   = "https://pay.example.com/calls"
	webhookToken  = "12345"
	customers     = 10_000
)

func phoneOf(customer int) string { return fmt.Sprintf("+1212%07d", 2_000_000+customer) }

// serveWebhooks is the process that serves the calls. It tells its URL, and its processor time for each line it gets.
func serveWebhooks() {
	engine, err := flow.New(webhookConfig())
	bench.Must(err)
	calls, err := twiml.New(twiml.Config{Handler: engine, Catalog: engine.Catalog(), BaseURL: webhookBase,
		AuthTokens: []string{webhookToken}})
	bench.Must(err)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	bench.Must(err)
	mux := http.NewServeMux()
	mux.Handle("/", calls)
	mux.HandleFunc("GET /ping", func(http.ResponseWriter, *http.Request) {})
	go func() { bench.Must(http.Serve(l, mux)) }()
	fmt.Println("http://" + l.Addr().String())
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		fmt.Println(cputime.Used().Nanoseconds())
	}
}

// owing is a payment.Biller: every customer owes the same again.
type owing struct{}

func (owing) Bills(_ context.Context, account string) ([]payment.Bill, error) {
	return []payment.Bill{{ID: "b-" + account, Account: account, Payee: "City Water", Due: "2026-12-31",
		Balance: payment.Money{Minor: 123_45, Currency: "USD"}}}, nil
}

func (owing) Post(context.Context, payment.Posting) error { return nil }

// webhookConfig is a company with many customers, each with a PIN and a saved card.
func webhookConfig() flow.Config {
	hasher := auth.Hasher{Iterations: 1, Rand: rand.Reader} // what the hash of a PIN costs is a choice of the company
	pin, err := auth.NewSecret([]byte("1234"))
	bench.Must(err)
	hash, err := hasher.Hash(pin)
	bench.Must(err)
	saved := &wallet.Memory{}
	entries := make([]auth.Entry, customers)
	for i := range entries {
		id := fmt.Sprint("acc-", i)
		entries[i] = auth.Entry{Number: fmt.Sprintf("1%07d", i), Account: auth.Account{ID: id, Name: "Ann Lee",
			Phones: []string{phoneOf(i)}, PIN: hash, TimeZone: "America/New_York"}}
		_, err := saved.Save(context.Background(), id, wallet.Method{Kind: payment.KindCard, Token: paymenttest.TokenVisa,
			Brand: payment.Visa, Last4: "4242", Expiry: payment.Expiry{Year: 2040, Month: 12}, Default: true})
		bench.Must(err)
	}
	directory, err := auth.NewMemoryDirectory("1", entries...)
	bench.Must(err)
	sandbox := paymenttest.New(paymenttest.Config{Now: time.Now})
	dialogue, err := flow.Default("City Water").Build()
	bench.Must(err)
	return flow.Config{Dialogue: dialogue, Now: time.Now, NewID: rand.Text, Collaborators: flow.Collaborators{
		Directory: directory, Factors: []auth.Factor{auth.Caller{}, auth.PIN{Hasher: hasher}}, Biller: owing{},
		Processor: sandbox, Vault: sandbox, Wallet: saved}}
}
