package tone

// Rate is the number of samples a second, as in G.711.
const Rate = 8000

// The frequencies of DTMF in Hz (ITU-T Q.23): each key is one of the low and one of the high group.
var (
	lows  = [4]float64{697, 770, 852, 941}
	highs = [4]float64{1209, 1336, 1477, 1633}
)

// keypad is the keys by their low and high frequency.
var keypad = [4]string{"123A", "456B", "789C", "*0#D"}

// frequencies returns the low and the high frequency of a key, and whether it is one.
func frequencies(key byte) (low, high float64, ok bool) {
	for row, keys := range keypad {
		for column := range keys {
			if keys[column] == key {
				return lows[row], highs[column], true
			}
		}
	}
	return 0, 0, false
}
