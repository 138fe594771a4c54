package ivrtest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dialpay/dialpay/ivr"
)

const (
	// patience is how long a line may take to report what has certainly happened.
	patience = 10 * time.Second
	// moment is how long a line must be silent to count as silent.
	moment = 30 * time.Millisecond
)

// probe works a rig and checks what holds for every event.
type probe struct {
	Rig
	seq int
	at  time.Time // of the last event
}

// errSilent tells that nothing happened until the deadline.
var errSilent = errors.New("nothing was reported")

// perform has the line perform a turn, numbered.
func (p *probe) perform(t ivr.Turn) error {
	p.seq++
	t.Seq = p.seq
	if t.Locale == "" {
		t.Locale = "en-US"
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := p.Line.Perform(ctx, t); err != nil {
		return fmt.Errorf("Perform of turn %d: %w", t.Seq, err)
	}
	return nil
}

// performing and listening are steps for inOrder.
func (p *probe) performing(t ivr.Turn) func() error { return func() error { return p.perform(t) } }

// listening performs a turn that listens, and waits for the end of its prompts.
func (p *probe) listening() error { return inOrder(p.performing(listen()), p.ended) }

// inOrder takes steps until one fails.
func inOrder(steps ...func() error) error {
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// next returns the next event, errSilent for one that only tells that the deadline passed. It checks the time.
func (p *probe) next(deadline time.Time) (ivr.Event, error) { return p.within(patience, deadline) }

// within is next with a patience of its own.
func (p *probe) within(patience time.Duration, deadline time.Time) (ivr.Event, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	ev, err := p.nextWith(ctx, deadline)
	switch {
	case err != nil && ctx.Err() != nil:
		return ev, fmt.Errorf("%w within %v", errSilent, patience)
	case err != nil:
		return ev, err
	case ev.At.Before(p.at):
		return ev, fmt.Errorf("the time went back, from %v to %v: At must only grow", p.at, ev.At)
	}
	p.at = ev.At
	if ev.Input.Kind == ivr.PromptEnded && ev.Input.Turn != 0 && ev.Input.Turn < p.seq {
		return p.within(patience, deadline) // late, and says so
	}
	if ev.Key != 0 && ev.Input.Kind != "" {
		return ev, fmt.Errorf("an event is a key and %q at once: report two", ev.Input.Kind)
	}
	if ev.Key != 0 || ev.Input.Kind != "" {
		return ev, nil
	}
	if deadline.IsZero() || ev.At.Before(deadline) {
		return ev, fmt.Errorf("Next returned nothing at %v, before its deadline %v", ev.At, deadline)
	}
	return ev, errSilent
}

// nextWith calls Next and gives up when it does not heed its context.
func (p *probe) nextWith(ctx context.Context, deadline time.Time) (ev ivr.Event, err error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		ev, err = p.Line.Next(ctx, deadline)
	}()
	timer := time.NewTimer(2 * patience)
	defer timer.Stop()
	select {
	case <-done:
		return ev, err
	case <-timer.C:
		return ivr.Event{}, errors.New("Next does not return when its context ends")
	}
}

// ended waits until the prompts of the present turn have ended. Nothing may come before.
func (p *probe) ended() error {
	ev, err := p.next(time.Time{})
	switch {
	case err != nil:
		return fmt.Errorf("waiting for PromptEnded: %w", err)
	case ev.Input.Kind != ivr.PromptEnded:
		return fmt.Errorf("waiting for PromptEnded: got %s", describe(ev))
	}
	return nil
}

// quiet checks that nothing is reported for a moment. A line with Entries may go on waiting; then that is the end of it.
func (p *probe) quiet() error {
	wait := patience
	if p.Entries {
		wait = 2 * moment
	}
	ev, err := p.within(wait, p.at.Add(moment))
	switch {
	case errors.Is(err, errSilent):
		return nil
	case err != nil:
		return err
	}
	return fmt.Errorf("got %s, though nothing had happened", describe(ev))
}

// keys reads n keys, as single ones or as an entry, without terminator.
func (p *probe) keys(n int) (string, error) {
	var got []byte
	for len(got) < n {
		ev, err := p.next(time.Time{})
		switch {
		case err != nil:
			return string(got), fmt.Errorf("after %d of %d keys: %w", len(got), n, err)
		case ev.Key != 0:
			got = append(got, ev.Key)
		case ev.Input.Kind == ivr.Keys:
			return entry(ev.Input), nil
		default:
			return string(got), fmt.Errorf("after %d of %d keys: got %s", len(got), n, describe(ev))
		}
	}
	return string(got), nil
}

// entry is what a whole entry holds, in the open or as a Secret, without terminator.
func entry(in ivr.Input) string {
	keys := in.Keys
	in.Secret.Open(func(b []byte) { keys += string(b) })
	if n := len(keys); n > 1 && keys[n-1] == '#' {
		keys = keys[:n-1]
	}
	return keys
}

func describe(ev ivr.Event) string {
	switch {
	case ev.Key != 0:
		return "a key"
	case ev.Input.Kind != "":
		return fmt.Sprintf("%q", string(ev.Input.Kind))
	}
	return "nothing"
}
