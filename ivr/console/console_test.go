package console_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/message/catalog"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/console"
	"github.com/dialpay/dialpay/ivr/ivrtest"
)

// keyboard is a Reader that somebody types on. What was typed waits to be read.
type keyboard struct {
	mu     sync.Mutex
	typed  *sync.Cond
	buf    bytes.Buffer
	closed bool
}

func newKeyboard() *keyboard {
	k := &keyboard{}
	k.typed = sync.NewCond(&k.mu)
	return k
}

func (k *keyboard) Read(b []byte) (int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for k.buf.Len() == 0 && !k.closed {
		k.typed.Wait()
	}
	return k.buf.Read(b)
}

func (k *keyboard) Type(s string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.buf.WriteString(s)
	k.typed.Signal()
}

func (k *keyboard) Close() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed = true
	k.typed.Signal()
}

func words(t testing.TB) *ivr.Catalog {
	t.Helper()
	l := ivr.English()
	l.Messages = map[string]catalog.Message{
		"ivrtest.one": catalog.String("One."),
		"ivrtest.two": catalog.String("Two, press %[1]s."),
		"ask":         catalog.String("What is it?"),
		"bye":         catalog.String("Goodbye."),
		"pay":         catalog.String("You pay %[1]s,"),
		"with":        catalog.String("with your card,"),
		"today":       catalog.String("today."),
		"yes":         catalog.String("To pay, press %[1]s."),
		"no":          catalog.String("To stop, press %[1]s."),
		"name":        catalog.String("%[1]s"),
	}
	c, err := ivr.NewCatalog(l)
	require.NoError(t, err)
	return c
}

// desk is a console with somebody who types, and what can be seen on its screen.
type desk struct {
	*console.Line
	*keyboard
	screen strings.Builder
}

func newDesk(t testing.TB, cfg console.Config) *desk {
	t.Helper()
	d := &desk{keyboard: newKeyboard()}
	cfg.In, cfg.Out, cfg.Catalog = d.keyboard, &d.screen, words(t)
	l, err := console.New(cfg)
	require.NoError(t, err)
	d.Line = l
	return d
}

func (d *desk) leave() {
	d.keyboard.Close()
	_ = d.Line.Close()
}

func rig(t testing.TB, cfg console.Config) (ivrtest.Rig, *desk) {
	d := newDesk(t, cfg)
	enter := "\n"
	if cfg.Keys {
		enter = "\r"
	}
	r := ivrtest.Rig{Line: d.Line, Shown: d.screen.String, Entries: !cfg.Keys,
		Press:  func(keys string) { d.Type(keys) },
		Say:    func(words string) { d.Type(words + enter) },
		HangUp: func() { d.Type("\x04") },
	}
	if !cfg.Keys {
		r.Press = r.Say
		r.HangUp = func() { d.Type("hangup\n") }
	}
	return r, d
}

// TestConformance runs the tests of any Line on every kind of console.
func TestConformance(t *testing.T) {
	aloud := func(ctx context.Context, _, text string) {
		select {
		case <-time.After(time.Duration(len(text)) * time.Millisecond):
		case <-ctx.Done():
		}
	}
	for name, cfg := range map[string]console.Config{
		"lines":            {},
		"lines, spoken":    {Speak: aloud},
		"keys":             {Keys: true},
		"keys, read out":   {Keys: true, Pace: time.Millisecond},
		"keys, spoken":     {Keys: true, Speak: aloud},
		"keys, slow clock": {Keys: true, Now: func() time.Time { return time.Unix(0, 0) }},
	} {
		t.Run(name, func(t *testing.T) {
			ivrtest.Run(t, func(t *testing.T) ivrtest.Rig {
				r, d := rig(t, cfg)
				t.Cleanup(d.leave)
				return r
			})
		})
		t.Run(name+", in virtual time", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var desks []*desk
				assert.NoError(t, ivrtest.TestLine(func() ivrtest.Rig {
					r, d := rig(t, cfg)
					desks = append(desks, d)
					return r
				}))
				for _, d := range desks {
					d.leave()
				}
				synctest.Wait() // no goroutine is left: the bubble ends only then
			})
		})
	}
}

var (
	pin      = ivr.Field{Least: 4, Most: 6, Capture: ivr.Capture{Field: ivr.CapturePIN}}
	anything = ivr.Field{Least: 2, Most: 20}
)

func turn(seq int, f ivr.Field) ivr.Turn {
	t := ivr.Turn{Seq: seq, Locale: "en-US", Action: ivr.ActionListen, Prompts: []ivr.Prompt{ivr.Say("ask")}, Listen: f.Listen(ivr.Timing{})}
	if t.Listen.Sensitive {
		t.Action, t.Capture = ivr.ActionCapture, f.Capture
	}
	return t
}

// handler asks questions and notes what came.
type handler struct {
	turns []ivr.Turn
	got   []ivr.Input
}

