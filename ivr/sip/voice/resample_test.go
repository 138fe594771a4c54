package voice

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var rates = []int{8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 96000}

// TestResample keeps what a telephone carries, and takes away what would come back as hiss.
func TestResample(t *testing.T) {
	for _, rate := range rates {
		r, err := newResampler(rate)
		require.NoError(t, err)
		for _, tc := range []struct{ hz, least, most float64 }{
			{0, -0.05, 0.05}, {300, -0.05, 0.05}, {1000, -0.05, 0.05}, {3400, -0.2, 0.05},
			{4000, -200, -60}, {4600, -200, -60}, {7000, -200, -60},
		} {
			if rate == Rate || tc.hz >= float64(rate)/2 {
				continue
			}
			in := make([]float32, rate)
			for i := range in {
				in[i] = float32(math.Cos(2 * math.Pi * tc.hz * float64(i) / float64(rate)))
			}
			out := r.resample(in)
			require.Len(t, out, Rate)
			sum := 0.0
			for _, x := range out[Rate/4 : Rate*3/4] {
				sum += float64(x) * float64(x)
			}
			gain := 10 * math.Log10(sum/(Rate/2)*2+1e-20)
			if tc.hz == 0 {
				gain -= 10 * math.Log10(2)
			}
			assert.GreaterOrEqual(t, gain, tc.least, "%d: %v Hz", rate, tc.hz)
			assert.LessOrEqual(t, gain, tc.most, "%d: %v Hz", rate, tc.hz)
		}
	}
}

// TestResampleInTime compares with the same wave at our rate, sample by sample: nothing is late.
func TestResampleInTime(t *testing.T) {
	wave := func(rate int) []float32 {
		x := make([]float32, rate/2)
		for i := range x {
			s := float64(i) / float64(rate)
			x[i] = float32(0.3*math.Sin(2*math.Pi*440*s) + 0.2*math.Sin(2*math.Pi*2500*s+1))
		}
		return x
	}
	want := wave(Rate)
	for _, rate := range rates {
		r, err := newResampler(rate)
		require.NoError(t, err)
		got := r.resample(wave(rate))
		require.GreaterOrEqual(t, len(got), len(want))
		for i := 200; i < len(want)-200; i++ {
			require.InDelta(t, want[i], got[i], 0.002, "%d: sample %d", rate, i)
		}
	}
}

func TestResampleEdges(t *testing.T) {
	for _, bad := range []int{0, -1, 7999, 8001, 22051, 500_000} {
		_, err := newResampler(bad)
		assert.Error(t, err, bad)
	}
	r, err := newResampler(22050)
	require.NoError(t, err)
	for n := range 10 {
		assert.Len(t, r.resample(make([]float32, n)), (n*8000+22049)/22050)
	}
}
