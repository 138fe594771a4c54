package media

import (
	"encoding/binary"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// packet is one of telephone-events.
type packet struct {
	seq     uint16
	ts      uint32
	marker  bool
	payload []byte
}

func event(seq uint16, ts uint32, marker bool, code byte, end bool, duration uint16) packet {
	b := []byte{code, 10, 0, 0}
	if end {
		b[1] |= 0x80
	}
	binary.BigEndian.PutUint16(b[2:], duration)
	return packet{seq, ts, marker, b}
}

// pressed are the packets of a press that begins at ts and lasts for so many packets of 20 ms.
func pressed(seq uint16, ts uint32, code byte, ticks int) (all []packet) {
	for i := range ticks {
		all = append(all, event(seq, ts, i == 0, code, false, uint16(160*(i+1))))
		seq++
	}
	for range 3 {
		all = append(all, event(seq, ts, false, code, true, uint16(160*ticks)))
		seq++
	}
	return all
}

func keysIn(packets []packet) (found string) {
	var e Events
	at := time.Unix(0, 0)
	for _, p := range packets {
		at = at.Add(Tick)
		if p.ts == 0 && p.seq == 0 && p.payload == nil {
			at = at.Add(time.Second) // a pause
		}
		if key, ok := e.Packet(at, 7, p.seq, p.ts, p.marker, p.payload); ok {
			found += string(key)
		}
	}
	return found
}

func TestEvents(t *testing.T) {
	five := pressed(10, 1000, 5, 4)
	long := pressed(10, 1000, 5, 409)[:409] // 8.18 s
	for i := range 100 {                    // its second segment, without a marker
		long = append(long, event(uint16(419+i), 1000+0xFFFF, false, 5, i == 99, uint16(160*(i+1))))
	}
	creeping := slices.Clone(five)
	for i := range creeping {
		creeping[i].ts += uint32(160 * min(i, 3))
	}
	for _, tc := range []struct {
		rule    string
		packets []packet
		keys    string
	}{
		{"a press is a key", five, "5"},
		{"its end packets are no more keys", append(slices.Clone(five), five[4:]...), "5"},
		{"a press may have no end", slices.Concat(five[:4], pressed(20, 3000, 5, 4)), "55"},
		{"or no marker", slices.Concat(five[1:], pressed(20, 3000, 5, 4)[1:]), "55"},
		{"or only its end", slices.Concat(five[6:], pressed(20, 3000, 5, 4)[6:]), "55"},
		{"the same key again is another press", slices.Concat(five, pressed(20, 3000, 5, 4)), "55"},
		{"two keys without a pause", slices.Concat(five[:4], pressed(14, 1640, 6, 4)), "56"},
		{"a press of 10 s is one", long, "5"},
		{"a timestamp that grows with the press is one", creeping, "5"},
		{"late packets are none", slices.Concat(five, pressed(20, 3000, 6, 4), five), "56"},
		{"in any order", []packet{five[2], five[0], five[6], five[1], five[3]}, "5"},
		{"numbers begin again at 0", slices.Concat(pressed(0xFFFE, 0xFFFFFF00, 1, 4), pressed(20, 3000, 2, 4)), "12"},
		{"numbers jump back, as after a transfer", slices.Concat(pressed(40000, 90000, 1, 4), pressed(20000, 3000, 2, 4)),
			"12"},
		{"the same numbers for each press, after a pause", slices.Concat(five, []packet{{}}, five), "55"},
		{"and lower ones", slices.Concat(pressed(80, 9000, 2, 4), []packet{{}}, pressed(10, 1000, 1, 4)), "21"},
		{"every key", func() (all []packet) {
			for i := range byte(16) {
				all = append(all, pressed(uint16(i)*20, uint32(i)*3000, i, 3)...)
			}
			return all
		}(), "0123456789*#"},
		{"a flash of the hook is no key", pressed(1, 1, 16, 3), ""},
		{"what is no event is none", []packet{{payload: []byte{5, 0, 1}}, {}}, ""},
	} {
		assert.Equal(t, tc.keys, keysIn(tc.packets), tc.rule)
	}
}

// Whatever a network does to the packets of presses, as long as one of each comes before the next press: each is heard
// once, in order.
func TestEventsThroughABadNetwork(t *testing.T) {
	for seed := range uint64(20_000) {
		r := rand.New(rand.NewPCG(seed, 4733))
		var sent, got []packet
		want := ""
		seq, ts := uint16(r.Uint32()), r.Uint32()
		for range 1 + r.IntN(12) {
			code := byte(r.IntN(12))
			want += keys[code : code+1]
			one := pressed(seq, ts, code, 1+r.IntN(20))
			seq, ts = one[len(one)-1].seq+uint16(1+r.IntN(5)), ts+uint32(160*(len(one)+2+r.IntN(100)))
			if r.IntN(4) == 0 {
				one[0].marker = false
			}
			sent = append(sent, one...)
			some := one[:0:0]
			for _, p := range one {
				switch r.IntN(4) {
				case 0: // lost
				case 1:
					some = append(some, p, p)
				default:
					some = append(some, p)
				}
			}
			if len(some) == 0 {
				some = append(some, one[r.IntN(len(one))])
			}
			for i := range some { // some of them are late, also beyond the next press
				if j := i + r.IntN(4); j < len(some) {
					some[i], some[j] = some[j], some[i]
				}
			}
			got = append(got, some...)
			if r.IntN(3) == 0 {
				got = append(got, sent[max(0, len(sent)-1-r.IntN(30))])
			}
		}
		if !assert.Equal(t, want, keysIn(got), "seed %d", seed) {
			return
		}
	}
}

// FuzzEvents looks that nothing makes the decoder panic, or find more keys than there are packets, or one that is none.
func FuzzEvents(f *testing.F) {
	f.Add([]byte("\x00\x01\x00\x00\x10\x00\x80\x05\x0a\x00\xa0"), uint8(1))
	f.Fuzz(func(t *testing.T, b []byte, every uint8) {
		var e Events
		for n := int(every%16) + 1; len(b) >= 7; b = b[min(n, len(b)):] {
			key, ok := e.Packet(time.Time{}, uint32(b[0]&1), binary.BigEndian.Uint16(b), binary.BigEndian.Uint32(b[2:]),
				b[6]&1 != 0, b[7:])
			if ok && strings.IndexByte("0123456789*#", key) < 0 {
				t.Fatalf("key %q", key)
			}
			// the same packet again is none
			if again, ok := e.Packet(time.Time{}, uint32(b[0]&1), binary.BigEndian.Uint16(b), binary.BigEndian.Uint32(b[2:]),
				b[6]&1 != 0, b[7:]); ok {
				t.Fatalf("key %q, which is the last packet again", again)
			}
		}
	})
}
