package tone

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/zaf/g711"
)

const allKeys = "1234567890*#ABCD"

// short is the shortest press that a receiver must understand: ITU-T Q.24, Table A-1.
var short = Press{Level: -9, On: 40 * time.Millisecond, Off: 53 * time.Millisecond}

// TestAccepted has what ITU-T Q.24 says that receivers accept, in Table A-1 for AT&T.
func TestAccepted(t *testing.T) {
	step := 1.0
	if testing.Short() {
		step = 5.5
	}
	for level := -25.0; level <= -3; level += step {
		for _, shift := range []float64{-0.015, 0, 0.015} {
			for _, twist := range []float64{-8, 0, 4} {
				if level+max(twist, 0) > -2 || level+min(twist, 0) < -25 {
					continue // the sum would be clipped, or a tone too soft
				}
				p := short
				p.Level, p.Shift, p.Twist = level, shift, twist
				for at := range 4 { // where in the windows they begin
					pcm := Append(make([]int16, at*hop/4), allKeys, p)
					require.Equal(t, allKeys, string(detect(pcm)), "%+v, at %d", p, at)
				}
			}
		}
	}
}

// TestRejected has what Q.24 says that receivers do not accept, or need not.
func TestRejected(t *testing.T) {
	for _, tc := range []struct {
		why string
		p   Press
	}{
		{"23 ms", Press{Level: -9, On: 23 * time.Millisecond, Off: 60 * time.Millisecond}},
		{"3.5 % high", Press{Level: -9, Shift: 0.035, On: 100 * time.Millisecond, Off: 60 * time.Millisecond}},
		{"3.5 % low", Press{Level: -9, Shift: -0.035, On: 100 * time.Millisecond, Off: 60 * time.Millisecond}},
		{"too soft", Press{Level: -40, On: 100 * time.Millisecond, Off: 60 * time.Millisecond}},
		{"high tone 8 dB louder", Press{Level: -15, Twist: 8, On: 100 * time.Millisecond, Off: 60 * time.Millisecond}},
		{"low tone 15 dB louder", Press{Level: -9, Twist: -15, On: 100 * time.Millisecond, Off: 60 * time.Millisecond}},
		{"one tone", Press{Level: -9, Twist: -90, On: 100 * time.Millisecond, Off: 60 * time.Millisecond}},
	} {
		for at := range hop {
			assert.Empty(t, string(detect(Append(make([]int16, at), allKeys, tc.p))), "%s, at %d", tc.why, at)
		}
	}
}

// TestOnePress tells a tone that is interrupted from a key that is pressed again.
func TestOnePress(t *testing.T) {
	held := Press{Level: -9, On: 60 * time.Millisecond}
	for _, tc := range []struct {
		pause time.Duration
		want  string
	}{{0, "5"}, {10 * time.Millisecond, "5"}, {40 * time.Millisecond, "55"}, {time.Second, "55"}} {
		held.Off = tc.pause
		for at := range hop {
			assert.Equal(t, tc.want, string(detect(Append(make([]int16, at), "55", held))), "%v, at %d", tc.pause, at)
		}
	}
	held = Press{Level: -9, On: 10 * time.Second}
	assert.Equal(t, "5", string(detect(Append(nil, "5", held))), "held for ten seconds")
	assert.Equal(t, "12", string(detect(Append(nil, "12", held))), "one after the other without a pause")
}

// TestNoise mixes in white noise, 15 dB below the two tones. Keys of 40 ms may be lost in it, none may be another.
func TestNoise(t *testing.T) {
	p := Press{Level: -12, On: 60 * time.Millisecond, Off: 60 * time.Millisecond}
	random := rand.New(rand.NewPCG(1, 2))
	for _, shift := range []float64{-0.015, 0, 0.015} {
		p.Shift = shift
		for range 20 {
			pcm := Append(nil, allKeys, p)
			sigma := amplitude(p.Level) * math.Pow(10, -15.0/20) // two tones have the power a²
			for i := range pcm {
				pcm[i] = clip(float64(pcm[i]) + sigma*random.NormFloat64())
			}
			require.Equal(t, allKeys, string(detect(pcm)), "shift %v", shift)
		}
	}
}

