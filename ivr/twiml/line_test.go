package twiml_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/message/catalog"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/ivrtest"
	"github.com/dialpay/dialpay/ivr/twiml"
	"github.com/dialpay/dialpay/ivr/twiml/twimltest"
)

// The kit for lines, on a Handler with a provider and a caller at its other end: turns go in, and come out as what a
// caller did, through TwiML and webhooks.
func TestTheKitForLines(t *testing.T) {
	ivrtest.Run(t, func(t *testing.T) ivrtest.Rig {
		l := newProviderLine(t)
		return ivrtest.Rig{Line: l, Entries: true, Shown: l.shown,
			Press:  func(keys string) { l.do(func(p *twimltest.Phone) { l.press(p, keys) }) },
			Say:    func(words string) { l.do(func(p *twimltest.Phone) { l.say(p, words) }) },
			HangUp: func() { l.do(func(p *twimltest.Phone) { l.hangUp(p) }) }}
	})
}

// providerLine is an ivr.Line that is made of a Handler, for which it stands as the ivr.Handler, and of a Phone. The
// Phone has a goroutine of its own, which waits in a webhook until the line has a turn for it.
type providerLine struct {
	t       *testing.T
	handler *twiml.Handler
	phone   *twimltest.Phone
	actions chan func(*twimltest.Phone)
	turns   chan ivr.Turn
	events  chan ivr.Event
	end     context.CancelFunc

	mu      sync.Mutex
	waiting bool     // a webhook waits for a turn
	turn    ivr.Turn // that the phone performs
	last    ivr.Turn // that is performed, or will be
	gone    bool     // the caller
	over    bool     // and that was reported
	at      time.Time
	output  bytes.Buffer // the log, and all replies
}

func newProviderLine(t *testing.T) *providerLine {
	ctx, cancel := context.WithCancel(t.Context())
	l := &providerLine{t: t, actions: make(chan func(*twimltest.Phone), 100), turns: make(chan ivr.Turn, 100),
		events: make(chan ivr.Event, 100), end: cancel, at: time.Unix(0, 0)}
	english := ivr.English()
	for _, key := range []string{"ivrtest.one", "ivrtest.two"} {
		english.Messages[key] = catalog.String("This is said.")
	}
	words, err := ivr.NewCatalog(english)
	require.NoError(t, err)
	l.handler, err = twiml.New(twiml.Config{Handler: l, Catalog: words, BaseURL: base, AuthTokens: []string{token},
		Log: slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))})
	require.NoError(t, err)
	l.phone = l.newPhone()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case do := <-l.actions:
				do(l.phone)
			case <-ctx.Done():
				return
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		close(l.turns)
		<-done
	})
	return l
}

func (l *providerLine) newPhone() *twimltest.Phone {
	front := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reply := httptest.NewRecorder()
		l.handler.ServeHTTP(reply, r)
		_, _ = l.Write(reply.Body.Bytes()) // never fails
		pass(l.t, w, reply)
	})
	return twimltest.NewPhone(twimltest.Config{Handler: front, BaseURL: base, AuthToken: token, CallSid: "CA1"})
}

func (l *providerLine) do(action func(*twimltest.Phone)) { l.actions <- action }

func (l *providerLine) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.output.Write(b)
}

func (l *providerLine) shown() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.output.String()
}

// Handle implements ivr.Handler: what a webhook reports is an event of the line, and the next turn its reply.
func (l *providerLine) Handle(_ context.Context, _ string, in ivr.Input) (ivr.Turn, error) {
	in.Secret = in.Secret.Copy()
	l.mu.Lock()
	if in.Kind == ivr.HangUp {
		defer l.mu.Unlock()
		if l.gone && !l.over {
			l.over = true
			l.events <- ivr.Event{At: l.at, Input: in}
		}
		return ivr.Turn{Action: ivr.ActionHangUp}, nil
	}
	if in.Kind == ivr.Keys || in.Kind == ivr.Speech {
		in.Heard = true // the rig has listened to the end
	}
	l.waiting = in.Kind != ivr.Answered // which has its turn
	at := l.at
	l.mu.Unlock()
	if in.Kind != ivr.Answered {
		l.events <- ivr.Event{At: at, Input: in}
	}
	turn, ok := <-l.turns
	if !ok {
		turn = ivr.Turn{Action: ivr.ActionHangUp}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn = turn
	return turn, nil
}

// Perform implements ivr.Line: a webhook that waits gets the turn; else the call is told to fetch it, as a provider's
// API can do.
func (l *providerLine) Perform(_ context.Context, t ivr.Turn) error {
	l.mu.Lock()
	waiting := l.waiting
	l.waiting, l.last = false, t
	l.mu.Unlock()
	if !waiting {
		l.do(func(p *twimltest.Phone) {
			if p.Over() {
				l.phone = l.newPhone() // the line had hung up
			}
			l.phone.Dial(ivr.Call{From: "+12125550100"})
			l.listen(l.phone)
		})
	}
	l.turns <- t
	return nil
}

// listen hears what is said to its end.
func (l *providerLine) listen(p *twimltest.Phone) {
	l.mu.Lock()
	l.at = l.at.Add(time.Minute)
	l.events <- ivr.Event{At: l.at, Input: ivr.Input{Kind: ivr.PromptEnded, Turn: l.turn.Seq}}
	turn, at := l.turn, l.at
	l.mu.Unlock()
	if turn.Action == ivr.ActionWait && turn.Wait == 0 {
		return // it would fetch the next turn at once, and there is none in the kit
	}
	p.Feed(ivr.Event{At: at, Input: ivr.Input{Kind: ivr.PromptEnded}})
	require.NoError(l.t, p.Err())
}

// press keys an entry, and ends it where that needs a #.
func (l *providerLine) press(p *twimltest.Phone, keys string) {
	before := p.Document()
	for _, k := range []byte(keys + "#") {
		if p.Document() == before && !p.Over() {
			p.Feed(ivr.Event{Key: k})
		}
	}
	l.after(p, before)
}

func (l *providerLine) say(p *twimltest.Phone, words string) {
	before := p.Document()
	p.Feed(ivr.Event{Input: ivr.Input{Kind: ivr.Speech, Speech: words, Confidence: 0.9}})
	l.after(p, before)
}

// after listens to the reply, if there was one.
func (l *providerLine) after(p *twimltest.Phone, before *twimltest.Element) {
	if p.Document() != before && !p.Over() {
		l.listen(p)
	}
}

func (l *providerLine) hangUp(p *twimltest.Phone) {
	l.mu.Lock()
	l.gone = true
	l.mu.Unlock()
	p.Feed(ivr.Event{Input: ivr.Input{Kind: ivr.HangUp}})
}

// Next implements ivr.Line. Time passes only in what the provider says and hears.
func (l *providerLine) Next(ctx context.Context, deadline time.Time) (ivr.Event, error) {
	l.mu.Lock()
	waits := l.last.Action == ivr.ActionWait && !deadline.IsZero()
	at, over := l.at, l.over && len(l.events) == 0
	l.mu.Unlock()
	if over {
		return ivr.Event{At: at}, io.EOF
	}
	select {
	case ev := <-l.events:
		return ev, nil
	default:
	}
	if waits {
		l.mu.Lock()
		defer l.mu.Unlock()
		if deadline.After(l.at) {
			l.at = deadline
		}
		return ivr.Event{At: l.at}, nil
	}
	select {
	case ev := <-l.events:
		return ev, nil
	case <-ctx.Done():
		return ivr.Event{}, ctx.Err()
	}
}
