package paymenttest

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/dialpay/dialpay/payment"
)

// The errors of a sandbox.
var (
	// ErrNoAnswer is what the caller of a call that went wrong gets: the outcome is unknown.
	ErrNoAnswer = errors.New("paymenttest: no answer")
	// ErrKeyReused means that a key came again with other parameters.
	ErrKeyReused = errors.New("paymenttest: key used before with other parameters")
	// ErrNotHeld means that there is nothing under this key to capture, void or refund.
	ErrNotHeld = errors.New("paymenttest: no such authorisation")
)

// Config describes a sandbox. The zero value is a processor that holds and refunds, in a world without time.
type Config struct {
	// Profile is what the sandbox says of itself, and does: with KeyRetention it forgets keys. Its AuthCapture and
	// Refunds are set from Direct and NoRefunds, an empty Name becomes "sandbox".
	Profile payment.Profile
	// Now is the time; nil: it stands still at the year 2026.
	Now func() time.Time
	// Sleep waits where a fault is Slow; nil: not at all.
	Sleep func(ctx context.Context, d time.Duration) error
	// Direct makes a processor that takes the money in Authorise.
	Direct bool
	// NoRefunds makes one that cannot give back.
	NoRefunds bool
	// LookupLag is how long a charge stays invisible to Lookup.
	LookupLag time.Duration
	// Fault decides on each call that no injected fault is for; nil: all goes well. It must not call the sandbox.
	Fault func(op Op, key string) Fault
}

// Sandbox is a payment.Vault, Processor, Capturer and Refunder in memory, safe for concurrent use. The same calls have
// the same results. It keeps of a card number only the last four digits and how a charge on it ends, and of a security
// code nothing.
type Sandbox struct {
	config Config

	mu        sync.Mutex
	tokens    map[string]decision      // by token
	cards     map[string]payment.Token // by tokenise key
	funds     map[string]funds         // by token, of gift cards and points
	keys      map[string]int           // the charge that a key, while it is known, stands for
	charges   []Charge
	replays   map[string]error // stored errors, by key
	faults    map[Op][]Fault
	late      []arrival
	downUntil time.Time
	now       time.Time // of the request that is being done
}

// New makes a sandbox.
func New(c Config) *Sandbox {
	if c.Now == nil {
		c.Now = func() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }
	}
	if c.Profile.Name == "" {
		c.Profile.Name = "sandbox"
	}
	c.Profile.AuthCapture, c.Profile.Refunds = !c.Direct, !c.NoRefunds
	s := &Sandbox{config: c, tokens: map[string]decision{}, cards: map[string]payment.Token{}, keys: map[string]int{},
		funds: map[string]funds{}, replays: map[string]error{}}
	for _, saved := range savedTokens {
		s.tokens[saved.id] = saved.decision
	}
	return s
}

// Profile implements payment.Processor.
func (s *Sandbox) Profile() payment.Profile { return s.config.Profile }

// Tokenise implements payment.Vault.
func (s *Sandbox) Tokenise(ctx context.Context, c payment.Card, key string) (payment.Token, error) {
	var token payment.Token
	out, err := s.call(ctx, Tokenise, key, func(Fault) (payment.Outcome, error) {
		var err error
		token, err = s.tokenise(c, key)
		return payment.Outcome{State: payment.Approved}, err
	})
	switch {
	case err != nil:
		return payment.Token{}, err
	case out.State == payment.Declined:
		return payment.Token{}, &payment.CardError{Field: payment.CardNumber, Reason: payment.ReasonRefused}
	}
	return token, nil
}

func (s *Sandbox) tokenise(c payment.Card, key string) (payment.Token, error) {
	if token, ok := s.cards[key]; ok {
		return token, nil
	}
	brand, err := payment.CheckNumber(c.Number)
	if err != nil {
		return payment.Token{}, err
	}
	if err := payment.CheckCVV(brand, c.CVV); err != nil {
		return payment.Token{}, err
	}
	if c.Expiry.Expired(s.now) {
		return payment.Token{}, &payment.CardError{Field: payment.CardExpiry, Reason: payment.ReasonExpired}
	}
	token := payment.Token{ID: "tok_" + short(key), Brand: brand, Expiry: c.Expiry}
	c.Number.Open(func(b []byte) { token.Last4 = string(b[len(b)-4:]) })
	s.cards[key], s.tokens[token.ID] = token, decide(c.Number)
	return token, nil
}

// Authorise implements payment.Processor.
func (s *Sandbox) Authorise(ctx context.Context, c payment.Charge) (payment.Outcome, error) {
	return s.call(ctx, Authorise, c.Key, func(f Fault) (payment.Outcome, error) { return s.authorise(c, f) })
}