func TestNoiseAlone(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, level := range []float64{-40, -20, -3} {
		pcm := make([]int16, 60*Rate)
		for i := range pcm {
			pcm[i] = clip(amplitude(level) * random.NormFloat64())
		}
		assert.Empty(t, detect(pcm), level)
	}
}

// TestLaws sends keys the way that calls do.
func TestLaws(t *testing.T) {
	for _, law := range []struct {
		name   string
		encode func(int16) uint8
		decode func(uint8) int16
	}{{"µ-law", g711.EncodeUlawFrame, g711.DecodeUlawFrame}, {"A-law", g711.EncodeAlawFrame, g711.DecodeAlawFrame}} {
		for _, level := range []float64{-25, -9, -3} {
			p := short
			p.Level = level
			pcm := Append(nil, allKeys, p)
			for i, x := range pcm {
				pcm[i] = law.decode(law.encode(x))
			}
			assert.Equal(t, allKeys, string(detect(pcm)), "%s, %v dBm0", law.name, level)
		}
	}
}

// TestDialTone has the tones of the network, which are steady too (ITU-T E.180, Supplement 2: North America).
func TestDialTone(t *testing.T) {
	for _, hz := range [][]float64{
		{350, 440}, {440, 480}, {480, 620}, {425}, {1004}, {1100}, {2100}, {941, 1100}, {697, 770},
	} {
		pcm := make([]int16, 2*Rate)
		for i := range pcm {
			sum := 0.0
			for _, f := range hz {
				sum += amplitude(-10) * math.Sin(2*math.Pi*f*float64(i)/Rate)
			}
			pcm[i] = clip(sum)
		}
		assert.Empty(t, string(detect(pcm)), fmt.Sprint(hz))
	}
}

func detect(pcm []int16) []byte {
	var d Detector
	return d.Append(nil, append(pcm, make([]int16, Rate/10)...))
}

// FuzzAppend checks that packets of any length make no difference, and that nothing is found in half a packet.
func FuzzAppend(f *testing.F) {
	f.Add([]byte{1, 160, 0, 255}, "12#", -9.0)
	f.Add([]byte{}, "99", -3.0)
	f.Fuzz(func(t *testing.T, lengths []byte, keys string, level float64) {
		if len(keys) > 20 || len(lengths) > 1000 || math.IsNaN(level) {
			return
		}
		pcm := Append(nil, keys, Press{Level: level, On: 50 * time.Millisecond, Off: 50 * time.Millisecond})
		var whole, pieces Detector
		want := whole.Append(nil, pcm)
		var got []byte
		for _, n := range lengths {
			n := min(int(n), len(pcm))
			got = pieces.Append(got, pcm[:n])
			pcm = pcm[n:]
		}
		got = pieces.Append(got, pcm)
		if string(got) != string(want) || whole != pieces {
			t.Errorf("in pieces of %v: %q, else %q", lengths, got, want)
		}
	})
}

func TestNothingAllocated(t *testing.T) {
	var d Detector
	keys, packet := make([]byte, 0, 4), Append(nil, "1", Usual)[:160]
	assert.Zero(t, testing.AllocsPerRun(1000, func() { keys = d.Append(keys[:0], packet) }))
}

// BenchmarkPacket is a packet of 20 ms.
func BenchmarkPacket(b *testing.B) {
	var d Detector
	keys, packet := make([]byte, 0, 4), Append(nil, "1", Usual)[:160]
	b.ReportAllocs()
	for b.Loop() {
		keys = d.Append(keys[:0], packet)
	}
}

func TestReset(t *testing.T) {
	var d Detector
	d.Append(nil, Append(nil, "1", Usual)[:500])
	d.Reset()
	assert.Zero(t, d)
}
