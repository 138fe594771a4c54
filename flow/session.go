package flow

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/wallet"
)

// Session is all that is kept of a call between two turns: plain data, no secret, stored after every turn. Another
// process can take it up, on the same call or on tomorrow's.
type Session struct {
	ID string `json:"id"`
	// Flow is the Definition.Version that the session was made with.
	Flow string `json:"flow,omitempty"`
	// State is where the dialogue stands; Parked, where it stood when the caller hung up.
	State  string `json:"state"`
	Parked string `json:"parked,omitempty"`
	// Seq counts the turns.
	Seq int `json:"seq"`
	// Locale and Slow are the caller's choice of language and of more time.
	Locale string `json:"locale"`
	Slow   bool   `json:"slow,omitempty"`
	// Line is what the line knew of the call; Started, when it was answered.
	Line    ivr.Call  `json:"line,omitzero"`
	Started time.Time `json:"started"`
	// Last is how many seconds after Started the last turn was.
	Last int `json:"last,omitempty"`
	// Question is about the question that is open now.
	Question Question `json:"q,omitzero"`
	// Failures counts answers that were none, in the whole call. Waits counts the waiting turns of the present work,
	// which the caller has waited for since Since.
	Failures int       `json:"failures,omitempty"`
	Waits    int       `json:"waits,omitempty"`
	Since    time.Time `json:"since,omitzero"`
	// Identity is who the caller was shown to be.
	Identity Identity `json:"who,omitzero"`
	// Bills are the first open bills, MoreBills how many there are beyond; Bill is the index of the chosen one.
	Bills     []payment.Bill `json:"bills,omitempty"`
	MoreBills int            `json:"more,omitempty"`
	Bill      int            `json:"bill,omitempty"`
	// Amount is what the caller wants to pay, without fee.
	Amount payment.Money `json:"amount,omitzero"`
	// Methods are the saved methods that were offered; Method is the chosen one, saved or just tokenised.
	Methods []wallet.Method `json:"methods,omitempty"`
	Method  *wallet.Method  `json:"method,omitempty"`
	// Sources are the gift cards and points that were offered, in the order in which they are used; Split tells that the
	// caller wants them used first. Rest is what was offered to be paid beside them. NewGift tells that a gift card can
	// be redeemed, Claims counts the codes that were keyed. Once they are in the Draft, Sources is empty.
	Sources []wallet.Source `json:"src,omitempty"`
	// Order are the kinds of Sources that the caller wants to use in this call, in that order; empty for all of them in
	// the order of their preferences.
	Order   []payment.Kind `json:"order,omitempty"`
	Split   bool           `json:"split,omitempty"`
	Rest    payment.Money  `json:"rest,omitzero"`
	NewGift bool           `json:"newgift,omitempty"`
	Claims  int            `json:"claims,omitempty"`
	// NewCard tells that a new card can be taken. Brand is that of the card whose number was just keyed: it tells how
	// long its security code is. Cards counts the cards that were keyed.
	NewCard bool          `json:"new,omitempty"`
	Brand   payment.Brand `json:"brand,omitempty"`
	Cards   int           `json:"cards,omitempty"`
	// Carried tells that Method was keyed in an earlier call. It takes as much to pay with it as with a saved one: who
	// calls now need not be who keyed it.
	Carried bool `json:"carried,omitempty"`
	// SaveMethod tells that the caller agreed to have the new method saved.
	SaveMethod bool `json:"save,omitempty"`
	// Draft is the payment that is read back; Payment, the ID of the one that was confirmed last.
	Draft   *payment.Payment `json:"draft,omitempty"`
	Payment string           `json:"payment,omitempty"`
	// Telling is the payment of which the last turn said that it failed. Only the next input shows that the turn was
	// heard.
	Telling string `json:"telling,omitempty"`
	// Declines counts declined payments in this call. Decline is the class of the last.
	Declines int                  `json:"declines,omitempty"`
	Decline  payment.DeclineClass `json:"decline,omitempty"`
	// Declined is the part of a gift card or of points that was declined last; Back, what had been taken for a payment
	// that failed, and was given back.
	Declined *payment.Part `json:"part,omitempty"`
	Back     payment.Money `json:"back,omitzero"`
	// Receipt is that of the payment that was approved last.
	Receipt *payment.Receipt `json:"receipt,omitempty"`
	// Reason is why the caller is given to a person, TransferTo is where; Number is where to call back.
	Reason     string `json:"reason,omitempty"`
	TransferTo string `json:"to,omitempty"`
	Number     string `json:"number,omitempty"`
	// Callback is what this call continues, where it is one that we placed.
	Callback *Continues `json:"cb,omitempty"`
	// Earlier is what the caller is told of an earlier call. TakenBy is the call that went on with this one after it was
	// cut off, or began anew in its place.
	Earlier *Earlier `json:"earlier,omitempty"`
	TakenBy string   `json:"taken,omitempty"`
	// Kept is the stage whose secrets the Keeper holds; empty for none.
	Kept string `json:"kept,omitempty"`
	// Vars belong to the embedder's own stages. Keep them small, and never put a secret there.
	Vars map[string]string `json:"vars,omitempty"`
}

