// Embed lets a customer pay the bill by phone: account 10012345, PIN 1234, card 4242 4242 4242 4242. The phone is the
// console: each line typed is an answer, and the terminal shows it, also the PIN.
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"log"
	"os"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/console"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
)

// biller has one bill, by the postings that paid it. processor has the charges by key. What comes again counts once.
type biller map[string]payment.Posting
type processor map[string]payment.Outcome

func (b biller) Bills(context.Context, string) ([]payment.Bill, error) {
	owed := payment.Money{Minor: 49_99, Currency: "USD"}
	for _, p := range b {
		owed.Minor -= p.Amount.Minor
	}
	return []payment.Bill{{ID: "b1", Account: "ann", Payee: "City Water", Balance: owed}}, nil
}
func (b biller) Post(_ context.Context, p payment.Posting) error { b[p.Key] = p; return nil }
func (p processor) Profile() payment.Profile                     { return payment.Profile{Name: "mine"} }
func (p processor) Authorise(_ context.Context, c payment.Charge) (payment.Outcome, error) {
	p[c.Key] = payment.Outcome{State: payment.Approved, Reference: c.Key}
	return p[c.Key], nil
}
func (p processor) Lookup(_ context.Context, key string) (payment.Outcome, error) {
	return cmp.Or(p[key], payment.Outcome{State: payment.Absent}), nil
}
func must[T any](v T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return v
}

func main() {
	pin := must(auth.Hasher{Rand: rand.Reader}.Hash(must(auth.NewSecret([]byte("1234")))))
	ann := auth.Entry{Number: "10012345", Account: auth.Account{ID: "ann", PIN: pin}}
	config := flow.Config{Dialogue: must(flow.Default("City Water").Build()), Now: time.Now, NewID: rand.Text}
	config.Directory, config.Factors = must(auth.NewMemoryDirectory("1", ann)), []auth.Factor{auth.PIN{}}
	config.Biller, config.Processor = biller{}, processor{}
	config.Vault = paymenttest.New(paymenttest.Config{Now: time.Now})
	engine := must(flow.New(config))
	line := must(console.New(console.Config{In: os.Stdin, Out: os.Stdout, Catalog: engine.Catalog()}))
	must(line, ivr.Serve(context.Background(), rand.Text(), ivr.Input{Kind: ivr.Answered}, line, engine))
}
