package flowtest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/wallet"
)

// simNode is one process: an Engine, and whether it lives. What it has in memory alone is gone when it dies.
type simNode struct {
	*simRun
	name         string
	plain, seals *flow.Engine // of the same process, as the run has a Seal or not
	keeper       *flow.MemoryKeeper
	kept         []string // what the keeper holds, in the books of a search
	dead, busy   bool
}

var (
	errDead = errors.New("flowtest: the process is dead")
	errLost = errors.New("flowtest: no answer")
)

// The faults that a call of a collaborator can have.
const (
	faultLost       = "lost"              // it was not done
	faultUnanswered = "unanswered"        // it was done
	faultBefore     = "crash before"      // the process dies, and it was not done
	faultAfter      = "crash after"       // the process dies, and it was done
	faultPause      = "pause"             // another process acts before it is done
	faultTwice      = "twice"             // it is done twice
	faultLate       = "late"              // its sender gives up, and it is done later
	faultOutage     = "outage"            // nothing answers for more than a day
	faultOutAfter   = "unanswered outage" // it was done, and nothing answers for more than a day
)

// outage is longer than processors know a key.
const outage = 25 * time.Hour

// reach is one call of a collaborator by a node. do makes it: once, twice, later or never.
func (n *simNode) reach(site string, do func() error) error {
	faults := simSites[site]
	switch {
	case n.dead:
		return errDead
	case faults[len(faults)-1] == faultOutAfter && n.clock.Now().Before(n.outage):
		return errLost
	}
	n.deliver(do)
	n.report.Calls[site]++
	made := n.fate.choose(fault, len(faults)+1)
	if made == 0 {
		return do()
	}
	kind := faults[made-1]
	n.report.Faults[kind+": "+site]++
	n.faulty++
	n.event("%s: %s: %s", n.name, site, kind)
	switch kind {
	case faultUnanswered, faultOutAfter, faultAfter:
		_ = do()
	case faultTwice:
		_ = do()
		return do()
	case faultLate:
		n.late = append(n.late, late{do, n.fate.choose(manner, 3), n.clock.Now()})
	case faultPause:
		n.meanwhile(n)
		return do()
	}
	switch kind {
	case faultOutage, faultOutAfter:
		n.outage = n.clock.Now().Add(outage)
		n.outages++
	case faultBefore, faultAfter:
		n.dead = true
		n.report.Crashes++
		return errDead
	default:
		n.report.Unknowns++
	}
	return errLost
}

// late is a request on its way.
type late struct {
	do    func() error
	when  int // 0: with the next request, 1: after ten minutes, 2: after an hour
	since time.Time
}

// lateness is how long a request is on its way at most: then it has arrived or is lost (R7).
const lateness = time.Hour

func (l late) due() time.Time {
	return l.since.Add([]time.Duration{0, 10 * time.Minute, lateness}[l.when])
}

// deliver lets requests arrive whose time has come; those that wait for the next one only with a next one.
func (r *simRun) deliver(next func() error) {
	waiting := r.late
	r.late = nil
	for _, l := range waiting {
		switch {
		case r.clock.Now().After(l.since.Add(lateness)): // lost
		case r.clock.Now().Before(l.due()) || l.when == 0 && next == nil:
			r.late = append(r.late, l)
		default:
			r.event("a late request arrives")
			_ = l.do()
		}
	}
}

// pass lets time pass, and requests arrive in it.
func (r *simRun) pass(d time.Duration) {
	until := r.clock.Now().Add(d)
	for _, l := range r.late {
		if at := l.due(); at.After(r.clock.Now()) && at.Before(until) {
			r.clock.Advance(at.Sub(r.clock.Now()))
			r.deliver(nil)
		}
	}
	r.clock.Advance(max(until.Sub(r.clock.Now()), 0))
	r.deliver(nil)
}

