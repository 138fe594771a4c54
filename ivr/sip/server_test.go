package sip_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/sip"
	"github.com/dialpay/dialpay/ivr/sip/internal/media"
	"github.com/dialpay/dialpay/ivr/sip/internal/peer"
)

// place is a server and what is around it, in a bubble.
type place struct {
	t       *testing.T
	network *peer.Network
	server  *sip.Server
	at      netip.AddrPort
	stop    context.CancelFunc
	served  chan error
	log     *safe
	handler *handler
	callers int

	mu      sync.Mutex
	reports []sip.Report
}

// safe is a log that several goroutines write to.
type safe struct {
	mu sync.Mutex
	strings.Builder
}

func (s *safe) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Builder.Write(b)
}

func (s *safe) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Builder.String()
}

// audio is sound that is ready.
type audio struct{ pcm []int16 }

func (a *audio) Read(pcm []int16) (n int, err error) {
	n = copy(pcm, a.pcm)
	if a.pcm = a.pcm[n:]; len(a.pcm) == 0 {
		err = io.EOF
	}
	return n, err
}

func (a *audio) Err() error { return nil }

// handler asks the same question again and again, until 9 is the answer.
type handler struct {
	mu  sync.Mutex
	got map[string][]ivr.Input
	// turn, if set, replaces the question.
	turn func(in ivr.Input) (ivr.Turn, bool)
}

func (h *handler) Handle(_ context.Context, call string, in ivr.Input) (ivr.Turn, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.got == nil {
		h.got = map[string][]ivr.Input{}
	}
	h.got[call] = append(h.got[call], in)
	t := ivr.Turn{Seq: len(h.got[call]), Locale: "en-US", Action: ivr.ActionListen, Prompts: []ivr.Prompt{ivr.Say("ask")},
		Listen: ivr.Listen{Least: 1, Most: 1, First: time.Minute, BargeIn: true}}
	if h.turn != nil {
		if special, ok := h.turn(in); ok {
			special.Seq = t.Seq
			return special, nil
		}
	}
	if in.Keys == "9" {
		t.Action = ivr.ActionHangUp
	}
	return t, nil
}

// inputs are those of a call so far.
func (h *handler) inputs(call string) (kinds, keys []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, in := range h.got[call] {
		kinds = append(kinds, string(in.Kind))
		if in.Keys != "" {
			keys = append(keys, in.Keys)
		}
	}
	return kinds, keys
}

var serverAt = netip.MustParseAddrPort("192.0.2.1:5060")

// bubble plays a test with a server in virtual time. change may change its configuration.
func bubble(t *testing.T, change func(*sip.Config), test func(p *place)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := &place{t: t, network: &peer.Network{}, at: serverAt, log: &safe{}, handler: &handler{},
			served: make(chan error, 1)}
		pcm := make([]int16, media.Rate/2)
		for i := range pcm {
			pcm[i] = int16(8000 - i/10%2*16000)
		}
		var n atomic.Int32
		cfg := sip.Config{Handler: p.handler, Log: slog.New(slog.NewTextHandler(p.log,
			&slog.HandlerOptions{Level: slog.LevelDebug})),
			Say:     func(*ivr.Turn) sip.Audio { return &audio{pcm} },
			NewID:   func() string { return fmt.Sprintf("call-%d", n.Add(1)) },
			Observe: func(r sip.Report) { p.mu.Lock(); defer p.mu.Unlock(); p.reports = append(p.reports, r) }}
		if change != nil {
			change(&cfg)
		}
		var err error
		cfg.Media = func() (sip.Conn, error) { return p.network.Listen("192.0.2.1:0") }
		p.server, err = sip.New(cfg)
		require.NoError(t, err)
		udp, err := p.network.Listen(serverAt.String())
		require.NoError(t, err)
		ctx, stop := context.WithCancel(t.Context())
		p.stop = stop
		go func() { p.served <- p.server.Serve(ctx, sip.Listeners{UDP: udp}) }()
		synctest.Wait()
		test(p)
		stop()
		assert.NoError(t, <-p.served)
		assert.Zero(t, p.server.Taken(), "no place is taken")
		time.Sleep(time.Minute) // what transactions there were are over
	})
}

