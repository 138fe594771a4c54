package main

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// voices are those of espeak-ng, by locale.
var voices = map[string]string{"en-US": "en-us", "es-US": "es-419"}

// speech speaks a text, and returns when it is spoken or ctx ends.
type speech func(ctx context.Context, locale, text string)

// speaker speaks through espeak-ng, if it is wanted. Where that fails, it says so, once, and takes the time that it
// takes to read.
func speaker(wanted bool, errs io.Writer) (speech, error) {
	if !wanted {
		return nil, nil
	}
	path, err := exec.LookPath("espeak-ng")
	if err != nil {
		return nil, fmt.Errorf("-speak needs the program espeak-ng: install it (apt install espeak-ng), or leave -speak out: %w", err)
	}
	var told sync.Once
	return func(ctx context.Context, locale, text string) {
		c := exec.CommandContext(ctx, path, "-v", voices[locale], "--stdin")
		var complaints strings.Builder
		c.Stdin, c.Stderr = strings.NewReader(text), &complaints
		err := c.Run()
		silent := err != nil || strings.Contains(complaints.String(), "error:") // it exits 0 without a loudspeaker
		if !silent || ctx.Err() != nil {
			return
		}
		told.Do(func() { fmt.Fprintln(errs, "(espeak-ng found no loudspeaker: the words are only shown)") })
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(len(text)) * readingPace):
		}
	}, nil
}