// restart makes a new process in place of a dead one.
func (n *simNode) restart() {
	n.dead, n.busy = false, false
	n.keeper = flow.NewMemoryKeeper(n.clock.Now)
	for _, name := range n.kept {
		n.seen.drop(name)
	}
	n.kept = nil
}

// simStore is the shared store as a node reaches it.
type simStore struct{ *simNode }

func (s simStore) Load(ctx context.Context, id string) (snap flow.Snapshot, items []flow.Item, err error) {
	failed := s.reach("load", func() error { snap, items, err = s.store.Load(ctx, id); return err })
	return snap, items, failed
}

func (s simStore) Commit(ctx context.Context, txs ...flow.Tx) error {
	return s.reach("commit", func() error { return s.commit(ctx, txs) })
}

func (s simStore) Due(ctx context.Context, limit int, kinds ...flow.ItemKind) (items []flow.Item, err error) {
	failed := s.reach("due", func() error { items, err = s.store.Due(ctx, limit, kinds...); return err })
	return items, failed
}

func (s simStore) Acquire(ctx context.Context, id, owner string, ttl time.Duration) (l flow.Lease, err error) {
	failed := s.reach("acquire", func() error {
		l, err = s.store.Acquire(ctx, id, owner, ttl)
		return s.leased(l, err)
	})
	return l, failed
}

func (s simStore) Renew(ctx context.Context, l flow.Lease, ttl time.Duration) (out flow.Lease, err error) {
	failed := s.reach("renew", func() error {
		out, err = s.store.Renew(ctx, l, ttl)
		return s.leased(out, err)
	})
	return out, failed
}

func (s simStore) Release(ctx context.Context, l flow.Lease) error {
	return s.reach("release", func() error {
		err := s.store.Release(ctx, l)
		if s.epochs[l.Session] != l.Epoch {
			return err // it was somebody else's
		}
		return s.leased(flow.Lease{Session: l.Session, Epoch: l.Epoch}, err)
	})
}

// leased writes a lease into the books of a search.
func (s simStore) leased(l flow.Lease, err error) error {
	if err == nil {
		s.epochs[l.Session] = l.Epoch
		s.seen.note("lease "+l.Session, l.Owner, l.Epoch, l.Until)
	}
	return err
}

func (s simStore) Find(ctx context.Context, name string, limit int) (ids []string, err error) {
	failed := s.reach("find", func() error { ids, err = s.store.Find(ctx, name, limit); return err })
	return ids, failed
}

// simGate is a processor as a node reaches it.
type simGate struct {
	*simNode
	ledger *simProcessor
}

func (g simGate) Profile() payment.Profile { return g.ledger.profile }

// at calls the processor. The answer of a request that comes late is nobody's.
func (g simGate) at(site string, do func() (payment.Outcome, error)) (out payment.Outcome, err error) {
	err = g.reach(site, func() (err error) { out, err = do(); return err })
	if err != nil {
		return payment.Outcome{}, err
	}
	return out, nil
}

func (g simGate) Authorise(ctx context.Context, c payment.Charge) (payment.Outcome, error) {
	return g.at("authorise", func() (payment.Outcome, error) { return g.ledger.Authorise(ctx, c) })
}

func (g simGate) Lookup(ctx context.Context, key string) (payment.Outcome, error) {
	return g.at("look up", func() (payment.Outcome, error) { return g.ledger.Lookup(ctx, key) })
}

func (g simGate) Capture(ctx context.Context, h payment.Hold) (payment.Outcome, error) {
	return g.at("capture", func() (payment.Outcome, error) { return g.ledger.Capture(ctx, h) })
}

func (g simGate) Void(ctx context.Context, h payment.Hold) (payment.Outcome, error) {
	return g.at("void", func() (payment.Outcome, error) { return g.ledger.Void(ctx, h) })
}

func (g simGate) Refund(ctx context.Context, h payment.Hold) (payment.Outcome, error) {
	return g.at("refund", func() (payment.Outcome, error) { return g.ledger.Refund(ctx, h) })
}

