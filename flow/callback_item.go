package flow

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// CallbackState is how far a callback is.
type CallbackState string

// The states of a callback.
const (
	CallbackScheduled CallbackState = "scheduled" // somebody will call at its time
	CallbackDialling  CallbackState = "dialling"  // Callback.Attempt was claimed, and is or was dialled
	CallbackDone      CallbackState = "done"      // the customer was reached
	CallbackCancelled CallbackState = "cancelled" // the customer called
	CallbackGaveUp    CallbackState = "gave up"   // nobody was reached in all attempts
)

// callbackMoves is where each state may lead. What is not here is refused.
var callbackMoves = map[CallbackState][]CallbackState{
	CallbackScheduled: {CallbackDialling, CallbackCancelled, CallbackGaveUp},
	CallbackDialling:  {CallbackScheduled, CallbackDone, CallbackCancelled, CallbackGaveUp},
}

// The purposes of a callback.
const (
	purposePerson = "person" // nobody was there
	purposePay    = "pay"    // the call was cut off before the customer could pay
)

// Callback is a customer's wish to be called back, with what they agreed to: the number, the time, and why.
type Callback struct {
	Key     string        `json:"k"`
	State   CallbackState `json:"s"`
	Purpose string        `json:"p"`
	// Cases are the claims: one callback of a number at a time, and one of an account. Without that of the number, it waits
	// for another customer's there.
	Cases []string `json:"c"`
	// Account is set where the customer had shown who they are. Number is where to call.
	Account string `json:"a,omitempty"`
	Number  string `json:"n"`
	Reason  string `json:"r"`
	Locale  string `json:"l"`
	// Zone is the customer's time zone, an IANA name. Guess: it is only the company's, the directory could not be asked.
	Zone  string `json:"z"`
	Guess bool   `json:"g,omitempty"`
	// Asked is when the customer agreed, When the time from which we may call.
	Asked time.Time `json:"at"`
	When  time.Time `json:"w"`
	// Attempt counts the attempts from 1. Call is the call ID of the last.
	Attempt int    `json:"t,omitempty"`
	Call    string `json:"id,omitempty"`
	// CalledIn tells that the customer has called while the last attempt was made: no other one follows.
	CalledIn bool `json:"in,omitempty"`
	// Channel is how to tell the customer that nobody was reached; empty for none.
	Channel Channel `json:"ch,omitempty"`
}

func (cb *Callback) move(to CallbackState) error {
	if !slices.Contains(callbackMoves[cb.State], to) {
		return fmt.Errorf("flow: callback %q: it is %s, and cannot be %s", cb.Key, cb.State, to)
	}
	cb.State = to
	return nil
}

// over tells that nothing more comes of it.
func (cb *Callback) over() bool { return len(callbackMoves[cb.State]) == 0 }

// claims are the cases as claims of the session that asked.
func (cb *Callback) claims(session string) (claims []Claim) {
	for _, name := range cb.Cases {
		claims = append(claims, Claim{Key: name, Owner: session})
	}
	return claims
}

// caseOf names a case for its claim, and for Finder.Find: by the account or the number.
func caseOf(who string) string { return nameOf("callback", who) }

// numberCase is the case of a number. A number of the North American plan may be keyed without the 1 with which lines show
// it; elsewhere, a number that is keyed in another form than it is shown is another case.
func (s *Settings) numberCase(number string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, number)
	if s.Country == "US" && len(digits) == 11 {
		digits = strings.TrimPrefix(digits, "1")
	}
	return caseOf(digits)
}

func readCallback(it Item) (cb Callback, err error) {
	if err := json.Unmarshal(it.Data, &cb); err != nil {
		return cb, fmt.Errorf("flow: stored callback %q: %w", it.Key, err)
	}
	return cb, nil
}

// putCallback puts a callback into the next commit of its session; one that is over gives its claims back.
func (c *Call) putCallback(cb Callback, due time.Time) error {
	data, err := json.Marshal(cb)
	if err != nil {
		return fmt.Errorf("flow: encode callback %q: %w", cb.Key, err)
	}
	if cb.over() {
		due = time.Time{}
		c.tx.Release = append(c.tx.Release, cb.claims(c.ID)...)
	}
	c.update(Item{Kind: ItemCallback, Key: cb.Key, Session: c.ID, Due: due, Data: data})
	return nil
}
