package peer

import (
	"encoding/binary"
	"net/netip"
	"sync"
	"time"

	"github.com/pion/rtp"
	"github.com/zaf/g711"

	"github.com/dialpay/dialpay/ivr/sip/tone"
)

// Conn is what a Phone sends and receives through.
type Conn interface {
	ReadFromUDPAddrPort(b []byte) (n int, from netip.AddrPort, err error)
	WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error)
	Close() error
}

// Phone is the sound of a telephone: it sends a packet every 20 ms, presses keys, and listens. Make it with NewPhone,
// and Close it.
type Phone struct {
	cfg  PhoneConfig
	quit chan struct{}
	done sync.WaitGroup

	mu      sync.Mutex
	to      netip.AddrPort
	header  rtp.Header
	pending []func() (marker bool, kind uint8, ts uint32, payload []byte) // the packets to send before the next of voice
	heard   []Heard
	loud    time.Time
	open    func(dst, packet []byte) ([]byte, error)
	seal    func(dst, packet []byte) ([]byte, error)
}

// PhoneConfig says what a Phone is like.
type PhoneConfig struct {
	Conn Conn
	To   netip.AddrPort
	// Codec is a payload type: 0 is µ-law, 8 A-law.
	Codec uint8
	// Events is the payload type of telephone-events; with 0, keys are tones.
	Events uint8
	// Keep has the phone keep what it hears.
	Keep bool
}

// Heard is a packet of voice that a Phone received.
type Heard struct {
	At   time.Time
	Seq  uint16
	Loud bool // it holds more than silence
	PCM  []int16
}

// NewPhone begins to send and to listen.
func NewPhone(c PhoneConfig) *Phone {
	p := &Phone{cfg: c, quit: make(chan struct{}), to: c.To, header: rtp.Header{Version: 2, SSRC: 0xd1a1,
		SequenceNumber: 65530,
		Timestamp:      0xFFFFFF00}}
	p.done.Go(p.send)
	p.done.Go(p.listen)
	return p
}

// Close hangs the sound up.
func (p *Phone) Close() {
	close(p.quit)
	_ = p.cfg.Conn.Close()
	p.done.Wait()
}

// Protect has all packets sealed and opened (SRTP).
func (p *Phone) Protect(seal, open func(dst, packet []byte) ([]byte, error)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.seal, p.open = seal, open
}

// How long a key is pressed, and the pause after it.
const (
	on  = 100 * time.Millisecond
	off = 80 * time.Millisecond
)

// Press presses keys, one after the other, in the way that was agreed on. It returns at once.
func (p *Phone) Press(keys string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cfg.Events == 0 {
		p.voice(tone.Append(nil, keys, tone.Press{Level: -9, On: on, Off: off}))
		return
	}
	for i := range keys {
		p.event(keys[i])
	}
}

// Say says something. It returns at once.
func (p *Phone) Say(pcm []int16) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.voice(pcm)
}

// voice sends samples. The lock is held.
func (p *Phone) voice(pcm []int16) {
	for len(pcm) > 0 {
		frame := make([]int16, 160)
		pcm = pcm[copy(frame, pcm):]
		payload := p.encode(frame)
		p.pending = append(p.pending, func() (bool, uint8, uint32, []byte) {
			return false, p.cfg.Codec,
				p.header.Timestamp, payload
		})
	}
}

func (p *Phone) encode(pcm []int16) []byte {
	b := make([]byte, len(pcm))
	for i, s := range pcm {
		if p.cfg.Codec == 8 {
			b[i] = g711.EncodeAlawFrame(s)
		} else {
			b[i] = g711.EncodeUlawFrame(s)
		}
	}
	return b
}

// event sends a key as RFC 4733 says: a packet every 20 ms, the last of them three times.
func (p *Phone) event(key byte) {
	code := byte(0)
	for i, k := range []byte("0123456789*#ABCD") {
		if k == key {
			code = byte(i)
		}
	}
	var ts uint32
	packet := func(first, end bool, ticks int) func() (bool, uint8, uint32, []byte) {
		return func() (bool, uint8, uint32, []byte) {
			if first {
				ts = p.header.Timestamp
			}
			b := make([]byte, 4)
			if b[0], b[1] = code, 10; end {
				b[1] |= 0x80
			}
			binary.BigEndian.PutUint16(b[2:], uint16(160*ticks))
			return first, p.cfg.Events, ts, b
		}
	}
	ticks := int(on / tick)
	for i := range ticks {
		p.pending = append(p.pending, packet(i == 0, false, i+1))
	}
	for range 3 {
		p.pending = append(p.pending, packet(false, true, ticks))
	}
	p.voice(make([]int16, 8*int(off/time.Millisecond)))
}

const tick = 20 * time.Millisecond

func (p *Phone) send() {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			p.sendOne()
		case <-p.quit:
			return
		}
	}
}

func (p *Phone) sendOne() {
	p.mu.Lock()
	if len(p.pending) == 0 {
		p.voice(make([]int16, 160))
	}
	h := p.header
	marker, kind, ts, payload := p.pending[0]()
	p.pending = p.pending[1:]
	h.Marker, h.PayloadType, h.Timestamp = marker, kind, ts
	p.header.SequenceNumber++
	p.header.Timestamp += 160
	to, seal := p.to, p.seal
	p.mu.Unlock()
	b, err := (&rtp.Packet{Header: h, Payload: payload}).Marshal()
	if err == nil && seal != nil {
		b, err = seal(nil, b)
	}
	if err == nil && to.IsValid() {
		_, _ = p.cfg.Conn.WriteToUDPAddrPort(b, to)
	}
}

// Inject sends a packet as it is, besides all others.
func (p *Phone) Inject(h rtp.Header, payload []byte) {
	b, err := (&rtp.Packet{Header: h, Payload: payload}).Marshal()
	if err == nil {
		_, _ = p.cfg.Conn.WriteToUDPAddrPort(b, p.to)
	}
}

func (p *Phone) listen() {
	b := make([]byte, 1500)
	for {
		n, _, err := p.cfg.Conn.ReadFromUDPAddrPort(b)
		if err != nil {
			return
		}
		p.hear(b[:n])
	}
}

func (p *Phone) hear(b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var err error
	if p.open != nil {
		if b, err = p.open(nil, b); err != nil {
			return
		}
	}
	var packet rtp.Packet
	if packet.Unmarshal(b) != nil || packet.PayloadType != p.cfg.Codec {
		return
	}
	h := Heard{At: time.Now(), Seq: packet.SequenceNumber}
	pcm := make([]int16, len(packet.Payload))
	for i, c := range packet.Payload {
		if p.cfg.Codec == 8 {
			pcm[i] = g711.DecodeAlawFrame(c)
		} else {
			pcm[i] = g711.DecodeUlawFrame(c)
		}
		h.Loud = h.Loud || pcm[i] > 64 || pcm[i] < -64
	}
	if h.Loud {
		p.loud = h.At
	}
	if p.cfg.Keep {
		h.PCM = pcm
		p.heard = append(p.heard, h)
	}
}

// Heard is what was heard so far.
func (p *Phone) Heard() []Heard {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Heard(nil), p.heard...)
}

// Loud is when there was sound last.
func (p *Phone) Loud() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.loud
}
