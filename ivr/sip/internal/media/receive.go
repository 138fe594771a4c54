package media

import (
	"encoding/binary"
	"errors"
	"net"
	"net/netip"
	"time"

	"github.com/pion/rtp"

	"github.com/dialpay/dialpay/ivr/sip/tone"
)

// Way is how keys reach a line.
type Way uint8

// The ways, in the order of their trust.
const (
	wayNone    Way = iota
	InBand         // tones within the voice
	Info           // SIP INFO requests
	Events4733     // telephone-events
)

// ears are what a line hears with. Only its receiver touches them.
type ears struct {
	packet rtp.Packet
	events Events
	tones  *tone.Detector
	pcm    []int16
	keys   []byte
	seq    uint16
	heard  bool
	opened []byte
	// ssrc is that of the last packet that was protected, and sources how often there was a new one.
	ssrc    uint32
	sources int
	// count is how many packets came in a second.
	second int64
	count  int
}

// mostPackets is how many packets a second are heard: ten times as many as there are of speech, because they come in
// bursts. To look for keys in more of them would take the time of other calls.
const mostPackets = 500

// admit tells whether one more packet is heard now.
func (e *ears) admit(now time.Time) bool {
	if s := now.Unix(); s != e.second {
		e.second, e.count = s, 0
	}
	e.count++
	return e.count <= mostPackets
}

// mostSources bounds how many streams (SSRC) with protection a call has in turn: for each, something is kept. Usually
// it is one, and another one after each transfer on the peer's side.
const mostSources = 64

// receive takes packets until the connection is closed.
func (l *Line) receive() {
	defer close(l.done)
	var b [1500]byte
	for {
		n, from, err := l.cfg.Conn.ReadFromUDPAddrPort(b[:])
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // such as that the peer's port is closed
			if l.isClosed() {
				return
			}
			time.Sleep(time.Millisecond)
			continue
		}
		l.take(b[:n], from)
	}
}

func (l *Line) isClosed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}

// take takes a packet from somewhere. What is no RTP, or not the peer's, is dropped without a word.
func (l *Line) take(b []byte, from netip.AddrPort) {
	p := &l.ears.packet
	if len(b) < 12 || b[0]>>6 != 2 {
		return
	}
	l.mu.Lock()
	ssrc, seq := binary.BigEndian.Uint32(b[8:]), binary.BigEndian.Uint16(b[2:])
	session := l.session
	known := (b[1]&0x7F == uint8(session.Codec) || session.Events != 0 && b[1]&0x7F == session.Events) && !l.closed
	if session.Open == nil {
		known = known && l.source.accept(from, ssrc, seq)
	} else {
		known = known && l.source.may(from)
	}
	l.mu.Unlock()
	if !known || !l.ears.admit(l.cfg.Now()) {
		return
	}
	if session.Open != nil {
		e := &l.ears
		if e.ssrc != ssrc && e.sources >= mostSources {
			return
		}
		var err error
		if b, err = session.Open(e.opened[:0], b); err != nil {
			return
		}
		e.opened = b
		if e.sources == 0 || e.ssrc != ssrc {
			e.ssrc, e.sources = ssrc, e.sources+1
		}
		l.mu.Lock()
		known = l.source.accept(from, ssrc, seq)
		l.mu.Unlock()
	}
	if !known || p.Unmarshal(b) != nil {
		return
	}
	if p.PayloadType == uint8(session.Codec) {
		l.hear(session)
		return
	}
	key, ok := l.ears.events.Packet(l.cfg.Now(), p.SSRC, p.SequenceNumber, p.Timestamp, p.Marker, p.Payload)
	l.recorder.mute()
	if ok {
		l.Press(key, Events4733)
	}
}

// hear takes the voice of a packet, where it matters: for keys in-band, and for a recording.
func (l *Line) hear(s Session) {
	e := &l.ears
	if s.Events != 0 && l.recorder == nil {
		return
	}
	if d := int16(e.packet.SequenceNumber - e.seq); e.heard && d <= 0 && d > -misorder {
		return // late, or there twice
	}
	e.heard, e.seq = true, e.packet.SequenceNumber
	n := len(e.packet.Payload)
	if cap(e.pcm) < n {
		e.pcm = make([]int16, n)
	}
	e.pcm = e.pcm[:n]
	s.Codec.decode(e.pcm, e.packet.Payload)
	if e.tones == nil {
		e.tones = &tone.Detector{}
	}
	e.keys = e.tones.Append(e.keys[:0], e.pcm)
	if len(e.keys) > 0 || e.tones.Held() {
		l.recorder.mute()
	}
	l.recorder.heard(e.pcm)
	for i, key := range e.keys {
		if s.Events == 0 && key < 'A' {
			l.Press(key, InBand)
		}
		e.keys[i] = 0
	}
}

// sameKey is how long after a tone the same key can still be told by other means.
const sameKey = 500 * time.Millisecond

// Press reports a key. A peer may tell each key in several ways: the first way that tells one is the one that counts
// for the call, except that tones, which may be somebody's voice, give way to any other.
func (l *Line) Press(key byte, way Way) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.cfg.Now()
	switch {
	case l.way == wayNone || l.way == way:
	case l.way == InBand:
		if key == l.wayKey && now.Sub(l.wayAt) < sameKey {
			l.way, l.wayKey = way, 0
			return
		}
	default:
		return
	}
	l.way = way
	if way == InBand {
		l.wayAt, l.wayKey = now, key
	}
	l.report(happening{key: key})
}
