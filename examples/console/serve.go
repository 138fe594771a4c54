package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/console"
)

// readingPace is how long a quick reader takes for a character. Keys that come before a read-back was read do not count.
const readingPace = 12 * time.Millisecond

// serve makes the call on the console, until somebody hangs up.
func (w *world) serve(ctx context.Context, o options, in io.Reader, speak speech) (err error) {
	c := console.Config{In: in, Out: w.screen, Catalog: w.dialogue.Catalog(), Keys: w.screen.raw, Speak: speak}
	if c.Keys {
		c.Pace = readingPace
	}
	if o.demo {
		c.In = strings.NewReader(script(o.locale))
	}
	line, err := console.New(c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, line.Close()) }()
	first := ivr.Input{Kind: ivr.Answered, Call: ivr.Call{From: o.from, Attestation: "A", To: hotline, Locale: o.locale}}
	id := rand.Text()
	if err := w.folder.line.put(id); err != nil {
		return err
	}
	if err := ivr.Serve(ctx, id, first, line, w.engine); err != nil {
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
	_, err := w.engine.Handle(ctx, w.folder.line.Live, ivr.Input{Kind: ivr.HangUp})
	if err != nil && !errors.Is(err, flow.ErrNoSession) { // it was killed before the call was answered
		return err
	}
	return w.folder.line.put("")
}