// what is the last report of a kind.
func (p *place) what(kind string) (found sip.Report) {
	synctest.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.reports {
		if r.Kind == kind {
			found = r
		}
	}
	return found
}

// phone is a telephone: its signals and its sound.
type phone struct {
	*peer.Caller
	p     *place
	sound *peer.Socket
	*peer.Phone
}

// caller is a telephone that has not dialled yet.
func (p *place) caller(at string) *phone {
	p.callers++
	conn, err := p.network.Listen(at + ":5062")
	require.NoError(p.t, err)
	sound, err := p.network.Listen(at + ":0")
	require.NoError(p.t, err)
	return &phone{Caller: peer.NewCaller(conn, p.at, fmt.Sprintf("c%d", p.callers)), p: p, sound: sound}
}

// call is one whose call was answered.
func (p *place) call() *phone {
	ph := p.caller(fmt.Sprintf("198.51.100.%d", p.callers+1))
	ph.dial(peer.Offer(ph.sound.At(), 101))
	return ph
}

func (ph *phone) dial(offer string) {
	t := ph.p.t
	t.Helper()
	m, err := ph.Do("INVITE", "", offer)
	require.NoError(t, err)
	require.Equal(t, 200, m.Status(), m.Start)
	events := uint8(101)
	if !strings.Contains(m.Body, "telephone-event") {
		events = 0
	}
	ph.Phone = peer.NewPhone(peer.PhoneConfig{Conn: ph.sound, To: peer.Sound(m.Body), Events: events, Keep: true})
}

func (ph *phone) leave() {
	if ph.Phone != nil {
		ph.Phone.Close()
	} else {
		_ = ph.sound.Close()
	}
	ph.Caller.Close()
}

func (ph *phone) do(method, headers, body string) peer.Message {
	ph.p.t.Helper()
	m, err := ph.Do(method, headers, body)
	require.NoError(ph.p.t, err)
	return m
}

// A call from its first ring to the BYE of the caller.
func TestCall(t *testing.T) {
	bubble(t, nil, func(p *place) {
		ph := p.call()
		defer ph.leave()
		time.Sleep(200 * time.Millisecond)
		ph.Press("12")
		time.Sleep(5 * time.Second)
		ph.do("INFO", "Content-Type: application/dtmf-relay\r\n", "Signal=3\r\nDuration=160\r\n") // not the way of this call
		assert.Positive(t, ph.Loud())
		assert.Equal(t, 1, p.server.Calls())
		m := ph.do("BYE", "", "")
		assert.Equal(t, 200, m.Status())
		assert.Equal(t, "caller hung up", p.what("ended").Reason)
		kinds, keys := p.handler.inputs("call-1")
		assert.Equal(t, []string{"answered", "keys", "keys", "hang up"}, kinds)
		assert.Equal(t, []string{"1", "2"}, keys)
		assert.Equal(t, 481, ph.do("BYE", "", "").Status(), "there is no such call any more")
		assert.Zero(t, p.server.Calls())
		assert.Equal(t, 3, p.network.Open(), "its port is free")
	})
}

// The dialogue hangs up after its last word.
func TestTheServerHangsUp(t *testing.T) {
	bubble(t, nil, func(p *place) {
		ph := p.call()
		defer ph.leave()
		ph.Press("9")
		m, err := ph.Request()
		require.NoError(t, err)
		assert.Equal(t, "BYE", m.Method())
		assert.Contains(t, m.Get("To"), "tag=a-c1", "it is within the dialog")
		assert.Contains(t, m.Get("From"), "tag=")
		assert.Equal(t, "c1", m.Get("Call-ID"))
		assert.Equal(t, "hung up by the dialogue", p.what("ended").Reason)
	})
}
