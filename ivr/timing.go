package ivr

import "time"

// Timing is how long a line waits for the caller. A field that is zero or less takes the default.
type Timing struct {
	Menu    time.Duration // to the first key of a menu: 7 s
	Field   time.Duration // to the first key of an entry: 10 s
	Fetch   time.Duration // to the first key where something must be fetched: 20 s
	Between time.Duration // between keys: 5 s
	// Confidence is the least confidence at which words count, from 0 to 1: 0.5.
	Confidence float64
}

// DefaultTiming is what the fields of a Timing take that are not set.
var DefaultTiming = Timing{Menu: 7 * time.Second, Field: 10 * time.Second, Fetch: 20 * time.Second,
	Between: 5 * time.Second, Confidence: 0.5}

// Normal returns t with the default in each field that is not set.
func (t Timing) Normal() Timing {
	t.Menu = orDefault(t.Menu, DefaultTiming.Menu)
	t.Field = orDefault(t.Field, DefaultTiming.Field)
	t.Fetch = orDefault(t.Fetch, DefaultTiming.Fetch)
	t.Between = orDefault(t.Between, DefaultTiming.Between)
	if !(t.Confidence > 0) { // also for NaN
		t.Confidence = DefaultTiming.Confidence
	}
	return t
}

// Slower returns Normal with all times doubled: the accessible mode, for callers who asked for more time.
func (t Timing) Slower() Timing {
	t = t.Normal()
	t.Menu, t.Field, t.Fetch, t.Between = 2*t.Menu, 2*t.Field, 2*t.Fetch, 2*t.Between
	return t
}

func orDefault(d, def time.Duration) time.Duration {
	if d <= 0 {
		return def
	}
	return d
}
