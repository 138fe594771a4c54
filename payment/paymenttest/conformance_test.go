package paymenttest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/payment"
)

var fixtures = Fixtures{Approved: TokenVisa, Declined: TokenNoFunds, Amount: payment.Money{Minor: 500, Currency: "USD"}}

func goodCard() payment.Card    { return Card("4242424242424242", "1229", "737", "94105") }
func refusedCard() payment.Card { return Card("4242424242424241", "1229", "737", "94105") }

var cards = Cards{Good: goodCard, Refused: refusedCard}

func TestSandboxKeepsTheRules(t *testing.T) {
	for name, c := range map[string]Config{
		"holds": {}, "direct": {Direct: true}, "no refunds": {NoRefunds: true}, "direct without refunds": {Direct: true, NoRefunds: true},
		"replays errors": {Profile: payment.Profile{ReplaysErrors: true}},
	} {
		t.Run(name, func(t *testing.T) {
			TestProcessor(t, func(*testing.T) (payment.Processor, Fixtures) { return New(c), fixtures })
			TestVault(t, func(*testing.T) (payment.Vault, Cards) { return New(c), cards })
		})
	}
}

// broken is a sandbox with some of its methods replaced.
type broken struct {
	*Sandbox
	profile   func() payment.Profile
	authorise func(ctx context.Context, c payment.Charge) (payment.Outcome, error)
	lookup    func(ctx context.Context, key string) (payment.Outcome, error)
	capture   func(ctx context.Context, h payment.Hold) (payment.Outcome, error)
	void      func(ctx context.Context, h payment.Hold) (payment.Outcome, error)
	refund    func(ctx context.Context, h payment.Hold) (payment.Outcome, error)
}

func (b *broken) Profile() payment.Profile { return b.profile() }
func (b *broken) Authorise(ctx context.Context, c payment.Charge) (payment.Outcome, error) {
	return b.authorise(ctx, c)
}
func (b *broken) Lookup(ctx context.Context, key string) (payment.Outcome, error) {
	return b.lookup(ctx, key)
}
func (b *broken) Capture(ctx context.Context, h payment.Hold) (payment.Outcome, error) {
	return b.capture(ctx, h)
}
func (b *broken) Void(ctx context.Context, h payment.Hold) (payment.Outcome, error) {
	return b.void(ctx, h)
}
func (b *broken) Refund(ctx context.Context, h payment.Hold) (payment.Outcome, error) {
	return b.refund(ctx, h)
}

func whole() *broken {
	s := New(Config{})
	return &broken{s, s.Profile, s.Authorise, s.Lookup, s.Capture, s.Void, s.Refund}
}

func approved() (payment.Outcome, error) {
	return payment.Outcome{State: payment.Approved, Reference: "ch_0"}, nil
}

func TestEachProcessorRuleCatchesWhoBreaksIt(t *testing.T) {
	once := func(do operation) operation {
		done := map[string]bool{}
		return func(ctx context.Context, h payment.Hold) (payment.Outcome, error) {
			if done[h.Key] {
				return payment.Outcome{}, errors.New("done before")
			}
			done[h.Key] = true
			return do(ctx, h)
		}
	}
	for name, breaks := range map[string]func(b *broken){
		"profile": func(b *broken) { b.profile = func() payment.Profile { return payment.Profile{KeyMax: 20} } },
		"approve": func(b *broken) {
			b.lookup = func(context.Context, string) (payment.Outcome, error) {
				return payment.Outcome{State: payment.Absent}, nil
			}
		},
		"repeat":    func(b *broken) { b.authorise = freshKeys(b.Sandbox) },
		"together":  func(b *broken) { b.authorise = freshKeys(b.Sandbox) },
		"cancelled": func(b *broken) { b.authorise = freshKeys(b.Sandbox) },
		"changed": func(b *broken) {
			b.authorise = func(context.Context, payment.Charge) (payment.Outcome, error) { return approved() }
		},
		"decline": func(b *broken) {
			b.authorise = func(ctx context.Context, c payment.Charge) (payment.Outcome, error) {
				out, err := b.Sandbox.Authorise(ctx, c)
				if out.State == payment.Declined {
					err = errors.New("declined")
				}
				return out, err
			}
		},
		"absent": func(b *broken) {
			b.lookup = func(context.Context, string) (payment.Outcome, error) { return payment.Outcome{}, errors.New("404") }
		},
		"capture": func(b *broken) { b.capture = once(b.Sandbox.Capture) },
		"void":    func(b *broken) { b.void = once(b.Sandbox.Void) },
		"void nothing": func(b *broken) {
			b.void = func(context.Context, payment.Hold) (payment.Outcome, error) {
				return payment.Outcome{}, errors.New("404")
			}
		},
		"capture voided": func(b *broken) {
			b.capture = func(context.Context, payment.Hold) (payment.Outcome, error) { return approved() }
		},
		"void captured": func(b *broken) {
			b.void = func(context.Context, payment.Hold) (payment.Outcome, error) { return approved() }
		},
		"list": func(b *broken) {
			b.capture = func(context.Context, payment.Hold) (payment.Outcome, error) { return approved() }
		},
		"refund": func(b *broken) { b.refund = once(b.Sandbox.Refund) },
	} {
		t.Run(name, func(t *testing.T) {
			for _, rule := range processorRules {
				if rule.name == name {
					b := whole()
					require.NoError(t, rule.check(newKit(t.Context(), b, fixtures, name)), "whole")
					b = whole()
					breaks(b)
					assert.Error(t, rule.check(newKit(t.Context(), b, fixtures, name)), "broken")
					return
				}
			}
			t.Fatal("no such rule")
		})
	}
	assert.Len(t, processorRules, 15, "every rule has a processor that breaks it")
}

