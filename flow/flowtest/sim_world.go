package flowtest

import (
	"maps"
	"slices"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/payment"
)

// simWorld is all that a run has done so far, beside the clock and what the processes have in their memory. An exhaustive
// search copies it between two inputs, and lets the runs that have the same beginning go on from there.
type simWorld struct {
	at       place
	store    *flow.Memory
	attempts map[string]auth.Record
	charges  []simCharge // of all processors, in their order
	bill     payment.Bill
	open     map[string]time.Time // due times of open items
	claims   map[string]string
	epochs   map[string]uint64 // of the last lease of a session
	late     []late
	outage   time.Time
	outages  int
	rests    int // how often nothing was done for more than a day
	calls    int
	ids      int
	faulty   int
	claimed  bool // Ann has redeemed a gift card, under claimKey
	claimKey string
	since    time.Time // when the company got well
	checks
	telephone
	redialled bool
	sealed    bool // what is stored is encrypted
}

// place is where a run stands: the call on the line, or how often the company has looked for what is due since.
type place struct {
	id          string // of the call; empty before the first
	node, i     int    // who gets its next input, and the how manieth that is
	now, before entry
	over        bool // nobody calls any more
	rounds      int
}

func newSimWorld(now func() time.Time) simWorld {
	return simWorld{store: flow.NewMemory(now), attempts: map[string]auth.Record{},
		bill: payment.Bill{ID: "w-1", Account: "acc-ann", Payee: "City Water",
			Balance: payment.Money{Minor: 12345, Currency: "USD"}, Due: "2026-03-06"},
		open: map[string]time.Time{}, claims: map[string]string{}, epochs: map[string]uint64{}, checks: newChecks(),
		telephone: telephone{dialled: map[string]int{}, tries: map[string]int{}, asked: map[string]int{},
			cases: map[string][]string{}, liveUntil: map[string]time.Time{}}}
}

// clone is a copy that shares nothing that changes. Requests that are on their way cannot be copied: there are none.
func (w simWorld) clone() simWorld {
	w.store = w.store.Clone()
	w.attempts = maps.Clone(w.attempts)
	for key, rec := range w.attempts {
		rec.Failures = maps.Clone(rec.Failures)
		w.attempts[key] = rec
	}
	w.charges = slices.Clone(w.charges)
	w.open, w.claims, w.epochs = maps.Clone(w.open), maps.Clone(w.claims), maps.Clone(w.epochs)
	w.checks = w.checks.clone()
	w.cases, w.liveUntil = maps.Clone(w.cases), maps.Clone(w.liveUntil)
	w.dialled, w.tries, w.asked = maps.Clone(w.dialled), maps.Clone(w.tries), maps.Clone(w.asked)
	return w
}

// copied is a run between two inputs.
type copied struct {
	world  simWorld
	now    time.Time
	dead   [2]bool
	seen   seen // its books
	at     int  // how many choices were made before
	budget int
}

// keepCopy notes where the run is, so that others can go on from here. A process that holds a secret is not copied: the
// runs begin earlier then.
func (r *simRun) keepCopy() {
	last := len(r.copies) - 1
	switch {
	case r.seen.whole || r.fate.budget == 0 || r.fate.healed || len(r.nodes[0].kept)+len(r.nodes[1].kept) > 0:
		return
	case last >= 0 && r.copies[last].at == r.fate.at:
		return // the run began here
	case r.fate.at <= r.fate.fixed:
		r.copies = r.copies[:0] // no run leaves the path before
	}
	c := &copied{world: r.simWorld.clone(), now: r.clock.Now(), seen: *r.seen, at: r.fate.at, budget: r.fate.budget}
	c.seen.books, c.seen.works = maps.Clone(r.seen.books), maps.Clone(r.seen.works)
	for i, n := range r.nodes {
		c.dead[i] = n.dead
	}
	r.copies = append(r.copies, c)
}

// resume begins a run at the last copy on its path, and tells whether there is one.
func (r *simRun) resume(path []int) bool {
	for len(r.copies) > 0 && r.copies[len(r.copies)-1].at >= len(path) {
		r.copies = r.copies[:len(r.copies)-1]
	}
	if len(r.copies) == 0 {
		return false
	}
	c := r.copies[len(r.copies)-1]
	r.begin()
	r.simWorld = c.world.clone()
	r.clock.Advance(c.now.Sub(r.clock.Now()))
	r.seen.books, r.seen.works = maps.Clone(c.seen.books), maps.Clone(c.seen.works)
	r.seen.total, r.seen.named = c.seen.total, c.seen.named
	for i, n := range r.nodes {
		n.restart()
		n.dead = c.dead[i]
	}
	r.fate.resume(path, c.at, c.budget)
	return true
}
