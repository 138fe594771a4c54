package flow_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/dialpay/dialpay/wallet"
)

// A dialogue is built once, an engine is made of it and of the collaborators, and each thing that happens on a call is
// handed to the engine, which answers with what to say and do. No line is needed for that; with one, ivr.Serve does it.
func Example() {
	dialogue, err := flow.Default("City Water").Build()
	if err != nil {
		panic(err)
	}
	payments := 0 // rand.Text, as a rule: an ID must not be guessed
	newID := func() string { payments++; return fmt.Sprint("payment-", payments) }
	engine, err := flow.New(flow.Config{Dialogue: dialogue, Collaborators: collaborators(),
		Now: func() time.Time { return flowtest.Start }, NewID: newID})
	if err != nil {
		panic(err)
	}

	inputs := []ivr.Input{
		{Kind: ivr.Answered, Call: ivr.Call{From: "+12125550100", Attestation: "A"}},
		{Kind: ivr.Keys, Secret: secret("1234")},
		{Kind: ivr.Speech, Speech: "full amount", Confidence: 0.9},
		{Kind: ivr.Keys, Keys: "1"},
		{Kind: ivr.Keys, Keys: "1", Heard: true}, // a yes counts only after the read-back was heard
		{Kind: ivr.PromptEnded},                  // the line has said "please hold"
		{Kind: ivr.HangUp},
	}
	for _, in := range inputs {
		turn, err := engine.Handle(context.Background(), "call-1", in)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s: %s\n", turn.Action, dialogue.Catalog().Text(turn.Locale, turn.Prompts...))
	}
	// Output:
	// capture: Thank you for calling City Water. You can pay your bill here. Please enter your PIN, then press pound.
	// listen: Your balance for City Water is forty-nine dollars and ninety-nine cents. How much would you like to pay? To pay the full balance of forty-nine dollars and ninety-nine cents, press 1. To pay another amount, press 2.
	// listen: How would you like to pay? To pay with your Visa ending in four two four two, press 1.
	// listen: You are about to pay forty-nine dollars and ninety-nine cents to City Water, with your Visa ending in four two four two, today, Monday, March second. Nothing is charged until you confirm. To hear this again, press 9. To confirm and pay, press 1. To change the amount, press 2. To pay with something else, press 3. To cancel, press 4.
	// wait: Thank you. Please hold while I make the payment.
	// posted: 49.99 USD
	// listen: Your payment of forty-nine dollars and ninety-nine cents was approved. Thank you. Your transaction ID is R H Y, R 4 9, 7 C Y. To hear it again, press 9. To go on, press 1.
	// hang up:
}

// collaborators are a company with one customer, who has one bill and one saved card.
func collaborators() flow.Collaborators {
	hasher := auth.Hasher{Iterations: 1, Rand: rand.Reader} // leave Iterations out where it is no example
	pin, err := hasher.Hash(secret("1234"))
	if err != nil {
		panic(err)
	}
	customers, err := auth.NewMemoryDirectory("1", auth.Entry{Number: "10012345",
		Account: auth.Account{ID: "ann", PIN: pin, Phones: []string{"+12125550100"}}})
	if err != nil {
		panic(err)
	}
	saved := &wallet.Memory{}
	card := wallet.Method{Kind: payment.KindCard, Token: paymenttest.TokenVisa, Brand: payment.Visa, Last4: "4242"}
	if _, err := saved.Save(context.Background(), "ann", card); err != nil {
		panic(err)
	}
	return flow.Collaborators{Directory: customers, Factors: []auth.Factor{auth.PIN{Hasher: hasher}}, Biller: oneBill{},
		Processor: paymenttest.New(paymenttest.Config{}), Wallet: saved}
}

func secret(digits string) ivr.Secret {
	s, err := ivr.NewSecret([]byte(digits))
	if err != nil {
		panic(err)
	}
	return s
}

// oneBill is a payment.Biller with one bill, for one call.
type oneBill struct{}

func (oneBill) Bills(_ context.Context, account string) ([]payment.Bill, error) {
	return []payment.Bill{{ID: "w-1", Account: account, Payee: "City Water",
		Balance: payment.Money{Minor: 49_99, Currency: "USD"}}}, nil
}

func (oneBill) Post(_ context.Context, p payment.Posting) error {
	fmt.Println("posted:", p.Amount)
	return nil
}
