package main

import (
	"context"
	"errors"
	"time"
)

// lateBy is how long after the call the console finishes what it left open; finishBy is the same for -finish, which also
// finishes what a console left that was killed meanwhile.
const (
	lateBy   = time.Hour
	finishBy = 24 * time.Hour
)

// before finishes what can be finished of earlier calls, and has bills to pay.
func (w *world) before(ctx context.Context) error {
	if err := w.dropped(ctx); err != nil {
		return err
	}
	_, err := w.engine.Sweep(ctx, 100)
	return errors.Join(err, w.folder.books.renew(w.clock.now()))
}

// finish plays the day after a call, in which nobody answers the telephone.
func (w *world) finish(ctx context.Context) error {
	if err := w.dropped(ctx); err != nil {
		return err
	}
	return w.later(ctx, nil, finishBy)
}

// later plays what a company does in the time after a call: it finishes what was left open. The telephone rings on the
// terminal; where there is none, nobody answers. Once ctx has ended, the calls are left to the next console.
func (w *world) later(ctx context.Context, t *terminal, until time.Duration) (err error) {
	for err == nil {
		w.folder.calls.quiet = w.folder.calls.quiet || ctx.Err() != nil
		var more bool
		if more, err = w.ahead(context.WithoutCancel(ctx), until); !more {
			return err
		}
		if _, err = w.engine.Sweep(context.WithoutCancel(ctx), 100); err == nil {
			_, err = w.ring(ctx, t)
		}
		if errors.Is(err, errLeave) {
			w.folder.calls.quiet, err = true, nil
		}
	}
	return err
}

// ahead goes to the time at which something is due. Each step is a fifth of the time so far at least, so that what fails
// again and again comes to an end.
func (w *world) ahead(ctx context.Context, until time.Duration) (more bool, err error) {
	open, err := w.folder.calls.open(ctx)
	now := w.clock.ahead()
	if err != nil || len(open) == 0 || now >= until || time.Until(open[0].Due) > until {
		return false, err
	}
	next := max(time.Until(open[0].Due), now*6/5+time.Second)
	w.clock.jump(time.Now().Add(min(next, until)))
	return true, nil
}
