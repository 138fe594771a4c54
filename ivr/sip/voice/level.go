package voice

import (
	"math"
	"slices"
)

const (
	// level is how loud speech is: its active level in dBov, so that recordings and speech sound alike. It is as loud
	// as leaves room for the peaks of a voice, which are 15 dB above, and thus louder than the −26 dBov at which ITU-T
	// P.56 and its like test telephones.
	level = -21.0
	// quiet is the level below which there is no speech.
	quiet = -50.0
	// frame is a frame of 10 ms.
	frame = Rate / 100
)

// activeLevel returns the level of the frames that hold speech, in dBov, and false if none does. It is a plain form of
// ITU-T P.56: a frame counts if it is less than 25 dB below the loudest.
func activeLevel(all ...[]float32) (dBov float64, ok bool) {
	loudest := 0.0
	for _, x := range all {
		for _, p := range powers(x) {
			loudest = max(loudest, p)
		}
	}
	if decibels(loudest) < quiet {
		return 0, false
	}
	sum, n := 0.0, 0
	for _, x := range all {
		for _, p := range powers(x) {
			if decibels(p) > decibels(loudest)-25 {
				sum += p
				n++
			}
		}
	}
	return decibels(sum / float64(n)), true
}

// gainFor is what makes speech of this level as loud as all.
func gainFor(dBov float64) float32 { return float32(math.Pow(10, (level-dBov)/20)) }

// trim cuts off the silence around speech, but for 10 ms, so that the first sound has its onset.
func trim(x []float32) []float32 {
	ps := powers(x)
	from, to := 0, len(ps)
	for from < to && decibels(ps[from]) < quiet {
		from++
	}
	for to > from && decibels(ps[to-1]) < quiet {
		to--
	}
	if from == to {
		return nil
	}
	return fade(x[max(0, from-1)*frame : min(len(x), (to+1)*frame)])
}

// fade lets audio begin and end within 5 ms, so that nothing clicks where pieces meet.
func fade(x []float32) []float32 {
	faded := slices.Clone(x)
	const most = frame / 2
	n := min(most, len(x)/2)
	for i := range n {
		faded[i] *= float32(i) / most
		faded[len(x)-1-i] *= float32(i) / most
	}
	return faded
}

// toPCM makes audio as loud as gain says. What is too loud is clipped.
func toPCM(x []float32, gain float32) []int16 {
	pcm := make([]int16, len(x))
	for i := range x {
		pcm[i] = int16(max(math.MinInt16, min(math.MaxInt16, x[i]*gain*(1<<15))))
	}
	return pcm
}

// powers are those of the frames; the last one may be short.
func powers(x []float32) []float64 {
	ps := make([]float64, 0, len(x)/frame+1)
	for len(x) > 0 {
		f := x[:min(frame, len(x))]
		sum := 0.0
		for _, s := range f {
			sum += float64(s) * float64(s)
		}
		ps = append(ps, sum/float64(len(f)))
		x = x[len(f):]
	}
	return ps
}

func decibels(power float64) float64 { return 10 * math.Log10(power+1e-20) }
