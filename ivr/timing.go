package ivr

import "time"

// Timing is how long a line waits for the caller. The zero value of a field takes the default.
type Timing struct {
	Menu    time.Duration // to the first key of a menu: 7 s
	Field   time.Duration // to the first key of an entry: 10 s
	Fetch   time.Duration // to the first key where something must be fetched: 20 s
	Between time.Duration // between keys: 5 s
	// Confidence is the least confidence at which words count: 0.5.
	Confidence float64
}

// DefaultTiming has the values that the documentation names.
var DefaultTiming = Timing{Menu: 7 * time.Second, Field: 10 * time.Second, Fetch: 20 * time.Second,
	Between: 5 * time.Second, Confidence: 0.5}
