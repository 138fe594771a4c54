package flowtest

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/payment"
)

// seen is what an exhaustive search knows of the states that it has been in. Between two inputs, and between two sweeps,
// all that can have a consequence is in the books below, in the clock, and in where the caller is. What follows from a
// state that was reached before, with as many faults left, has been looked at or will be: the run ends there. So a fault
// that changes nothing which a later step sees costs one step, and a crash that is recovered joins the run without one.
//
// The books are hashes of 64 bits. Two states of a million have the same one with a chance of one in thirty million.
type seen struct {
	from  maphash.Seed
	books map[string]uint64 // by the name of what is kept: a session, an item, a charge
	total uint64            // of all books, in any order
	named int               // how many names sessions have
	works map[string]bool   // the sessions that have items, or are found by their account
	base  map[uint64]int    // the faults that were left, by state: of the run without a fault
	found map[uint64]int    // the same, of the branch that is looked at
	ends  map[uint64]bool   // the states in which runs ended; nil where nobody asks
	whole bool              // no run is cut short
}

func newSeen(base *seen) *seen {
	s := &seen{from: maphash.MakeSeed(), books: map[string]uint64{}, works: map[string]bool{}, found: map[uint64]int{}}
	if base != nil {
		s.from, s.base, s.ends, s.whole = base.from, base.found, base.ends, base.whole
	}
	return s
}

// branch begins another branch. What was found in the one before is forgotten, so that the report does not depend on who
// looks at which branch.
func (s *seen) branch() { s.found = map[uint64]int{} }

// begin begins a run.
func (s *seen) begin() {
	if s != nil {
		clear(s.books)
		clear(s.works)
		s.total, s.named = 0, 0
	}
}

// note writes what is kept under a name.
func (s *seen) note(name string, content ...any) {
	if s == nil {
		return
	}
	var h maphash.Hash
	h.SetSeed(s.from)
	h.WriteString(name)
	for _, c := range content {
		h.WriteByte(0)
		switch c := c.(type) {
		case []byte:
			h.Write(c)
		case string:
			h.WriteString(c)
		case int:
			maphash.WriteComparable(&h, c)
		case uint64:
			maphash.WriteComparable(&h, c)
		case time.Time:
			maphash.WriteComparable(&h, c.UnixNano())
		case entry:
			maphash.WriteComparable(&h, c.mark())
		case payment.Charge:
			maphash.WriteComparable(&h, c)
		default:
			fmt.Fprintf(&h, "%+v", c)
		}
	}
	now := h.Sum64()
	s.total += now - s.books[name]
	s.books[name] = now
}

// drop forgets what is kept under a name.
func (s *seen) drop(name string) {
	if s != nil {
		s.total -= s.books[name]
		delete(s.books, name)
	}
}

// commit writes what a store made of transactions.
func (s *seen) commit(txs []flow.Tx) {
	if s == nil {
		return
	}
	for _, tx := range txs {
		s.note("session "+tx.Session, tx.Expect, tx.Next)
		for _, name := range tx.Name {
			if key := fmt.Sprintf("name %s of %s", name, tx.Session); s.books[key] == 0 {
				s.named++
				s.note(key, s.named)
			}
		}
		byAccount := slices.ContainsFunc(tx.Name, func(n string) bool { return strings.HasPrefix(n, "account ") })
		s.works[tx.Session] = s.works[tx.Session] || byAccount || len(tx.Insert) > 0
		for _, it := range tx.Insert {
			if key := "item " + string(it.Kind) + " " + it.Key; s.books[key] == 0 {
				s.note(key, it.Due, it.Data)
			}
		}
		for _, it := range tx.Update {
			s.note("item "+string(it.Kind)+" "+it.Key, it.Due, it.Data)
		}
		for _, c := range tx.Release {
			s.drop("claim " + c.Key + " " + c.Owner)
		}
		for _, c := range tx.Claim {
			s.note("claim " + c.Key + " " + c.Owner)
		}
	}
}

// over tells that a call has ended and another one begins. If the first one did not come to an account and left nothing to
// do, what is in its session has no consequence: later calls go on with those of their account. (The test of the search
// shows that it leaves out no end.)
func (s *seen) over(session string) {
	if s != nil && !s.works[session] && s.books["session "+session] != 0 {
		s.note("session " + session)
	}
}

// stands writes where and when the run is.
func (r *simRun) stands(where ...any) {
	r.seen.note("where", where...)
	r.seen.note("when", r.clock.Now(), max(r.outage.Sub(r.clock.Now()), 0), r.since, r.calls, r.ids, r.outages, r.rests,
		r.rings != nil)
	for _, n := range r.nodes {
		r.seen.note(n.name, n.dead)
	}
}

// before tells whether the run has come to where another one was before, and notes that it was here. where is the place
// of those who act: between two of their steps, never in the middle of one.
func (r *simRun) before(where ...any) bool {
	s := r.seen
	// What a late request will do is in no book.
	if s == nil || r.violation != "" || r.nested || len(r.late) > 0 {
		return false
	}
	if !r.fate.beyond() { // On the way to its branch a run is where the one before was.
		r.keepCopy()
		return false
	}
	r.stands(where...)
	left := 1 + r.fate.budget + r.fate.spare
	if r.fate.healed {
		left = 1
	}
	if max(s.base[s.total], s.found[s.total]) >= left && !s.whole {
		r.cut = true
		return true
	}
	s.found[s.total] = max(left, s.found[s.total])
	r.keepCopy()
	return false
}
