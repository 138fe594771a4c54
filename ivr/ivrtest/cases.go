package ivrtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/dialpay/dialpay/ivr"
)

var cases = []testCase{
	{"prompts end once", "PromptEnded is reported once for each turn, after Perform, when all prompts were spoken.", promptsEndOnce},
	{"every turn ends its prompts", "PromptEnded is reported for every action, also when the turn has no prompts: timers start with it.", everyActionEnds},
	{"perform replaces", "Perform takes the place of what the line was doing. The end of earlier prompts is not reported after it, or with the number of its turn.", performReplaces},
	{"deadlines", "Next waits for its deadline and not less, and then returns an Event with only At set.", deadlines},
	{"keys in order", "Every key press is reported once, in order.", keysInOrder},
	{"type-ahead", "Keys that nobody has waited for are kept by the line until Next, also over a Perform.", typeAhead},
	{"secrets", "The keys of a sensitive entry are shown nowhere, and a whole entry of them comes as a Secret.", secrets},
	{"speech", "Words are reported as Speech, with a confidence from 0 to 1, and Heard when the prompts had ended.", speech},
	{"interrupt", "After Interrupt the turn goes on: the line still listens.", interrupt},
	{"hang-up", "A caller who hangs up is reported as HangUp or io.EOF, and from then on always.", hangUp},
	{"context", "Next returns when its context ends, with the context's error.", contextEnds},
	{"whole call", "ivr.Serve can hold a call on the line: every answer reaches the handler as it was given.", wholeCall},
}

// The prompts are such as any Catalog can say.
var prompts = []ivr.Prompt{ivr.Say("ivrtest.one"), ivr.Say("ivrtest.two")}

func listen() ivr.Turn {
	return ivr.Turn{Action: ivr.ActionListen, Prompts: prompts, Listen: ivr.Listen{Least: 1, Most: ivr.MaxEntry,
		Terminator: '#', First: time.Hour, Between: time.Hour, BargeIn: true, Speech: true}}
}

func promptsEndOnce(p *probe) error {
	for range 3 {
		if err := inOrder(p.listening, p.quiet); err != nil {
			return err
		}
	}
	return nil
}

func everyActionEnds(p *probe) error {
	for _, ps := range [][]ivr.Prompt{prompts, nil} {
		for _, a := range []ivr.Action{ivr.ActionListen, ivr.ActionCapture, ivr.ActionWait, ivr.ActionHangUp} {
			t := listen()
			t.Action, t.Prompts = a, ps
			if err := inOrder(p.performing(t), p.ended); err != nil {
				return fmt.Errorf("action %q with %d prompts: %w", a, len(ps), err)
			}
		}
	}
	return nil
}

func performReplaces(p *probe) error {
	for range 3 {
		if err := inOrder(p.performing(listen()), p.listening, p.quiet); err != nil {
			return err
		}
	}
	return nil
}

func deadlines(p *probe) error {
	wait := ivr.Turn{Action: ivr.ActionWait, Prompts: prompts, Wait: time.Hour}
	if err := inOrder(p.performing(wait), p.ended, p.quiet, p.quiet); err != nil {
		return fmt.Errorf("while waiting: %w", err)
	}
	if p.Entries {
		return nil
	}
	if err := inOrder(p.listening, p.quiet, p.quiet); err != nil {
		return fmt.Errorf("while listening: %w", err)
	}
	return nil
}

func keysInOrder(p *probe) error {
	for _, keys := range []string{"1123", "0", "9876543210"} {
		if err := p.listening(); err != nil {
			return err
		}
		p.Press(keys)
		if err := p.expect(keys); err != nil {
			return err
		}
	}
	return nil
}

// expect reads keys and compares.
func (p *probe) expect(want string) error {
	got, err := p.keys(len(want))
	if err == nil && got != want {
		err = fmt.Errorf("the caller pressed %q, the line reported %q", want, got)
	}
	return err
}

