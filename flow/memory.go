package flow

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// Memory is a Store in the memory of one process, for tests, demos and examples. What it holds is gone with the
// process. It is a Leaser, a Finder, a Purger and a Shelf.
type Memory struct {
	now func() time.Time

	mu       sync.Mutex
	sessions map[string]parked
	items    map[itemKey]Item
	open     map[itemKey]time.Time
	claims   map[string]claimed
	names    map[string][]string // sessions by name, the last named at the end
	leases   map[string]Lease
	shelf    map[string]shelved
}

// shelved are the sealed secrets of a session.
type shelved struct {
	until  time.Time
	sealed map[string][]byte
}

// parked is a session between two turns. It is kept small: there may be a million.
type parked struct {
	at   int64   // when it was committed, Unix microseconds
	data string  // the version in eight bytes, and the snapshot: one field less in each slot of the map
	more *beside // nil for most
}

func (p parked) version() uint64 {
	if p.data == "" {
		return 0
	}
	return binary.BigEndian.Uint64([]byte(p.data[:versionSize]))
}

const versionSize = 8

// beside is what a session has beside its snapshot.
type beside struct {
	items []itemKey
	names []string
}

func (p parked) keys() []itemKey {
	if p.more == nil {
		return nil
	}
	return p.more.items
}

type itemKey struct {
	kind ItemKind
	key  string
}

// claimed is who holds a claim, and the session that took it.
type claimed struct{ owner, session string }

// NewMemory returns an empty Store whose clock is now.
func NewMemory(now func() time.Time) *Memory {
	return &Memory{now: now, sessions: map[string]parked{}, items: map[itemKey]Item{}, open: map[itemKey]time.Time{},
		claims: map[string]claimed{}, names: map[string][]string{}, leases: map[string]Lease{},
		shelf: map[string]shelved{}}
}

// Clone is a copy with the same clock, which goes on by itself: for tests that try several ways on from one moment.
func (m *Memory) Clone() *Memory {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := &Memory{now: m.now, sessions: maps.Clone(m.sessions), items: maps.Clone(m.items), open: maps.Clone(m.open),
		claims: maps.Clone(m.claims), names: maps.Clone(m.names), leases: maps.Clone(m.leases), shelf: maps.Clone(m.shelf)}
	for id, p := range c.sessions {
		if p.more != nil {
			p.more = &beside{slices.Clone(p.more.items), slices.Clone(p.more.names)}
			c.sessions[id] = p
		}
	}
	for name, ids := range c.names {
		c.names[name] = slices.Clone(ids)
	}
	for id, s := range c.shelf {
		s.sealed = maps.Clone(s.sealed)
		c.shelf[id] = s
	}
	return c
}

// Load implements Store.
func (m *Memory) Load(ctx context.Context, session string) (Snapshot, []Item, error) {
	if err := ctx.Err(); err != nil {
		return Snapshot{}, nil, err
	}
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
	return Snapshot{Version: p.version(), Data: []byte(p.data[versionSize:])}, items, nil
}

// Commit implements Store.
func (m *Memory) Commit(ctx context.Context, txs ...Tx) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	free, taken := map[Claim]bool{}, map[string]string{}
	for _, tx := range txs {
		for _, c := range tx.Release {
			free[c] = true
		}
	}
	for i, tx := range txs {
		if slices.ContainsFunc(txs[:i], func(o Tx) bool { return o.Session == tx.Session }) {
			return fmt.Errorf("flow: commit: session %q is there twice", tx.Session)
		}
		if err := m.check(tx, free, taken); err != nil {
			return err
		}
	}
	for _, tx := range txs {
		m.release(tx)
	}
	for _, tx := range txs {
		m.apply(tx)
	}
	return nil
}

// check tells whether a transaction can be made. free are the claims that are given back, taken those of the
// transactions before it.
func (m *Memory) check(tx Tx, free map[Claim]bool, taken map[string]string) error {
	if p := m.sessions[tx.Session]; p.version() != tx.Expect {
		return fmt.Errorf("%w: session %q is at version %d, not %d", ErrStale, tx.Session, p.version(), tx.Expect)
	}
	if l := m.leases[tx.Session]; tx.Epoch != 0 && tx.Epoch != l.Epoch {
		return fmt.Errorf("%w: session %q is at epoch %d, not %d", ErrFenced, tx.Session, l.Epoch, tx.Epoch)
	}
	for _, c := range tx.Claim {
		held, ok := m.claims[c.Key]
		ok = ok && !free[Claim{c.Key, held.owner}]
		if other, now := taken[c.Key]; ok && held.owner != c.Owner || now && other != c.Owner {
			return fmt.Errorf("%w: %q", ErrTaken, c.Key)
		}
		taken[c.Key] = c.Owner
	}
	for _, it := range tx.Insert {
		if other, ok := m.items[itemKey{it.Kind, it.Key}]; ok && other.Session != tx.Session {
			return fmt.Errorf("flow: commit of session %q: %s %q belongs to session %q", tx.Session, it.Kind, it.Key, other.Session)
		}
	}
	for _, it := range tx.Update {
		if have, ok := m.items[itemKey{it.Kind, it.Key}]; !ok || have.Session != tx.Session {
			return fmt.Errorf("flow: commit of session %q: it has no item %s %q to update", tx.Session, it.Kind, it.Key)
		}
	}
	return nil
}

func (m *Memory) release(tx Tx) {
	for _, c := range tx.Release {
		if m.claims[c.Key].owner == c.Owner {
			delete(m.claims, c.Key)
		}
	}
}

