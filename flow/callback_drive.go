package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/ivr"
)

// dialWithin is how soon after its claim an attempt must be dialled: later, the quiet hours and the next attempt are near.
// lastTurn is how long the last turn of a call may last that has to be over: then the line asks, and hears that it is.
const (
	dialWithin = 10 * time.Second
	lastTurn   = 2 * time.Minute
)

// ringing is how long after its claim an attempt may ring at most.
func (c *Call) ringing() time.Duration { return dialWithin + c.Settings.Ring }

// driveCallback does what is due: it dials, or finds that the last attempt is lost.
func (e *Engine) driveCallback(ctx context.Context, c *Call, it Item) error {
	cb, err := readCallback(it)
	if err != nil {
		return err
	}
	if cb.State == CallbackDialling { // It must be over by now: whoever claimed it is gone.
		return c.spent(cb)
	}
	hours, where, err := c.callHours(ctx, &cb)
	if err != nil {
		return err
	}
	now, s := e.now(), c.Settings
	if !hours.allow(now, c.ringing(), where) {
		cb.When = hours.next(now, c.ringing(), where)
		return c.putCallback(cb, cb.When)
	}
	if free, err := c.takeNumber(ctx, &cb); err != nil {
		return err
	} else if !free {
		cb.When = now.Add(max(s.RetryGap, lastTurn))
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
	until := now.Add(c.ringing() + s.CallLimit)
	if err := c.putCallback(cb, until.Add(lastTurn)); err != nil {
		return err
	}
	c.commitWith(e.outbound(c, cb, until))
	// Written ahead: whoever finds this attempt knows that it may have been dialled, and never dials it again.
	if err := c.Save(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	if e.now().Sub(now) > dialWithin {
		e.log.WarnContext(ctx, "attempt to call back is spent: it was late", "call", c.ID, "attempt", cb.Attempt)
		return nil
	}
	err = e.with.Dialler.Dial(ctx, Dial{Key: fmt.Sprintf("%s/%d", cb.Key, cb.Attempt), Call: cb.Call, Number: cb.Number,
		Locale: cb.Locale, Reason: cb.Reason, Ring: s.Ring, Limit: s.CallLimit})
	if err != nil {
		e.log.WarnContext(ctx, "attempt to call back is spent", "call", c.ID, "attempt", cb.Attempt, "error", err)
	}
	return nil
}

// outbound is the session of the call that is about to be placed.
func (e *Engine) outbound(c *Call, cb Callback, until time.Time) *Call {
	out := e.dialogue.call(e.dialogue.NewSession(cb.Call, ivr.Call{To: cb.Number}, e.now()), e.now())
	out.With, out.Log, out.engine, out.driven = &e.with, e.log, e, &driven{}
	out.Locale, out.Callback = cb.Locale, &Continues{Session: c.ID, Key: cb.Key, Until: until}
	return out
}

// spent ends an attempt that did not reach the customer. After the last one they get a message, in the same commit.
func (c *Call) spent(cb Callback) error {
	now := c.engine.now()
	if cb.CalledIn {
		if err := cb.move(CallbackCancelled); err != nil {
			return err
		}
		return c.putCallback(cb, time.Time{})
	}
	if cb.Attempt < c.Settings.CallAttempts {
		if err := cb.move(CallbackScheduled); err != nil {
			return err
		}
		cb.When = now.Add(max(c.Settings.RetryGap, lastTurn))
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
			c.cancelCallbacks(ctx, c.Settings.numberCase(c.Line.From))
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
	if err := parent.putCallback(cb, c.Callback.Until.Add(lastTurn)); err != nil {
		return err
	}
	c.commitWith(parent)
	return nil
}

// attempt is the callback that this call carries out, with its session: the one of this commit if it is in it.
func (c *Call) attempt(ctx context.Context) (parent *Call, cb Callback, err error) {
	if parent, err = c.openEarlier(ctx, c.Callback.Session); err != nil {
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
	over := in.Kind == ivr.HangUp || t.Action == ivr.ActionHangUp
	if somebodyElse := cb.Account != "" && cb.Account != c.Identity.Account && t.Action != ivr.ActionTransfer; somebodyElse {
		reached = false // Their call may go on, until its time is over.
	}
	c.Callback.Ended = reached || over
	if !c.Callback.Ended || cb.State != CallbackDialling || cb.Call != c.ID {
		return nil
	}
	if reached {
		err = errors.Join(cb.move(CallbackDone), parent.putCallback(cb, time.Time{}))
	} else {
		err = parent.spent(cb)
	}
	c.commitWith(parent)
	return err
}