func typeAhead(p *probe) error {
	if p.Entries {
		return nil
	}
	if err := p.listening(); err != nil {
		return err
	}
	p.Press("12")
	if err := p.expect("1"); err != nil {
		return err
	}
	if err := p.perform(listen()); err != nil {
		return err
	}
	for keys, ended := "", false; keys != "2" || !ended; { // in any order
		ev, err := p.next(time.Time{})
		switch {
		case err != nil:
			return fmt.Errorf("with the key %q and PromptEnded %t: %w", keys, ended, err)
		case ev.Input.Kind == ivr.PromptEnded:
			ended = true
		default:
			keys += string(ev.Key)
		}
	}
	return nil
}

// canary are keys of a secret, which nothing else in a test shows.
const canary = "40817263"

func secrets(p *probe) error {
	t := listen()
	t.Action, t.Capture = ivr.ActionCapture, ivr.Capture{Field: ivr.CapturePIN}
	t.Listen.Sensitive, t.Listen.Speech = true, false
	t.Listen.Least, t.Listen.Most = len(canary), len(canary)
	if err := inOrder(p.performing(t), p.ended); err != nil {
		return err
	}
	p.Press(canary)
	for n := 0; n < len(canary); n++ {
		ev, err := p.next(time.Time{})
		switch {
		case err != nil:
			return err
		case ev.Input.Keys != "":
			return errors.New("a sensitive entry is in Input.Keys: put it into Input.Secret")
		case ev.Input.Kind == ivr.Keys && entry(ev.Input) != canary:
			return errors.New("the Secret is not what the caller pressed")
		case ev.Input.Kind == ivr.Keys:
			n = len(canary)
		case ev.Key != canary[n]:
			return fmt.Errorf("key %d of a sensitive entry is not what the caller pressed", n+1)
		}
	}
	return p.hidden()
}

// hidden checks that no four keys of the canary stand together in what the line shows, whatever is between them.
func (p *probe) hidden() error {
	if p.Shown == nil {
		return nil
	}
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, p.Shown())
	for i := range len(canary) - 3 {
		if strings.Contains(digits, canary[i:i+4]) {
			return errors.New("the line shows keys of a sensitive entry: mask every one")
		}
	}
	return nil
}

func speech(p *probe) error {
	if p.Say == nil {
		return nil
	}
	if err := p.listening(); err != nil {
		return err
	}
	p.Say("hello there")
	ev, err := p.next(time.Time{})
	in := ev.Input
	switch {
	case err != nil:
		return err
	case in.Kind != ivr.Speech:
		return fmt.Errorf("the caller said something, the line reported %s", describe(ev))
	case in.Speech == "":
		return errors.New("words were said, the line reported none")
	case !(in.Confidence >= 0 && in.Confidence <= 1):
		return fmt.Errorf("the confidence is %v", in.Confidence)
	case !in.Heard:
		return errors.New("the Input is not Heard, though PromptEnded came before the words")
	}
	return nil
}

func interrupt(p *probe) error {
	i, ok := p.Line.(ivr.Interrupter)
	if !ok {
		return nil
	}
	if err := p.perform(listen()); err != nil {
		return err
	}
	if err := i.Interrupt(context.Background()); err != nil {
		return err
	}
	p.Press("1")
	for {
		ev, err := p.next(time.Time{})
		switch {
		case err != nil:
			return err
		case ev.Input.Kind == ivr.PromptEnded: // may still come
		case ev.Key == '1' || ev.Input.Kind == ivr.Keys && entry(ev.Input) == "1":
			return nil
		default:
			return fmt.Errorf("the caller pressed 1, the line reported %s", describe(ev))
		}
	}
}

func hangUp(p *probe) error {
	if err := p.listening(); err != nil {
		return err
	}
	p.HangUp()
	for range 3 {
		ev, err := p.next(time.Time{})
		if errors.Is(err, io.EOF) || err == nil && ev.Input.Kind == ivr.HangUp {
			continue
		}
		return fmt.Errorf("the caller has gone, the line reported %s, error %v", describe(ev), err)
	}
	return nil
}

func contextEnds(p *probe) error {
	if err := p.listening(); err != nil {
		return err
	}
	for _, d := range []time.Duration{moment, 0} {
		ctx, cancel := context.WithTimeout(context.Background(), d)
		ev, err := p.nextWith(ctx, time.Time{})
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			return fmt.Errorf("the context has ended, the line reported %s, error %v", describe(ev), err)
		}
	}
	return nil
}
