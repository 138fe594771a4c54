package flowtest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/wallet"
)

// company is everybody whom a dialogue works with. Whatever they are asked, the oracle chooses the answer. They remember
// nothing, so that a walk can go back.
type company struct {
	*oracle
	now func() time.Time
}

// The numbers and the question of the company's one customer.
const (
	walkCaller   = "+12125550100"
	walkQuestion = "walk.question"
)

var walkFactors = []struct {
	name  auth.FactorName
	class auth.Class
}{
	{auth.FactorCaller, auth.Possession}, {auth.FactorPIN, auth.Knowledge}, {auth.FactorVoice, auth.Inherence},
	{auth.FactorQuestion, auth.Knowledge}, {auth.FactorCode, auth.Possession}, {auth.FactorLast4, auth.Weak},
	{auth.FactorEmail, auth.Weak},
}

func (c *company) collaborators() (flow.Collaborators, error) {
	lockout, err := auth.NewLockout(auth.LockoutConfig{Store: c, Now: c.now})
	if err != nil {
		return flow.Collaborators{}, err
	}
	decoys, err := auth.NewDecoys(c, auth.DecoyConfig{Key: key("walk"), Hasher: auth.Hasher{Iterations: 1}})
	with := flow.Collaborators{Directory: decoys, Lockout: lockout, Biller: c, Processor: processor{c}, Vault: c, Wallet: c, Fees: c,
		GiftCards: c, Rewards: c, Preferences: c,
		Messenger: c, People: c, Dialler: c, Keeper: keeper{c}}
	for _, f := range walkFactors {
		var made auth.Factor = factor{c, f.name, f.class}
		if f.name == auth.FactorQuestion || f.name == auth.FactorCode {
			made = challenger{factor{c, f.name, f.class}}
		}
		with.Factors = append(with.Factors, made)
	}
	return with, err
}

var customer = auth.Account{ID: "acc-1", Name: "Ann Lee", Phones: []string{walkCaller}, Email: "ann@example.com", PIN: "-",
	Last4s: []string{"4242"}, Questions: []auth.Question{{Prompt: walkQuestion, Answer: "-", Digits: 4}},
	Voice: auth.VoiceEnrolled, TimeZone: "America/New_York"}

// ByCaller implements auth.Directory.
func (c *company) ByCaller(ctx context.Context, _ string) ([]auth.Account, error) {
	answer, err := c.ask(ctx, "caller number", "known", "unknown", "shared")
	return map[string][]auth.Account{"known": {customer}, "shared": {customer, customer}}[answer], err
}

// ByNumber implements auth.Directory.
func (c *company) ByNumber(ctx context.Context, _ string) (auth.Account, error) {
	answer, err := c.ask(ctx, "account number", "known", "unknown")
	if answer == "unknown" {
		err = auth.ErrUnknownAccount
	}
	return customer, err
}

// ByID implements auth.Directory.
func (c *company) ByID(ctx context.Context, _ string) (auth.Account, error) {
	_, err := c.ask(ctx, "account", "found")
	return customer, err
}

// Update implements auth.Attempts.
func (c *company) Update(_ context.Context, key string, change func(*auth.Record) error) error {
	record := auth.Record{}
	switch c.choose("failed before", "never", "account locked", "caller locked", "down") {
	case "account locked":
		if strings.HasPrefix(key, "account") {
			record = auth.Record{Failures: map[auth.FactorName]int{auth.FactorPIN: 5}, Since: c.now(), Until: c.now().Add(time.Hour)}
		}
	case "caller locked":
		if strings.HasPrefix(key, "caller") {
			record = auth.Record{Failures: map[auth.FactorName]int{auth.FactorPIN: 10}, Since: c.now()}
		}
	case "down":
		return ErrDown
	}
	return change(&record)
}

type factor struct {
	*company
	name  auth.FactorName
	class auth.Class
}

func (f factor) Name() auth.FactorName { return f.name }
func (f factor) Class() auth.Class     { return f.class }

// Verify implements auth.Factor. No decoy is accepted; a caller number is never rejected.
func (f factor) Verify(ctx context.Context, a auth.Account, _ auth.Evidence) (auth.Result, error) {
	results := []string{string(auth.Accepted), string(auth.Rejected), string(auth.Inconclusive), string(auth.NotEnrolled),
		string(auth.OptedOut)}
	if f.name == auth.FactorCaller {
		results = slices.Delete(results, 1, 2)
	}
	if a.Decoy {
		results = slices.Delete(results, 0, 1)
	}
	answer, err := f.ask(ctx, string(f.name), results...)
	return auth.Result(answer), err
}

