package ivrtest_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/ivrtest"
)

// line is a Line in virtual time that keeps every rule but the one that its fault names.
type line struct {
	fault   string
	entries bool
	now     time.Time
	turn    ivr.Turn
	ended   bool
	gone    bool
	queue   []ivr.Event
	shown   strings.Builder
}

func (l *line) Perform(_ context.Context, t ivr.Turn) error {
	before := l.turn.Seq
	if l.fault == "drops type-ahead" {
		l.queue = nil
	}
	if before > 0 && !l.ended && l.fault == "reports the end of replaced prompts" {
		l.report(ivr.Input{Kind: ivr.PromptEnded})
	}
	if before > 0 && !l.ended && l.fault == "reports it late, with the turn" {
		l.report(ivr.Input{Kind: ivr.PromptEnded, Turn: before})
	}
	l.turn, l.ended = t, false
	return nil
}

func (l *line) report(in ivr.Input) { l.queue = append(l.queue, ivr.Event{Input: in}) }

func (l *line) Next(ctx context.Context, deadline time.Time) (ivr.Event, error) {
	silent := l.fault == "says nothing without prompts" && len(l.turn.Prompts) == 0 ||
		l.fault == "says nothing before a hang-up" && l.turn.Action == ivr.ActionHangUp
	switch {
	case l.gone && len(l.queue) == 0 && l.fault != "forgets the hang-up":
		return ivr.Event{At: l.now}, io.EOF
	case l.gone:
		l.gone = false
		return ivr.Event{At: l.now}, io.EOF
	case !l.ended && !silent:
		l.ended = l.fault != "ends prompts twice" || len(l.shown.String()) > 0
		l.shown.WriteString("prompt ")
		l.now = l.now.Add(time.Second)
		return ivr.Event{At: l.now, Input: ivr.Input{Kind: ivr.PromptEnded}}, nil
	case len(l.queue) > 0:
		ev := l.queue[0]
		l.queue = l.queue[1:]
		l.now = l.now.Add(time.Second)
		ev.At = l.now
		if l.fault == "turns the clock back" {
			ev.At = ev.At.Add(-time.Minute)
		}
		return ev, nil
	case deadline.IsZero() && l.fault == "ignores its context":
		return ivr.Event{At: l.now, Input: ivr.Input{Kind: ivr.Silence}}, nil
	case deadline.IsZero():
		<-ctx.Done()
		return ivr.Event{}, ctx.Err()
	case l.fault == "returns too soon":
		return ivr.Event{At: l.now}, nil
	}
	if deadline.After(l.now) {
		l.now = deadline
	}
	return ivr.Event{At: l.now}, nil
}

// press is the caller.
func (l *line) press(keys string) {
	sensitive := l.turn.Listen.Sensitive
	for i := range keys {
		switch {
		case !sensitive || l.fault == "shows secrets":
			l.shown.WriteByte(keys[i])
		case l.fault == "shows secrets with blanks":
			l.shown.WriteString(" " + keys[i:i+1])
		default:
			l.shown.WriteRune('•')
		}
		if !l.entries {
			l.queue = append(l.queue, ivr.Event{Key: keys[i]})
			if l.fault == "repeats keys" {
				l.queue = append(l.queue, ivr.Event{Key: keys[i]})
			}
		}
	}
	if n := len(l.queue); n > 1 && l.fault == "mixes keys up" {
		l.queue[0], l.queue[n-1] = l.queue[n-1], l.queue[0]
	}
	if !l.entries {
		return
	}
	in := ivr.Input{Kind: ivr.Keys, Keys: keys, Heard: l.fault != "never hears"}
	if sensitive && l.fault != "reports secrets in the open" {
		in.Secret, _ = ivr.NewSecret([]byte(keys))
		in.Keys = ""
	}
	l.report(in)
}

func (l *line) say(words string) {
	in := ivr.Input{Kind: ivr.Speech, Speech: words, Confidence: 0.8, Heard: l.fault != "never hears"}
	if l.fault == "is too sure" {
		in.Confidence = 80
	}
	l.report(in)
}

// deaf cannot be interrupted without losing keys.
type deaf struct{ *line }

func (d deaf) Interrupt(context.Context) error {
	d.ended, d.gone = true, true
	return nil
}

func rig(fault string, entries bool) ivrtest.Rig {
	l := &line{fault: fault, entries: entries, now: time.Unix(0, 0)}
	r := ivrtest.Rig{Line: l, Press: l.press, Say: l.say, Shown: l.shown.String, Entries: entries,
		HangUp: func() { l.gone = true }}
	if fault == "hangs up when interrupted" {
		r.Line = deaf{l}
	}
	return r
}

func TestGoodLine(t *testing.T) {
	for _, fault := range []string{"", "reports it late, with the turn"} {
		for _, entries := range []bool{false, true} {
			ivrtest.Run(t, func(*testing.T) ivrtest.Rig { return rig(fault, entries) })
			assert.NoError(t, ivrtest.TestLine(func() ivrtest.Rig { return rig(fault, entries) }))
		}
	}
}

// TestBrokenLines breaks one rule at a time and looks that the case that guards it says so.
func TestBrokenLines(t *testing.T) {
	for _, c := range []struct {
		fault   string
		entries bool
		cases   string // the least that must fail
	}{
		{"ends prompts twice", false, "prompts end once"},
		{"says nothing without prompts", false, "every turn ends its prompts"},
		{"says nothing before a hang-up", false, "every turn ends its prompts"},
		{"reports the end of replaced prompts", false, "perform replaces"},
		{"returns too soon", false, "deadlines"},
		{"turns the clock back", false, "keys in order"},
		{"repeats keys", false, "keys in order"},
		{"mixes keys up", false, "keys in order"},
		{"drops type-ahead", false, "type-ahead"},
		{"shows secrets", false, "secrets"},
		{"shows secrets with blanks", false, "secrets"},
		{"reports secrets in the open", true, "secrets"},
		{"never hears", true, "whole call"},
		{"never hears", false, "speech"},
		{"is too sure", false, "speech"},
		{"hangs up when interrupted", false, "interrupt"},
		{"forgets the hang-up", false, "hang-up"},
		{"ignores its context", false, "context"},
	} {
		t.Run(c.fault, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // waiting in vain takes no time
				err := ivrtest.TestLine(func() ivrtest.Rig { return rig(c.fault, c.entries) })
				require.Error(t, err)
				assert.Contains(t, err.Error(), c.cases+": ")
				assert.Contains(t, err.Error(), "The rule: ")
			})
		})
	}
}

func TestIncompleteRig(t *testing.T) {
	assert.ErrorContains(t, ivrtest.TestLine(func() ivrtest.Rig { return ivrtest.Rig{} }), "not complete")
}
