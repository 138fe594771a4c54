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
	if err := w.books.live(id); err != nil {
		return err
	}
	return errors.Join(ivr.Serve(ctx, id, first, line, w.engine), w.books.live(""))
}

// live notes which call is on the line.
func (b *books) live(id string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.Live = id
	return b.save()
}

// dropped reports the end of a call whose console was killed: the line is the only one who knows. Every line should,
// when it starts anew.
func (w *world) dropped(ctx context.Context) error {
	if w.books.Live == "" {
		return nil
	}
	_, err := w.engine.Handle(ctx, w.books.Live, ivr.Input{Kind: ivr.HangUp})
	if errors.Is(err, flow.ErrNoSession) {
		err = nil // it was killed before the call was answered
	}
	return errors.Join(err, w.books.live(""))
}