type challenger struct{ factor }

// Challenge implements auth.Challenger. A question may have no words: it was added to the directory only.
func (c challenger) Challenge(ctx context.Context, _ auth.Account, _ string) (string, error) {
	if c.name == auth.FactorQuestion {
		return c.ask(ctx, "question", walkQuestion, "without words")
	}
	return c.ask(ctx, "code", "sent")
}

// Bills implements payment.Biller.
func (c *company) Bills(ctx context.Context, account string) ([]payment.Bill, error) {
	usd := func(minor int64) payment.Money { return payment.Money{Minor: minor, Currency: "USD"} }
	plain := payment.Bill{ID: "1", Account: account, Payee: "City Water", Balance: usd(9000), Due: "2026-03-06"}
	rich := payment.Bill{ID: "2", Account: account, Payee: "City Water", Service: "12 Elm Street", Balance: usd(90000),
		Minimum: usd(2500), PastDue: usd(5000), Usual: usd(6000), Due: "2026-02-27"}
	answer, err := c.ask(ctx, "bills", "one", "several", "none")
	return map[string][]payment.Bill{"one": {rich}, "several": {plain, rich}}[answer], err
}

// Post implements payment.Biller.
func (c *company) Post(ctx context.Context, _ payment.Posting) error {
	_, err := c.ask(ctx, "posting", "taken")
	return err
}

// Tokenise implements payment.Vault.
func (c *company) Tokenise(ctx context.Context, card payment.Card, _ string) (payment.Token, error) {
	answer, err := c.ask(ctx, "vault", "token", "refused")
	if answer == "refused" {
		err = &payment.CardError{Field: payment.CardNumber, Reason: payment.ReasonRefused}
	}
	return payment.Token{ID: "tok_new", Brand: card.Brand, Last4: "4242", Expiry: card.Expiry}, err
}

// Methods implements wallet.Wallet.
func (c *company) Methods(ctx context.Context, _ string) ([]wallet.Method, error) {
	card := wallet.Method{ID: "pm_1", Kind: payment.KindCard, Token: "tok_1", Brand: payment.Visa, Last4: "4242", Default: true,
		Expiry: payment.Expiry{Year: 2030, Month: 12}}
	bank := wallet.Method{ID: "pm_2", Kind: payment.KindBank, Token: "tok_2", Brand: "First Bank", Last4: "6789"}
	answer, err := c.ask(ctx, "saved", "card and bank", "none")
	return map[string][]wallet.Method{"card and bank": {card, bank}}[answer], err
}

// Save implements wallet.Wallet.
func (c *company) Save(ctx context.Context, _ string, m wallet.Method) (wallet.Method, error) {
	_, err := c.ask(ctx, "saving", "done")
	return m, err
}

// GiftCards implements flow.GiftCards.
func (c *company) GiftCards(ctx context.Context, _ string) ([]wallet.GiftCard, error) {
	answer, err := c.ask(ctx, "gift cards", "none", "some", "enough")
	balance := map[string]int64{"some": 1200, "enough": 1_000_000}[answer]
	if balance == 0 {
		return nil, err
	}
	return []wallet.GiftCard{{Token: "gift_1", Last4: "1234", Balance: payment.Money{Minor: balance, Currency: "USD"}}}, err
}

// Redeem implements flow.GiftCards.
func (c *company) Redeem(ctx context.Context, _ string, _ payment.Secret, _ string) (wallet.GiftCard, error) {
	answer, err := c.ask(ctx, "claim code", "good", "foreign", "unknown", "limit")
	currency := "USD"
	switch answer {
	case "foreign":
		currency = "EUR"
	case "unknown":
		err = &wallet.ClaimError{Reason: wallet.ClaimUnknown}
	case "limit":
		err = &wallet.ClaimError{Reason: wallet.ClaimLimit}
	}
	return wallet.GiftCard{Token: "gift_2", Last4: "5678", Balance: payment.Money{Minor: 2500, Currency: currency}}, err
}

// Points implements flow.Rewards.
func (c *company) Points(ctx context.Context, _ string) (wallet.Points, error) {
	answer, err := c.ask(ctx, "points", "none", "some")
	if answer != "some" {
		return wallet.Points{}, err
	}
	return wallet.Points{Token: "points_1", Balance: 500, Rate: wallet.Rate{Points: 100,
		Worth: payment.Money{Minor: 100, Currency: "USD"}}}, err
}

