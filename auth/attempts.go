package auth

import (
	"context"
	"maps"
	"sync"
	"time"
)

// Record is what Lockout keeps of one account or caller number.
type Record struct {
	// Failures counts, by factor, the tries since the last success that are not known to be right, those still being
	// checked included.
	Failures map[FactorName]int `json:"failures,omitempty"`
	// Since is when the first of them was.
	Since time.Time `json:"since,omitzero"`
	// Until is the end of the lock; in the past or zero for none.
	Until time.Time `json:"until,omitzero"`
}

func (r Record) total() int {
	n := 0
	for _, failures := range r.Failures {
		n += failures
	}
	return n
}

// add changes the count of a factor by n, never below zero.
func (r *Record) add(f FactorName, n int) {
	if r.Failures == nil {
		r.Failures = make(map[FactorName]int)
	}
	r.Failures[f] = max(r.Failures[f]+n, 0)
	if r.Failures[f] == 0 {
		delete(r.Failures, f)
	}
}

// Attempts keeps the records of Lockout, for all processes.
type Attempts interface {
	// Update reads the record of key (the zero Record if there is none), has change work on it, and writes it back,
	// all as one atomic step: two calls never see the same record. If change returns an error, nothing is written and
	// Update returns that error, wrapped or as it is. change may run more than once, each time on a fresh copy, as
	// compare-and-set needs.
	Update(ctx context.Context, key string, change func(*Record) error) error
}

// MemoryAttempts is an Attempts for one process, for demos and tests; the zero value is ready to use. It forgets
// nothing, as accounts must not become unlocked by time alone.
type MemoryAttempts struct {
	mu      sync.Mutex
	records map[string]Record
}

// Update implements Attempts.
func (m *MemoryAttempts) Update(_ context.Context, key string, change func(*Record) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.records[key]
	r.Failures = maps.Clone(r.Failures)
	if err := change(&r); err != nil {
		return err
	}
	if m.records == nil {
		m.records = make(map[string]Record)
	}
	if len(r.Failures) == 0 && r.Until.IsZero() {
		delete(m.records, key)
		return nil
	}
	m.records[key] = r
	return nil
}