// simOthers are the other collaborators as a node reaches them.
type simOthers struct{ *simNode }

func (o simOthers) ByCaller(_ context.Context, number string) (found []auth.Account, err error) {
	return found, o.reach("account by caller", func() error {
		if number == Ann {
			found = []auth.Account{o.ann}
		}
		return nil
	})
}

func (o simOthers) ByNumber(_ context.Context, number string) (found auth.Account, err error) {
	return found, o.reach("account by number", func() error {
		if number != "10012345" {
			return auth.ErrUnknownAccount
		}
		found = o.ann
		return nil
	})
}

func (o simOthers) ByID(context.Context, string) (auth.Account, error) {
	return o.ann, o.reach("account by ID", func() error { return nil })
}

func (o simOthers) Update(_ context.Context, key string, change func(*auth.Record) error) error {
	return o.reach("attempts", func() error {
		rec := o.attempts[key]
		rec.Failures = maps.Clone(rec.Failures)
		if err := change(&rec); err != nil {
			return err
		}
		if len(rec.Failures) == 0 && rec.Until.IsZero() {
			delete(o.attempts, key)
			o.seen.drop("attempts " + key)
			return nil
		}
		o.attempts[key] = rec
		o.seen.note("attempts "+key, rec)
		return nil
	})
}

func (o simOthers) Bills(ctx context.Context, _ string) (bills []payment.Bill, err error) {
	return bills, o.reach("bills", func() error { bills = []payment.Bill{o.bill}; return nil })
}

func (o simOthers) Post(_ context.Context, p payment.Posting) error {
	return o.reach("post", func() error { o.posted(p); return nil })
}

func (o simOthers) Methods(context.Context, string) (methods []wallet.Method, err error) {
	return methods, o.reach("methods", func() error { methods = simMethods; return nil })
}

func (o simOthers) Save(_ context.Context, _ string, m wallet.Method) (wallet.Method, error) {
	m.ID = "pm_3"
	return m, o.reach("save method", func() error { return nil })
}

func (o simOthers) Tokenise(_ context.Context, c payment.Card, _ string) (payment.Token, error) {
	return payment.Token{ID: "tok_new", Brand: c.Brand, Last4: "2415", Expiry: c.Expiry},
		o.reach("tokenise", func() error { return nil })
}

func (o simOthers) Send(_ context.Context, m flow.Message) error {
	return o.reach("send", func() error { o.messaged(m); return nil })
}

func (o simOthers) Open(context.Context, string, time.Time) (to string, open bool, err error) {
	return "desk", true, o.reach("people", func() error { return nil })
}

// simKeeper is the keeper of a process, in its memory: it cannot fail otherwise than with the process.
type simKeeper struct{ *simNode }

func (k simKeeper) Put(ctx context.Context, id, name string, s ivr.Secret) error {
	k.kept = append(k.kept, "kept "+k.simNode.name+" "+id+" "+name)
	k.seen.note(k.kept[len(k.kept)-1], k.clock.Now())
	return k.keeper.Put(ctx, id, name, s)
}
func (k simKeeper) Get(ctx context.Context, id, name string) (ivr.Secret, error) {
	return k.keeper.Get(ctx, id, name)
}
func (k simKeeper) Clear(ctx context.Context, id string) error {
	k.kept = slices.DeleteFunc(k.kept, func(name string) bool {
		of := strings.HasPrefix(name, "kept "+k.simNode.name+" "+id+" ")
		if of {
			k.seen.drop(name)
		}
		return of
	})
	return k.keeper.Clear(ctx, id)
}

func (r *simRun) event(format string, args ...any) {
	if r.tracing {
		fmt.Fprintf(&r.story, "%s  %s\n", r.clock.Now().Sub(Start).Round(time.Second), fmt.Sprintf(format, args...))
	}
}
