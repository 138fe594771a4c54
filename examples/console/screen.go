package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync"

	"golang.org/x/term"
)

// screen is what the call is shown on. It breaks lines between words where out is a terminal.
type screen struct {
	out   io.Writer
	raw   bool // the terminal sends single keys, and needs a carriage return before each new line
	width int  // in characters; 0 never breaks

	restore func() // gives the terminal back as it was

	mu     sync.Mutex
	column int
}

// widest is the longest line that is good to read.
const widest = 100

// openScreen prepares the terminal, if there is one: for single keys where wanted and possible.
func openScreen(in, out *os.File, keys bool) (*screen, error) {
	s := &screen{out: out, restore: func() {}}
	if columns, _, err := term.GetSize(int(out.Fd())); err == nil && columns > 0 {
		s.width = min(columns, widest)
	}
	if !keys || !term.IsTerminal(int(in.Fd())) {
		return s, nil
	}
	before, err := term.MakeRaw(int(in.Fd()))
	if err != nil {
		return nil, fmt.Errorf("the terminal cannot send single keys: %w; put the answers into a file, one a line", err)
	}
	s.raw = true
	s.restore = sync.OnceFunc(func() { _ = term.Restore(int(in.Fd()), before) })
	return s, nil
}

// print shows text that is not part of the call, from the start of a line on.
func (s *screen) print(text string) {
	s.mu.Lock()
	inLine := s.column > 0
	s.mu.Unlock()
	if inLine {
		text = "\n" + text
	}
	_, _ = s.Write([]byte(text)) // a screen that fails ends the call at its next prompt
}

// beside is a Writer for what is not part of the call.
type beside struct{ *screen }

// Write implements io.Writer.
func (b beside) Write(p []byte) (int, error) {
	b.print(string(p))
	return len(p), nil
}

// Write implements io.Writer.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var shown []byte
	for rest := p; len(rest) > 0; {
		n := bytes.IndexAny(rest, " \n\r\b")
		switch n {
		case -1:
			n = len(rest)
		case 0:
			n = 1
		}
		shown = s.add(shown, rest[:n])
		rest = rest[n:]
	}
	if _, err := s.out.Write(shown); err != nil {
		return 0, err
	}
	return len(p), nil
}

// add appends a word, a space or a control character, in a new line where it does not fit into this one.
func (s *screen) add(shown, piece []byte) []byte {
	switch piece[0] {
	case '\r':
		return shown // newLine adds it where it is needed
	case '\n':
		return s.newLine(shown)
	case '\b':
		s.column = max(s.column-1, 0)
		return append(shown, piece...)
	}
	characters := 0
	for _, b := range piece {
		if b&0xC0 != 0x80 { // not inside a UTF-8 sequence
			characters++
		}
	}
	if s.width > 0 && s.column > 0 && s.column+characters > s.width {
		if shown = s.newLine(shown); piece[0] == ' ' {
			return shown
		}
	}
	s.column += characters
	return append(shown, piece...)
}

func (s *screen) newLine(shown []byte) []byte {
	s.column = 0
	if s.raw {
		shown = append(shown, '\r')
	}
	return append(shown, '\n')
}
