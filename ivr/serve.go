package ivr

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// Serve drives one call on a line until it is over: it hands first (Answered, with who rang) to the handler, has the
// line perform the turn, waits for its answer, hands that to the handler, and so on. call is the handler's name for the
// call, the same in every Handle.
//
// The handler always learns how the call ended: unless its own ActionHangUp ended it, the last Input is a HangUp, also
// when ctx is done (its context is not cancelled then) or the line fails. Serve returns nil for a call that the caller
// or the handler ended, ctx.Err() if ctx ended it, the error of a line that failed. An error of the handler does not end
// the call, because its Turn is fit to be spoken; the first one is returned at the end.
func Serve(ctx context.Context, call string, first Input, l Line, h Handler) error {
	s := server{line: l, handler: h, call: call}
	in := first
	for {
		t := s.handle(ctx, in)
		if in.Kind == HangUp {
			return s.result(nil)
		}
		end := s.perform(ctx, t)
		if end == nil {
			in, end = s.answer(ctx)
		}
		switch {
		case errors.Is(end, errOver):
			return s.result(nil)
		case end != nil:
			if err := ctx.Err(); err != nil {
				end = err
			}
			s.handle(context.WithoutCancel(ctx), Input{Kind: HangUp, Turn: t.Seq, Reason: reasonFor(ctx)})
			return s.result(end)
		}
	}
}

// server is what Serve knows of its call.
type server struct {
	line    Line
	handler Handler
	call    string
	x       Exchange
	at      time.Time // of the last event
	stopped bool      // the line was told to stop its prompts
	failed  error     // the handler's first error
}

// errOver ends a call that the handler wanted to end.
var errOver = errors.New("ivr: serve: call is over")

func (s *server) handle(ctx context.Context, in Input) Turn {
	t, err := s.handler.Handle(ctx, s.call, in)
	if err != nil && s.failed == nil {
		s.failed = fmt.Errorf("ivr: serve: handler, after %s: %w", in.Kind, err)
	}
	return t
}

func (s *server) perform(ctx context.Context, t Turn) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if t.Action == "" {
		return fmt.Errorf("ivr: serve: turn %d has no action: a handler must return one beside every error too", t.Seq)
	}
	if err := s.line.Perform(ctx, t); err != nil {
		return fmt.Errorf("ivr: serve: line, turn %d: %w", t.Seq, err)
	}
	s.x.Begin(t, s.at)
	s.stopped = false
	return nil
}

// answer feeds events to the exchange until the turn is answered.
func (s *server) answer(ctx context.Context) (Input, error) {
	for {
		if err := s.interrupt(ctx); err != nil {
			return Input{}, err
		}
		if in, ok := s.x.Input(); ok {
			return in, nil
		}
		if s.x.Over() {
			return Input{}, errOver
		}
		ev, err := s.line.Next(ctx, s.x.Deadline())
		switch {
		case errors.Is(err, io.EOF):
			ev = Event{At: ev.At, Input: Input{Kind: HangUp, Reason: "end of line"}}
		case err != nil:
			return Input{}, fmt.Errorf("ivr: serve: line: %w", err)
		}
		if ev.At.After(s.at) {
			s.at = ev.At
		}
		s.x.Feed(ev)
	}
}

// interrupt tells the line, once a turn, that its prompts were cut short.
func (s *server) interrupt(ctx context.Context) error {
	if !s.x.Interrupted() || s.stopped {
		return nil
	}
	s.stopped = true
	if i, ok := s.line.(Interrupter); ok {
		if err := i.Interrupt(ctx); err != nil {
			return fmt.Errorf("ivr: serve: line: interrupt: %w", err)
		}
	}
	return nil
}

// result is what Serve returns for a call that ended with end.
func (s *server) result(end error) error {
	switch {
	case s.failed == nil:
		return end
	case end == nil:
		return s.failed
	}
	return errors.Join(end, s.failed)
}

func reasonFor(ctx context.Context) string {
	if ctx.Err() != nil {
		return "cancelled"
	}
	return "line failed"
}
