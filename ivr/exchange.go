package ivr

import (
	"fmt"
	"io"
	"log/slog"
	"time"
)

// Exchange is the turn-taking of one line: it tells, from the raw events of the line, when a turn is answered and with
// which Input. It does no I/O and has no clock: time comes with the events. Serve has one; a line that is driven by
// something else than Serve keeps one of its own. It is not safe for several goroutines.
//
//	x.Begin(turn, now)                 // the line performs a new turn
//	x.Feed(event)                      // a key, an Input, or Event{At: deadline} when x.Deadline has passed
//	if in, ok := x.Input(); ok { … }   // the turn is answered: hand it to the Handler
//
// The rules:
//
//   - The first-key time runs from PromptEnded; the between-key time, from the last key.
//   - An entry of a fixed length is complete at once (Listen.Most). The terminator that comes right after it belongs to
//     it.
//   - * clears the entry and restarts the between-key time; on an empty entry it is an answer by itself: back. An entry
//     that is cleared and left so is Silence.
//   - Keys between an answer and the next question (type-ahead) are kept for that question, in order. A turn with
//     Listen.Flush drops them, and every key until its PromptEnded; so does an ordinary question after a sensitive one,
//     and every question after an ActionWait.
//   - Who pressed a key during a turn with Listen.Flush, and none after it, was quick and not silent: the last of those
//     keys comes as Keys that are not Heard, when the first-key time has passed.
//   - Keys that go on, without a pause of a second, after an answer that was refused (Listen.Fresh) belong to it.
//   - Without Listen.BargeIn and Listen.Flush, keys during the prompts are kept until PromptEnded. Words are dropped.
//   - Input.Heard is true only if PromptEnded came before the first key or word, and, for words and whole entries, the
//     line says so too.
//   - A turn has at most one Input. A HangUp comes in any case.
//
// Whatever the caller does, an Exchange stays as small as it is.
type Exchange struct {
	turn    turn
	keys    collector
	ahead   typeAhead
	now     time.Time // of the last event
	ended   bool      // all prompts were spoken
	endedAt time.Time
	early   bool // a key was kept that came before that
	lost    byte // the last key that came before that and was dropped
	cut     bool // the caller interrupted the prompts
	done    bool // the turn has had its Input
	ready   bool // it waits in in
	over    bool
	secret  bool // the last question was a sensitive one
	burst   bool // keys go on that belong to an answer that was refused
	lastKey time.Time
	in      Input
}

// turn is what is needed of a Turn while it lasts.
type turn struct {
	seq       int
	action    Action
	listen    Listen
	wait      time.Duration
	delegable bool
}

// asks tells whether the turn waits for keys.
func (t *turn) asks() bool { return t.action == ActionListen || t.action == ActionCapture }

// Begin starts a new turn at a time by the line's clock; the At of the last event will do. It replaces the turn before,
// answered or not. After the call is over it does nothing.
func (x *Exchange) Begin(t Turn, now time.Time) {
	if x.over {
		return
	}
	if t.Action == ActionListen || t.Action == ActionCapture {
		// What is left of a secret is no answer to an ordinary question, and nobody can answer what comes of work
		// before they have heard it.
		if x.secret && !t.Listen.Sensitive || x.turn.action == ActionWait || t.Listen.Fresh {
			x.ahead.drop()
		}
		x.secret, x.burst = t.Listen.Sensitive, t.Listen.Fresh
	}
	x.turn = turn{t.Seq, t.Action, t.Listen, t.Wait, t.Capture.Delegable}
	x.in.Secret.Clear()
	x.ended, x.early, x.lost, x.cut, x.done, x.ready, x.in = false, false, 0, false, false, false, Input{}
	x.keys.begin()
	x.advance(now)
	switch {
	case x.turn.asks() && !t.Listen.Flush:
		if t.Listen.BargeIn {
			x.takeAhead()
		}
	case t.Action != ActionWait:
		x.ahead.drop()
	}
}

