package flow

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/ivr"
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
	CallbackDialling:  {CallbackScheduled, CallbackDone, CallbackGaveUp},
}

// The purposes of a callback.
const (
	purposePerson = "person" // nobody was there
	purposePay    = "pay"    // the call was cut off before the customer could pay
)

// callbackSoon is how long we wait before we call: the customer has to hang up first.
const callbackSoon = 2 * time.Minute

// Callback is a customer's wish to be called back, with what they agreed to: the number, the time, and why.
type Callback struct {
	Key     string        `json:"k"`
	State   CallbackState `json:"s"`
	Purpose string        `json:"p"`
	Case    string        `json:"c"` // the claim: one callback of a case at a time
	// Account is set where the customer had shown who they are. Number is where to call.
	Account string `json:"a,omitempty"`
	Number  string `json:"n"`
	Reason  string `json:"r"`
	Locale  string `json:"l"`
	// Zone is the customer's time zone, an IANA name.
	Zone string `json:"z"`
	// Asked is when the customer agreed, When the time from which we may call.
	Asked time.Time `json:"at"`
	When  time.Time `json:"w"`
	// Attempt counts the attempts from 1. Call is the call ID of the last.
	Attempt int    `json:"t,omitempty"`
	Call    string `json:"id,omitempty"`
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

func (cb *Callback) claim(session string) Claim { return Claim{Key: cb.Case, Owner: session} }

// caseOf names a case, by the account or the number, for the claim and for Finder.Find.
func caseOf(who string) string { return "callback " + who }

// CallsBack tells whether callbacks can be offered: there must be a dialler, and a store that finds those of a case.
func (c *Call) CallsBack() bool {
	_, finds := c.engine.store.(Finder)
	return finds && c.With.Dialler != nil
}

// RequestCallback schedules a call to the number, in the words of c.Reason, with the next commit. The customer has agreed
// to it. arranged tells that another one of the same case is scheduled already; one call has one open request.
func (c *Call) RequestCallback(ctx context.Context, number string) (cb Callback, arranged bool, err error) {
	return c.schedule(ctx, number, purposePerson, callbackSoon)
}

func (c *Call) schedule(ctx context.Context, number, purpose string, after time.Duration) (cb Callback, arranged bool, err error) {
	cb = Callback{Key: c.ID, State: CallbackScheduled, Purpose: purpose, Case: caseOf(number), Number: number,
		Reason: c.Reason, Locale: c.Locale, Zone: c.Settings.TimeZone, Asked: c.Now, When: c.Now.Add(after)}
	if c.Identity.Account != "" {
		a, err := c.With.Directory.ByID(ctx, c.Identity.Account)
		if err != nil {
			return cb, false, err
		}
		cb.Zone = cmp.Or(a.TimeZone, cb.Zone)
		if c.Identity.Level >= auth.LevelIdentified {
			cb.Account, cb.Case, cb.Channel = a.ID, caseOf(a.ID), c.channel()
		}
	}
	where, err := zone(cb.Zone)
	if err != nil {
		return cb, false, fmt.Errorf("flow: callback: time zone %q: %w", cb.Zone, err)
	}
	cb.When = c.Settings.CallHours.next(cb.When, c.Settings.Ring, where)
	if len(c.openCallbacks(c.items)) > 0 {
		return cb, false, nil
	}
	for n := 2; ; n++ { // an earlier one of this call is over
		if _, exists := c.item(ItemCallback, cb.Key); !exists {
			break
		}
		cb.Key = fmt.Sprintf("%s %d", c.ID, n)
	}
	others, err := c.callbacksOf(ctx, cb.Case)
	if err != nil || len(others) > 0 {
		return cb, len(others) > 0, err
	}
	c.tx.Claim = append(c.tx.Claim, cb.claim(c.ID))
	c.tx.Name = append(c.tx.Name, cb.Case, caseOf(number))
	return cb, false, c.insert(ItemCallback, cb.Key, cb.When, cb)
}

func (c *Call) channel() Channel {
	switch {
	case c.Identity.Phone:
		return SMS
	case c.Identity.Email:
		return Email
	}
	return ""
}

// openCallbacks are those that are not over.
func (c *Call) openCallbacks(items []Item) (open []Callback) {
	for _, it := range items {
		if cb, err := readCallback(it); it.Kind == ItemCallback && err == nil && len(callbackMoves[cb.State]) > 0 {
			open = append(open, cb)
		}
	}
	return open
}

func readCallback(it Item) (cb Callback, err error) {
	if err := json.Unmarshal(it.Data, &cb); err != nil {
		return cb, fmt.Errorf("flow: stored callback %q: %w", it.Key, err)
	}
	return cb, nil
}

// putCallback puts a callback into the next commit of its session; one that is over gives its claim back.
func (c *Call) putCallback(cb Callback, due time.Time) error {
	data, err := json.Marshal(cb)
	if err != nil {
		return fmt.Errorf("flow: encode callback %q: %w", cb.Key, err)
	}
	if len(callbackMoves[cb.State]) == 0 {
		due = time.Time{}
		c.tx.Release = append(c.tx.Release, cb.claim(c.ID))
	}
	c.update(Item{Kind: ItemCallback, Key: cb.Key, Session: c.ID, Due: due, Data: data})
	return nil
}

// callbacksOf are the other sessions with an open callback of the case.
func (c *Call) callbacksOf(ctx context.Context, name string) (calls []*Call, err error) {
	finder, ok := c.engine.store.(Finder)
	if !ok || c.With.Dialler == nil {
		return nil, nil
	}
	const last = 5
	ids, err := finder.Find(ctx, c.engine.storedName(name), last)
	if err != nil {
		return nil, fmt.Errorf("find callbacks: %w", err)
	}
	for _, id := range ids {
		if id == c.ID || slices.ContainsFunc(c.also, func(o *Call) bool { return o.ID == id }) {
			continue
		}
		other, err := c.engine.open(ctx, id, ivr.Input{})
		if err != nil {
			return nil, err
		}
		if len(other.openCallbacks(other.items)) > 0 {
			calls = append(calls, other)
		}
	}
	return calls, nil
}

// CancelCallbacks cancels, in the commit of this turn, what is scheduled for the account that the caller was shown to have.
func (c *Call) CancelCallbacks(ctx context.Context) {
	c.cancelCallbacks(ctx, caseOf(c.Identity.Account))
}

// cancelCallbacks cancels what is scheduled for a customer who calls, in the commit of this turn. What is being dialled
// already goes on.
func (c *Call) cancelCallbacks(ctx context.Context, name string) {
	calls, err := c.callbacksOf(ctx, name)
	if err != nil {
		c.Log.ErrorContext(ctx, "callbacks not cancelled", "call", c.ID, "error", err)
		return
	}
	for _, other := range calls {
		if c.Callback != nil && c.Callback.Session == other.ID {
			continue // This call carries it out.
		}
		for _, cb := range other.openCallbacks(other.items) {
			if cb.move(CallbackCancelled) == nil && other.putCallback(cb, time.Time{}) == nil {
				c.also = append(c.also, other)
			}
		}
	}
}

// driveCallback does what is due: it dials, or finds that the last attempt is lost.
func (e *Engine) driveCallback(ctx context.Context, c *Call, it Item) error {
	cb, err := readCallback(it)
	if err != nil {
		return err
	}
	if cb.State == CallbackDialling { // It must be over by now: whoever claimed it is gone.
		return c.spent(cb)
	}
	where, err := zone(cb.Zone)
	if err != nil {
		return err
	}
	now, s := e.now(), c.Settings
	if !s.CallHours.allow(now, s.Ring, where) {
		cb.When = s.CallHours.next(now, s.Ring, where)
		return c.putCallback(cb, cb.When)
	}
	if e.with.Dialler == nil {
		return errors.New("flow: Config.Dialler is gone: a customer who was promised a call is not called")
	}
	if err := cb.move(CallbackDialling); err != nil {
		return err
	}
	cb.Attempt++
	cb.Call = e.newID()
	over := now.Add(s.Ring + s.CallLimit)
	if err := c.putCallback(cb, over.Add(grace)); err != nil {
		return err
	}
	c.also = append(c.also, e.outbound(c, cb, over))
	// Written ahead: whoever finds this attempt knows that it may have been dialled, and never dials it again.
	if err := c.Save(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	err = e.with.Dialler.Dial(ctx, Dial{Key: fmt.Sprintf("%s/%d", cb.Key, cb.Attempt), Call: cb.Call, Number: cb.Number,
		Locale: cb.Locale, Reason: cb.Reason, Ring: s.Ring})
	if err != nil {
		e.log.WarnContext(ctx, "attempt to call back is spent", "call", c.ID, "attempt", cb.Attempt, "error", err)
	}
	return nil
}

// outbound is the session of the call that is about to be placed.
func (e *Engine) outbound(c *Call, cb Callback, over time.Time) *Call {
	out := e.dialogue.call(e.dialogue.NewSession(cb.Call, ivr.Call{To: cb.Number}, e.now()), e.now())
	out.With, out.Log, out.engine, out.driven = &e.with, e.log, e, &driven{}
	out.Locale, out.Callback = cb.Locale, &Continues{Session: c.ID, Key: cb.Key, Until: over}
	return out
}

// spent ends an attempt that did not reach the customer. After the last one they get a message, in the same commit.
func (c *Call) spent(cb Callback) error {
	now := c.engine.now()
	if cb.Attempt < c.Settings.CallAttempts {
		if err := cb.move(CallbackScheduled); err != nil {
			return err
		}
		cb.When = now.Add(c.Settings.RetryGap)
		return c.putCallback(cb, cb.When)
	}
	if err := cb.move(CallbackGaveUp); err != nil {
		return err
	}
	if cb.Channel != "" && c.With.Messenger != nil {
		text := c.Catalog.Text(cb.Locale, ivr.Say("callback.text.gaveup", ivr.Text(c.Settings.Company)))
		m := Message{Key: "callback " + cb.Key, Account: cb.Account, Channel: cb.Channel, Text: text}
		if err := c.insert(ItemMessage, cb.Key, now, m); err != nil {
			return err
		}
	}
	return c.putCallback(cb, time.Time{})
}

// sendMessage sends a message of the outbox.
func (e *Engine) sendMessage(ctx context.Context, c *Call, it Item) error {
	var m Message
	err := json.Unmarshal(it.Data, &m)
	switch {
	case err != nil:
		err = fmt.Errorf("flow: stored message %q: %w", it.Key, err)
	case e.with.Messenger == nil:
		err = errors.New("flow: Config.Messenger is gone: a message that was promised cannot be sent")
	default:
		err = e.with.Messenger.Send(ctx, m)
	}
	it.Due = time.Time{}
	if err != nil {
		it.Due = e.now().Add(grace)
	}
	c.update(it)
	return err
}

// answered prepares a call that was just answered: the customer's own cancels what is scheduled, in the transaction that
// opens it; one that we placed is ended at once if its attempt is not the present one.
func (e *Engine) answered(ctx context.Context, c *Call) error {
	if c.Callback == nil {
		if c.version == 0 && c.Line.From != "" {
			c.cancelCallbacks(ctx, caseOf(c.Line.From))
		}
		return nil
	}
	parent, cb, err := c.attempt(ctx)
	if err != nil {
		return err
	}
	if cb.State != CallbackDialling || cb.Call != c.ID || e.now().After(c.Callback.Until.Add(-c.Settings.CallLimit)) {
		c.Callback.Ended = true
		return c.fire(EventEnd)
	}
	// In one commit with the attempt, so that nobody gives up on it at this moment.
	c.Callback.Until = e.now().Add(c.Settings.CallLimit)
	if err := parent.putCallback(cb, c.Callback.Until.Add(grace)); err != nil {
		return err
	}
	c.also = append(c.also, parent)
	return nil
}

// attempt is the callback that this call carries out, with its session: the one of this commit if it is in it.
func (c *Call) attempt(ctx context.Context) (parent *Call, cb Callback, err error) {
	if i := slices.IndexFunc(c.also, func(o *Call) bool { return o.ID == c.Callback.Session }); i >= 0 {
		parent = c.also[i]
	} else if parent, err = c.engine.open(ctx, c.Callback.Session, ivr.Input{}); err != nil {
		return nil, cb, err
	}
	it, ok := parent.item(ItemCallback, c.Callback.Key)
	if !ok {
		return nil, cb, fmt.Errorf("flow: session %q has no callback %q", parent.ID, c.Callback.Key)
	}
	cb, err = readCallback(it)
	return parent, cb, err
}

// followUp accounts for the attempt that this call is: done, when the customer was reached and shown to be the one, or a
// person takes the call; spent, when the call is over without.
func (e *Engine) followUp(ctx context.Context, c *Call, in ivr.Input, t ivr.Turn) error {
	if c.Callback == nil || c.Callback.Ended {
		return nil
	}
	reached := t.Action == ivr.ActionTransfer || c.Identity.Level >= auth.LevelIdentified
	if !reached && in.Kind != ivr.HangUp && t.Action != ivr.ActionHangUp {
		return nil
	}
	parent, cb, err := c.attempt(ctx)
	if err != nil {
		return err
	}
	c.Callback.Ended = true
	if cb.State != CallbackDialling || cb.Call != c.ID {
		return nil
	}
	if reached && t.Action != ivr.ActionTransfer && cb.Account != "" && cb.Account != c.Identity.Account {
		c.Callback.Ended = in.Kind == ivr.HangUp || t.Action == ivr.ActionHangUp // somebody else: their call goes on
		if !c.Callback.Ended {
			return nil
		}
		reached = false
	}
	if reached {
		err = errors.Join(cb.move(CallbackDone), parent.putCallback(cb, time.Time{}))
	} else {
		err = parent.spent(cb)
	}
	if !slices.Contains(c.also, parent) {
		c.also = append(c.also, parent)
	}
	return err
}
