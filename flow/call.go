package flow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
)

// Call is what a stage gets to see during one turn: the Session, which is kept, and what only this turn has.
//
// It lasts as long as the turn: a function of a stage must not keep it. Its fields and methods are all that the
// library's own stages use. Those that take a context are for Work.Do only.
type Call struct {
	// Session is kept after the turn.
	*Session
	// Now is the time of the turn.
	Now time.Time
	// Settings are those of the Definition.
	Settings *Settings
	// Catalog has the words of all languages.
	Catalog *ivr.Catalog
	// With are the collaborators, for Work.Do; nil elsewhere. Log is for what goes wrong there; never nil.
	With *Collaborators
	Log  *slog.Logger

	dialogue *Dialogue
	engine   *Engine
	kept     []keptSecret
	// restarted tells that the call begins anew, after the dialogue was changed.
	restarted bool
	*driven
}

type keptSecret struct {
	name   string
	secret ivr.Secret
}

// driven is what an Engine has beside the Session while it takes a call through a turn.
type driven struct {
	trail   []Transition
	version uint64
	epoch   uint64 // of the lease that it is done under
	tx      Tx
	items   []Item
	also    []*Call // other sessions that are committed together with this one
	// upgraded tells that the session was taken to the present version of the dialogue in this turn.
	upgraded bool
	// forget tells that what was kept is to be overwritten, once that is committed.
	forget bool

	// read is the stored payment that was read last, and readFrom what it was read from: a turn asks for it often.
	read     confirmed
	readFrom []byte
	// contested tells that a claim was taken twice by somebody who cannot be found.
	contested bool
}

// Notice says something before the next question, once.
func (c *Call) Notice(ps ...ivr.Prompt) { c.Question.Notice = append(c.Question.Notice, ps...) }

// Invalid refuses an answer with a reason of Ask.Reasons: it is told, the attempt counts, and the question is put
// again. A reason that is not among them is logged, and told as an answer that nobody understood.
func (c *Call) Invalid(reason string) Event {
	c.Question.Invalid = reason
	return eventInvalid
}

const eventInvalid Event = "invalid"

// Choose makes a menu of the options, with the keys 1, 2, 3 … in order. At most five are spoken.
func (c *Call) Choose(options ...ivr.Option) ivr.Menu {
	if len(options) > maxOptions {
		options = options[:maxOptions]
	}
	for i := range options {
		options[i].Key = byte('1' + i)
	}
	return ivr.Menu{Options: options}
}

// maxOptions is what a listener can keep in mind (W3C COGA, voice menus).
const maxOptions = 5

// Keep hands a secret to the Keeper for the work that needs it. It never enters the Session, and is overwritten when
// the call leaves the stage.
func (c *Call) Keep(name string, s ivr.Secret) {
	c.kept = append(c.kept, keptSecret{name, s.Copy()})
	c.Kept = c.stage()
}

// Secret gives back what was kept under the name in this call; the caller clears it. ErrNotKept if it expired, was
// overwritten, or lies in another process.
func (c *Call) Secret(ctx context.Context, name string) (ivr.Secret, error) {
	if c.Kept == "" {
		return ivr.Secret{}, ErrNotKept
	}
	return c.With.Keeper.Get(ctx, c.ID, name)
}

// Forget overwrites all that was kept: when the turn is stored, because until then a process that is slower with the
// same input must find it, or would ask the caller for it again.
func (c *Call) Forget(ctx context.Context) error {
	if c.Kept == "" {
		return nil
	}
	c.Kept = ""
	if c.driven != nil {
		c.forget = true
		return nil
	}
	return c.With.Keeper.Clear(ctx, c.ID)
}

// stage is the stage of the present state.
func (c *Call) stage() string {
	if st := c.dialogue.states[c.State]; st != nil {
		return st.stage
	}
	return ""
}

// putKept hands what was keyed in this turn to the Keeper.
func (c *Call) putKept(ctx context.Context) error {
	for _, k := range c.kept {
		if err := c.With.Keeper.Put(ctx, c.ID, k.name, k.secret); err != nil {
			return fmt.Errorf("keep %s: %w", k.name, err)
		}
	}
	return nil
}

// clearKept overwrites what the Keeper has its own copy of, or never got.
func (c *Call) clearKept() {
	for _, k := range c.kept {
		k.secret.Clear()
	}
}

// OutOfPatience tells that the caller has waited for the present work as often, or as long, as Settings.Patience and
// Settings.Pause allow: 10 times 2 s. Work that would ask for more (Again) should come to an event then.
func (c *Call) OutOfPatience() bool {
	limit := time.Duration(c.Settings.Patience) * c.Settings.Pause
	return c.Waits >= c.Settings.Patience || !c.Since.IsZero() && c.engine.now().Sub(c.Since) >= limit
}

// Save commits the session before work that changes the world. ErrStale tells that another process drives the call.
func (c *Call) Save(ctx context.Context) error { return c.engine.save(ctx, c) }

// SaveAnswer is Save for what a collaborator will not answer again: a code that was accepted is used up. It also
// comes through when the sweeper, or a call that takes something over, has committed in between: that changes nothing
// of what is said in this call. ErrStale if another process went on with the call itself.
func (c *Call) SaveAnswer(ctx context.Context) error {
	for try := 1; ; try++ {
		err := c.Save(ctx)
		if !errors.Is(err, ErrStale) || try == maxTries {
			return err
		}
		now, unread := c.engine.open(ctx, c.ID, ivr.Input{})
		if unread != nil || now.Seq != c.Seq || now.State != c.State {
			return err
		}
		c.version, c.items, c.TakenBy = now.version, now.items, now.TakenBy
	}
}

// Nonce tells this call from another one with the same ID, for keys of what must not be repeated.
func (c *Call) Nonce() string { return c.ID + " " + strconv.FormatInt(c.Started.UnixNano(), 36) }

// NewID returns a new, unguessable ID.
func (c *Call) NewID() string { return c.engine.newID() }

// Today is the day and the time of day where the account is, as if it were UTC.
func (c *Call) Today() time.Time {
	return c.Now.UTC().Add(time.Duration(c.Identity.Zone) * time.Second)
}

// Option makes an option of a menu: the message says it, the event follows it. The key is the last argument of the
// message: "press %[1]s" without args, and "To pay half, %[1]s, press %[2]s." with one.
func Option(on Event, message string, args ...ivr.Arg) ivr.Option {
	return ivr.Option{Prompt: ivr.Say(message, args...), Value: string(on)}
}

// Money makes the argument of a prompt.
func Money(m payment.Money) ivr.Arg { return ivr.Money(m.Minor, m.Currency) }
