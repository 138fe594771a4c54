package flow

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/dialpay/dialpay/ivr"
)

// Migration takes sessions of one version of the dialogue to the next, while the call goes on. Do changes what the new
// version has under other names: the states State and Parked, the stages Kept and Identity.Then, and Vars. It does no
// I/O, and must not touch ID and Seq. One that leads from a question to work, or changes the Draft of work that goes
// on, has failed: the caller has not agreed to it.
type Migration struct {
	From, To string
	Do       func(s *Session) error
}

// migrations checks that they make chains which all end at the present version.
func (b *builder) migrations(all []Migration) {
	b.d.migrations = map[string]Migration{}
	for _, m := range all {
		switch _, double := b.d.migrations[m.From]; {
		case double:
			b.fault("migrations: there are two from version %q", m.From)
		case m.From == b.d.version:
			b.fault("migrations: one is from version %q, which is the present one", m.From)
		case m.Do == nil:
			b.fault("migration from version %q: Do is missing", m.From)
		}
		b.d.migrations[m.From] = m
	}
	for _, m := range all {
		at := m.To
		for range all {
			if next, ok := b.d.migrations[at]; ok && at != b.d.version {
				at = next.To
			}
		}
		if at != b.d.version {
			b.fault("migration from version %q: it does not lead to the present version %q", m.From, b.d.version)
		}
	}
}

// upgrade takes a stored session of another version of the dialogue to the present one, before the input is read.
// What the caller keyed answers a question of the other version, so it does not count: the question is put again.
// Where no migrations lead here, or one of them fails, the call begins anew. It returns the input to go on with.
func (c *Call) upgrade(ctx context.Context, in ivr.Input) ivr.Input {
	if c.Flow == c.dialogue.version || c.ended() {
		return in
	}
	from := c.Flow
	c.upgraded = true
	migrated, err := c.dialogue.migrate(c.Session)
	switch {
	case err == nil:
		c.Session = migrated
		c.Log.InfoContext(ctx, "session migrated", "call", c.ID, "from", from, "to", c.Flow)
	case in.Kind == ivr.HangUp:
		// Nobody is there to begin anew. What was confirmed goes forward.
		c.Flow, c.Parked, c.State, c.Kept = c.dialogue.version, c.State, hungUp, ""
	default:
		c.restart()
		c.Log.WarnContext(ctx, "call begins anew", "call", c.ID, "from", from, "to", c.Flow, "reason", err)
	}
	if c.Kept == "" {
		if err := c.With.Keeper.Clear(ctx, c.ID); err != nil {
			c.Log.ErrorContext(ctx, "secrets not cleared", "call", c.ID, "error", err)
		}
	}
	if in.Kind == ivr.HangUp {
		return in
	}
	c.Telling = "" // What comes back is no sign that anything was heard.
	return ivr.Input{Kind: ivr.PromptEnded, Turn: c.Seq}
}

// ended tells that nothing more is said in this call, in any version.
func (c *Call) ended() bool {
	st := c.dialogue.states[c.State]
	return st != nil && st.over()
}

// migrate applies the chain of migrations to a copy.
func (d *Dialogue) migrate(old *Session) (s *Session, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("flow: a migration panicked: %T", r) // not its text, which may hold anything
		}
	}()
	data, err := old.encode()
	if err != nil {
		return nil, err
	}
	if s, err = decodeSession(data); err != nil {
		return nil, err
	}
	for s.Flow != d.version {
		m, ok := d.migrations[s.Flow]
		if !ok {
			return nil, fmt.Errorf("flow: no migration from version %q", s.Flow)
		}
		if err := m.Do(s); err != nil {
			return nil, fmt.Errorf("flow: migration from version %q to %q: %w", m.From, m.To, err)
		}
		s.Flow = m.To
	}
	s.ID, s.Seq = old.ID, old.Seq
	if err := s.check(); err != nil {
		return nil, err
	}
	st, err := d.call(s, old.Started).here()
	if err == nil && st.Work != nil && s.Draft != nil && (s.State != old.State || !reflect.DeepEqual(s.Draft, old.Draft)) {
		err = errors.New("flow: a migration leads to work with a draft that the caller has not agreed to")
	}
	return s, err
}

// restart begins the call anew: nothing that the caller has shown or chosen is kept, but how often they have tried is.
// Payments that were confirmed are items of the session, and go forward; the stage resume tells how they end.
func (c *Call) restart() {
	o := c.Session
	c.Session = &Session{ID: o.ID, Flow: c.dialogue.version, State: c.dialogue.table[0].Name, Seq: o.Seq, Locale: o.Locale,
		Slow: o.Slow, Line: o.Line, Started: o.Started, Failures: o.Failures,
		Identity: Identity{Lookups: o.Identity.Lookups, Rejected: o.Identity.Rejected}, Cards: o.Cards, Claims: o.Claims,
		Declines: o.Declines, Payment: o.Payment, Callback: o.Callback}
	c.restarted = true
}
