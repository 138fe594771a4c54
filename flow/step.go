package flow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/dialpay/dialpay/ivr"
	"github.com/looplab/fsm"
)

// Transition is one step that a call made through the machine. It holds nothing that the caller said.
type Transition struct {
	Session  string
	Seq      int
	From, To string
	On       Event
}

// Step takes a session through one input, without I/O: it reads the answer, counts what went wrong, and moves to the
// next state. If that is a work state, Step returns its name, and whoever calls does the work and reports its event
// with Proceed. Otherwise it returns the turn to perform. Most callers want an Engine, which does all of that.
func (d *Dialogue) Step(s *Session, in ivr.Input, now time.Time) (t ivr.Turn, work string, err error) {
	c := d.borrow(s, now)
	defer d.calls.Put(c)
	defer c.clearKept()
	if err := c.take(in); err != nil {
		return ivr.Turn{}, "", err
	}
	return c.result()
}

// Proceed reports what a work state came to, and goes on like Step.
func (d *Dialogue) Proceed(s *Session, on Event, now time.Time) (t ivr.Turn, work string, err error) {
	c := d.borrow(s, now)
	defer d.calls.Put(c)
	if err := c.fire(on); err != nil {
		return ivr.Turn{}, "", err
	}
	return c.result()
}

func (d *Dialogue) call(s *Session, now time.Time) *Call {
	c := d.newCall(s, now)
	return &c
}

// borrow is a Call for the length of one step.
func (d *Dialogue) borrow(s *Session, now time.Time) *Call {
	c := d.calls.Get().(*Call)
	*c = d.newCall(s, now)
	return c
}

func (d *Dialogue) newCall(s *Session, now time.Time) Call {
	return Call{Session: s, Now: now, Settings: &d.settings, Catalog: d.catalog, Log: silent, dialogue: d}
}

var silent = slog.New(slog.DiscardHandler)

func (c *Call) result() (ivr.Turn, string, error) {
	st, err := c.here()
	if err != nil {
		return ivr.Turn{}, "", err
	}
	if st.Work != nil {
		return ivr.Turn{}, st.Name, nil
	}
	c.Seq++
	return c.present(st), "", nil
}

// NewSession is the session of a call that was just answered.
func (d *Dialogue) NewSession(id string, call ivr.Call, now time.Time) *Session {
	return &Session{ID: id, Flow: d.version, State: d.table[0].Name, Line: call, Started: now,
		Locale: d.catalog.Match(call.Locale)}
}

// ErrState is returned for a session whose state this dialogue does not have, and for an event that leads nowhere: a
// session of another dialogue, or a stage whose Work or Answer returned an event that it does not list.
var ErrState = errors.New("flow: the session does not fit the dialogue")

func (c *Call) here() (*state, error) {
	st := c.dialogue.states[c.State]
	if st == nil {
		return nil, fmt.Errorf("%w: no state %q", ErrState, c.State)
	}
	if st.Fits != nil && !st.Fits(c.Session) {
		return nil, fmt.Errorf("%w: something that state %q needs is missing", ErrState, c.State)
	}
	return st, nil
}

// fire makes one transition. looplab/fsm decides where it leads.
func (c *Call) fire(on Event) error {
	m := c.dialogue.pool.Get().(*fsm.FSM)
	m.SetState(c.State)
	// Background: a cancelled context would cancel the transition, but what happened has happened.
	err := m.Event(context.Background(), string(on))
	to := m.Current()
	c.dialogue.pool.Put(m)
	if err != nil && !errors.As(err, &fsm.NoTransitionError{}) {
		return fmt.Errorf("%w: event %q in state %q: %w", ErrState, on, c.State, err)
	}
	if c.driven != nil {
		c.trail = append(c.trail, Transition{Session: c.ID, Seq: c.Seq, From: c.State, To: to, On: on})
	}
	if on == EventHangUp {
		c.Parked = c.State
	}
	c.State, c.Waits, c.Since = to, 0, time.Time{}
	c.Question = Question{Notice: c.Question.Notice}
	return nil
}

