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

// Line is one telephone call: a SIP dialog, a console, a test. Serve drives it.
type Line interface {
	// Perform starts to say the prompts of the turn and to do its action, in place of what it was doing. It does not
	// wait for the prompts to end.
	Perform(ctx context.Context, t Turn) error
	// Next waits for the next event of the line, at most until the deadline (zero: no limit), when it returns an Event
	// with only At set. io.EOF ends the call like a hang-up.
	Next(ctx context.Context, deadline time.Time) (Event, error)
}

// Event is one raw thing that happened on a Line: a key, or an Input that needs no collecting.
type Event struct {
	// At is when, by the line's own clock. It only ever grows.
	At time.Time
	// Key is a single key press, 0–9, * or #, when not 0.
	Key byte
	// Input is anything else, when Kind is set: PromptEnded (all prompts of the turn were spoken), Speech, HangUp,
	// TransferFailed, WorkDone, or whole entries (Keys, Silence) from lines that collect by themselves.
	Input Input
}