func (h *handler) Handle(_ context.Context, _ string, in ivr.Input) (ivr.Turn, error) {
	h.got = append(h.got, in)
	if len(h.turns) == 0 {
		return ivr.Turn{Seq: 99, Locale: "en-US", Action: ivr.ActionHangUp, Prompts: []ivr.Prompt{ivr.Say("bye")}}, nil
	}
	t := h.turns[0]
	h.turns = h.turns[1:]
	return t, nil
}

// serve plays input on a console that asks questions, and returns the answers and the screen.
func serve(t *testing.T, cfg console.Config, input string, turns ...ivr.Turn) ([]ivr.Input, string) {
	t.Helper()
	d := newDesk(t, cfg)
	defer d.leave()
	d.Type(input)
	d.keyboard.Close()
	h := &handler{turns: turns}
	require.NoError(t, ivr.Serve(t.Context(), "c", ivr.Input{Kind: ivr.Answered}, d.Line, h))
	return h.got[1:], d.screen.String()
}

func opened(s ivr.Secret) (text string) {
	s.Open(func(b []byte) { text = string(b) })
	return text
}

func TestLines(t *testing.T) {
	for _, c := range []struct {
		field       ivr.Field
		input       string
		kind        ivr.InputKind
		keys, words string
		shown       string
		rule        string
	}{
		{anything, "4211\n", ivr.Keys, "4211", "", "> 4211", "a line of keys is an entry"},
		{anything, "4211#\n", ivr.Keys, "4211#", "", "> 4211#", "with a terminator or without"},
		{anything, " 4111 1111-11\r\n", ivr.Keys, "4111111111", "", "> 4111 1111-11", "blanks and hyphens do not matter"},
		{anything, "\n", ivr.Silence, "", "", "> (silence)", "an empty line is silence"},
		{anything, " \t\n", ivr.Silence, "", "", "> (silence)", "so are blanks"},
		{anything, "say that again\n", ivr.Speech, "", "say that again", "> say that again", "other lines are words"},
		{anything, "-\n", ivr.Speech, "", "-", "> -", ""},
		{anything, "¿qué?\x1b[2J\n", ivr.Speech, "", "¿qué?[2J", "> ¿qué?[2J", "without control characters"},
		{anything, "HangUp\n", ivr.HangUp, "", "", "> (hang-up)", "one word hangs up"},
		{anything, "", ivr.HangUp, "", "", "What is it?", "so does the end of the input"},
		{anything, "12", ivr.Keys, "12", "", "> 12", "though not before a last line without end"},
		{pin, "4321\n", ivr.Keys, "4321", "", "> ••••", "a sensitive line is masked"},
		{pin, "43 21\n", ivr.Keys, "4321", "", "> ••••", ""},
		{pin, "secret\n", ivr.Keys, "secret", "", "> ••••••", "whatever it is"},
		{pin, strings.Repeat("7", 5000) + "\n", ivr.Keys, strings.Repeat("7", 64), "", "> " + strings.Repeat("•", 1024), "in limited space"},
	} {
		got, screen := serve(t, console.Config{}, c.input, turn(1, c.field))
		require.NotEmpty(t, got)
		in := got[0]
		assert.Equal(t, c.kind, in.Kind, "%s: %q", c.rule, c.input)
		assert.Equal(t, c.keys, in.Keys+opened(in.Secret), "%s: %q", c.rule, c.input)
		assert.Equal(t, c.words, in.Speech, c.rule)
		assert.Contains(t, screen, c.shown, c.rule)
		if c.field.Capture.Field != "" {
			assert.Empty(t, in.Keys, "a sensitive entry is a Secret")
		}
		if in.Kind == ivr.Keys || in.Kind == ivr.Speech {
			assert.True(t, in.Heard, "the prompts were shown before the line was read")
		}
	}
}

func TestLinesWaitForQuestions(t *testing.T) {
	wait := ivr.Turn{Seq: 2, Action: ivr.ActionWait, Wait: time.Millisecond}
	got, screen := serve(t, console.Config{}, "11\n22\n", turn(1, anything), wait, turn(3, anything))
	require.Len(t, got, 3)
	assert.Equal(t, []string{"11", "", "22"}, []string{got[0].Keys, got[1].Keys, got[2].Keys}, "a line is read only for a question")
	assert.Equal(t, "What is it?\n> 11\nWhat is it?\n> 22\nGoodbye.\n", screen)
}

// readBack is a menu that must be heard to its end.
var readBack = ivr.Menu{
	Intro: []ivr.Prompt{ivr.Say("pay", ivr.Money(500, "USD")), ivr.Say("with"), ivr.Say("today")},
	Options: []ivr.Option{
		{Key: '1', Prompt: ivr.Say("yes"), Value: "yes"},
		{Key: '2', Prompt: ivr.Say("no"), Value: "no"},
	},
	MustHear: true,
}

func menu(seq int, m ivr.Menu) ivr.Turn {
	return ivr.Turn{Seq: seq, Locale: "en-US", Action: ivr.ActionListen, Prompts: m.Prompts(), Listen: m.Listen(ivr.Timing{})}
}

