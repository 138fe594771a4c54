package tone_test

import (
	"fmt"

	"github.com/dialpay/dialpay/ivr/sip/tone"
)

// A peer presses 1, 2 and pound, and sends them as sound in packets of 20 ms.
func Example() {
	audio := tone.Append(nil, "12#", tone.Usual)

	var detector tone.Detector
	var keys []byte
	for len(audio) > 0 {
		packet := audio[:160]
		audio = audio[160:]
		keys = detector.Append(keys[:0], packet)
		for _, key := range keys {
			fmt.Printf("%c ", key)
		}
	}
	// Output: 1 2 #
}
