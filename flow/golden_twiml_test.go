package flow_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/twiml"
	"github.com/dialpay/dialpay/ivr/twiml/twimltest"
	"github.com/stretchr/testify/require"
)

// Every golden call is made over TwiML, at a provider that is as strict as its documentation and sends each webhook
// twice: the same words are heard, the same keys asked for, and the same comes of it, to the second. What this line
// cannot do, it declares.
func TestGoldenOverTwiML(t *testing.T) {
	differ := map[string]ivr.Ability{
		"wrong-key":       ivr.KeysAtOnce, // a lone # after the 5
		"amount-star":     ivr.Correction, // in the cents
		"early-yes-again": ivr.TypeAhead,  // a key during a read-back is lost: it is as if none had been pressed
	}
	t.Run("at once", func(t *testing.T) { goldenOverTwiML(t, 0, differ) })
	for _, typed := range []string{"type-ahead", "card-type-ahead", "resume-race"} { // in the last one, as the time is over
		differ[typed] = ivr.TypeAhead
	}
	t.Run("replies take as long as real ones", func(t *testing.T) { goldenOverTwiML(t, 400*time.Millisecond, differ) })
}

func goldenOverTwiML(t *testing.T, latency time.Duration, differ map[string]ivr.Ability) {
	for _, list := range goldenLists() {
		for _, g := range list {
			t.Run(g.name, func(t *testing.T) {
				w := flowtest.NewWorld(reader{t})
				s := &script{World: w, TB: reader{t}}
				s.Config.Store = flow.NewMemory(s.Clock.Now)
				pay := strings.HasPrefix(g.name, "card-elsewhere")
				s.Phone = func(h ivr.Handler, id string) flowtest.Phone { return newTwimlPhone(s, h, id, pay, latency) }
				why := onLine(s, g)
				ability, differs := differ[g.name]
				switch {
				case why != "" && !differs:
					t.Error(why)
				case why == "" && differs:
					t.Errorf("it plays as everywhere: it is no example of %q", ability)
				case differs:
					require.Contains(t, twiml.Abilities.Lacks, ability)
				}
			})
		}
	}
}

// onLine plays the story, and tells in what it is another one than on other lines.
func onLine(s *script, g golden) (why string) {
	defer func() {
		if d, ok := recover().(divergence); ok {
			why = d.why
		}
	}()
	g.play(s)
	flowtest.Golden(s.TB, g.name, s.text(g.title))
	return ""
}

const (
	twimlBase  = "https://pay.example.com/calls"
	twimlToken = "12345"
	// numberOf begins the numbers that are called in a language.
	numberOf = "+1212555010"
)

// twimlPhone is a flowtest.Phone over TwiML.
type twimlPhone struct {
	*twimltest.Phone
	t       testing.TB
	catalog *ivr.Catalog
	turns   *recordedTurns
	queue   []ivr.Turn // that are performed, and not yet taken
	seq     int        // of the turn that was performed last
	pressed bool       // # for the caller, just now
	err     error
}

func newTwimlPhone(s *script, h ivr.Handler, id string, pay bool, latency time.Duration) *twimlPhone {
	turns := &recordedTurns{h: h}
	c := twiml.Config{Handler: turns, Catalog: s.Config.Dialogue.Catalog(), BaseURL: twimlBase, AuthTokens: []string{twimlToken},
		Locales: map[string]string{numberOf + "1": "en-US", numberOf + "2": "es-US"}}
	if pay {
		c.Pay = &twiml.Pay{}
	}
	calls, err := twiml.New(c)
	require.NoError(s.TB, err)
	phone := twimltest.Config{Handler: calls, BaseURL: twimlBase, AuthToken: twimlToken, CallSid: id, Twice: true,
		Latency: latency}
	if !strings.HasPrefix(id, "call-") { // one that we placed
		phone.CallSid = "CA" + url.QueryEscape(id)
		phone.CallURL, phone.StatusURL = calls.CallURL(id), calls.StatusURL(id)
	}
	p := &twimlPhone{t: s.TB, catalog: c.Catalog, turns: turns}
	phone.Reply = p.reply
	p.Phone = twimltest.NewPhone(phone)
	return p
}

// Dial implements flowtest.Phone. Which language a caller wants shows in the number that they call.
func (p *twimlPhone) Dial(call ivr.Call) {
	switch call.Locale {
	case "en-US":
		call.To = numberOf + "1"
	case "es-US":
		call.To = numberOf + "2"
	}
	p.Phone.Dial(call)
}

// Feed implements flowtest.Phone. Who goes back with * alone presses # after it, once: see ivr.BackAtOnce.
func (p *twimlPhone) Feed(ev ivr.Event) {
	if ev.Key == '#' && p.pressed {
		ev.Key = 0
	}
	alone := ev.Key == '*' && p.Entry()
	p.Phone.Feed(ev)
	if alone {
		p.Phone.Feed(ivr.Event{At: ev.At, Key: '#'})
	}
	p.pressed = alone
}

// reply compares what TwiML says with what the turn says.
func (p *twimlPhone) reply(doc *twimltest.Element) {
	turn := p.turns.last()
	l := p.catalog.Locale(turn.Locale)
	var said []string
	for _, prompt := range turn.Prompts {
		said = append(said, twimltest.Plain(p.catalog.Text(turn.Locale, prompt), l))
	}
	if got := twimltest.Words(doc, l); turn.Seq != 0 && got != strings.Join(said, " ") && p.err == nil {
		p.err = fmt.Errorf("the turn says\n%s\nTwiML says\n%s", strings.Join(said, " "), got)
	}
	if turn.Seq != p.seq { // else it is the same question once more
		p.queue, p.seq = append(p.queue, turn), turn.Seq
	}
}

// Turn implements flowtest.Phone.
func (p *twimlPhone) Turn() (ivr.Turn, bool, error) {
	if err := errors.Join(p.err, p.Err(), p.turns.err); err != nil || len(p.queue) == 0 {
		return ivr.Turn{}, false, err
	}
	turn := p.queue[0]
	p.queue = p.queue[1:]
	return turn, true, nil
}

// recordedTurns is the handler of a call, and remembers the turn that it returned last.
type recordedTurns struct {
	h    ivr.Handler
	turn ivr.Turn
	err  error
}

func (r *recordedTurns) Handle(ctx context.Context, call string, in ivr.Input) (ivr.Turn, error) {
	t, err := r.h.Handle(ctx, call, in)
	r.turn, r.err = t, errors.Join(r.err, err)
	return t, err
}

func (r *recordedTurns) last() ivr.Turn { return r.turn }
