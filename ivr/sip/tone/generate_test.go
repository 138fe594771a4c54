package tone

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/zaf/g711"
)

// TestLevel holds the generator against G.711 itself: a sine of 0 dBm0 is this sequence (ITU-T G.711, table 5 and 6).
func TestLevel(t *testing.T) {
	milliwatt := []byte{0x1e, 0x0b, 0x0b, 0x1e, 0x9e, 0x8b, 0x8b, 0x9e} // µ-law, 1 kHz
	power := 0.0
	for _, b := range milliwatt {
		x := float64(g711.DecodeUlawFrame(b))
		power += x * x / 8
	}
	a := amplitude(0)
	assert.InDelta(t, 0, 10*math.Log10(a*a/2/power), 0.1, "dB")
}

func TestAppend(t *testing.T) {
	pcm := Append([]int16{7}, "5?", Press{Level: -9, On: 50 * time.Millisecond, Off: 25 * time.Millisecond})
	assert.Len(t, pcm, 1+2*600)
	assert.EqualValues(t, 7, pcm[0])
	assert.InDelta(t, amplitude(-9)*amplitude(-9), meanSquare(pcm[1:401]), 0.02*amplitude(-9)*amplitude(-9), "two sines")
	assert.Zero(t, meanSquare(pcm[401:]))
}

func meanSquare(pcm []int16) float64 {
	sum := 0.0
	for _, x := range pcm {
		sum += float64(x) * float64(x)
	}
	return sum / float64(len(pcm))
}