// freshKeys charges again for every repetition, and does not look at the context.
func freshKeys(s *Sandbox) func(ctx context.Context, c payment.Charge) (payment.Outcome, error) {
	return func(ctx context.Context, c payment.Charge) (payment.Outcome, error) {
		c.Key += fmt.Sprint(len(s.Charges()))
		return s.Authorise(context.WithoutCancel(ctx), c)
	}
}

type brokenVault func(ctx context.Context, c payment.Card, key string) (payment.Token, error)

func (v brokenVault) Tokenise(ctx context.Context, c payment.Card, key string) (payment.Token, error) {
	return v(ctx, c, key)
}

func TestEachVaultRuleCatchesWhoBreaksIt(t *testing.T) {
	s := New(Config{})
	fresh := func(ctx context.Context, c payment.Card, key string) (payment.Token, error) {
		c.Brand, _ = payment.CheckNumber(c.Number)
		return s.Tokenise(ctx, c, key+fmt.Sprint(tokens(s)))
	}
	for name, broken := range map[string]brokenVault{
		"tokenise": func(ctx context.Context, c payment.Card, key string) (payment.Token, error) {
			return payment.Token{ID: "tok", Brand: c.Brand, Last4: "0000", Expiry: c.Expiry}, nil
		},
		"repeat":   fresh,
		"together": fresh,
		"refuse": func(ctx context.Context, c payment.Card, key string) (payment.Token, error) {
			return payment.Token{}, errors.New("bad card")
		},
		"cancelled": func(ctx context.Context, c payment.Card, key string) (payment.Token, error) {
			return payment.Token{}, &payment.CardError{Field: payment.CardNumber, Reason: payment.ReasonRefused}
		},
		"no secrets": func(ctx context.Context, c payment.Card, key string) (token payment.Token, err error) {
			c.Number.Open(func(b []byte) { err = fmt.Errorf("card %s refused", b) })
			return token, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, rule := range vaultRules {
				if rule.name == name {
					require.NoError(t, rule.check(vaultKit{t.Context(), New(Config{}), cards, "k" + name}), "whole")
					assert.Error(t, rule.check(vaultKit{t.Context(), broken, cards, "k" + name}), "broken")
					return
				}
			}
			t.Fatal("no such rule")
		})
	}
	leaksCVV := brokenVault(func(_ context.Context, c payment.Card, _ string) (token payment.Token, err error) {
		c.CVV.Open(func(b []byte) { err = fmt.Errorf("cvv=%s refused", b) })
		return token, err
	})
	assert.Error(t, checkTokenSecrets(vaultKit{t.Context(), leaksCVV, cards, "k"}))
	assert.Len(t, vaultRules, 6, "every rule has a vault that breaks it")
}

func tokens(s *Sandbox) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.tokens)
}
