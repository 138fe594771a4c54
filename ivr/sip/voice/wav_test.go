package voice

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/zaf/g711"
)

// encodeWAV makes a WAV file of one format.
func encodeWAV(code, channels, rate, bits int, data []byte, chunks ...string) []byte {
	b := append([]byte("RIFF"), 0, 0, 0, 0)
	b = append(b, "WAVEfmt \x10\x00\x00\x00"...)
	b = binary.LittleEndian.AppendUint16(b, uint16(code))
	b = binary.LittleEndian.AppendUint16(b, uint16(channels))
	b = binary.LittleEndian.AppendUint32(b, uint32(rate))
	b = binary.LittleEndian.AppendUint32(b, uint32(rate*channels*bits/8))
	b = binary.LittleEndian.AppendUint16(b, uint16(channels*bits/8))
	b = binary.LittleEndian.AppendUint16(b, uint16(bits))
	for _, c := range chunks {
		b = append(b, c...)
	}
	b = append(b, "data"...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(data)))
	return append(b, data...)
}

// wav16 is a WAV file of 16 bits.
func wav16(rate int, pcm []int16) []byte {
	var data []byte
	for _, x := range pcm {
		data = binary.LittleEndian.AppendUint16(data, uint16(x))
	}
	return encodeWAV(wavPCM, 1, rate, 16, data)
}

func TestDecodeWAV(t *testing.T) {
	want := []float64{0, 0.5, -0.5, 0.99, -1}
	for _, tc := range []struct {
		code, bits int
		delta      float64
		encode     func(b []byte, x float64) []byte
	}{
		{wavPCM, 8, 0.02, func(b []byte, x float64) []byte { return append(b, byte(x*127+128)) }},
		{wavPCM, 16, 1e-4, func(b []byte, x float64) []byte {
			return binary.LittleEndian.AppendUint16(b, uint16(int16(x*32767)))
		}},
		{wavPCM, 24, 1e-6, func(b []byte, x float64) []byte {
			n := int32(x * (1<<23 - 1))
			return append(b, byte(n), byte(n>>8), byte(n>>16))
		}},
		{wavPCM, 32, 1e-6, func(b []byte, x float64) []byte {
			return binary.LittleEndian.AppendUint32(b, uint32(int32(x*(1<<31-1))))
		}},
		{wavFloat, 32, 1e-6, func(b []byte, x float64) []byte {
			return binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(x)))
		}},
		{wavALaw, 8, 0.04, func(b []byte, x float64) []byte { return append(b, g711.EncodeAlawFrame(int16(x*32767))) }},
		{wavMuLaw, 8, 0.04, func(b []byte, x float64) []byte { return append(b, g711.EncodeUlawFrame(int16(x*32767))) }},
	} {
		var data []byte
		for _, x := range want {
			data = tc.encode(data, x)
		}
		got, rate, err := decodeWAV(encodeWAV(tc.code, 1, 44100, tc.bits, data, "LIST\x03\x00\x00\x00abc\x00"))
		require.NoError(t, err)
		assert.Equal(t, 44100, rate)
		assert.InDeltaSlice(t, want, doubles(got), tc.delta, "format %d, %d bits", tc.code, tc.bits)
	}
}

func TestDecodeWAVFails(t *testing.T) {
	good := encodeWAV(wavPCM, 1, 8000, 16, []byte{1, 2})
	for _, tc := range []struct {
		file []byte
		want string
	}{
		{nil, "is no WAV file"},
		{[]byte("ID3 an MP3 file"), "is no WAV file"},
		{good[:36], "has no audio"},
		{append(good[:12:12], good[36:]...), "has no format"},
		{encodeWAV(wavPCM, 2, 8000, 16, nil), "has 2 channels"},
		{encodeWAV(2, 1, 8000, 4, nil), "has format 2 with 4 bits"},
	} {
		_, _, err := decodeWAV(tc.file)
		assert.ErrorContains(t, err, tc.want)
	}
	copy(good[40:], "\xff\xff\xff\xff")
	got, _, err := decodeWAV(good)
	assert.NoError(t, err, "the length is not known yet")
	assert.Len(t, got, 1)
}

func FuzzDecodeWAV(f *testing.F) {
	f.Add(wav16(8000, []int16{1, 2, 3}))
	f.Add(encodeWAV(wavExtensible, 1, 8000, 16, []byte{1, 2, 3}))
	f.Fuzz(func(t *testing.T, file []byte) {
		x, rate, err := decodeWAV(file)
		if err != nil {
			return
		}
		for _, s := range x {
			if !(s >= -1 && s <= 1) {
				t.Fatal(s)
			}
		}
		if r, err := newResampler(rate); err == nil {
			toPCM(trim(r.resample(x)), 1)
		}
	})
}

func doubles(x []float32) []float64 {
	y := make([]float64, len(x))
	for i := range x {
		y[i] = float64(x[i])
	}
	return y
}