// Preferences implements flow.Preferences.
func (c *company) Preferences(ctx context.Context, _ string) (wallet.Preferences, error) {
	answer, err := c.ask(ctx, "preferences", "none", "cards first")
	if answer == "cards first" {
		return wallet.Preferences{Order: []payment.Kind{payment.KindCard}}, err
	}
	return wallet.Preferences{}, err
}

// Fee implements flow.Fees.
func (c *company) Fee(ctx context.Context, amount payment.Money, _ payment.Kind) (payment.Money, error) {
	answer, err := c.ask(ctx, "fee", "some", "none")
	if answer == "none" {
		return payment.Money{}, err
	}
	return payment.Money{Minor: 150, Currency: amount.Currency}, err
}

// Send implements flow.Messenger.
func (c *company) Send(ctx context.Context, _ flow.Message) error {
	_, err := c.ask(ctx, "message", "sent")
	return err
}

// Open implements flow.People.
func (c *company) Open(ctx context.Context, _ string, _ time.Time) (string, bool, error) {
	answer, err := c.ask(ctx, "people", "there", "closed")
	return "desk", answer == "there", err
}

// Dial implements flow.Dialler. Nobody sweeps in a walk.
func (c *company) Dial(context.Context, flow.Dial) error {
	return errors.New("nobody sweeps in a walk")
}

type processor struct{ *company }

// Profile implements payment.Processor.
func (processor) Profile() payment.Profile {
	return payment.Profile{Name: "walk", AuthCapture: true, Refunds: true}
}

var outcomes = map[string]payment.Outcome{
	"approved":           {State: payment.Approved, Reference: "ch_1"},
	"partial":            {State: payment.Approved, Reference: "ch_1", Amount: payment.Money{Minor: 1, Currency: "USD"}},
	"declined":           {State: payment.Declined},
	"correct the entry":  {State: payment.Declined, Class: payment.CorrectEntry},
	"other method":       {State: payment.Declined, Class: payment.OtherMethod},
	"try later":          {State: payment.Declined, Class: payment.TryLater},
	"never retry":        {State: payment.Declined, Class: payment.NeverRetry},
	"some unknown class": {State: payment.Declined, Class: "lunch break"},
	"unknown":            {State: payment.Unknown},
	"absent":             {State: payment.Absent},
}

func (p processor) outcome(ctx context.Context, call string, answers ...string) (payment.Outcome, error) {
	answer, err := p.ask(ctx, call, answers...)
	return outcomes[answer], err
}

// Authorise implements payment.Processor.
func (p processor) Authorise(ctx context.Context, c payment.Charge) (payment.Outcome, error) {
	call := "authorise"
	if strings.HasPrefix(c.Token, "gift") || strings.HasPrefix(c.Token, "points") {
		call += " " + c.Token
	}
	return p.outcome(ctx, call, "approved", "correct the entry", "other method", "try later", "never retry",
		"some unknown class", "partial", "unknown")
}

// Lookup implements payment.Processor.
func (p processor) Lookup(ctx context.Context, _ string) (payment.Outcome, error) {
	return p.outcome(ctx, "look up", "approved", "other method", "absent")
}

// Capture implements payment.Capturer.
func (p processor) Capture(ctx context.Context, _ payment.Hold) (payment.Outcome, error) {
	return p.outcome(ctx, "capture", "approved", "declined", "unknown")
}

// Void implements payment.Capturer.
func (p processor) Void(ctx context.Context, _ payment.Hold) (payment.Outcome, error) {
	return p.outcome(ctx, "void", "approved", "declined", "unknown")
}

// Refund implements payment.Refunder.
func (p processor) Refund(ctx context.Context, _ payment.Hold) (payment.Outcome, error) {
	return p.outcome(ctx, "refund", "approved", "declined", "unknown")
}

// keeper gives back what fits the question, or has lost all of it.
type keeper struct{ *company }

func (keeper) Put(context.Context, string, string, ivr.Secret) error { return nil }
func (keeper) Clear(context.Context, string) error                   { return nil }

// Get implements flow.Keeper.
func (k keeper) Get(_ context.Context, _, name string) (ivr.Secret, error) {
	if k.choose("keeper", "kept", "lost") == "lost" {
		return ivr.Secret{}, flow.ErrNotKept
	}
	kept, ok := map[string]string{"number": "4242424242424242", "expiry": "1230", "cvv": "123", "postal": "10001"}[name]
	if !ok {
		kept = "1234"
	}
	return ivr.NewSecret([]byte(kept))
}
