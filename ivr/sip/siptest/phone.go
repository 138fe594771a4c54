// Package siptest makes calls over SIP in tests, in memory: with a server of package sip, and a telephone that rings
// it, sends RTP and keys. Time is that of a testing/synctest bubble, in which all of it must happen.
//
// A [Phone] is a flowtest.Phone. With it, scripts of calls that were written without a line are played over SIP:
//
//	synctest.Test(t, func(t *testing.T) {
//		w := flowtest.NewWorld(t)
//		w.Phone = func(h ivr.Handler, id string) flowtest.Phone {
//			phone, _ = siptest.NewPhone(siptest.Config{Handler: h, Catalog: w.Engine().Catalog(), ID: id, Now: w.Clock.Now})
//			return phone
//		}
//		w.Dial(flowtest.Ann).Hear("identify.pin.ask").Press("1234#")
//		phone.Close() // within the bubble
//	})
package siptest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"reflect"
	"strings"
	"time"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/sip"
	"github.com/dialpay/dialpay/ivr/sip/internal/media"
	"github.com/dialpay/dialpay/ivr/sip/internal/peer"
)

// Config says what a Phone is made of. All but Tones must be set.
type Config struct {
	// Handler serves the call, which is named ID for it.
	Handler ivr.Handler
	ID      string
	// Catalog has the words, whose number tells how long prompts last.
	Catalog *ivr.Catalog
	// Now is the clock of the script. The bubble's time is made to follow it.
	Now func() time.Time
	// Tones has the phone send its keys as tones, not as telephone-events.
	Tones bool
}

// Phone is a telephone on a call. Make it with NewPhone, and Close it.
type Phone struct {
	cfg     Config
	begun   time.Time // of the script
	since   time.Time // the same moment, of the bubble
	network *peer.Network
	server  *sip.Server
	stop    context.CancelFunc
	served  chan error
	caller  *peer.Caller
	sound   *peer.Phone
	socket  *peer.Socket
	handled chan exchange

	// mirror has the same events without a line: it tells when the line must have handed an Input over, and which one.
	mirror ivr.Exchange
	first  *ivr.Input
	turn   *ivr.Turn
	err    error
	gone   bool
	lacks  ivr.Ability
}

// exchange is what the handler was given, and returned.
type exchange struct {
	in   ivr.Input
	keys string // of a Secret
	turn ivr.Turn
	err  error
}

var (
	serverAt = netip.MustParseAddrPort("192.0.2.1:5060")
	phoneAt  = netip.MustParseAddrPort("198.51.100.1:5062")
)

// NewPhone makes a server, and a telephone that can call it.
func NewPhone(cfg Config) (*Phone, error) {
	p := &Phone{cfg: cfg, network: &peer.Network{}, served: make(chan error, 1), handled: make(chan exchange, 1000)}
	here, err := p.network.Listen(serverAt.String())
	if err != nil {
		return nil, err
	}
	conn, err := p.network.Listen(phoneAt.String())
	if err != nil {
		return nil, err
	}
	if p.socket, err = p.network.Listen(phoneAt.Addr().String() + ":4000"); err != nil {
		return nil, err
	}
	p.begun, p.since = cfg.Now(), time.Now()
	p.server, err = sip.New(sip.Config{Handler: p, Say: p.say, NewID: func() string { return cfg.ID },
		Log: slog.New(slog.DiscardHandler), Longest: 1000 * time.Hour, Now: p.now,
		Peers:  []sip.Peer{{Net: netip.PrefixFrom(phoneAt.Addr(), 32), Trusted: true}},
		Locale: func(string) string { return p.first.Call.Locale },
		Transfer: func(to string) (string, bool) {
			return "sip:" + strings.ReplaceAll(to, " ", "-") + "@people.example", true
		},
		Media: func() (sip.Conn, error) { return p.network.Listen("192.0.2.1:0") }})
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	p.stop = stop
	go func() { p.served <- p.server.Serve(ctx, sip.Listeners{UDP: here}) }()
	p.caller = peer.NewCaller(conn, serverAt, cfg.ID)
	return p, nil
}

// Close hangs up, and waits until nothing goes on.
func (p *Phone) Close() {
	if !p.gone && p.sound != nil {
		_, _ = p.caller.Do("BYE", "", "")
	}
	p.stop()
	<-p.served
	if p.sound != nil {
		p.sound.Close()
	}
	_ = p.socket.Close()
	p.caller.Close()
	time.Sleep(2 * time.Minute) // until the last transaction has ended
}

// now is the time of the script, as far as the bubble has come.
func (p *Phone) now() time.Time { return p.begun.Add(time.Since(p.since)) }

// follow lets the bubble's time come to the script's.
func (p *Phone) follow() { time.Sleep(p.cfg.Now().Sub(p.now())) }

// Handle implements ivr.Handler: it hands over, and tells what was.
func (p *Phone) Handle(ctx context.Context, call string, in ivr.Input) (ivr.Turn, error) {
	x := exchange{in: in}
	in.Secret.Open(func(b []byte) { x.keys = string(b) })
	x.turn, x.err = p.cfg.Handler.Handle(ctx, call, in)
	p.handled <- x
	return x.turn, x.err
}

// syllable is how long a character takes to say, as flowtest has it; early is by how much the sound ends before the
// script knows, so that what happens at the end of a prompt has happened then.
const (
	syllable = 65 * time.Millisecond
	early    = 60 * time.Millisecond
)

