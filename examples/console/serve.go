package main

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/console"
)

// readingPace is how long a quick reader takes for a character. Keys that come before a read-back was read do not count.
const readingPace = 12 * time.Millisecond

// terminal is where calls are made and answered.
type terminal struct {
	*screen
	keys  *keyboard
	speak speech
}

// serve makes the call of a customer, until somebody hangs up.
func (w *world) serve(ctx context.Context, t terminal, o options) error {
	return w.talk(ctx, t, rand.Text(), ivr.Call{From: o.from, Attestation: "A", To: hotline, Locale: o.locale})
}

// talk serves a call on the terminal.
func (w *world) talk(ctx context.Context, t terminal, id string, call ivr.Call) (err error) {
	over, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	c := console.Config{In: t.keys.during(over), Out: t.screen, Catalog: w.dialogue.Catalog(), Keys: t.raw, Speak: t.speak}
	if c.Keys {
		c.Pace = readingPace
	}
	line, err := console.New(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, line.Close()) }()
	if err := w.folder.line.put(id); err != nil {
		return err
	}
	if err := ivr.Serve(ctx, id, ivr.Input{Kind: ivr.Answered, Call: call}, line, w.engine); err != nil {
		return err // perhaps the end of the call could not be stored: the next console reports it again
	}
	return w.folder.line.put("")
}

// dropped reports the end of a call whose console was killed: the line is the only one who knows. Every line should,
// when it starts anew.
func (w *world) dropped(ctx context.Context) error {
	if w.folder.line.Live == "" {
		return nil
	}
	return w.gone(ctx, w.folder.line.Live, "console ended")
}

// gone reports that a call is over, or was not answered.
func (w *world) gone(ctx context.Context, call, reason string) error {
	_, err := w.engine.Handle(ctx, call, ivr.Input{Kind: ivr.HangUp, Reason: reason})
	if err != nil && !errors.Is(err, flow.ErrNoSession) { // the console was killed before the call was answered
		return err
	}
	return w.folder.line.put("")
}
