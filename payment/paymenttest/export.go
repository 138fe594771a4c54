package paymenttest

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/dialpay/dialpay/payment"
)

// exported is what Export writes. There is no card number in it: a sandbox keeps none.
type exported struct {
	Tokens  map[string]decision      `json:"tokens"`
	Cards   map[string]payment.Token `json:"cards"`
	Keys    map[string]int           `json:"keys"`
	Funds   map[string]exportedFunds `json:"funds,omitempty"`
	Charges []exportedCharge         `json:"charges"`
	Errors  []string                 `json:"errors,omitempty"` // the keys to which an error is replayed
}

type exportedCharge struct {
	Charge
	Request payment.Charge
	Outcome payment.Outcome
}

// exportedFunds are what a gift card or points had at first.
type exportedFunds struct {
	Amount payment.Money `json:"amount,omitzero"`
	Points int64         `json:"points,omitempty"`
}

// Export returns what the sandbox knows, so that a demonstration outlives its process. Requests that are still on their
// way are not in it.
func (s *Sandbox) Export() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrive()
	e := exported{Tokens: s.tokens, Cards: s.cards, Keys: s.keys, Funds: map[string]exportedFunds{}}
	for token, f := range s.funds {
		e.Funds[token] = exportedFunds{f.amount, f.points}
	}
	for _, c := range s.charges {
		e.Charges = append(e.Charges, exportedCharge{c, c.request, c.outcome})
	}
	for key := range s.replays {
		e.Errors = append(e.Errors, key)
	}
	return json.Marshal(e)
}

// Import replaces what the sandbox knows by what another one exported.
func (s *Sandbox) Import(data []byte) error {
	e := exported{Tokens: map[string]decision{}, Cards: map[string]payment.Token{}, Keys: map[string]int{}}
	if err := json.Unmarshal(data, &e); err != nil {
		return fmt.Errorf("paymenttest: import: %w", err)
	}
	for _, i := range e.Keys {
		if i < 0 || i >= len(e.Charges) {
			return errors.New("paymenttest: import: a key without a charge")
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens, s.cards, s.keys, s.charges, s.replays = e.Tokens, e.Cards, e.Keys, nil, map[string]error{}
	s.funds = map[string]funds{}
	for token, f := range e.Funds {
		s.funds[token] = funds{f.Amount, f.Points}
	}
	for _, c := range e.Charges {
		c.Charge.request, c.Charge.outcome = c.Request, c.Outcome
		s.charges = append(s.charges, c.Charge)
	}
	for _, key := range e.Errors {
		s.replays[key] = ErrNoAnswer
	}
	return nil
}
