package media

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/rtp"

	"github.com/dialpay/dialpay/ivr"
)

// Config is what a Line is made of. Conn, Pacer and Say must be set.
type Config struct {
	Conn  Conn
	Pacer *Pacer
	// Say begins to say the prompts of a turn.
	Say func(t *ivr.Turn) Audio
	// Transfer gives the caller to a person. It returns nil when the caller has gone there.
	Transfer func(ctx context.Context, t ivr.Transfer) error
	// Recorder, if any, gets the sound of the call. The Line closes it.
	Recorder Recorder
	// Now is the clock. Nil is time.Now.
	Now func() time.Time
}

// Session is what an offer and its answer agreed on.
type Session struct {
	Codec Codec
	// Events is the payload type of telephone-events; 0 means that keys come as tones, within the voice.
	Events uint8
	// Remote is where the peer wants its packets. Source is where its signals come from: its media may come from there
	// too, whatever Remote says, because a peer behind a NAT does not know its own address.
	Remote netip.AddrPort
	Source netip.Addr
	// Hold tells that the peer does not listen: nothing is sent, and speech stands still.
	Hold bool
	// Seal protects the packets that are sent, and Open those that are received (SRTP). Nil are plain packets.
	Seal, Open func(dst, packet []byte) ([]byte, error)
}

// Line is one call. Make it with New, give it to ivr.Serve, and Close it.
type Line struct {
	cfg          Config
	phase, place int // in the Pacer

	mu      sync.Mutex
	session Session
	source  source
	header  rtp.Header // of the next packet
	speech  speech
	turn    ivr.Turn
	events  []happening
	wake    chan struct{} // holds a token when there is something new for Next
	last    time.Time     // of the last event
	gone    string        // why the call is over
	failed  error
	way     Way
	wayAt   time.Time // the last key that came in-band
	wayKey  byte
	closed  bool

	done     chan struct{} // the receiver has ended
	ears     ears
	recorder *recording
	ctx      context.Context // of everything that goes on beside Serve
	cancel   context.CancelFunc
}

// happening is an Event that waits for Next.
type happening struct {
	at     time.Time
	key    byte
	kind   ivr.InputKind
	turn   int
	reason string
}

// mostEvents bounds what waits for Next. Whoever presses more keys than any entry can have does not mean it.
const mostEvents = 128

// New begins to send and receive. Nothing is said before the first Perform, but silence.
func New(cfg Config, s Session) *Line {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	l := &Line{cfg: cfg, wake: make(chan struct{}, 1), done: make(chan struct{})}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	l.header = rtp.Header{Version: 2, Marker: true, SSRC: rand.Uint32(), SequenceNumber: uint16(rand.Uint32()),
		Timestamp: rand.Uint32()}
	l.last = cfg.Now()
	l.recorder = newRecording(cfg.Recorder)
	l.Update(s)
	go l.receive()
	cfg.Pacer.add(l)
	return l
}

// Addr is where the line receives.
func (l *Line) Addr() netip.AddrPort { return l.cfg.Conn.LocalAddr().(*net.UDPAddr).AddrPort() }

// Update begins another session of the same call: the peer holds or resumes it, or has another address.
func (l *Line) Update(s Session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s.Remote != l.session.Remote || s.Source != l.session.Source {
		l.source = newSource(s.Remote, s.Source, l.cfg.Now())
	}
	l.session = s
}

// Close ends the call and waits until nothing of it goes on.
func (l *Line) Close() error {
	l.HangUp("closed")
	l.cfg.Pacer.remove(l)
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.cancel()
	err := l.cfg.Conn.Close()
	<-l.done
	return errors.Join(err, l.recorder.close())
}

// HangUp tells that the caller has gone.
func (l *Line) HangUp(reason string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.gone == "" {
		l.gone = reason
		l.notify()
	}
}

// Perform implements ivr.Line.
func (l *Line) Perform(_ context.Context, t ivr.Turn) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed != nil {
		return l.failed
	}
	l.turn = t
	l.recorder.pause(t.Listen.Sensitive || t.Action == ivr.ActionCapture)
	events := l.events[:0]
	for _, e := range l.events {
		if e.kind != ivr.PromptEnded && e.kind != ivr.TransferFailed { // of an earlier turn
			events = append(events, e)
		}
	}
	l.events = events
	if len(t.Prompts) == 0 {
		l.promptsEnded()
		return nil
	}
	l.speech = speech{audio: l.cfg.Say(&t)}
	return nil
}

// Interrupt implements ivr.Interrupter: the next packet is silence.
func (l *Line) Interrupt(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.speech = speech{}
	return nil
}

// Next implements ivr.Line.
func (l *Line) Next(ctx context.Context, deadline time.Time) (ivr.Event, error) {
	var late <-chan time.Time
	if !deadline.IsZero() {
		timer := time.NewTimer(deadline.Sub(l.cfg.Now()))
		defer timer.Stop()
		late = timer.C
	}
	for {
		if err := ctx.Err(); err != nil {
			return ivr.Event{}, fmt.Errorf("media: next: %w", err)
		}
		if ev, ok, err := l.next(); ok || err != nil {
			return ev, err
		}
		select {
		case <-l.wake:
		case <-ctx.Done():
		case <-late:
			l.mu.Lock()
			defer l.mu.Unlock()
			if l.now(); deadline.After(l.last) {
				l.last = deadline // a clock that goes more slowly than the timer
			}
			return ivr.Event{At: l.last}, nil
		}
	}
}

// next takes what waits, if anything does. What was pressed before a hang-up comes before it.
func (l *Line) next() (ivr.Event, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case len(l.events) > 0:
		e := l.events[0]
		n := copy(l.events, l.events[1:])
		l.events[n] = happening{} // no key stays behind
		l.events = l.events[:n]
		ev := ivr.Event{At: e.at, Key: e.key}
		if e.kind != "" {
			ev.Input = ivr.Input{Kind: e.kind, Turn: e.turn, Reason: e.reason}
		}
		return ev, true, nil
	case l.gone != "":
		return ivr.Event{At: l.now()}, true, io.EOF
	case l.failed != nil:
		return ivr.Event{}, true, l.failed
	}
	return ivr.Event{}, false, nil
}

// report has Next return something. The lock is held.
func (l *Line) report(e happening) {
	if len(l.events) >= mostEvents && e.key != 0 {
		return
	}
	e.at = l.now()
	l.events = append(l.events, e)
	l.notify()
}

func (l *Line) notify() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// now is the clock, which never goes back. The lock is held.
func (l *Line) now() time.Time {
	if t := l.cfg.Now(); t.After(l.last) {
		l.last = t
	}
	return l.last
}

// promptsEnded reports that, and begins a transfer. The lock is held.
func (l *Line) promptsEnded() {
	l.speech = speech{}
	l.report(happening{kind: ivr.PromptEnded, turn: l.turn.Seq})
	if l.turn.Action == ivr.ActionTransfer {
		go l.transfer(l.turn.Seq, l.turn.Transfer)
	}
}

// transfer gives the caller away, or tells why it could not.
func (l *Line) transfer(turn int, t ivr.Transfer) {
	err := errNoTransfer
	if l.cfg.Transfer != nil {
		err = l.cfg.Transfer(l.ctx, t)
	}
	if err == nil {
		l.HangUp("transferred")
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.turn.Seq == turn {
		l.report(happening{kind: ivr.TransferFailed, turn: turn, reason: err.Error()})
	}
}

var errNoTransfer = errors.New("media: no way to transfer a call")
