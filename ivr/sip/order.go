package sip

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// order has the requests of a peer take their turns by their CSeq, which grows by one from each to the next (RFC 3261,
// section 12.2.1.1). They may overtake each other, in the network and here, where the library has a goroutine for each.
// So what is ahead of its turn waits for those before it: refused as late, they would be lost, and a key with them.
type order struct {
	mu      sync.Mutex
	last    uint32                   // whose turn was the last one
	busy    bool                     // it is not over
	due     uint32                   // what is up to here waits for nobody that is not there yet
	waiting map[uint32]chan struct{} // closed when it is their turn
}

const (
	// patience is how long a request waits for those before it. One that was lost is there again after T1, 500 ms. One
	// that a proxy has refused never comes, which is no error (RFC 3261, section 12.2.2).
	patience = 750 * time.Millisecond
	// mostWaiting bounds the requests of a call that wait.
	mostWaiting = 128
)

// take waits for the turn of a request, which lasts until done. It is false for one that comes too late, or twice, or
// when too many wait, or where ctx ends before.
func (o *order) take(ctx context.Context, seq uint32) bool {
	turn := o.join(seq)
	if turn == nil {
		return false
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for {
		select {
		case <-turn:
			return true
		case <-timer.C:
			o.overdue(seq)
		case <-ctx.Done():
			return !o.leave(seq)
		}
	}
}

// done ends the turn that take gave.
func (o *order) done() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.busy = false
	o.next()
}

// join has a request wait; nil is that it may not.
func (o *order) join(seq uint32) <-chan struct{} {
	o.mu.Lock()
	defer o.mu.Unlock()
	if seq <= o.last || o.waiting[seq] != nil || len(o.waiting) >= mostWaiting {
		return nil
	}
	if o.waiting == nil {
		o.waiting = map[uint32]chan struct{}{}
	}
	turn := make(chan struct{})
	o.waiting[seq] = turn
	o.next()
	return turn
}

// overdue has a request wait no longer for one that is not there. Those before it that are there go first.
func (o *order) overdue(seq uint32) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.due = max(o.due, seq)
	o.next()
}

// leave tells whether a request waited, which it does no more.
func (o *order) leave(seq uint32) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	_, waited := o.waiting[seq]
	delete(o.waiting, seq)
	return waited
}

// next gives the turn to the first that waits, if it may have it. The lock is held.
func (o *order) next() {
	if o.busy || len(o.waiting) == 0 {
		return
	}
	first := slices.Min(slices.Collect(maps.Keys(o.waiting)))
	if first == o.last+1 || first <= o.due {
		close(o.waiting[first])
		delete(o.waiting, first)
		o.last, o.busy = first, true
	}
}