// authorise answers a known key with what it stands for, and charges a new one.
func (s *Sandbox) authorise(c payment.Charge, f Fault) (payment.Outcome, error) {
	s.forget()
	if i, ok := s.keys[c.Key]; ok {
		known := s.charges[i]
		if known.request != c {
			return payment.Outcome{}, ErrKeyReused
		}
		return known.outcome, s.replays[c.Key]
	}
	d, ok := s.tokens[c.Token]
	if have, funded := s.funds[c.Token]; funded {
		d, ok = have.decide(c, s.spent(c.Token)), true
	}
	switch {
	case f.Kind == Decline:
		d = decision{f.Class, f.Code}
	case !ok:
		d = decision{payment.OtherMethod, "no_such_token"}
	}
	charge := Charge{Key: c.Key, Token: c.Token, Payment: c.Payment, Amount: c.Amount, State: Held, At: s.now,
		Reference: fmt.Sprintf("ch_%d", len(s.charges)+1), request: c}
	charge.outcome = payment.Outcome{State: payment.Approved, Reference: charge.Reference}
	switch {
	case d.Class != "":
		charge.State = Declined
		charge.outcome = payment.Outcome{State: payment.Declined, Class: d.Class, Code: d.Code, Reference: charge.Reference}
	case f.Kind == Partial:
		charge.Amount.Minor--
		charge.outcome.Amount = charge.Amount
	}
	if s.config.Direct && charge.State == Held {
		charge.State = Captured
	}
	s.keys[c.Key] = len(s.charges)
	s.charges = append(s.charges, charge)
	return charge.outcome, nil
}

// forget drops the keys that are older than the retention.
func (s *Sandbox) forget() {
	retention := s.config.Profile.Normal().KeyRetention
	for i, c := range s.charges {
		if known, ok := s.keys[c.Key]; ok && known == i && s.now.Sub(c.At) > retention {
			delete(s.keys, c.Key)
			delete(s.replays, c.Key)
		}
	}
}

// Lookup implements payment.Processor.
func (s *Sandbox) Lookup(ctx context.Context, key string) (payment.Outcome, error) {
	return s.call(ctx, Lookup, key, func(Fault) (payment.Outcome, error) {
		for _, c := range s.charges {
			if c.Key == key && s.now.Sub(c.At) >= s.config.LookupLag {
				return c.outcome, nil
			}
		}
		return payment.Outcome{State: payment.Absent}, nil
	})
}

// Capture implements payment.Capturer.
func (s *Sandbox) Capture(ctx context.Context, h payment.Hold) (payment.Outcome, error) {
	return s.call(ctx, Capture, h.ChargeKey, func(Fault) (payment.Outcome, error) { return s.settle(h, Held, Captured) })
}

// Void implements payment.Capturer.
func (s *Sandbox) Void(ctx context.Context, h payment.Hold) (payment.Outcome, error) {
	return s.call(ctx, Void, h.ChargeKey, func(Fault) (payment.Outcome, error) {
		out, err := s.settle(h, Held, Voided)
		if errors.Is(err, ErrNotHeld) {
			return payment.Outcome{State: payment.Approved}, nil // what was never held is released
		}
		return out, err
	})
}

// Refund implements payment.Refunder.
func (s *Sandbox) Refund(ctx context.Context, h payment.Hold) (payment.Outcome, error) {
	return s.call(ctx, Refund, h.ChargeKey, func(Fault) (payment.Outcome, error) {
		if s.config.NoRefunds {
			return payment.Outcome{State: payment.Declined, Class: payment.NeverRetry, Code: "no_refunds"}, nil
		}
		return s.settle(h, Captured, Refunded)
	})
}

// settle moves a charge on. Done before is done; anything else declines.
func (s *Sandbox) settle(h payment.Hold, from, to ChargeState) (payment.Outcome, error) {
	i := slices.IndexFunc(s.charges, func(c Charge) bool { return c.Key == h.ChargeKey && c.Reference == h.Reference })
	if i < 0 {
		return payment.Outcome{}, ErrNotHeld
	}
	c := &s.charges[i]
	switch {
	case c.State == from:
		c.State = to
	case c.State != to:
		return payment.Outcome{State: payment.Declined, Class: payment.NeverRetry, Code: "is " + string(c.State)}, nil
	}
	return payment.Outcome{State: payment.Approved, Reference: c.Reference}, nil
}

func short(key string) string {
	sum := sha256.Sum256([]byte(key))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
}