// say hums for as long as the words last.
func (p *Phone) say(t *ivr.Turn) sip.Audio {
	words := p.cfg.Catalog.Text(t.Locale, t.Prompts...)
	return &hum{left: int(max(0, time.Duration(len(words))*syllable-early) * media.Rate / time.Second)}
}

type hum struct{ left int }

func (h *hum) Read(pcm []int16) (n int, err error) {
	n = min(len(pcm), h.left)
	for i := range n {
		pcm[i] = int16(i % 20 * 400)
	}
	if h.left -= n; h.left == 0 {
		err = io.EOF
	}
	return n, err
}

func (h *hum) Err() error { return nil }

// Dial implements flowtest.Phone.
func (p *Phone) Dial(call ivr.Call) {
	p.first = &ivr.Input{Kind: ivr.Answered, Call: call}
	p.caller.From = "<sip:" + call.From + "@carrier.example>"
	if call.From == "" {
		p.caller.From = "<sip:anonymous@anonymous.invalid>"
	}
	if call.Attestation != "" {
		p.caller.From += ";verstat=TN-Validation-Passed-" + call.Attestation
	}
	p.caller.Answer = func(m peer.Message) string {
		if m.Method() == "REFER" {
			return "202 Accepted" // Feed tells how it ends
		}
		return "200 OK"
	}
	events := 101
	if p.cfg.Tones {
		events = 0
	}
	m, err := p.caller.Do("INVITE", "", peer.Offer(p.socket.At(), events))
	if err == nil && m.Status() != 200 {
		err = errors.New("siptest: " + m.Start)
	}
	if err != nil {
		p.err = err
		return
	}
	p.sound = peer.NewPhone(peer.PhoneConfig{Conn: p.socket, To: peer.Sound(m.Body), Events: uint8(events)})
	p.take(*p.first)
}

// Feed implements flowtest.Phone.
func (p *Phone) Feed(ev ivr.Event) {
	p.mirror.Feed(ev)
	p.follow()
	switch {
	case p.err != nil || p.gone:
		return
	case ev.Key != 0:
		p.sound.Press(string(ev.Key))
	case ev.Input.Kind == ivr.HangUp:
		_, p.err = p.caller.Do("BYE", "", "")
	case ev.Input.Kind == ivr.TransferFailed:
		_, p.err = p.caller.Do("NOTIFY",
			"Event: refer\r\nSubscription-State: terminated\r\nContent-Type: message/sipfrag\r\n", "SIP/2.0 480 no answer\r\n")
	case ev.Input.Kind == ivr.Speech:
		p.lack(ivr.Words)
	case ev.Input.Kind == ivr.WorkDone:
		p.lack(ivr.CardElsewhere)
	}
	if in, ok := p.mirror.Input(); ok && p.err == nil {
		p.take(in)
	}
}

// Lacks tells what the call came to that this line cannot do, as sip.Abilities declares; empty is nothing.
func (p *Phone) Lacks() ivr.Ability { return p.lacks }

func (p *Phone) lack(a ivr.Ability) {
	p.lacks = a
	p.err = fmt.Errorf("siptest: calls over SIP lack %q", a)
}

// patience is how long after its time the line may hand an Input over.
const patience = 2 * time.Second

// take waits until the handler was given an Input over SIP, and compares it with what it should be.
func (p *Phone) take(want ivr.Input) {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case x := <-p.handled:
		p.gone = x.in.Kind == ivr.HangUp
		if p.err = errors.Join(x.err, same(want, x)); p.err == nil && !p.gone {
			p.turn = &x.turn
			p.mirror.Begin(x.turn, p.cfg.Now())
		}
	case <-timer.C:
		p.err = fmt.Errorf("siptest: the line did not hand over %q", want.Kind)
	}
}

// same compares Inputs: that of the line may say more of who called, and why they hung up.
func same(want ivr.Input, got exchange) error {
	keys := ""
	want.Secret.Open(func(b []byte) { keys = string(b) })
	in := got.in
	if want.Kind == ivr.Answered {
		in.Call.To, want.Call.To = "", ""
		if want.Call.From == "" {
			want.Call.Attestation = "" // nobody vouches for a number that is withheld
		}
	}
	in.Secret, want.Secret = ivr.Secret{}, ivr.Secret{}
	in.Reason, want.Reason = "", ""
	if want.Kind == ivr.HangUp {
		in.Turn, want.Turn = 0, 0
	}
	if keys != got.keys || !reflect.DeepEqual(in, want) {
		return fmt.Errorf("siptest: over SIP the handler got %q of turn %d (heard: %t), and should have got %q of turn %d (heard: %t)",
			in.Kind, in.Turn, in.Heard, want.Kind, want.Turn, want.Heard)
	}
	return nil
}

// Turn implements flowtest.Phone.
func (p *Phone) Turn() (ivr.Turn, bool, error) {
	if p.err != nil || p.turn == nil {
		return ivr.Turn{}, false, p.err
	}
	t := *p.turn
	p.turn = nil
	return t, true, nil
}

// Deadline implements flowtest.Phone.
func (p *Phone) Deadline() time.Time { return p.mirror.Deadline() }

// Over implements flowtest.Phone.
func (p *Phone) Over() bool { return p.gone || p.mirror.Over() }
