package flow_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/console"
	"github.com/stretchr/testify/require"
)

// Every golden call is made on a console, with the keys of a terminal: the same words are shown, the same keys asked for,
// and the same comes of it, to the second. What this line cannot do, it declares.
func TestGoldenOnConsole(t *testing.T) {
	differ := map[string]ivr.Ability{
		"speech-unclear":        ivr.Unclear,
		"card-elsewhere":        ivr.CardElsewhere,
		"card-elsewhere-failed": ivr.CardElsewhere,
	}
	for _, list := range goldenLists() {
		for _, g := range list {
			if g.name == "resume-lost-hangup" {
				continue // a console that waits is no line that has died
			}
			t.Run(g.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &script{World: flowtest.NewWorld(reader{t}), TB: reader{t}}
					s.Config.Store = flow.NewMemory(s.Clock.Now)
					s.Phone = func(h ivr.Handler, id string) flowtest.Phone { return newConsolePhone(t, s, h, id) }
					why := onLine(s, g)
					ability, differs := differ[g.name]
					switch {
					case why != "" && !differs:
						t.Error(why)
					case why == "" && differs:
						t.Errorf("it plays as everywhere: it is no example of %q", ability)
					case differs:
						require.Contains(t, console.Abilities.Lacks, ability)
					}
				})
			})
		}
	}
}

// consolePhone is a flowtest.Phone on a console. What is spoken ends when the Caller has heard it, and the time that the
// console knows passes as the World's.
type consolePhone struct {
	handler     ivr.Handler
	clock       *flowtest.Clock
	catalog     *ivr.Catalog
	id          string
	line        *console.Line
	keyboard    keyboard
	screen      bytes.Buffer
	spoken      chan struct{}
	transferred chan error
	queue       []ivr.Turn
	err         error
	over        bool
	deadline    time.Time // of the console's time
	dialled     time.Time // the same
	start       time.Time // the World's time then
	ctx         context.Context
}

// keyboard is what the caller types.
type keyboard chan byte

// Read implements io.Reader.
func (k keyboard) Read(b []byte) (int, error) {
	key, ok := <-k
	if !ok {
		return 0, io.EOF
	}
	b[0] = key
	return 1, nil
}

func newConsolePhone(t *testing.T, s *script, h ivr.Handler, id string) *consolePhone {
	ctx, cancel := context.WithCancel(t.Context())
	p := &consolePhone{handler: h, clock: s.Clock, catalog: s.Config.Dialogue.Catalog(), id: id, ctx: ctx,
		keyboard: make(keyboard, 1000), spoken: make(chan struct{}), transferred: make(chan error)}
	var err error
	p.line, err = console.New(console.Config{In: p.keyboard, Out: &p.screen, Catalog: p.catalog, Keys: true,
		Speak: p.speak, Transfer: p.transfer})
	require.NoError(s.TB, err)
	t.Cleanup(func() {
		cancel()
		synctest.Wait()
		close(p.keyboard)
		require.NoError(t, p.line.Close())
	})
	return p
}

// speak takes until the Caller has heard it, or until it is cut short.
func (p *consolePhone) speak(ctx context.Context, _, _ string) {
	select {
	case <-p.spoken:
	case <-ctx.Done():
	case <-p.ctx.Done():
	}
}

func (p *consolePhone) transfer(ivr.Transfer) error {
	select {
	case err := <-p.transferred:
		return err
	case <-p.ctx.Done():
		return p.ctx.Err()
	}
}

// Handle implements ivr.Handler, and keeps the turns for the Caller.
func (p *consolePhone) Handle(ctx context.Context, call string, in ivr.Input) (ivr.Turn, error) {
	t, err := p.handler.Handle(context.WithoutCancel(ctx), call, in)
	p.err = errors.Join(p.err, err)
	if in.Kind != ivr.HangUp {
		p.queue = append(p.queue, t)
	}
	return t, err
}

// Next implements ivr.Line, and tells until when the console waits.
func (p *consolePhone) Next(ctx context.Context, deadline time.Time) (ivr.Event, error) {
	p.deadline = deadline
	return p.line.Next(ctx, deadline)
}

// Perform implements ivr.Line.
func (p *consolePhone) Perform(ctx context.Context, t ivr.Turn) error { return p.line.Perform(ctx, t) }

// Interrupt implements ivr.Interrupter.
func (p *consolePhone) Interrupt(ctx context.Context) error { return p.line.Interrupt(ctx) }

// Dial implements flowtest.Phone.
func (p *consolePhone) Dial(call ivr.Call) {
	p.dialled, p.start = time.Now(), p.clock.Now()
	go func() {
		err := ivr.Serve(p.ctx, p.id, ivr.Input{Kind: ivr.Answered, Call: call}, p, p)
		if p.over = true; p.ctx.Err() == nil {
			p.err = errors.Join(p.err, err)
		}
	}()
	synctest.Wait()
}

// Feed implements flowtest.Phone.
func (p *consolePhone) Feed(ev ivr.Event) {
	time.Sleep(ev.At.Sub(p.start) - time.Since(p.dialled))
	synctest.Wait()
	switch in := ev.Input; {
	case ev.Key != 0:
		p.keyboard <- ev.Key
	case in.Kind == ivr.PromptEnded:
		select {
		case p.spoken <- struct{}{}:
		default: // cut short
		}
	case in.Kind == ivr.Speech && in.Confidence < 1, in.Kind == ivr.WorkDone:
		p.err = fmt.Errorf("nobody can type %s", in.Kind)
	case in.Kind == ivr.Speech:
		for _, c := range []byte(in.Speech + "\n") {
			p.keyboard <- c
		}
	case in.Kind == ivr.TransferFailed:
		p.transferred <- errors.New(in.Reason)
	case in.Kind == ivr.HangUp:
		select {
		case p.transferred <- nil:
		default:
			p.keyboard <- 0x04 // Ctrl-D
		}
	}
	synctest.Wait()
}

// Turn implements flowtest.Phone. What is shown is what the turn says.
func (p *consolePhone) Turn() (ivr.Turn, bool, error) {
	if p.err != nil || len(p.queue) == 0 {
		return ivr.Turn{}, false, p.err
	}
	t := p.queue[0]
	p.queue = p.queue[1:]
	for _, prompt := range t.Prompts {
		if text := p.catalog.Text(t.Locale, prompt); !strings.Contains(p.screen.String(), text) {
			return t, false, fmt.Errorf("the console does not show %q", text)
		}
	}
	return t, true, nil
}

// Deadline implements flowtest.Phone, by the World's clock.
func (p *consolePhone) Deadline() time.Time {
	if p.deadline.IsZero() || p.over {
		return time.Time{}
	}
	return p.start.Add(p.deadline.Sub(p.dialled))
}

// Over implements flowtest.Phone.
func (p *consolePhone) Over() bool { return p.over && len(p.queue) == 0 }
