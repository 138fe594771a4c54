package console

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/dialpay/dialpay/ivr"
)

// Next returns the next thing that happens. While the caller types words, or a line, the deadline has to wait.
func (l *Line) Next(ctx context.Context, deadline time.Time) (ivr.Event, error) {
	var late <-chan time.Time
	if !deadline.IsZero() {
		timer := time.NewTimer(deadline.Sub(l.cfg.Now()))
		defer timer.Stop()
		late = timer.C
	}
	for {
		if err := ctx.Err(); err != nil {
			return ivr.Event{}, fmt.Errorf("console: next: %w", err)
		}
		if l.gone {
			return ivr.Event{At: l.now()}, io.EOF
		}
		if ev, ok := l.due(); ok {
			return ev, nil
		}
		var bytes <-chan byte
		if l.cfg.Keys || !l.speaking && l.asks() {
			bytes = l.ask()
		}
		expired := late
		if l.typed.n > 0 || !l.cfg.Keys && l.asks() {
			expired = nil
		}
		select {
		case <-l.prompts():
		case b, ok := <-bytes:
			l.asked = !ok // nothing comes after the end
			if ev, done, err := l.take(b, ok); done || err != nil {
				return ev, err
			}
		case <-expired:
			if l.now(); deadline.After(l.last) {
				l.last = deadline // a clock that goes more slowly than the timer
			}
			return ivr.Event{At: l.last}, nil
		case <-ctx.Done():
		}
	}
}

// prompts is closed when the prompts that are on their way have ended; nil when none are.
func (l *Line) prompts() <-chan struct{} {
	if !l.speaking {
		return nil
	}
	return l.spoken
}

// due is what comes before anything typed: the end of the prompts, and what follows it.
func (l *Line) due() (ivr.Event, bool) {
	select {
	case <-l.prompts():
		l.speaking, l.heard = false, true
		if l.turn.Action == ivr.ActionTransfer {
			l.after = append(l.after, ivr.Event{Input: l.transfer()})
		}
		return l.event(ivr.Input{Kind: ivr.PromptEnded, Turn: l.turn.Seq}), true
	default:
	}
	if len(l.after) == 0 {
		return ivr.Event{}, false
	}
	in := l.after[0].Input
	l.after = l.after[1:]
	l.gone = in.Kind == ivr.HangUp
	return l.event(in), true
}

// transfer gives the caller away.
func (l *Line) transfer() ivr.Input {
	if err := l.cfg.Transfer(l.turn.Transfer); err != nil {
		return ivr.Input{Kind: ivr.TransferFailed, Turn: l.turn.Seq, Reason: err.Error()}
	}
	return ivr.Input{Kind: ivr.HangUp, Reason: "transferred"}
}

// take reads one byte, or the end of the input, and tells whether it made an event.
func (l *Line) take(b byte, ok bool) (ivr.Event, bool, error) {
	switch {
	case !ok && l.cfg.Keys:
		return l.hangUp("end of input"), true, nil
	case !ok && l.typed.n == 0:
		return l.hangUp("end of input"), true, nil
	case l.cfg.Keys:
		return l.takeKey(b)
	case !ok || b == '\n':
		ev, err := l.takeLine()
		return ev, true, err
	}
	l.typed.add(b)
	return ivr.Event{}, false, nil
}

func (l *Line) hangUp(reason string) ivr.Event {
	l.gone = true
	l.shut()
	l.typed.clear()
	return l.event(ivr.Input{Kind: ivr.HangUp, Reason: reason})
}

func (l *Line) event(in ivr.Input) ivr.Event { return ivr.Event{At: l.now(), Input: in} }

// now is the clock, which never goes back.
func (l *Line) now() time.Time {
	if t := l.cfg.Now(); t.After(l.last) {
		l.last = t
	}
	return l.last
}
