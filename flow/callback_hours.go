package flow

import (
	"fmt"
	"sync"
	"time"
)

// Nobody may be called before eight in the morning or after nine in the evening where they are: 47 CFR 64.1200(c)(1)
// for calls that sell something, and the hours that people expect of all others.
const (
	firstHour = 8
	lastHour  = 21
)

// CallHours are the hours of the day, 0 to 24, in which customers may be called back, by the clocks where they are.
type CallHours struct {
	// From is the first hour, Until the end of the last one. Both are 0 for 8 and 21; otherwise set both.
	From, Until int
	// Wide says that hours before 8 or after 21 are meant: your customers agreed to them.
	Wide bool
}

func (h CallHours) check() error {
	switch {
	case h.From < 0 || h.Until > 24 || h.From >= h.Until:
		return fmt.Errorf("from %d until %d: give both, from 0 to 24, the first one first", h.From, h.Until)
	case !h.Wide && (h.From < firstHour || h.Until > lastHour):
		return fmt.Errorf("from %d until %d is beyond %d to %d: set Wide if you mean it",
			h.From, h.Until, firstHour, lastHour)
	}
	return nil
}

// narrow are the hours that are also within those of the time zones around: the customer may be in one of them. A
// continent has few more than four.
func (h CallHours) narrow() CallHours {
	const zones = 3
	h.From, h.Until = h.From+zones, h.Until-zones
	if h.From >= h.Until {
		h.From = (h.From + h.Until) / 2
		h.Until = h.From + 1
	}
	return h
}

// allow tells whether a call that rings from then on, for as long as it may, is within the hours.
func (h CallHours) allow(at time.Time, ring time.Duration, where *time.Location) bool {
	in := func(t time.Time) bool { hour := t.In(where).Hour(); return hour >= h.From && hour < h.Until }
	return in(at) && in(at.Add(ring))
}

// next is the first time from then on, to the minute, that is within the hours. Clocks that are put forward may skip
// the first hour of a day.
func (h CallHours) next(at time.Time, ring time.Duration, where *time.Location) time.Time {
	if h.allow(at, ring, where) {
		return at
	}
	local := at.In(where)
	next := time.Date(local.Year(), local.Month(), local.Day(), h.From, 0, 0, 0, where)
	if !next.After(at) {
		next = time.Date(local.Year(), local.Month(), local.Day()+1, h.From, 0, 0, 0, where)
	}
	for range 3 * 24 * 60 {
		if h.allow(next, ring, where) {
			break
		}
		next = next.Add(time.Minute)
	}
	return next.UTC()
}

// zone is a time zone by its IANA name. The file of each is read once: a machine has some six hundred.
func zone(name string) (*time.Location, error) {
	if known, ok := zones.Load(name); ok {
		return known.(*time.Location), nil
	}
	where, err := time.LoadLocation(name)
	if err == nil {
		zones.Store(name, where)
	}
	return where, err
}

var zones sync.Map // *time.Location by name