// take reads an input in the present state.
func (c *Call) take(in ivr.Input) error {
	st, err := c.here()
	if err != nil {
		return err
	}
	c.Question.Notice = nil
	c.heard(in)
	switch {
	case in.Kind == ivr.HangUp:
		return c.hangUp(st)
	case st.Leave == nil && c.Callback.over(c.Now):
		return c.fire(EventEnd) // The next attempt may follow.
	case in.Kind == ivr.TransferFailed && st.Leave != nil && st.Leave.Transfer != nil:
		return c.fire(EventTransferFailed)
	case st.Ask == nil || in.Kind == ivr.Answered || in.Kind == ivr.PromptEnded:
		return nil
	}
	if over := c.Seq - c.Settings.Turns; over >= turnsAfterAgent {
		return c.fire(EventEnd)
	} else if over >= 0 {
		return c.toAgent("failures")
	}
	if in.Kind == ivr.WorkDone {
		return c.captured(st, in)
	}
	return c.hear(st, in)
}

// turnsAfterAgent is how many turns a call may have after it had so many that it was given to a person.
const turnsAfterAgent = 50

func (c *Call) hangUp(st *state) error {
	if st.over() {
		return nil
	}
	return c.fire(EventHangUp)
}

// over tells that the call has ended, and nobody takes it over.
func (st *state) over() bool { return st.Leave != nil && st.Leave.Transfer == nil }

// entry tells that something is keyed in this state.
func (st *state) entry() bool { return st != nil && st.Ask != nil && st.Ask.Field != nil }

// hear reads the answer to a question.
func (c *Call) hear(st *state, in ivr.Input) error {
	l := c.dialogue.catalog.Locale(c.Locale)
	var a ivr.Answer
	var on Event
	if st.Ask.Menu != nil {
		m := st.Ask.Menu(c)
		a = m.Read(in, l, c.Settings.Timing)
		switch {
		case a.Fault == ivr.FaultNoMatch && in.Kind == ivr.Speech && st.Ask.Said != nil:
			a = st.Ask.Said(c).Read(in, l, c.Settings.Timing)
		case a.Command == ivr.CommandNone && a.Fault == ivr.FaultNone:
			on = Event(a.Value)
		}
	} else {
		a = st.Ask.Field(c).Read(in, l, c.Settings.Timing)
	}
	defer a.Secret.Clear()
	switch {
	case a.Command != ivr.CommandNone:
		return c.command(st, a.Command)
	case a.Fault != ivr.FaultNone:
		return c.failed(st, a.Fault, "")
	}
	c.Question.Fault, c.Question.Invalid, c.Question.Helping = "", "", false
	if st.Ask.Answer != nil {
		on = st.Ask.Answer(c, a)
	}
	if reason := c.Question.Invalid; on == eventInvalid {
		if _, told := st.invalid[reason]; !told {
			c.Log.Error("reason is not among Ask.Reasons", "call", c.ID, "state", st.Name, "reason", reason)
			return c.failed(st, ivr.FaultNoMatch, "")
		}
		return c.failed(st, ivr.FaultNone, reason)
	}
	return c.fire(on)
}

// captured goes on with a card that the line had captured elsewhere.
func (c *Call) captured(st *state, in ivr.Input) error {
	if in.Captured == nil || st.Ask.Captured == nil {
		return c.failed(st, ivr.FaultNoMatch, "")
	}
	return c.fire(st.Ask.Captured(c, *in.Captured))
}

// command does what a caller may ask for at any question.
func (c *Call) command(st *state, cmd ivr.Command) error {
	q := &c.Question
	q.Fault, q.Invalid, q.Helping = "", "", false
	switch cmd {
	case ivr.CommandAgent:
		return c.toAgent("asked")
	case ivr.CommandBack:
		if _, ok := st.on[EventBack]; ok {
			return c.fire(EventBack)
		}
		c.Notice(ivr.Say("back.none"))
	case ivr.CommandHelp:
		q.Helping = true
	case ivr.CommandSlower:
		c.Slow = true
		c.Notice(ivr.Say("slower"))
	case ivr.CommandLanguage:
		i := slices.Index(c.dialogue.locales, c.Locale)
		c.Locale = c.dialogue.locales[(i+1)%len(c.dialogue.locales)]
		c.Notice(ivr.Say("language.changed"))
	}
	q.Repeats++
	return nil
}

func (c *Call) toAgent(reason string) error {
	c.Reason = reason
	return c.fire(EventAgent)
}

