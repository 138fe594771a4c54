package tone

import "math"

// The detector looks at windows of 102 samples (12.75 ms), in which each of the eight frequencies can be told from its
// neighbours, and moves on by half of one. A window is a hit if it holds one key and hardly anything else.
const (
	window = 102
	hop    = window / 2
	// least is the number of hits that make a press: 32 ms are in them, so that tones of 40 ms always do and those of
	// 23 ms never (ITU-T Q.24, Table A-1, AT&T).
	least = 4
	// gap is the number of misses that end a press: an interruption of 10 ms never does, a pause of 40 ms always.
	gap = 6
)

// What is asked of a window, as ratios of power.
var (
	softest  = power(-32)    // of each tone. Q.24 has −25 dBm0 accepted; the rest is for windows beside the tone.
	louder   = ratio(6)      // of the high tone over the low one: Q.24 has 4 dB accepted
	softer   = ratio(11.5)   // of the low tone over the high one: Q.24 has 8 dB accepted
	distinct = ratio(4)      // of a tone over the others of its group
	pure     = float32(0.71) // part of all power that is in the two tones; the more, the fewer words are taken for keys
)

// Detector finds keys in one stream of audio. The zero value is ready. It is not safe for concurrent use.
type Detector struct {
	samples [window]float32
	n       int  // how many are there
	key     byte // of the last hit
	hits    int  // of key, in a row
	misses  int  // in a row
	pressed byte // the key that is held; 0 is none
}

// Append adds the keys that were pressed in pcm, the next samples of the stream, to keys: 0–9, *, # and A–D. A key is
// reported once, some 35 ms after its tone began, however long it is held. It does not allocate if keys has room.
func (d *Detector) Append(keys []byte, pcm []int16) []byte {
	for len(pcm) > 0 {
		n := min(len(pcm), window-d.n)
		for i, x := range pcm[:n] {
			d.samples[d.n+i] = float32(x)
		}
		d.n += n
		pcm = pcm[n:]
		if d.n < window {
			break
		}
		if key := d.hear(keyIn(&d.samples)); key != 0 {
			keys = append(keys, key)
		}
		d.n = copy(d.samples[:], d.samples[hop:])
	}
	return keys
}

// Held tells whether a key is held down at the end of what was heard.
func (d *Detector) Held() bool { return d.pressed != 0 }

// Reset forgets all that was heard: after a break in the stream, and after the keys of a card.
func (d *Detector) Reset() { *d = Detector{} }

// hear takes the key of a window, 0 if there is none, and returns a key when it counts as pressed.
func (d *Detector) hear(key byte) byte {
	if key != d.key {
		d.key, d.hits = key, 0
	}
	if key != 0 {
		d.hits++
	}
	if d.misses++; key != 0 && key == d.pressed {
		d.misses = 0
	}
	if d.misses >= gap {
		d.pressed = 0
	}
	if key == 0 || d.hits < least || key == d.pressed {
		return 0
	}
	d.pressed, d.misses = key, 0
	return key
}

// keyIn returns the key whose tones are in a window, 0 if there is none.
func keyIn(samples *[window]float32) byte {
	total := float32(0)
	for _, x := range samples {
		total += x * x
	}
	if total < window*2*softest*pure {
		return 0
	}
	row, low := strongest(samples, &lowCoefficients)
	column, high := strongest(samples, &highCoefficients)
	switch {
	case row < 0 || column < 0,
		low < softest || high < softest,
		high > low*louder || low > high*softer,
		(low+high)*window < total*pure:
		return 0
	}
	return keypad[row][column]
}

// strongest returns the frequency of a group that stands out, and its power; -1 if none does.
func strongest(samples *[window]float32, coefficients *[4]float32) (which int, power float32) {
	which, second := -1, float32(0)
	for i, p := range goertzel(samples, coefficients) {
		switch {
		case p > power:
			which, power, second = i, p, power
		case p > second:
			second = p
		}
	}
	if power < second*distinct {
		return -1, 0
	}
	return which, power
}

// goertzel returns the power of each frequency of a group, whose coefficient is 2 cos ω: that of a sine of peak a is
// a²/2. The four go side by side, since each step has to wait for the one before.
func goertzel(samples *[window]float32, c *[4]float32) [4]float32 {
	var a, b, p [4]float32
	for _, x := range samples {
		b[0], a[0] = a[0], x+c[0]*a[0]-b[0]
		b[1], a[1] = a[1], x+c[1]*a[1]-b[1]
		b[2], a[2] = a[2], x+c[2]*a[2]-b[2]
		b[3], a[3] = a[3], x+c[3]*a[3]-b[3]
	}
	for i := range p {
		p[i] = (a[i]*a[i] + b[i]*b[i] - c[i]*a[i]*b[i]) * 2 / (window * window)
	}
	return p
}

var lowCoefficients, highCoefficients = coefficients(lows), coefficients(highs)

func coefficients(group [4]float64) (c [4]float32) {
	for i, f := range group {
		c[i] = float32(2 * math.Cos(2*math.Pi*f/Rate))
	}
	return c
}

func ratio(dB float64) float32 { return float32(math.Pow(10, dB/10)) }

// power of a sine of this level.
func power(dBm0 float64) float32 { return float32(amplitude(dBm0) * amplitude(dBm0) / 2) }
