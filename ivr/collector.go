package ivr

import "time"

// collector makes an entry of single keys, in a buffer of fixed size that is overwritten as soon as the entry is made.
type collector struct {
	buf   [MaxEntry + 1]byte // one more than may be, so that too many can be told
	n     int
	last  time.Time // the last key
	begun bool      // a key was pressed, even if it was cleared since
	heard bool      // and before it, all prompts were spoken
	// The terminator is still to be swallowed until this time: the entry before ended without it.
	trailing byte
	until    time.Time
}

// begin makes ready for a new entry. A terminator that is due from the last one stays due.
func (c *collector) begin() {
	c.clear()
	c.begun, c.heard = false, false
}

func (c *collector) clear() {
	clear(c.buf[:c.n])
	c.n = 0
}

// press takes a key and tells whether it completes the entry.
func (c *collector) press(l *Listen, k byte, at time.Time, heard bool) bool {
	if !c.begun {
		c.begun, c.heard = true, heard
	}
	c.last = at
	switch {
	case k == l.Terminator || k == correction && c.n == 0:
		if c.n == 0 {
			c.buf[0], c.n = k, 1 // the key alone is the answer: empty, or back
		}
		c.expectTerminator(l, k)
		return true
	case k == correction:
		c.clear()
	case k == terminator: // means nothing where it does not terminate
	case c.n < mostKeys(l)+1:
		c.buf[c.n] = k
		c.n++
		if c.n == l.Most && fixed(l) {
			c.expectTerminator(l, k)
			return true
		}
	}
	return false
}

// fixed tells whether an entry is complete by its length: that is the only one, or the only one but none at all. One
// whose length may vary waits for the terminator: the first digits of a card number that is keyed by mistake must not
// pass for an account number.
func fixed(l *Listen) bool { return l.Least >= l.Most || l.Least == 0 || l.Terminator == 0 }

// mostKeys is how many keys an entry can have, within MaxEntry.
func mostKeys(l *Listen) int {
	if l.Most < 1 || l.Most > MaxEntry {
		return MaxEntry
	}
	return l.Most
}

// expectTerminator notes that the entry ended with the key k: if that was not the terminator, it may still follow.
func (c *collector) expectTerminator(l *Listen, k byte) {
	if k != l.Terminator {
		c.trailing = l.Terminator
		c.until = c.last.Add(orDefault(l.Between, DefaultTiming.Between))
	}
}

// swallow tells whether k is the terminator of the entry before. Any other key comes too late for it.
func (c *collector) swallow(k byte, at time.Time) bool {
	due := c.trailing != 0 && k == c.trailing && !at.After(c.until)
	c.trailing = 0
	return due
}

// entry hands over what was keyed and clears the buffer.
func (c *collector) entry(sensitive bool) Input {
	in := Input{Kind: Keys, Heard: c.heard}
	if keys := c.buf[:c.n]; sensitive {
		in.Secret, _ = NewSecret(keys) // the buffer is no longer than a Secret
	} else {
		in.Keys = string(keys)
	}
	c.clear()
	return in
}

// typeAhead keeps keys for the next question, in a ring of fixed size.
type typeAhead struct {
	buf     [MaxEntry + 1]byte
	head, n int
	spilt   bool
}

// add keeps a key. More keys than there is room for are no type-ahead: all of them are dropped, because what remained
// would be an entry with a hole.
func (a *typeAhead) add(k byte) {
	if a.n == len(a.buf) || a.spilt {
		a.drop()
		a.spilt = true
		return
	}
	a.buf[(a.head+a.n)%len(a.buf)] = k
	a.n++
}

func (a *typeAhead) peek() (byte, bool) {
	if a.n == 0 {
		return 0, false
	}
	return a.buf[a.head], true
}

// take returns the oldest key and overwrites it.
func (a *typeAhead) take() (byte, bool) {
	k, ok := a.peek()
	a.spilt = false
	if ok {
		a.buf[a.head] = 0
		a.head, a.n = (a.head+1)%len(a.buf), a.n-1
	}
	return k, ok
}

func (a *typeAhead) drop() { *a = typeAhead{} }
