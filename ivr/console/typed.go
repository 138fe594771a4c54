package console

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dialpay/dialpay/ivr"
)

// typed is a line, or words, in the making. It has a fixed size and is overwritten after use, because a line may be a
// secret. What does not fit is dropped: it is too long for any answer.
type typed struct {
	b     [1024]byte
	n     int
	heard bool // the prompts had ended before the first byte
}

func (t *typed) add(b byte) {
	if t.n < len(t.b) {
		t.b[t.n] = b
		t.n++
	}
}

func (t *typed) clear() {
	clear(t.b[:t.n])
	t.n = 0
}

// words are what was typed, fit to be shown. Only for what is no secret.
func (t *typed) words() string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, string(t.b[:t.n])))
}

// takeLine reads a whole line as one answer.
func (l *Line) takeLine() (ivr.Event, error) {
	defer l.typed.clear()
	line := bytes.TrimSpace(l.typed.b[:l.typed.n])
	switch {
	case len(line) == 0:
		return l.event(ivr.Input{Kind: ivr.Silence}), l.show("> (silence)")
	case bytes.EqualFold(line, []byte("hangup")):
		err := l.show("> (hang-up)")
		return l.hangUp("caller"), err
	}
	words := ""
	if !l.turn.Listen.Sensitive {
		words = l.typed.words()
	}
	keys, all := keypad(line)
	if l.turn.Listen.Sensitive {
		s, _ := ivr.NewSecret(keys[:min(len(keys), ivr.MaxEntry+1)]) // one key too many is as wrong as any number
		err := l.show("> " + strings.Repeat(mask, utf8.RuneCount(keys)))
		return l.event(ivr.Input{Kind: ivr.Keys, Secret: s, Heard: true}), err
	}
	in := ivr.Input{Kind: ivr.Speech, Speech: words, Confidence: 1, Heard: true}
	if all || !l.turn.Listen.Speech {
		in = ivr.Input{Kind: ivr.Keys, Keys: string(keys), Heard: true}
	}
	return l.event(in), l.show("> " + words)
}

// keypad takes blanks and hyphens out of a line of telephone keys, in place, and tells whether it is one. Any other line
// stays as it is.
func keypad(line []byte) ([]byte, bool) {
	for _, b := range line {
		if !isKey(b) && b != ' ' && b != '-' {
			return line, false
		}
	}
	n := 0
	for _, b := range line {
		if isKey(b) {
			line[n] = b
			n++
		}
	}
	return line[:n], n > 0
}

func isKey(b byte) bool { return b >= '0' && b <= '9' || b == '*' || b == '#' }

// mask stands for each key of a sensitive entry.
const mask = "•"

// show prints a line of its own.
func (l *Line) show(text string) error {
	if l.inLine {
		text = l.newline() + text
	}
	l.inLine = false
	return l.print(text + l.newline())
}

// echo shows what is being typed, behind a mark.
func (l *Line) echo(text string) error {
	if !l.inLine {
		text = "> " + text
	}
	l.inLine = true
	return l.print(text)
}

func (l *Line) print(text string) error {
	if _, err := l.cfg.Out.Write([]byte(text)); err != nil {
		return fmt.Errorf("console: show: %w", err)
	}
	return nil
}

// newline also returns the carriage on a raw terminal, which does not do so by itself.
func (l *Line) newline() string {
	if l.cfg.Keys {
		return "\r\n"
	}
	return "\n"
}
