package console

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/dialpay/dialpay/ivr"
)

// Config says what a Line is made of. In, Out and Catalog must be set.
type Config struct {
	// In is where the caller types. It is read by one Line at a time, byte by byte, and only when the call waits for it:
	// what is typed after the call is for whoever reads In next.
	In io.Reader
	// Out shows the call. An error of it ends the call.
	Out io.Writer
	// Catalog has the words of the prompts.
	Catalog *ivr.Catalog
	// Keys tells that In is a terminal in raw mode.
	Keys bool
	// Pace is the time that it takes to read a character of a prompt. With 0, prompts end as soon as they are shown.
	Pace time.Duration
	// Speak speaks a text aloud and returns when it was spoken, or as soon as ctx ends. The prompts end then. Nil shows
	// the text only, at the Pace.
	Speak func(ctx context.Context, locale, text string)
	// Transfer gives the caller to a person, and fails when nobody answers: the error is the reason. Nil shows where the
	// caller goes and always succeeds. After success the call is over for this line.
	Transfer func(ivr.Transfer) error
	// Now is the clock. Nil is time.Now.
	Now func() time.Time
}

// Line is a call on a console. Make it with New, give it to ivr.Serve, and Close it.
type Line struct {
	cfg    Config
	want   chan struct{} // asks for one byte
	bytes  <-chan byte   // what was typed, when it was asked for; closed at the end of In
	closed chan struct{} // by Close

	turn     ivr.Turn
	speaking bool               // the prompts are on their way
	spoken   chan struct{}      // closed when they have ended
	shut     context.CancelFunc // cuts them short
	heard    bool               // PromptEnded was reported

	typed  typed
	keyed  bool        // keys of an entry that is not complete, as far as the line can tell
	warned bool        // the caller was asked to listen to the end
	after  []ivr.Event // what follows the end of the prompts
	last   time.Time   // of the last event
	gone   bool        // the call is over
	asked  bool        // a byte was asked for
	inLine bool        // the cursor stands behind an echo
	// sequence tells where in an escape sequence the terminal is: 1 after ESC, 2 in the middle.
	sequence int
}

// New checks the configuration. In is read in a goroutine that ends with Close, or, when it waits for a byte then, with
// this byte or the end of In. The error has every fault at once.
func New(cfg Config) (*Line, error) {
	var faults []error
	for _, need := range []struct {
		what string
		set  bool
	}{{"In", cfg.In != nil}, {"Out", cfg.Out != nil}, {"Catalog", cfg.Catalog != nil}} {
		if !need.set {
			faults = append(faults, fmt.Errorf("console: Config.%s is not set", need.what))
		}
	}
	if cfg.Pace < 0 {
		faults = append(faults, fmt.Errorf("console: Config.Pace is %v: it must not be negative", cfg.Pace))
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	l := &Line{cfg: cfg, want: make(chan struct{}, 1), closed: make(chan struct{}), shut: func() {}}
	if cfg.Transfer == nil {
		l.cfg.Transfer = func(t ivr.Transfer) error { return l.show(fmt.Sprintf("(transferred to %q: %s)", t.To, t.Reason)) }
	}
	bytes := make(chan byte)
	l.bytes = bytes
	go l.read(bytes)
	return l, nil
}

// read passes on what is typed, byte by byte, so that no key of a secret lies in a buffer.
func (l *Line) read(out chan<- byte) {
	defer close(out)
	var b [1]byte
	defer clear(b[:])
	for {
		select {
		case <-l.want:
		case <-l.closed:
			return
		}
		n, err := 0, error(nil)
		for n == 0 && err == nil {
			n, err = l.cfg.In.Read(b[:])
		}
		if n > 0 {
			select {
			case out <- b[0]:
			case <-l.closed:
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// ask lets one byte be read, unless that was asked for before and has not come yet.
func (l *Line) ask() <-chan byte {
	if !l.asked {
		l.asked = true
		l.want <- struct{}{}
	}
	return l.bytes
}

// Close ends the call. It is called once, after the last Next.
func (l *Line) Close() error {
	l.gone = true
	l.shut()
	l.typed.clear()
	close(l.closed)
	return nil
}

// Perform shows the prompts and begins to speak them.
func (l *Line) Perform(ctx context.Context, t ivr.Turn) error {
	l.shut()
	l.keyed = l.keyed && !l.asks() && !t.Listen.Flush // type-ahead goes on
	l.turn, l.heard, l.warned, l.after = t, false, false, nil
	if t.Listen.Sensitive {
		l.typed.clear()
	}
	for _, text := range l.sentences(t) {
		if err := l.show(text); err != nil {
			return err
		}
	}
	l.speak(ctx, t.Locale, l.cfg.Catalog.Text(t.Locale, t.Prompts...))
	return nil
}

// sentences are the prompts of a turn as they are shown: one by one, so that each option of a menu stands by itself. A
// prompt that ends with a comma goes on in the next one: a read-back is made of such pieces.
func (l *Line) sentences(t ivr.Turn) []string {
	all := make([]string, 0, len(t.Prompts))
	goesOn := false
	for _, p := range t.Prompts {
		text := l.cfg.Catalog.Text(t.Locale, p)
		switch {
		case text == "":
			continue
		case goesOn:
			all[len(all)-1] += " " + text
		default:
			all = append(all, text)
		}
		goesOn = strings.HasSuffix(text, ",")
	}
	return all
}

// Interrupt stops speaking.
func (l *Line) Interrupt(context.Context) error {
	l.shut()
	l.speaking = false
	return nil
}

// speak begins to speak the text, after the text before it has stopped.
func (l *Line) speak(ctx context.Context, locale, text string) {
	before, spoken := l.spoken, make(chan struct{})
	l.speaking, l.spoken = true, spoken
	speak := l.cfg.Speak
	if speak == nil {
		speak = l.readOut
	}
	if text == "" || l.cfg.Speak == nil && l.cfg.Pace == 0 {
		close(spoken)
		return
	}
	ctx, l.shut = context.WithCancel(context.WithoutCancel(ctx)) // the speech outlives Perform
	go func() {
		defer close(spoken)
		if before != nil {
			<-before
		}
		if ctx.Err() == nil {
			speak(ctx, locale, text)
		}
	}()
}

// readOut takes as long as it takes to read the text.
func (l *Line) readOut(ctx context.Context, _, text string) {
	timer := time.NewTimer(time.Duration(len(text)) * l.cfg.Pace)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// asks tells whether the turn waits for an answer.
func (l *Line) asks() bool {
	return l.turn.Action == ivr.ActionListen || l.turn.Action == ivr.ActionCapture
}

// early tells whether the turn drops what is typed now: its prompts have not ended, and must be heard to their end.
func (l *Line) early() bool { return l.asks() && l.turn.Listen.Flush && !l.heard }

// warn tells the caller, once a turn, that something was dropped because it came too early.
func (l *Line) warn() error {
	if l.warned {
		return nil
	}
	l.warned = true
	return l.show("(please listen to the end)")
}
