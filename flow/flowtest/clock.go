package flowtest

import (
	"sync"
	"time"
)

// Start is the time at which every Clock starts: a Monday, ten in the morning in New York.
var Start = time.Date(2026, time.March, 2, 15, 0, 0, 0, time.UTC)

// Clock is a virtual clock, safe for concurrent use. It moves only when it is told to. The zero value stands at Start.
type Clock struct {
	mu     sync.Mutex
	passed time.Duration
}

// Now is the virtual time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return Start.Add(c.passed)
}

// Advance lets time pass.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.passed += d
}
