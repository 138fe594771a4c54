package media

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"
	"github.com/stretchr/testify/assert"

	"github.com/dialpay/dialpay/ivr"
)

// sink is a connection on which nothing comes, and everything goes.
type sink struct{ closed chan struct{} }

func (s sink) ReadFromUDPAddrPort([]byte) (int, netip.AddrPort, error) {
	<-s.closed
	return 0, netip.AddrPort{}, net.ErrClosed
}
func (s sink) WriteToUDPAddrPort(b []byte, _ netip.AddrPort) (int, error) { return len(b), nil }
func (s sink) LocalAddr() net.Addr                                        { return &net.UDPAddr{} }
func (s sink) Close() error                                               { close(s.closed); return nil }

var there = netip.MustParseAddrPort("198.51.100.7:4000")

func quiet(t testing.TB, events uint8) *Line {
	l := New(Config{Conn: sink{make(chan struct{})}, Pacer: &Pacer{},
		Say: func(*ivr.Turn) Audio { return nil }},
		Session{Remote: there, Events: events})
	t.Cleanup(func() { assert.NoError(t, l.Close()) })
	return l
}

// packets of voice, one after the other.
func packets(t testing.TB) func() []byte {
	h := rtp.Header{Version: 2}
	b := make([]byte, 12+Frame)
	return func() []byte {
		h.SequenceNumber++
		h.Timestamp += Frame
		_, err := h.MarshalTo(b)
		assert.NoError(t, err)
		return b
	}
}

// takeOne takes a packet that is none of too many.
func (l *Line) takeOne(b []byte) {
	l.ears.count = 0
	l.take(b, there)
}

func TestPacketsDoNotAllocate(t *testing.T) {
	for name, events := range map[string]uint8{"events": 101, "tones": 0} {
		t.Run(name, func(t *testing.T) {
			l, next, s := quiet(t, events), packets(t), &scratch{}
			l.take(next(), there)
			assert.Zero(t, testing.AllocsPerRun(1000, func() { l.takeOne(next()) }), "received")
			l.tick(s)
			assert.Zero(t, testing.AllocsPerRun(1000, func() { l.tick(s) }), "sent")
		})
	}
}

func BenchmarkReceive(b *testing.B) {
	for name, events := range map[string]uint8{"events": 101, "tones": 0} {
		b.Run(name, func(b *testing.B) {
			l, next := quiet(b, events), packets(b)
			for b.Loop() {
				l.takeOne(next())
			}
		})
	}
}

func BenchmarkSend(b *testing.B) {
	l, s := quiet(b, 101), &scratch{}
	l.speech = speech{audio: buzz{}}
	for b.Loop() {
		l.tick(s)
	}
}

// buzz is a sound without end.
type buzz struct{}

func (buzz) Read(pcm []int16) (int, error) {
	for i := range pcm {
		pcm[i] = int16(i * 37)
	}
	return len(pcm), nil
}
func (buzz) Err() error { return nil }

// FuzzTake looks that no packet makes a line panic.
func FuzzTake(f *testing.F) {
	next := packets(f)
	f.Add(next())
	f.Add([]byte("\x90\x65\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\xBE\xDE\x00\x01\x10\x00\x00\x00\x05\x80\x01\x40"))
	l := quiet(f, 101)
	f.Fuzz(func(_ *testing.T, b []byte) {
		l.takeOne(b)
		_, _ = l.Next(context.Background(), time.Now())
	})
}

// What strangers send is not even opened, and nobody can have more kept for streams than a call may have.
func TestProtectedPacketsKeepLittle(t *testing.T) {
	l, next := quiet(t, 101), packets(t)
	opened := map[uint32]bool{}
	l.Update(Session{Remote: there, Events: 101, Open: func(dst, b []byte) ([]byte, error) {
		opened[binary.BigEndian.Uint32(b[8:])] = true
		return append(dst, b...), nil
	}})
	send := func(from netip.AddrPort, ssrc uint32) {
		b := next()
		binary.BigEndian.PutUint32(b[8:], ssrc)
		l.take(b, from)
	}
	for i := range uint32(1000) {
		send(netip.MustParseAddrPort("203.0.113.66:4000"), i)
	}
	assert.Empty(t, opened)
	for i := range uint32(200) {
		send(there, i)
	}
	assert.Len(t, opened, mostSources)
	clear(opened)
	send(there, mostSources-1)
	assert.Len(t, opened, 1, "the one that is there goes on")
}

// A peer that floods a call with sound is heard as much as any speech needs, and costs no more.
func TestAFloodOfSoundIsNotHeard(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, next := quiet(t, 0), packets(t)
		opened := 0
		l.Update(Session{Remote: there, Open: func(dst, b []byte) ([]byte, error) { opened++; return append(dst, b...), nil }})
		for range 10_000 {
			l.take(next(), there)
		}
		assert.Equal(t, mostPackets, opened)
		time.Sleep(time.Second)
		l.take(next(), there)
		assert.Equal(t, mostPackets+1, opened, "a second later it is heard again")
	})
}
