package authtest

import (
	"context"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/dialpay/dialpay/auth"
)

func TestMemory(t *testing.T) {
	t.Run("attempts", func(t *testing.T) {
		TestAttempts(t, func(*testing.T) (first, second auth.Attempts) { m := &auth.MemoryAttempts{}; return m, m })
	})
	t.Run("once", func(t *testing.T) {
		TestOnce(t, func(*testing.T) (first, second auth.Once) { m := &auth.MemoryOnce{}; return m, m })
	})
}

// faulty is an auth.Attempts and auth.Once with one fault.
type faulty struct {
	fault   string
	mu      sync.Mutex
	records map[string]auth.Record
	claims  map[string][2]time.Time
}

// Update implements auth.Attempts.
func (f *faulty) Update(_ context.Context, key string, change func(*auth.Record) error) error {
	if f.fault == "all keys are one" {
		key = ""
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	r := f.records[key]
	if f.fault != "the record is shared" {
		r.Failures = maps.Clone(r.Failures)
	}
	if f.fault == "reads without a lock" {
		f.mu.Unlock()
		time.Sleep(time.Millisecond)
		f.mu.Lock()
	}
	err := change(&r)
	switch {
	case f.fault == "swallows errors":
		return nil
	case err != nil && f.fault != "writes in spite of an error":
		return err
	case len(r.Failures) == 0 && f.fault == "forgives nothing":
		return err
	case f.fault == "seconds only":
		r.Since = r.Since.Truncate(time.Second)
	}
	f.records[key] = r
	return err
}

// Claim implements auth.Once.
func (f *faulty) Claim(_ context.Context, name string, at, until time.Time) (time.Time, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fault == "all names are one" {
		name = ""
	}
	c, ok := f.claims[name]
	switch {
	case f.fault == "never fresh":
		return at, false, nil
	case ok && f.fault == "tells the time of the second":
		return at, false, nil
	case ok && c[1].After(at), ok && c[1].Equal(at) && f.fault != "forgets at the time":
		return c[0], f.fault == "always fresh", nil
	}
	if f.fault == "looks and writes" {
		f.mu.Unlock()
		time.Sleep(time.Millisecond)
		f.mu.Lock()
	}
	f.claims[name] = [2]time.Time{at, until}
	return at, true, nil
}

// Each fault breaks the rule that is there for it.
func TestFaultsAreFound(t *testing.T) {
	for fault, rule := range map[string]string{"": "", "all keys are one": "apart", "the record is shared": "refused",
		"reads without a lock": "together", "swallows errors": "refused", "writes in spite of an error": "refused",
		"forgives nothing": "forgiven", "seconds only": "kept"} {
		names := []string{}
		for _, r := range attemptsRules {
			f := &faulty{fault: fault, records: map[string]auth.Record{}}
			if r.check(t.Context(), f, f) != nil {
				names = append(names, r.name)
			}
		}
		found(t, fault, rule, names)
	}
	for fault, rule := range map[string]string{"": "", "all names are one": "names", "never fresh": "first", "always fresh": "again",
		"tells the time of the second": "again", "forgets at the time": "until", "looks and writes": "at once"} {
		names := []string{}
		for _, r := range onceRules {
			f := &faulty{fault: fault, claims: map[string][2]time.Time{}}
			if r.check(t.Context(), f, f) != nil {
				names = append(names, r.name)
			}
		}
		found(t, fault, rule, names)
	}
}

func found(t *testing.T, fault, rule string, names []string) {
	t.Helper()
	if rule == "" {
		assert.Empty(t, names, fault)
		return
	}
	assert.Contains(t, names, rule, fault)
}
