package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/ivr"
)

// bell is the flow.Dialler: the customer's telephone rings in this terminal.
type bell struct {
	ringing []flow.Dial // not answered yet
	// rung and answered count them.
	rung, answered int
}

// Dial implements flow.Dialler. It does not wait for an answer.
func (b *bell) Dial(_ context.Context, call flow.Dial) error {
	b.ringing = append(b.ringing, call)
	b.rung++
	return nil
}

// errLeave ends the console at a telephone that rings.
var errLeave = errors.New("nobody is there any more")

// pending lets the telephone ring first, where a console that ended before owes somebody a call: the clock goes forward
// to its time.
func (w *world) pending(ctx context.Context, t *terminal) (answered bool, err error) {
	if len(w.bell.ringing) > 0 { // it was due already
		return w.ring(ctx, t)
	}
	owed, err := w.folder.calls.open(ctx, flow.ItemCallback)
	if err != nil || len(owed) == 0 {
		return false, err
	}
	w.clock.jump(owed[0].Due)
	if _, err := w.engine.Sweep(ctx, 100); err != nil {
		return false, err
	}
	return w.ring(ctx, t)
}

// ring lets the telephone ring for all calls that were placed, and tells whether one was answered. Without a terminal
// nobody answers.
func (w *world) ring(ctx context.Context, t *terminal) (answered bool, err error) {
	for len(w.bell.ringing) > 0 && err == nil {
		call := w.bell.ringing[0]
		w.bell.ringing = w.bell.ringing[1:]
		if err = w.folder.line.put(call.Call); err != nil {
			return answered, err
		}
		var here bool
		if t != nil {
			here, err = w.picksUp(ctx, *t, call)
		}
		if !here {
			err = errors.Join(w.gone(context.WithoutCancel(ctx), call.Call, "no answer"), err)
			continue
		}
		w.bell.answered++
		answered, err = true, w.callBack(ctx, *t, call)
	}
	return answered, err
}

// callBack is the call that was answered. It ends, at the latest, when it must be over.
func (w *world) callBack(ctx context.Context, t terminal, call flow.Dial) error {
	limited, cancel := context.WithTimeout(ctx, call.Limit)
	defer cancel()
	err := w.talk(limited, t, call.Call, ivr.Call{To: call.Number})
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil
	}
	return err
}

// howToAnswer says it for lines and for single keys.
var howToAnswer = map[bool]string{
	false: "An empty line answers, any other line lets it ring.",
	true:  "Enter answers, any other key lets it ring.",
}

func ownerOf(number string) string {
	for _, c := range customers {
		if c.phone == number {
			return fmt.Sprintf(", the number of %s, whose PIN is %s", c.name, c.pin)
		}
	}
	return ""
}

// The control keys that end the console: Ctrl-C and Ctrl-D.
var leaving = []byte{0x03, 0x04}

// picksUp shows that the telephone rings, and waits for Enter. Whoever types lines is not timed.
func (w *world) picksUp(ctx context.Context, t terminal, call flow.Dial) (bool, error) {
	t.print(fmt.Sprintf("\n(%s) The telephone rings: %s calls %s%s.\n%s\n\n", lateness(w.clock.ahead()), company, call.Number,
		ownerOf(call.Number), howToAnswer[t.raw]))
	if !t.raw {
		line, ok := t.keys.line(ctx)
		return ok && line == "", left(ctx)
	}
	ringing, cancel := context.WithTimeout(ctx, call.Ring)
	defer cancel()
	key, ok := t.keys.key(ringing)
	if !ok && ringing.Err() == nil || slices.Contains(leaving, key) {
		return false, errLeave
	}
	return key == '\r' || key == '\n', left(ctx)
}

func left(ctx context.Context) error {
	if ctx.Err() != nil {
		return errLeave
	}
	return nil
}

// lateness is how much time has passed, in words.
func lateness(ahead time.Duration) string {
	switch minutes := int(ahead.Round(time.Minute).Minutes()); {
	case minutes < 1:
		return "now"
	case minutes == 1:
		return "a minute later"
	case minutes < 120:
		return fmt.Sprintf("%d minutes later", minutes)
	default:
		return fmt.Sprintf("%d hours later", minutes/60)
	}
}
