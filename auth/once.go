package auth

import (
	"context"
	"sync"
	"time"
)

// Once remembers what has happened, so that it happens once, in whichever process.
type Once interface {
	// Claim records at under name unless something is recorded there, as one atomic step. It returns the time that is
	// recorded, and whether this very call recorded it. The record may be forgotten after until.
	Claim(ctx context.Context, name string, at, until time.Time) (first time.Time, fresh bool, err error)
}

// MemoryOnce is a Once for one process; the zero value is ready to use. It forgets what may be forgotten.
type MemoryOnce struct {
	mu      sync.Mutex
	claims  map[string]claim
	pruneAt int
}

type claim struct{ at, until time.Time }

// Claim implements Once.
func (m *MemoryOnce) Claim(_ context.Context, name string, at, until time.Time) (time.Time, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if c, ok := m.claims[name]; ok && !c.until.Before(at) {
		return c.at, false, nil
	}
	m.prune(at)
	m.claims[name] = claim{at, until}
	return at, true, nil
}

// prune drops what is past, each time that the number of claims has doubled, so that a claim costs the same on average.
func (m *MemoryOnce) prune(now time.Time) {
	if m.claims != nil && len(m.claims) < m.pruneAt {
		return
	}
	if m.claims == nil {
		m.claims = make(map[string]claim)
	}
	for name, c := range m.claims {
		if c.until.Before(now) {
			delete(m.claims, name)
		}
	}
	m.pruneAt = 2*len(m.claims) + 64
}