// failed counts an answer that was none. Silence and mistakes count apart; too many of either, or in the whole call,
// end the question.
func (c *Call) failed(st *state, f ivr.Fault, invalid string) error {
	q := &c.Question
	if f == ivr.FaultEarly {
		// The caller was quick, not wrong: it is not held against them.
		q.Fault, q.Invalid = f, ""
		return nil
	}
	c.Failures++
	q.Fault, q.Invalid, q.Helping = f, invalid, false
	if f == ivr.FaultSilence {
		q.Silences++
	} else {
		q.Mistakes++
	}
	if q.Silences < c.Settings.Attempts && q.Mistakes < c.Settings.Attempts && c.Failures < c.Settings.Failures {
		return nil
	}
	c.Reason = "failures"
	return c.fire(EventGiveUp)
}

// present is the turn of a state as the session stands. It is a function of the session alone, so that a repeated
// input gets the same turn again.
func (c *Call) present(st *state) ivr.Turn {
	t := ivr.Turn{Seq: c.Seq, Locale: c.Locale, Slow: c.Slow}
	switch {
	case st.Ask != nil:
		c.presentAsk(st, &t)
	case st.Work != nil:
		c.presentWait(st, &t)
	default:
		c.presentLeave(st, &t)
	}
	return t
}

func (c *Call) presentAsk(st *state, t *ivr.Turn) {
	q, timing := &c.Question, c.Settings.Timing
	if c.Slow {
		timing = timing.Slower()
	}
	var menu ivr.Menu
	if st.Ask.Menu != nil {
		menu = st.Ask.Menu(c)
		t.Action, t.Listen = ivr.ActionListen, menu.Listen(timing)
	} else {
		f := st.Ask.Field(c)
		t.Action, t.Listen = ivr.ActionListen, f.Listen(timing)
		if t.Listen.Sensitive {
			t.Action, t.Capture = ivr.ActionCapture, f.Capture
		}
	}
	t.Listen.Fresh = q.Invalid != "" || q.Fault != ivr.FaultNone && q.Fault != ivr.FaultSilence
	// What is to be confirmed is said in full every time: no answer counts unless it was heard.
	var context []ivr.Prompt
	if st.Ask.Context != nil && (menu.MustHear || q.Fault == "" && q.Invalid == "" && !q.Helping) {
		context = st.Ask.Context(c)
	}
	ps := make([]ivr.Prompt, 0, len(q.Notice)+1+len(context)+1+len(menu.Intro)+len(menu.Options))
	ps = append(ps, q.Notice...)
	attempt := q.Silences + q.Mistakes
	var args []ivr.Arg
	if st.Ask.Args != nil {
		args = st.Ask.Args(c)
	}
	switch {
	case q.Invalid != "":
		ps = append(ps, ivr.Say(st.invalid[q.Invalid].Key, args...))
	case q.Fault == ivr.FaultSilence:
		ps = append(ps, nth(st.faults[q.Fault], q.Silences))
	case q.Fault != ivr.FaultNone:
		ps = append(ps, nth(st.faults[q.Fault], q.Mistakes))
	case q.Helping:
		ps = append(ps, ivr.Say(st.help.Key, args...))
	}
	ps = append(ps, context...)
	ps = append(ps, ivr.Say(nth(st.ask, attempt+1).Key, args...))
	t.Prompts = menu.AppendPrompts(ps)
}

// nth is the prompt for the n-th time, counted from 1; the last one for all later times.
func nth(ps []ivr.Prompt, n int) ivr.Prompt {
	if len(ps) == 0 {
		return ivr.Say("nomatch") // A stored fault that this dialogue does not know.
	}
	return ps[min(max(n, 1), len(ps))-1]
}

func (c *Call) presentWait(st *state, t *ivr.Turn) {
	t.Action = ivr.ActionWait
	t.Prompts = append(t.Prompts, c.Question.Notice...)
	switch {
	case st.Work.Hold != "" && c.Waits <= 1:
		t.Prompts = append(t.Prompts, st.hold)
	case c.Waits%stillEvery == 1 || st.Work.Hold == "" && c.Waits == 1:
		t.Prompts = append(t.Prompts, st.still)
		t.Wait = c.Settings.Pause
	default:
		t.Wait = c.Settings.Pause
	}
}

// stillEvery is after how many waits the caller hears again that work goes on.
const stillEvery = 3

func (c *Call) presentLeave(st *state, t *ivr.Turn) {
	t.Prompts = append(t.Prompts, c.Question.Notice...)
	if st.Leave.Context != nil {
		t.Prompts = append(t.Prompts, st.Leave.Context(c)...)
	}
	t.Action = ivr.ActionHangUp
	if st.Leave.Transfer != nil {
		t.Action, t.Transfer = ivr.ActionTransfer, st.Leave.Transfer(c)
	}
}