// Feed takes the next event of the line. An event that comes after the deadline lets it pass first. An Input that bears
// the number of another turn is late and changes nothing, except a HangUp.
func (x *Exchange) Feed(ev Event) {
	if x.over {
		return
	}
	x.advance(ev.At)
	if ev.Input.Kind == HangUp {
		x.hangUp(ev.Input)
		return
	}
	if d := x.Deadline(); !d.IsZero() && !x.now.Before(d) {
		x.expire()
	}
	switch {
	case ev.Key != 0:
		x.key(ev.Key)
	case ev.Input.Turn != 0 && ev.Input.Turn != x.turn.seq:
		ev.Input.Secret.Clear()
	case ev.Input.Kind == PromptEnded:
		x.promptsEnded()
	case ev.Input.Kind != "":
		x.input(ev.Input)
	}
}

// Input returns the answer to the turn, once, with Input.Turn set.
func (x *Exchange) Input() (Input, bool) {
	if !x.ready {
		return Input{}, false
	}
	in := x.in
	x.in, x.ready = Input{}, false
	return in, true
}

// Deadline is when the turn gives up waiting: Feed it an Event with this time then. The zero time means no limit.
func (x *Exchange) Deadline() time.Time {
	switch {
	case x.done || x.over:
		return time.Time{}
	case x.turn.asks() && x.keys.begun:
		return x.keys.last.Add(orDefault(x.turn.listen.Between, DefaultTiming.Between))
	case !x.ended:
		return time.Time{}
	case x.turn.asks():
		return x.endedAt.Add(orDefault(x.turn.listen.First, DefaultTiming.Field))
	case x.turn.action == ActionWait:
		return x.endedAt.Add(max(x.turn.wait, 0))
	}
	return time.Time{}
}

// Interrupted tells that a key or a word came before the prompts had ended and counts: the line should stop speaking.
// It stays so until the next turn, also when PromptEnded still comes.
func (x *Exchange) Interrupted() bool { return x.cut }

// Over tells that the call has ended: the prompts of an ActionHangUp are spoken, or the caller has gone.
func (x *Exchange) Over() bool { return x.over }

// advance moves the time on. It never goes back, whatever the line says.
func (x *Exchange) advance(at time.Time) {
	if at.After(x.now) {
		x.now = at
	}
}

func (x *Exchange) hangUp(in Input) {
	x.finish(in)
	x.end()
}

// end is the end of the call. No key stays behind.
func (x *Exchange) end() {
	x.over = true
	x.keys.clear()
	x.ahead.drop()
}

func (x *Exchange) promptsEnded() {
	if x.ended {
		return
	}
	x.ended, x.endedAt = true, x.now
	switch {
	case x.turn.action == ActionHangUp:
		x.end()
	case x.turn.asks() && !x.turn.listen.Flush:
		x.takeAhead()
	case x.turn.action == ActionWait && x.turn.wait <= 0:
		x.expire()
	}
}

// expire ends the turn because its deadline passed.
func (x *Exchange) expire() {
	switch {
	case x.turn.action == ActionWait:
		x.finish(Input{Kind: PromptEnded, Heard: true})
	case x.keys.n > 0:
		x.finish(x.keys.entry(x.turn.listen.Sensitive))
	case x.lost != 0 && !x.turn.listen.Sensitive:
		x.finish(Input{Kind: Keys, Keys: string([]byte{x.lost})})
	default:
		x.finish(Input{Kind: Silence, Heard: true})
	}
}

// finish gives the turn its Input, in place of one that nobody has taken.
func (x *Exchange) finish(in Input) {
	x.in.Secret.Clear()
	in.Turn = x.turn.seq
	x.in, x.ready, x.done = in, true, true
}

// Format writes no more than that this is an Exchange: its buffers hold what the caller keyed.
func (x Exchange) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "ivr.Exchange") }

// LogValue is the same for slog.
func (x Exchange) LogValue() slog.Value { return slog.StringValue("ivr.Exchange") }
