package ivr

import (
	"context"
	"time"
)

// Handler answers what happens on a call with the next turn; flow.Engine is one. It may be called by any number of
// goroutines, for different calls at once. The Turn is always fit to be spoken, also beside an error.
type Handler interface {
	Handle(ctx context.Context, call string, in Input) (Turn, error)
}

// Line is one telephone call: a SIP dialog, a console, a test. Serve drives it, from one goroutine. Package ivrtest
// checks that a Line keeps to what is said here.
type Line interface {
	// Perform starts to say the prompts of the turn and to do its action, in place of what it was doing. It does not
	// wait for the prompts to end. A turn without prompts ends them at once.
	Perform(ctx context.Context, t Turn) error
	// Next waits for the next event of the line, at most until the deadline (zero: no limit), when it returns an Event
	// with only At set. It may wait longer while the caller is in the middle of words, or of an entry that the line
	// collects itself. io.EOF ends the call like a hang-up; once a call has ended, Next keeps saying so.
	Next(ctx context.Context, deadline time.Time) (Event, error)
}

// Interrupter is what a Line may be in addition: one whose prompts can be cut short while the turn goes on. Serve calls
// Interrupt when a key or a word counts before the prompts ended; PromptEnded need not be reported then.
type Interrupter interface {
	Interrupt(ctx context.Context) error
}

// Event is one raw thing that happened on a Line: a key, or an Input that needs no collecting.
type Event struct {
	// At is when, by the line's own clock. It only ever grows.
	At time.Time
	// Key is a single key press, 0–9, * or #, when not 0. The line reports each press once, though its network may
	// repeat it, as RFC 4733 does with the end of every event.
	Key byte
	// Input is anything else, when Kind is set: PromptEnded (all prompts of the turn were spoken), Speech, HangUp,
	// TransferFailed, WorkDone, or whole entries (Keys, Silence) from lines that collect by themselves. With Speech and
	// Keys the line also sets Input.Heard. Where events can come late, Input.Turn tells which turn they belong to.
	Input Input
}
