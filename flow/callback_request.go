package flow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dialpay/dialpay/auth"
)

// callbackSoon is how long we wait before we call: the customer has to hang up first.
const callbackSoon = 2 * time.Minute

// CallsBack tells whether callbacks can be offered: there must be a dialler, and a store that finds those of a case.
func (c *Call) CallsBack() bool {
	_, finds := c.engine.store.(Finder)
	return finds && c.With.Dialler != nil
}

// RequestCallback schedules a call to the number, in the words of c.Reason, with the next commit. The customer has agreed
// to it. Once they have asked in this call, the request that is scheduled is changed to the number. arranged tells that the
// callback that comes back is another one of the same number or account, which stays as it is. Where the number is to be
// called for another account, this one is called afterwards. ErrTaken: there is another one, in a session that cannot be
// read, so nobody can say when it will be made.
func (c *Call) RequestCallback(ctx context.Context, number string) (cb Callback, arranged bool, err error) {
	return c.schedule(ctx, number, purposePerson, callbackSoon)
}

func (c *Call) schedule(ctx context.Context, number, purpose string, after time.Duration) (cb Callback, arranged bool, err error) {
	cb, err = c.wanted(ctx, number, purpose, after)
	if err != nil {
		return cb, false, err
	}
	mine := c.openCallbacks()
	other, found, err := c.otherOf(ctx, &cb)
	switch {
	case err != nil:
		return cb, false, err
	case found && len(mine) > 0 && mine[0].move(CallbackCancelled) == nil:
		// It was not known before that they are of one case.
		return other, true, c.putCallback(mine[0], time.Time{})
	case found:
		return other, true, nil
	case c.contested:
		return cb, false, fmt.Errorf("%w: by the callback of a session that cannot be read", ErrTaken)
	case len(mine) > 0 && mine[0].State != CallbackScheduled:
		return mine[0], true, nil
	case len(mine) > 0:
		cb.Key = mine[0].Key
		c.tx.Release = append(c.tx.Release, mine[0].claims(c.ID)...)
		err = c.putCallback(cb, cb.When)
	default:
		cb.Key = c.newCallbackKey()
		err = c.insert(ItemCallback, cb.Key, cb.When, cb)
	}
	c.tx.Claim = append(c.tx.Claim, cb.claims(c.ID)...)
	c.tx.Name = append(c.tx.Name, cb.Cases...)
	return cb, false, err
}

// wanted is the callback that the customer wants.
func (c *Call) wanted(ctx context.Context, number, purpose string, after time.Duration) (Callback, error) {
	cb := Callback{State: CallbackScheduled, Purpose: purpose, Cases: []string{c.Settings.numberCase(number)}, Number: number,
		Reason: c.Reason, Locale: c.Locale, Zone: c.Settings.TimeZone, Asked: c.Now, When: c.Now.Add(after)}
	cb.Guess = c.Identity.Account != ""
	if c.Identity.Level >= auth.LevelIdentified {
		cb.Account, cb.Channel = c.Identity.Account, c.channel()
		cb.Cases = append(cb.Cases, caseOf(cb.Account))
	}
	hours, where, err := c.callHours(ctx, &cb)
	if err == nil {
		cb.When = hours.next(cb.When, c.ringing(), where)
	}
	return cb, err
}

