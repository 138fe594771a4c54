package media

import (
	"encoding/binary"
	"time"
)

// Events finds key presses in the packets of telephone-events (RFC 4733). A press is sent as several packets with one
// timestamp, of which each may be lost, late or there twice; the last one, with the end bit, is usually sent three
// times. So the first packet of a press is the press, whichever that is, and what follows with its timestamp is the
// same one.
//
// It is plain data: the zero value is ready, and nothing that a peer sends makes it grow.
type Events struct {
	begun bool
	ssrc  uint32
	seq   uint16 // the newest
	at    time.Time
	press press
}

// press is the press that the newest packet belongs to.
type press struct {
	key      byte
	ts       uint32
	duration uint16 // the longest so far, in units of the timestamp
	ended    bool
}

// keys are the events 0 to 15 of RFC 4733, table 3.
const keys = "0123456789*#ABCD"

// longest is the greatest duration that a packet can tell; a press that lasts longer goes on in a segment with a new
// timestamp (RFC 4733, section 2.5.1.3).
const longest = 0xFFFF

// misorder is how many packets late one can be (RFC 3550, appendix A.1). One that seems later begins another count.
const misorder = 100

// rest is how long after the last packet one that seems late, but is marked as the first of its press, begins another
// count: nothing is late for so long, and some peers (sipp's recordings) have the same numbers for every press of a
// key.
const rest = 500 * time.Millisecond

// Packet takes the payload of one packet that came at a time, with the numbers of its RTP header, and returns the key
// that begins with it. The letters A to D are on no telephone and not returned, nor is any other event.
func (e *Events) Packet(at time.Time, ssrc uint32, seq uint16, ts uint32, marker bool, payload []byte) (key byte,
	ok bool) {
	if len(payload) < 4 || int(payload[0]) >= len(keys) {
		return 0, false
	}
	p := press{key: keys[payload[0]], ts: ts, duration: binary.BigEndian.Uint16(payload[2:]), ended: payload[1]&0x80 != 0}
	again := marker && at.Sub(e.at) > rest
	e.at = at
	if e.begun && ssrc == e.ssrc && !again {
		if d := int16(seq - e.seq); d <= 0 && d > -misorder {
			return 0, false // late, or there twice: a newer packet was heard
		}
		e.seq = seq
		if e.continues(p, marker) {
			e.press.ts, e.press.duration, e.press.ended = p.ts, max(p.duration, e.press.duration), p.ended || e.press.ended
			return 0, false
		}
	}
	e.begun, e.ssrc, e.seq, e.press = true, ssrc, seq, p
	return p.key, p.key < 'A'
}

// continues tells whether a packet belongs to the press before it.
func (e *Events) continues(p press, marker bool) bool {
	was := e.press
	since := p.ts - was.ts
	switch {
	case p.key != was.key:
		return false
	case since == 0:
		return true
	case was.ended || marker:
		return false
	case since == longest: // the next segment of a long press
		e.press.duration = 0
		return true
	}
	// Some peers advance the timestamp with each packet of a press. It grows as its duration does.
	return p.duration > was.duration && since == uint32(p.duration-was.duration)
}
