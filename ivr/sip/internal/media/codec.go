package media

import "github.com/zaf/g711"

// Rate is the number of samples a second, and Frame how many of them are in a packet.
const (
	Rate  = 8000
	Frame = Rate / 50
)

// Codec is a way to put voice into bytes, by its RTP payload type (RFC 3551): one sample a byte.
type Codec uint8

// The codecs of G.711.
const (
	PCMU Codec = 0 // µ-law
	PCMA Codec = 8 // A-law
)

// String is the name in SDP.
func (c Codec) String() string {
	if c == PCMA {
		return "PCMA"
	}
	return "PCMU"
}

// encode puts samples into bytes. dst is as long as pcm.
func (c Codec) encode(dst []byte, pcm []int16) {
	if c == PCMA {
		for i, s := range pcm {
			dst[i] = g711.EncodeAlawFrame(s)
		}
		return
	}
	for i, s := range pcm {
		dst[i] = g711.EncodeUlawFrame(s)
	}
}

// decode takes samples out of bytes. dst is as long as src.
func (c Codec) decode(dst []int16, src []byte) {
	if c == PCMA {
		for i, b := range src {
			dst[i] = g711.DecodeAlawFrame(b)
		}
		return
	}
	for i, b := range src {
		dst[i] = g711.DecodeUlawFrame(b)
	}
}
