package voice

import (
	"fmt"
	"math"
)

// resampler turns audio of another rate into that of a telephone. It is a low-pass filter, a sinc in a Kaiser window,
// of which each output sample uses another phase (J. O. Smith, "Digital Audio Resampling"). Speech passes to 3.4 kHz;
// what lies above 4 kHz, and would come back as hiss, is 70 dB down.
type resampler struct {
	up, down int         // the ratio of the rates, Rate/from, in lowest terms
	phases   [][]float32 // the filter for each place of an output sample between two input samples
}

const (
	passHz     = 3400.0
	stopHz     = 4000.0
	stopDB     = 70.0
	mostPhases = 2000 // 2000 phases of 22 kHz are 1.3 MB
)

// newResampler makes a filter for audio with so many samples a second, 8000 to 192000.
func newResampler(from int) (*resampler, error) {
	if from < Rate || from > 192000 {
		return nil, fmt.Errorf("%d samples a second: it must be %d to 192000", from, Rate)
	}
	d := gcd(from, Rate)
	r := &resampler{up: Rate / d, down: from / d}
	if r.up > mostPhases {
		return nil, fmt.Errorf("%d samples a second have no simple ratio to %d: make it 16000, 22050 or 48000", from, Rate)
	}
	if from == Rate {
		return r, nil
	}
	// Kaiser's formulas for the shape and the length of the window.
	beta := 0.1102 * (stopDB - 8.7)
	width := 2 * math.Pi * (stopHz - passHz) / float64(from)
	half := int(math.Ceil((stopDB - 8) / (2.285 * width) / 2))
	cut := (passHz + stopHz) / float64(from) // in cycles a sample, doubled
	for p := range r.up {
		taps, sum := make([]float32, 2*half), 0.0
		for i := range taps {
			x := float64(i-half+1) - float64(p)/float64(r.up) // from the output sample, in input samples
			h := sinc(cut*x) * kaiser(x/float64(half), beta)
			taps[i] = float32(h)
			sum += h
		}
		for i := range taps {
			taps[i] /= float32(sum)
		}
		r.phases = append(r.phases, taps)
	}
	return r, nil
}

func (r *resampler) resample(in []float32) []float32 {
	if len(r.phases) == 0 {
		return in
	}
	out := make([]float32, (len(in)*r.up+r.down-1)/r.down)
	for n := range out {
		at, taps := n*r.down/r.up, r.phases[n*r.down%r.up]
		first := at - len(taps)/2 + 1
		sum := float32(0)
		for i := max(0, -first); i < len(taps) && first+i < len(in); i++ {
			sum += in[first+i] * taps[i]
		}
		out[n] = sum
	}
	return out
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// kaiser is the window at x, −1 to 1.
func kaiser(x, beta float64) float64 {
	if x < -1 || x > 1 {
		return 0
	}
	return bessel(beta*math.Sqrt(1-x*x)) / bessel(beta)
}

// bessel is the modified Bessel function of the first kind and order zero.
func bessel(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > 1e-12*sum; k++ {
		term *= x * x / (4 * k * k)
		sum += term
	}
	return sum
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}