// callHours are the hours in which the callback may be made, and where. A directory that is down must not lose it: as long
// as it is, the hours are those that are good in the neighbouring time zones, too.
func (c *Call) callHours(ctx context.Context, cb *Callback) (CallHours, *time.Location, error) {
	hours := c.Settings.CallHours
	if cb.Guess {
		bounded, cancel := context.WithTimeout(ctx, c.Settings.Budget/2)
		defer cancel()
		a, err := c.With.Directory.ByID(bounded, c.Identity.Account)
		if where, unknown := zone(a.TimeZone); err == nil && unknown == nil {
			cb.Guess = false
			if a.TimeZone != "" {
				cb.Zone = a.TimeZone
				return hours, where, nil
			}
		} else {
			c.Log.WarnContext(ctx, "time zone of a callback is not known", "call", c.ID, "error", errors.Join(err, unknown))
			hours = hours.narrow()
		}
	}
	where, err := zone(cb.Zone)
	if err != nil {
		return hours, nil, fmt.Errorf("flow: callback: time zone %q: %w", cb.Zone, err)
	}
	return hours, where, nil
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

func (c *Call) newCallbackKey() string {
	key := c.ID
	for n := 2; ; n++ { // an earlier one of this call is over
		if _, exists := c.item(ItemCallback, key); !exists {
			return key
		}
		key = fmt.Sprintf("%s %d", c.ID, n)
	}
}

// openCallbacks are those that this session asked for, and that are not over.
func (c *Call) openCallbacks() (open []Callback) {
	for _, it := range c.items {
		if it.Kind != ItemCallback {
			continue
		}
		if cb, err := readCallback(it); err == nil && !cb.over() {
			open = append(open, cb)
		}
	}
	return open
}

// otherOf is an open callback of another session that is of one of the cases of cb. One of another customer at the same
// number is none: cb leaves that case until theirs is over.
func (c *Call) otherOf(ctx context.Context, cb *Callback) (other Callback, found bool, err error) {
	for _, name := range slices.Clone(cb.Cases) {
		waits := false
		err := c.othersOf(ctx, name, func(_ *Call, o Callback) {
			if cb.Account != "" && o.Account != "" && cb.Account != o.Account {
				waits = true
			} else {
				other, found = o, true
			}
		})
		if found || err != nil {
			return other, found, err
		}
		if waits {
			cb.Cases = slices.DeleteFunc(cb.Cases, func(n string) bool { return n == name })
		}
	}
	return other, false, nil
}

// takeNumber takes the case of the number for a callback that waits for another customer's there. free tells that theirs is
// over.
func (c *Call) takeNumber(ctx context.Context, cb *Callback) (free bool, err error) {
	name := c.Settings.numberCase(cb.Number)
	if slices.Contains(cb.Cases, name) {
		return true, nil
	}
	free = true
	if err := c.othersOf(ctx, name, func(*Call, Callback) { free = false }); err != nil || !free {
		return false, err
	}
	cb.Cases = append(cb.Cases, name)
	c.tx.Claim = append(c.tx.Claim, Claim{Key: name, Owner: c.ID})
	c.tx.Name = append(c.tx.Name, name)
	return true, nil
}

// othersOf shows the open callbacks of a case in other sessions.
func (c *Call) othersOf(ctx context.Context, name string, show func(o *Call, cb Callback)) error {
	finder, ok := c.engine.store.(Finder)
	if !ok || c.With.Dialler == nil {
		return nil
	}
	const last = 5
	ids, err := finder.Find(ctx, c.engine.storedName(name), last)
	if err != nil {
		return fmt.Errorf("find callbacks: %w", err)
	}
	for _, id := range ids {
		if id == c.ID {
			continue
		}
		o, err := c.openEarlier(ctx, id)
		if err != nil {
			// The claims see to it that there are no two; one that cannot be read must not end this call.
			c.Log.ErrorContext(ctx, "session with a callback left out", "call", c.ID, "other", id, "error", err)
			continue
		}
		for _, cb := range o.openCallbacks() {
			if slices.Contains(cb.Cases, name) {
				show(o, cb)
			}
		}
	}
	return nil
}

// CancelCallbacks cancels, in the commit of this turn, what is scheduled for the account that the caller was shown to have.
func (c *Call) CancelCallbacks(ctx context.Context) {
	c.cancelCallbacks(ctx, caseOf(c.Identity.Account))
}

// cancelCallbacks cancels what is scheduled for a customer who calls, in the commit of this turn. What is being dialled
// already goes on, and is the last attempt.
func (c *Call) cancelCallbacks(ctx context.Context, name string) {
	err := c.othersOf(ctx, name, func(o *Call, cb Callback) {
		if c.Callback != nil && c.Callback.Session == o.ID {
			return // This call carries it out.
		}
		due := time.Time{}
		if cb.State == CallbackDialling {
			it, _ := o.item(ItemCallback, cb.Key)
			cb.CalledIn, due = true, it.Due
		} else if cb.move(CallbackCancelled) != nil {
			return
		}
		if o.putCallback(cb, due) == nil {
			c.commitWith(o)
		}
	})
	if err != nil {
		c.Log.ErrorContext(ctx, "callbacks not cancelled", "call", c.ID, "error", err)
	}
}

// commitWith commits another session together with this one.
func (c *Call) commitWith(o *Call) {
	if o != c && !slices.Contains(c.also, o) {
		c.also = append(c.also, o)
	}
}
