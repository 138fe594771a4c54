package tone

import (
	"math"
	"time"
)

// Press is how a key is played.
type Press struct {
	// Level of each of the two tones in dBm0. 0 dBm0 is 3.14 dB below a full-scale sine (ITU-T G.711); −9 is usual.
	Level float64
	// Twist makes the high tone so many dB louder than the low one; a negative one, softer.
	Twist float64
	// Shift moves both frequencies by this fraction: 0.015 is 1.5 % up.
	Shift float64
	// On and Off are how long the tones last, and the silence after them. ITU-T Q.24 has operators accept 40 ms of
	// each.
	On, Off time.Duration
}

// Usual is a press that every receiver understands.
var Usual = Press{Level: -9, On: 100 * time.Millisecond, Off: 100 * time.Millisecond}

// Append adds the audio of the keys, 0–9, *, # and A–D, to pcm, each played as p says. Anything else is silence of the
// same length.
func Append(pcm []int16, keys string, p Press) []int16 {
	on, off := samples(p.On), samples(p.Off)
	for i := range len(keys) {
		low, high, ok := frequencies(keys[i])
		if !ok {
			pcm = append(pcm, make([]int16, on+off)...)
			continue
		}
		atLow, atHigh := amplitude(p.Level), amplitude(p.Level+p.Twist)
		for n := range on {
			t := 2 * math.Pi * (1 + p.Shift) * float64(n) / Rate
			pcm = append(pcm, clip(atLow*math.Sin(low*t)+atHigh*math.Sin(high*t)))
		}
		pcm = append(pcm, make([]int16, off)...)
	}
	return pcm
}

func samples(d time.Duration) int { return int(max(0, d) * Rate / time.Second) }

// amplitude is the peak of a sine of this level: one of full scale is 3.14 dBm0 in µ-law, 3.17 in A-law.
func amplitude(dBm0 float64) float64 { return math.MaxInt16 * math.Pow(10, (dBm0-3.14)/20) }

func clip(x float64) int16 { return int16(max(math.MinInt16, min(math.MaxInt16, math.Round(x)))) }
