package ivrtest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dialpay/dialpay/ivr"
)

// exchange is a question of the whole call, what the caller presses, and what must be understood.
type exchange struct {
	press  string
	menu   ivr.Menu
	field  ivr.Field
	digits string // of a field
	option int    // of a menu
}

var twoOptions = []ivr.Option{{Key: '1', Prompt: ivr.Say("ivrtest.one")}, {Key: '2', Prompt: ivr.Say("ivrtest.two")}}

var dialogue = []exchange{
	{press: "2", menu: ivr.Menu{Options: twoOptions}, option: 1},
	{press: "4211#", field: ivr.Field{Least: 2, Most: 10}, digits: "4211"},
	{press: "99*4321#", field: ivr.Field{Least: 4, Most: 6, Capture: ivr.Capture{Field: ivr.CapturePIN}}, digits: "4321"},
	{press: "2", menu: ivr.Menu{Options: twoOptions, MustHear: true}, option: 1},
}

// wholeCall serves a call. The caller answers each question as soon as its prompts have ended.
func wholeCall(p *probe) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	h := &handler{}
	err := ivr.Serve(ctx, "ivrtest", ivr.Input{Kind: ivr.Answered}, &prompted{Line: p.Line, press: p.Press}, h)
	switch {
	case err != nil:
		return errors.Join(h.fault, fmt.Errorf("ivr.Serve: %w", err))
	case h.fault != nil:
		return h.fault
	case h.asked < len(dialogue):
		return fmt.Errorf("the call ended after question %d of %d", h.asked, len(dialogue))
	}
	return nil
}

// handler asks the dialogue and checks the answers.
type handler struct {
	asked int
	fault error
}

func (h *handler) Handle(_ context.Context, _ string, in ivr.Input) (ivr.Turn, error) {
	goodbye := ivr.Turn{Seq: h.asked + 1, Locale: "en-US", Prompts: prompts, Action: ivr.ActionHangUp}
	if in.Kind != ivr.Answered && h.fault == nil {
		h.fault = h.check(in)
	}
	if h.fault != nil || h.asked == len(dialogue) {
		return goodbye, nil
	}
	t, x := goodbye, dialogue[h.asked]
	timing := ivr.Timing{Menu: time.Hour, Field: time.Hour, Between: time.Hour}
	t.Action, t.Listen = ivr.ActionListen, x.menu.Listen(timing)
	if x.digits != "" {
		t.Listen = x.field.Listen(timing)
	}
	if t.Capture = x.field.Capture; t.Listen.Sensitive {
		t.Action = ivr.ActionCapture
	}
	h.asked++
	return t, nil
}

// check compares the answer to the question that was asked last.
func (h *handler) check(in ivr.Input) error {
	x := dialogue[h.asked-1]
	var a ivr.Answer
	if x.digits == "" {
		a = x.menu.Read(in, nil, ivr.Timing{})
	} else {
		a = x.field.Read(in, nil, ivr.Timing{})
	}
	got := a.Digits
	a.Secret.Open(func(b []byte) { got += string(b) })
	if a.Fault != "" || a.Command != "" || got != x.digits || a.Option != x.option {
		return fmt.Errorf("question %d: the caller pressed %q, the handler got %q (fault %q, command %q)",
			h.asked, x.press, in.Kind, a.Fault, a.Command)
	}
	return nil
}

// prompted is the line, with a caller who presses the keys of a question when its prompts end.
type prompted struct {
	ivr.Line
	press func(string)
	turn  int
}

func (l *prompted) Perform(ctx context.Context, t ivr.Turn) error {
	l.turn = t.Seq
	return l.Line.Perform(ctx, t)
}

func (l *prompted) Next(ctx context.Context, deadline time.Time) (ivr.Event, error) {
	ev, err := l.Line.Next(ctx, deadline)
	if err == nil && ev.Input.Kind == ivr.PromptEnded && l.turn <= len(dialogue) {
		l.press(dialogue[l.turn-1].press)
	}
	return ev, err
}