func TestPromptsAreLines(t *testing.T) {
	_, screen := serve(t, console.Config{}, "1\n", menu(1, readBack))
	assert.Equal(t, "You pay five dollars, with your card, today.\nTo pay, press 1.\nTo stop, press 2.\n> 1\nGoodbye.\n", screen,
		"each prompt is a line, and the pieces of a sentence are one")

	silent := menu(1, readBack)
	nothing := ivr.Say("name", ivr.Text(""))
	silent.Prompts = []ivr.Prompt{nothing, ivr.Say("with"), nothing, ivr.Say("yes", ivr.Key('1')), nothing}
	_, screen = serve(t, console.Config{}, "1\n", silent)
	assert.Equal(t, "with your card, To pay, press 1.\n> 1\nGoodbye.\n", screen, "a prompt without words is no line")

	_, screen = serve(t, console.Config{Keys: true}, "\x04", menu(1, readBack))
	assert.Contains(t, screen, "today.\r\nTo pay, press 1.\r\nTo stop, press 2.\r\n", "also on a raw terminal")
}

func TestTheWholeTextIsSpokenAtOnce(t *testing.T) {
	var spoken []string
	cfg := console.Config{Speak: func(_ context.Context, _, text string) { spoken = append(spoken, text) }}
	serve(t, cfg, "1\n", menu(1, readBack))
	assert.Equal(t, []string{"You pay five dollars, with your card, today. To pay, press 1. To stop, press 2.", "Goodbye."}, spoken)
}

func TestSpeechDoesNotOverlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		speaking, most := 0, 0
		var mu sync.Mutex
		add := func(n int) {
			mu.Lock()
			defer mu.Unlock()
			speaking += n
			most = max(most, speaking)
		}
		d := newDesk(t, console.Config{Keys: true, Speak: func(ctx context.Context, _, _ string) {
			add(1)
			<-ctx.Done()
			time.Sleep(time.Second) // a speech engine needs a while to stop
			add(-1)
		}})
		for i := range 5 {
			require.NoError(t, d.Perform(t.Context(), turn(i+1, anything)))
			time.Sleep(100 * time.Millisecond)
			require.NoError(t, d.Interrupt(t.Context()))
		}
		d.leave()
		time.Sleep(time.Minute)
		mu.Lock()
		defer mu.Unlock()
		assert.Zero(t, speaking)
		assert.Equal(t, 1, most, "one text is spoken at a time")
	})
}

func TestTransfer(t *testing.T) {
	transfer := ivr.Turn{Seq: 1, Locale: "en-US", Action: ivr.ActionTransfer, Transfer: ivr.Transfer{To: "billing", Reason: "asked"}}
	got, screen := serve(t, console.Config{}, "", transfer)
	require.Len(t, got, 1)
	assert.Equal(t, ivr.HangUp, got[0].Kind, "who was given to a person has left this line")
	assert.Equal(t, "(transferred to \"billing\": asked)\n", screen)

	cfg := console.Config{Transfer: func(ivr.Transfer) error { return errors.New("busy") }}
	got, screen = serve(t, cfg, "", transfer)
	require.Len(t, got, 1)
	assert.Equal(t, ivr.TransferFailed, got[0].Kind)
	assert.Equal(t, "busy", got[0].Reason)
	assert.Equal(t, "Goodbye.\n", screen, "and the call goes on")
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestErrors(t *testing.T) {
	_, err := console.New(console.Config{Pace: -1})
	for _, fault := range []string{"In", "Out", "Catalog", "Pace"} {
		assert.ErrorContains(t, err, "Config."+fault, "every fault is told at once")
	}
	l, err := console.New(console.Config{In: strings.NewReader("1\n"), Out: full{}, Catalog: words(t)})
	require.NoError(t, err)
	defer l.Close()
	h := &handler{turns: []ivr.Turn{turn(1, anything)}}
	assert.ErrorIs(t, ivr.Serve(t.Context(), "c", ivr.Input{Kind: ivr.Answered}, l, h), io.ErrShortWrite)
	assert.Equal(t, ivr.HangUp, h.got[len(h.got)-1].Kind, "a screen that cannot be written ends the call")
}

// A call takes from In what it asked for, and nothing more: what follows is for the next call on it.
func TestCallsOneAfterTheOther(t *testing.T) {
	in := strings.NewReader("11\n22\nhangup\n33\n")
	for _, want := range [][]string{{"11", "22"}, {"33"}} {
		var screen strings.Builder
		l, err := console.New(console.Config{In: in, Out: &screen, Catalog: words(t)})
		require.NoError(t, err)
		h := &handler{turns: []ivr.Turn{turn(1, anything), turn(2, anything), turn(3, anything), turn(4, anything)}}
		require.NoError(t, ivr.Serve(t.Context(), "c", ivr.Input{Kind: ivr.Answered}, l, h))
		require.NoError(t, l.Close())
		var got []string
		for _, in := range h.got[1 : len(h.got)-1] {
			got = append(got, in.Keys)
		}
		assert.Equal(t, want, got)
	}
}