// Continues names the callback that a call of ours carries out: the session that asked for it, and the item's key.
type Continues struct {
	Session string `json:"s"`
	Key     string `json:"k"`
	// Until is when the call must be over: the next attempt may follow.
	Until time.Time `json:"u,omitzero"`
	// Ended tells that the attempt is accounted for: the callback is done, or is scheduled again.
	Ended bool `json:"e,omitempty"`
}

// over tells that the next attempt may follow: the call must have ended by then.
func (cb *Continues) over(now time.Time) bool {
	return cb != nil && !cb.Ended && !cb.Until.IsZero() && now.After(cb.Until)
}

// SetVar sets a value of the embedder's own stages.
func (s *Session) SetVar(name, value string) {
	if s.Vars == nil {
		s.Vars = map[string]string{}
	}
	s.Vars[name] = value
}

// Question is what is kept about the open question: how often it was put, and what was wrong with the last answer.
type Question struct {
	// Silences and Mistakes count apart: the words differ.
	Silences int `json:"s,omitempty"`
	Mistakes int `json:"m,omitempty"`
	// Repeats counts how often the caller asked to hear it again.
	Repeats int `json:"r,omitempty"`
	// Fault and Invalid tell what was wrong with the last answer.
	Fault   ivr.Fault `json:"f,omitempty"`
	Invalid string    `json:"i,omitempty"`
	// Helping tells that the help text is due.
	Helping bool `json:"h,omitempty"`
	// Notice is said once, before the question: what happened on the way to it.
	Notice []ivr.Prompt `json:"n,omitempty"`
}

// Identity is how far the caller has been identified.
type Identity struct {
	// Account is the directory's ID, or a decoy's; empty until a number was keyed. Lookups counts the numbers.
	Account string `json:"a,omitempty"`
	Lookups int    `json:"k,omitempty"`
	// Name is the account's. Zone is how many seconds its clocks are east of UTC during this call.
	Name string `json:"n,omitempty"`
	Zone int    `json:"z,omitempty"`
	// Passed and Tried are the factors that were accepted and that were asked in vain.
	Passed []auth.FactorName `json:"p,omitempty"`
	Tried  []auth.FactorName `json:"t,omitempty"`
	// Asking is the factor that is asked now; Challenge is what its Challenger returned.
	Asking    auth.FactorName `json:"f,omitempty"`
	Challenge string          `json:"ch,omitempty"`
	// Rejected counts wrong answers in this call.
	Rejected int `json:"r,omitempty"`
	// Level is what Passed amounts to.
	Level auth.Level `json:"l,omitempty"`
	// Want is the level that is needed now; Then, the stage to go on with when it is reached ("" is the next one). The
	// stage "identify" leads there by the event "verified.NAME".
	Want auth.Level `json:"w,omitempty"`
	Then string     `json:"then,omitempty"`
	// Phone and Email tell where a receipt can be sent.
	Phone bool `json:"ph,omitempty"`
	Email bool `json:"em,omitempty"`
}

// encode is the stored form of a session.
func (s *Session) encode() ([]byte, error) {
	if s.Draft == nil {
		return json.Marshal(s)
	}
	short := *s
	short.Draft = s.shortDraft()
	return json.Marshal(&short)
}

// shortDraft is the draft without what the session says as well, and without what all drafts are: a session is largest
// while it is read back. fullDraft puts it there again.
func (s *Session) shortDraft() *payment.Payment {
	p, b := *s.Draft, s.CurrentBill()
	leaveOut(&p.Account, s.Identity.Account)
	leaveOut(&p.Bill, b.ID)
	leaveOut(&p.Payee, b.Payee)
	leaveOut(&p.Amount, s.Amount)
	leaveOut(&p.State, payment.StateDraft)
	p.Legs = slices.Clone(p.Legs)
	for i := range p.Legs {
		leaveOut(&p.Legs[i].State, payment.LegNone)
	}
	return &p
}

func (s *Session) fullDraft() {
	p, b := s.Draft, s.CurrentBill()
	p.Account, p.Bill, p.Payee = cmp.Or(p.Account, s.Identity.Account), cmp.Or(p.Bill, b.ID), cmp.Or(p.Payee, b.Payee)
	p.Amount, p.State = cmp.Or(p.Amount, s.Amount), cmp.Or(p.State, payment.StateDraft)
	for i := range p.Legs {
		p.Legs[i].State = cmp.Or(p.Legs[i].State, payment.LegNone)
	}
}

func leaveOut[T comparable](field *T, known T) {
	if *field == known {
		*field = *new(T)
	}
}

// CurrentBill is the chosen bill; the zero Bill before one was chosen.
func (s *Session) CurrentBill() payment.Bill {
	if s.Bill >= 0 && s.Bill < len(s.Bills) {
		return s.Bills[s.Bill]
	}
	return payment.Bill{}
}

// decodeSession reads a stored session. A record that is no session is an error, never a panic.
func decodeSession(data []byte) (*Session, error) {
	var s Session
	if err := json.Unmarshal(data, &s); err != nil {
		return nil, fmt.Errorf("flow: stored session: %w", err)
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	if s.Draft != nil {
		s.fullDraft()
	}
	return &s, nil
}

// check finds what no session can be.
func (s *Session) check() error {
	if s.ID == "" || s.State == "" || s.Bill < 0 || s.Bill > 0 && s.Bill >= len(s.Bills) {
		return fmt.Errorf("flow: stored session %q: incomplete", s.ID)
	}
	return nil
}
