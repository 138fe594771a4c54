package flow

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/wallet"
)

// Collaborators are what a dialogue works with. Directory, Factors, Biller and Processor are required; without one of
// the others the dialogue does not offer what needs it.
type Collaborators struct {
	// Directory finds the caller's account. New puts decoys before it, so that an unknown account meets the same
	// questions as a wrong PIN. Where several processes serve one call, give an *auth.Decoys with a key of your own.
	Directory auth.Directory
	// Factors are the ways to make sure who is calling. Policy says which are needed for what; its zero value is
	// auth.DefaultPolicy, as far as there are factors for it.
	Factors []auth.Factor
	Policy  auth.Policy
	// Lockout counts wrong answers across calls. Nil: one in the memory of this process.
	Lockout *auth.Lockout
	// Biller is the company that is paid.
	Biller payment.Biller
	// Processor moves the money of cards, and of bank accounts unless Bank is set.
	Processor payment.Processor
	Bank      payment.Processor
	// Gift moves the money of gift cards, Points that of reward points. Nil: Processor does.
	Gift   payment.Processor
	Points payment.Processor
	// Vault takes new cards. Without one, only saved methods can be used.
	Vault payment.Vault
	// Wallet keeps saved methods. Without one, every payment is with a new card.
	Wallet wallet.Wallet
	// GiftCards knows the gift cards of an account, Rewards its points, Preferences in which order they are used. Without
	// them no split is offered.
	GiftCards   GiftCards
	Rewards     Rewards
	Preferences Preferences
	// Fees adds a convenience fee. Without one there is none.
	Fees Fees
	// Messenger sends receipts. Without one they are only spoken.
	Messenger Messenger
	// People tells whether a person can be reached. Without one nobody can.
	People People
	// Dialler calls customers back. Without one no callback is offered, nor with a Store that is no Finder. It needs
	// Settings.TimeZone.
	Dialler Dialler
	// Keeper holds card numbers until they are tokenised. Nil: in memory.
	Keeper Keeper
}

// Factor is the configured factor with this name; nil if there is none.
func (w *Collaborators) Factor(name auth.FactorName) auth.Factor {
	for _, f := range w.Factors {
		if f.Name() == name {
			return f
		}
	}
	return nil
}

// ProcessorFor is the processor for new charges to a kind of method.
func (w *Collaborators) ProcessorFor(kind payment.Kind) payment.Processor {
	switch {
	case kind == payment.KindBank && w.Bank != nil:
		return w.Bank
	case kind == payment.KindGift && w.Gift != nil:
		return w.Gift
	case kind == payment.KindPoints && w.Points != nil:
		return w.Points
	}
	return w.Processor
}

// processorNamed is the processor that a leg was drafted for; nil if it is configured no more.
func (w *Collaborators) processorNamed(name string) payment.Processor {
	for _, p := range w.processors() {
		if p != nil && p.Profile().Name == name {
			return p
		}
	}
	return nil
}

func (w *Collaborators) processors() []payment.Processor {
	return []payment.Processor{w.Processor, w.Bank, w.Gift, w.Points}
}

// Profile is the profile of the processor with this name; the zero Profile if there is none.
func (w *Collaborators) Profile(name string) payment.Profile {
	if p := w.processorNamed(name); p != nil {
		return p.Profile()
	}
	return payment.Profile{}
}

// GiftCards are the gift cards of accounts.
type GiftCards interface {
	// GiftCards returns those of the account with what is left on them; none is an empty slice.
	GiftCards(ctx context.Context, account string) ([]wallet.GiftCard, error)
	// Redeem adds the gift card of a claim code, 8 to 19 digits as they were keyed, to the account. The same key has the
	// same end. A code that is refused is a *wallet.ClaimError; every other error means that nobody could say. It should
	// refuse an account that tries too often (wallet.ClaimLimit): the dialogue counts only within a call. The code is
	// cleared when it returns.
	Redeem(ctx context.Context, account string, code payment.Secret, key string) (wallet.GiftCard, error)
}

// Rewards are the points of accounts.
type Rewards interface {
	// Points returns those of the account; the zero Points for none.
	Points(ctx context.Context, account string) (wallet.Points, error)
}

// Preferences are what customers chose once and for all.
type Preferences interface {
	// Preferences returns those of the account; the zero Preferences for none.
	Preferences(ctx context.Context, account string) (wallet.Preferences, error)
}

// Fees tells what a payment costs the customer.
type Fees interface {
	// Fee returns the fee for paying the amount with a method of this kind; zero for none.
	Fee(ctx context.Context, amount payment.Money, kind payment.Kind) (payment.Money, error)
}

// Channel is a way to send a message.
type Channel string

// The channels.
const (
	SMS   Channel = "sms"
	Email Channel = "email"
)

// Message is a text to a customer.
type Message struct {
	// Key is the same for every repetition of this message, so that a deduplicating provider sends it once.
	Key string `json:"key"`
	// Account is to whom; Channel, on which way. The address is the embedder's to know.
	Account string  `json:"account"`
	Channel Channel `json:"channel"`
	// Text is in the caller's language.
	Text string `json:"text"`
}

// Messenger sends messages.
type Messenger interface {
	Send(ctx context.Context, m Message) error
}

// People tells whether a person can take a call.
type People interface {
	// Open returns where to transfer a call to, for the reason given; ok is false when nobody is there.
	Open(ctx context.Context, reason string, at time.Time) (to string, ok bool, err error)
}

