package console

import (
	"errors"
	"unicode/utf8"

	"github.com/dialpay/dialpay/ivr"
)

// The control keys of a terminal in raw mode.
const (
	ctrlC     = 0x03
	ctrlD     = 0x04
	backspace = 0x08
	escape    = 0x1b
	rubOut    = 0x7f
)

// takeKey reads one byte of a raw terminal.
func (l *Line) takeKey(b byte) (ivr.Event, bool, error) {
	if l.inEscape(b) {
		return ivr.Event{}, false, nil
	}
	switch {
	case b == ctrlC || b == ctrlD:
		err := l.show("(hang-up)")
		return l.hangUp("caller"), true, err
	case l.typed.n == 0 && isKey(b):
		ev, err := l.press(b)
		return ev, true, err
	case b == '\r' || b == '\n':
		return l.enter()
	case b == backspace || b == rubOut:
		return ivr.Event{}, false, l.takeBack()
	case b < ' ' || !l.turn.Listen.Speech, l.typed.n == 0 && (b == ' ' || b == '-'):
		return ivr.Event{}, false, nil // means nothing here; blanks and hyphens group keys
	}
	if l.typed.n == 0 {
		l.typed.heard = l.heard
	}
	l.typed.add(b)
	return ivr.Event{}, false, l.echo(string([]byte{b}))
}

// press reports a telephone key, and shows it if it counts.
func (l *Line) press(key byte) (ivr.Event, error) {
	ev := ivr.Event{At: l.now(), Key: key}
	if l.early() {
		return ev, l.warn()
	}
	l.keyed = key != '*' && key != '#' // after these two the entry is empty
	shown := string(key)
	if l.turn.Listen.Sensitive {
		shown = mask
	}
	return ev, l.echo(shown)
}

// enter ends what was typed. On an empty entry it means nothing, unless the question takes an empty answer: who presses
// Enter out of habit, after a single key or a complete entry, must not be told that the answer is wrong.
func (l *Line) enter() (ivr.Event, bool, error) {
	switch {
	case l.typed.n > 0:
		return l.takeWords()
	case l.keyed || l.asks() && l.turn.Listen.Least == 0:
		ev, err := l.press('#')
		return ev, true, err
	}
	return ivr.Event{}, false, nil
}

// takeWords ends the words. Words that come too early are reported like any, though they will not count.
func (l *Line) takeWords() (ivr.Event, bool, error) {
	words, heard := l.typed.words(), l.typed.heard
	l.typed.clear()
	if words == "" {
		return ivr.Event{}, false, nil
	}
	l.inLine = false
	err := l.print(l.newline())
	if l.early() {
		err = errors.Join(err, l.warn())
	}
	return l.event(ivr.Input{Kind: ivr.Speech, Speech: words, Confidence: 1, Heard: heard}), true, err
}

// takeBack removes the last character of the words. A telephone key cannot be taken back.
func (l *Line) takeBack() error {
	if l.typed.n == 0 {
		return nil
	}
	_, size := utf8.DecodeLastRune(l.typed.b[:l.typed.n])
	l.typed.n -= size
	return l.print("\b \b")
}

// inEscape tells whether a byte belongs to an escape sequence, such as an arrow key, whose digits are no keys.
func (l *Line) inEscape(b byte) bool {
	switch {
	case b == escape:
		l.sequence = 1
	case l.sequence == 1 && (b == '[' || b == 'O'):
		l.sequence = 2
	case l.sequence == 2:
		if b >= '@' && b <= '~' { // the final byte (ECMA-48)
			l.sequence = 0
		}
	default:
		l.sequence = 0
		return false
	}
	return true
}
