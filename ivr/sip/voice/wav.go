package voice

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/zaf/g711"
)

// The formats of WAV files that are read: PCM, floating point, G.711 A-law and µ-law, and the one that says which of
// these in its extension.
const (
	wavPCM        = 1
	wavFloat      = 3
	wavALaw       = 6
	wavMuLaw      = 7
	wavExtensible = 0xfffe
)

// decodeWAV reads a WAV file of one channel: samples from −1 to 1, and how many there are a second. A length beyond the
// end, as programs write that do not know it yet, means the rest of the file.
func decodeWAV(file []byte) (samples []float32, rate int, err error) {
	if len(file) < 12 || string(file[:4]) != "RIFF" || string(file[8:12]) != "WAVE" {
		return nil, 0, errors.New("is no WAV file")
	}
	var format []byte
	for rest := file[12:]; len(rest) >= 8; {
		name, size := string(rest[:4]), int(binary.LittleEndian.Uint32(rest[4:]))
		rest = rest[8:]
		chunk := rest[:min(size, len(rest))]
		switch name {
		case "fmt ":
			format = chunk
		case "data":
			return decodeSamples(format, chunk)
		}
		rest = rest[min(size+size%2, len(rest)):]
	}
	return nil, 0, errors.New("has no audio: there is no data chunk")
}

func decodeSamples(format, data []byte) (samples []float32, rate int, err error) {
	if len(format) < 16 {
		return nil, 0, errors.New("has no format: there is no fmt chunk before the data")
	}
	code, channels := binary.LittleEndian.Uint16(format), binary.LittleEndian.Uint16(format[2:])
	rate, bits := int(binary.LittleEndian.Uint32(format[4:])), int(binary.LittleEndian.Uint16(format[14:]))
	if code == wavExtensible && len(format) >= 26 {
		code = binary.LittleEndian.Uint16(format[24:])
	}
	if channels != 1 {
		return nil, 0, fmt.Errorf("has %d channels, and a telephone one: sox in.wav out.wav channels 1", channels)
	}
	decode := decoders[[2]int{int(code), bits}]
	if decode == nil {
		return nil, 0, fmt.Errorf("has format %d with %d bits: sox in.wav -b 16 -e signed out.wav", code, bits)
	}
	size := bits / 8
	samples = make([]float32, len(data)/size)
	for i := range samples {
		samples[i] = decode(data[i*size:])
	}
	return samples, rate, nil
}

// decoders read a sample, by format and bits.
var decoders = map[[2]int]func([]byte) float32{
	{wavPCM, 8}:  func(b []byte) float32 { return (float32(b[0]) - 128) / (1 << 7) },
	{wavPCM, 16}: func(b []byte) float32 { return float32(int16(binary.LittleEndian.Uint16(b))) / (1 << 15) },
	{wavPCM, 24}: func(b []byte) float32 {
		return float32(int32(b[0])<<8|int32(b[1])<<16|int32(b[2])<<24) / (1 << 31)
	},
	{wavPCM, 32}:   func(b []byte) float32 { return float32(int32(binary.LittleEndian.Uint32(b))) / (1 << 31) },
	{wavFloat, 32}: func(b []byte) float32 { return bounded(math.Float32frombits(binary.LittleEndian.Uint32(b))) },
	{wavALaw, 8}:   func(b []byte) float32 { return float32(g711.DecodeAlawFrame(b[0])) / (1 << 15) },
	{wavMuLaw, 8}:  func(b []byte) float32 { return float32(g711.DecodeUlawFrame(b[0])) / (1 << 15) },
}

// bounded makes 0 of what is no number.
func bounded(x float32) float32 {
	if x != x {
		return 0
	}
	return max(-1, min(1, x))
}