// Dial is a call to be placed: one attempt to call a customer back.
type Dial struct {
	// Key names this attempt. Nobody repeats it: an attempt is dialled at most once, and a lost one is spent.
	Key string
	// Call is the call ID under which the line serves the call: Engine.Handle with ivr.Answered when it was answered by
	// anybody or anything, with ivr.HangUp when it was not, was busy, or failed.
	Call string
	// Number is whom to call, as it was keyed or shown, perhaps by somebody whom nobody knows: refuse those that you do
	// not want to pay for. Locale is the customer's language; Reason is why they wanted us.
	Number, Locale, Reason string
	// Ring is how long it may ring, Limit how long the call may last. The line must end it then: another attempt may
	// follow. A call that was transferred may last for longer. One that was told to hang up ends after its goodbye, also
	// when the process that serves the line dies.
	Ring, Limit time.Duration
}

// Dialler places calls. Telephony has no idempotency key, so Dial is called once for an attempt, whatever it returns:
// after an error, the attempt counts as made until it must be over. It returns without waiting for an answer.
type Dialler interface {
	Dial(ctx context.Context, d Dial) error
}

// Config makes an Engine.
type Config struct {
	// Dialogue is what is said. Required.
	Dialogue *Dialogue
	// Collaborators are whom it works with.
	Collaborators
	// Store keeps the sessions. Nil: in memory.
	Store Store
	// Seal encrypts what the Store gets. Nil: it gets plain JSON, with names, amounts and the last four digits of cards.
	// Give one with every store that outlives the process.
	Seal *Seal
	// Now is the clock. Required.
	Now func() time.Time
	// NewID returns a new, unguessable ID for a payment, at most 64 characters. Required.
	NewID func() string
	// Node names this process among those that share the Store: unique. Empty: a NewID.
	Node string
	// Log gets what goes wrong. Nil: nothing is logged. No secret and nothing that a caller keyed is ever logged.
	Log *slog.Logger
	// Observe gets each transition, for traces and statistics. May be nil. It must not block.
	Observe func(Transition)
}

func (c *Config) check() error {
	var errs []error
	for _, need := range []struct {
		missing bool
		what    string
	}{
		{c.Dialogue == nil, "Dialogue"}, {c.Directory == nil, "Directory"}, {c.Biller == nil, "Biller"},
		{c.Processor == nil, "Processor"}, {c.Now == nil, "Now"}, {c.NewID == nil, "NewID"},
	} {
		if need.missing {
			errs = append(errs, errors.New("flow: Config."+need.what+" is required"))
		}
	}
	if c.Dialler != nil && c.Dialogue != nil && c.Dialogue.settings.TimeZone == "" {
		errs = append(errs, errors.New("flow: Config.Dialler needs Settings.TimeZone, the company's: "+
			"nobody may be called at night"))
	}
	if slices.Contains(c.Factors, nil) {
		errs = append(errs, errors.New("flow: Config.Factors has a nil factor"))
	}
	if len(c.Factors) == 0 {
		errs = append(errs, errors.New("flow: Config.Factors is empty: no caller could show who they are"))
	}
	return errors.Join(append(errs, c.checkProcessors()...)...)
}

// checkProcessors finds what a payment would only find when money is on its way.
func (c *Config) checkProcessors() (errs []error) {
	names := map[string]bool{}
	for _, p := range c.processors() {
		if p == nil {
			continue
		}
		profile := p.Profile()
		_, captures := p.(payment.Capturer)
		_, refunds := p.(payment.Refunder)
		for _, fault := range []struct {
			is   bool
			what string
		}{
			{profile.Name == "" || names[profile.Name],
				"its Profile.Name must be there, and no other's: each leg is stored with it"},
			{profile.AuthCapture && !captures, "its Profile has AuthCapture, but it is no payment.Capturer"},
			{profile.Refunds && !refunds, "its Profile has Refunds, but it is no payment.Refunder"},
		} {
			if fault.is {
				errs = append(errs, fmt.Errorf("flow: processor %q: %s", profile.Name, fault.what))
			}
		}
		names[profile.Name] = true
	}
	return errs
}

// normaliseIdentity fills in what auth needs and checks that the policy can be met.
func (c *Config) normaliseIdentity() (err error) {
	if c.Policy.IsZero() {
		c.Policy = auth.DefaultPolicy().With(c.Factors...)
	}
	if err := c.Policy.Check(c.Factors...); err != nil {
		return err
	}
	for _, ask := range c.Policy.Asks {
		if st := c.Dialogue.states["identify"]; st != nil && !st.canAsk(ask.Factor) {
			return fmt.Errorf("flow: the policy asks for factor %q, for which the stage %q has no question", ask.Factor, st.Name)
		}
	}
	if c.Lockout == nil {
		if c.Lockout, err = auth.NewLockout(auth.LockoutConfig{Store: &auth.MemoryAttempts{}, Now: c.Now}); err != nil {
			return err
		}
	}
	if _, ok := c.Directory.(*auth.Decoys); ok {
		return nil
	}
	decoys := auth.DecoyConfig{}
	switch pin := c.Factor(auth.FactorPIN).(type) {
	case auth.PIN:
		decoys.Hasher = pin.Hasher
	case *auth.PIN:
		decoys.Hasher = pin.Hasher
	case nil:
	default:
		return errors.New("flow: with a PIN factor of your own, give Config.Directory as an *auth.Decoys with the same " +
			"Hasher: a decoy's PIN must take as long as a real one")
	}
	// NewID is unguessable, which is all that the key of decoys must be.
	first, second := c.NewID(), c.NewID()
	if first == "" || first == second {
		return errors.New("flow: Config.NewID returns the same ID twice, or none: a payment could take the place of another")
	}
	key := sha256.Sum256([]byte(first + second))
	if decoys.Key, err = auth.NewSecret(key[:]); err != nil {
		return err
	}
	c.Directory, err = auth.NewDecoys(c.Directory, decoys)
	return err
}
