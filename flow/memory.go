package flow

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// Memory is a Store in the memory of one process, for tests, demos and examples. What it holds is gone with the
// process.
type Memory struct {
	now func() time.Time

	mu       sync.Mutex
	sessions map[string]parked
	items    map[itemKey]Item
	open     map[itemKey]time.Time
	claims   map[string]string
}

// parked is a session between two turns. It is kept small: there may be a million.
type parked struct {
	version uint64
	data    string
	items   *[]itemKey // nil for most
}

func (p parked) keys() []itemKey {
	if p.items == nil {
		return nil
	}
	return *p.items
}

type itemKey struct {
	kind ItemKind
	key  string
}

// NewMemory returns an empty Store whose clock is now.
func NewMemory(now func() time.Time) *Memory {
	return &Memory{now: now, sessions: map[string]parked{}, items: map[itemKey]Item{},
		open: map[itemKey]time.Time{}, claims: map[string]string{}}
}

// Load implements Store.
func (m *Memory) Load(_ context.Context, session string) (Snapshot, []Item, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p, ok := m.sessions[session]
	if !ok {
		return Snapshot{}, nil, fmt.Errorf("%w: %q", ErrNoSession, session)
	}
	var items []Item
	for _, k := range p.keys() {
		items = append(items, m.items[k])
	}
	return Snapshot{Version: p.version, Data: []byte(p.data)}, items, nil
}

// Commit implements Store.
func (m *Memory) Commit(_ context.Context, tx Tx) (uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.sessions[tx.Session]
	if p.version != tx.Expect {
		return 0, fmt.Errorf("%w: session %q is at version %d, not %d", ErrStale, tx.Session, p.version, tx.Expect)
	}
	for _, c := range tx.Claim {
		if owner, held := m.claims[c.Key]; held && owner != c.Owner {
			return 0, fmt.Errorf("%w: %q", ErrTaken, c.Key)
		}
	}
	for _, it := range tx.Insert {
		if other, ok := m.items[itemKey{it.Kind, it.Key}]; ok && other.Session != tx.Session {
			return 0, fmt.Errorf("flow: commit of session %q: %s %q belongs to session %q", tx.Session, it.Kind, it.Key, other.Session)
		}
	}
	for _, it := range tx.Update {
		if _, ok := m.items[itemKey{it.Kind, it.Key}]; !ok {
			return 0, fmt.Errorf("flow: commit of session %q: no item %s %q to update", tx.Session, it.Kind, it.Key)
		}
	}
	p.version++
	p.data = string(tx.Next)
	if keys := m.apply(tx, p.keys()); len(keys) > 0 {
		p.items = &keys
	}
	m.sessions[tx.Session] = p
	return p.version, nil
}

func (m *Memory) apply(tx Tx, keys []itemKey) []itemKey {
	for _, it := range tx.Insert {
		k := itemKey{it.Kind, it.Key}
		if _, exists := m.items[k]; !exists {
			keys = append(keys, k)
			m.set(k, it)
		}
	}
	for _, it := range tx.Update {
		k := itemKey{it.Kind, it.Key}
		it.Session = m.items[k].Session
		m.set(k, it)
	}
	for _, c := range tx.Release {
		if m.claims[c.Key] == c.Owner {
			delete(m.claims, c.Key)
		}
	}
	for _, c := range tx.Claim {
		m.claims[c.Key] = c.Owner
	}
	return keys
}

func (m *Memory) set(k itemKey, it Item) {
	it.Data = slices.Clone(it.Data)
	m.items[k] = it
	if it.Due.IsZero() {
		delete(m.open, k)
	} else {
		m.open[k] = it.Due
	}
}

// Due implements Store.
func (m *Memory) Due(_ context.Context, limit int) ([]Item, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	var due []Item
	for k, at := range m.open {
		if !at.After(now) {
			due = append(due, m.items[k])
		}
	}
	slices.SortFunc(due, func(a, b Item) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key))
	})
	return due[:min(max(limit, 0), len(due))], nil
}
