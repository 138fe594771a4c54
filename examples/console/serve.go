package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"time"

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
	return ivr.Serve(ctx, rand.Text(), first, line, w.engine)
}