func (m *Memory) apply(tx Tx) {
	p := m.sessions[tx.Session]
	version := binary.BigEndian.AppendUint64(make([]byte, 0, versionSize+len(tx.Next)), tx.Expect+1)
	p.at, p.data = m.now().UnixMicro(), string(append(version, tx.Next...))
	if p.more == nil && len(tx.Insert)+len(tx.Name) > 0 {
		p.more = &beside{}
	}
	for _, it := range tx.Insert {
		k := itemKey{it.Kind, it.Key}
		if _, exists := m.items[k]; !exists {
			p.more.items = append(p.more.items, k)
			m.set(k, it, tx)
		}
	}
	for _, it := range tx.Update {
		m.set(itemKey{it.Kind, it.Key}, it, tx)
	}
	for _, name := range tx.Name {
		if !slices.Contains(p.more.names, name) {
			p.more.names = append(p.more.names, name)
			m.names[name] = append(m.names[name], tx.Session)
		}
	}
	for _, c := range tx.Claim {
		m.claims[c.Key] = claimed{c.Owner, tx.Session}
	}
	m.sessions[tx.Session] = p
}

func (m *Memory) set(k itemKey, it Item, tx Tx) {
	it.Session, it.Version = tx.Session, tx.Expect+1
	it.Data = slices.Clone(it.Data)
	m.items[k] = it
	if it.Due.IsZero() {
		delete(m.open, k)
	} else {
		m.open[k] = it.Due
	}
}

// Due implements Store.
func (m *Memory) Due(ctx context.Context, limit int, kinds ...ItemKind) ([]Item, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	var due []Item
	for k, at := range m.open {
		it := m.items[k]
		wanted := len(kinds) == 0 || slices.Contains(kinds, k.kind)
		if wanted && !at.After(now) && !m.leases[it.Session].Until.After(now) {
			due = append(due, it)
		}
	}
	slices.SortFunc(due, func(a, b Item) int {
		return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key))
	})
	return due[:min(max(limit, 0), len(due))], nil
}

// Acquire implements Leaser.
func (m *Memory) Acquire(_ context.Context, session, owner string, ttl time.Duration) (Lease, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.sessions[session]; !ok {
		return Lease{}, fmt.Errorf("%w: %q", ErrNoSession, session)
	}
	l, now := m.leases[session], m.now()
	if l.Owner != owner && l.Until.After(now) {
		return Lease{}, fmt.Errorf("%w: %q, for %v", ErrHeld, session, l.Until.Sub(now))
	}
	l = Lease{Session: session, Owner: owner, Epoch: l.Epoch + 1, Until: now.Add(ttl)}
	m.leases[session] = l
	return l, nil
}

// Renew implements Leaser.
func (m *Memory) Renew(_ context.Context, l Lease, ttl time.Duration) (Lease, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.leases[l.Session].Epoch != l.Epoch {
		return Lease{}, fmt.Errorf("%w: %q", ErrFenced, l.Session)
	}
	l.Until = m.now().Add(ttl)
	m.leases[l.Session] = l
	return l, nil
}

// Release implements Leaser.
func (m *Memory) Release(_ context.Context, l Lease) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.leases[l.Session].Epoch == l.Epoch {
		m.leases[l.Session] = Lease{Session: l.Session, Epoch: l.Epoch} // the epoch only rises
	}
	return nil
}

// Find implements Finder.
func (m *Memory) Find(ctx context.Context, name string, limit int) ([]string, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	found := slices.Clone(m.names[name])
	slices.Reverse(found)
	return found[:min(max(limit, 0), len(found))], nil
}

// Purge implements Purger. The sessions that go are the first by their IDs.
func (m *Memory) Purge(ctx context.Context, before time.Time, limit int) (int, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	keep := map[string]bool{}
	for k := range m.open {
		keep[m.items[k].Session] = true
	}
	for _, c := range m.claims {
		keep[c.session] = true
	}
	var old []string
	for id, p := range m.sessions {
		if !keep[id] && p.at < before.UnixMicro() {
			old = append(old, id)
		}
	}
	slices.Sort(old)
	old = old[:min(max(limit, 0), len(old))]
	for _, id := range old {
		m.remove(id)
	}
	return len(old), nil
}

func (m *Memory) remove(id string) {
	p := m.sessions[id]
	for _, k := range p.keys() {
		delete(m.items, k)
	}
	if p.more != nil {
		for _, name := range p.more.names {
			m.names[name] = slices.DeleteFunc(m.names[name], func(s string) bool { return s == id })
			if len(m.names[name]) == 0 {
				delete(m.names, name)
			}
		}
	}
	delete(m.sessions, id)
	delete(m.leases, id)
}

// PutSealed implements Shelf.
func (m *Memory) PutSealed(_ context.Context, session, name string, sealed []byte, until time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.expire()
	s, ok := m.shelf[session]
	if !ok {
		s.sealed = map[string][]byte{}
	}
	s.sealed[name], s.until = slices.Clone(sealed), until
	m.shelf[session] = s
	return nil
}

// GetSealed implements Shelf.
func (m *Memory) GetSealed(_ context.Context, session, name string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.expire()
	sealed, ok := m.shelf[session].sealed[name]
	if !ok {
		return nil, ErrNotKept
	}
	return slices.Clone(sealed), nil
}

// ClearSealed implements Shelf.
func (m *Memory) ClearSealed(_ context.Context, session string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.expire()
	delete(m.shelf, session)
	return nil
}

// expire forgets what is past its time. Few calls hold a card at any one moment, so it looks at all.
func (m *Memory) expire() {
	now := m.now()
	for session, s := range m.shelf {
		if now.After(s.until) {
			delete(m.shelf, session)
		}
	}
}
