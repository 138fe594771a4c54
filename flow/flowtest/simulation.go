package flowtest

import (
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/payment"
)

// Simulation plays calls in which everything goes wrong that can: two processes that share a store crash before and
// after any call that they make of the store, the processors, the biller, the messenger; answers are lost, requests come
// late or twice; another process takes over in the middle of a step; callers hang up, come again, or call twice at once.
// Then the company gets well, and judges that do not ask the code compare the books: of processors, biller, customer.
//
// Everything is chosen by one oracle, so that every run can be played again by its path (Violation.Path).
//
// To simulate a dialogue of your own, set Definition, and Answers for the questions that it adds. Ann has the account
// acc-ann with the PIN 1234, one bill of 123.45 USD and two saved methods; collaborators are the simulation's own, which
// fail as the oracle says. A stage that calls systems of yours directly, beside those of flow.Collaborators, is played
// without faults in these calls. A work of a stage may be done again after a crash: what it does must bear that.
type Simulation struct {
	// Definition is the dialogue. Without stages it is flow.Default.
	Definition flow.Definition
	// Legs is how many legs each payment has: 1 (or 0), or 2. Direct makes the last one a charge of a processor that can
	// neither hold nor refund.
	Legs   int
	Direct bool
	// Gifts gives Ann points and a gift card, and the claim code of another one, which the caller redeems and uses as a
	// rule: a payment has four legs then, or what the caller chooses. With Direct, what points and gift cards pay cannot be
	// held, and of gift cards not be given back; then the code is redeemed by chance only. Legs is left at 0.
	Gifts bool
	// Callbacks lets the company call Ann back when she was cut off: then she calls again, or waits for it.
	Callbacks bool
	// Sealed lets a Seal encrypt what is stored. Without it, one run by chance of twelve does.
	Sealed bool
	// Processor puts code of yours between each process and the processor of cards: one that routes, counts, tries again.
	// What it gets, and returns, is a payment.Capturer, too. It keeps nothing of a charge: the process may die.
	Processor func(payment.Processor) payment.Processor
	// Answers are what the caller keys, by the key of a prompt that is heard; the first is the usual one. They come before
	// the simulation's own.
	Answers map[string][]string
}

// Report is what came of runs. The common beginning of the runs of an exhaustive search is played, and its events and
// faults are counted, once for all of them; CallsMade counts it in each.
type Report struct {
	Runs, CallsMade, Events, Crashes, Unknowns, Declines, Approved int
	// CallsBack are the calls of the company that were answered.
	CallsBack                          int
	DoubleCharges, LostReceipts, Stuck int
	// Joined are the runs of an exhaustive search that came to where another one had been, and ended there.
	Joined int
	// Longest is how long after the company got well a run took until nothing was open.
	Longest time.Duration
	// Sealed are the runs in which what was stored was encrypted.
	Sealed int
	// Calls counts the calls of collaborators by site, Faults those that went wrong ("crash after: commit"), Inputs the
	// inputs by their kind, Taken the transitions of the dialogue ("charge: claimed").
	Calls, Faults, Inputs, Taken map[string]int
	// Violation is the first broken promise; nil for none. Add leaves it.
	Violation *Violation
}

// Violation is a broken promise, and how to see it again.
type Violation struct {
	What, Path, Story string
}

func newReport() *Report {
	return &Report{Calls: map[string]int{}, Faults: map[string]int{}, Inputs: map[string]int{}, Taken: map[string]int{}}
}

// Add adds up the counts of another report.
func (r *Report) Add(o *Report) {
	r.Runs, r.CallsMade, r.Events = r.Runs+o.Runs, r.CallsMade+o.CallsMade, r.Events+o.Events
	r.Joined, r.Sealed, r.CallsBack = r.Joined+o.Joined, r.Sealed+o.Sealed, r.CallsBack+o.CallsBack
	r.Crashes, r.Unknowns, r.Declines = r.Crashes+o.Crashes, r.Unknowns+o.Unknowns, r.Declines+o.Declines
	r.Approved, r.DoubleCharges = r.Approved+o.Approved, r.DoubleCharges+o.DoubleCharges
	r.LostReceipts, r.Stuck, r.Longest = r.LostReceipts+o.LostReceipts, r.Stuck+o.Stuck, max(r.Longest, o.Longest)
	for to, from := range map[*map[string]int]map[string]int{&r.Calls: o.Calls, &r.Faults: o.Faults, &r.Inputs: o.Inputs,
		&r.Taken: o.Taken} {
		if *to == nil {
			*to = map[string]int{}
		}
		for k, n := range from {
			(*to)[k] += n
		}
	}
}

// Random plays so many runs, chosen by the seed. odds is how likely each single thing goes wrong: 0.02 is about one
// fault a run. It stops at the first violation.
func (s Simulation) Random(runs int, seed uint64, odds float64) (*Report, error) {
	return s.parallel(runs, func(r *simRun, i int) {
		r.fate.random, r.fate.odds, r.fate.replay = rand.New(rand.NewPCG(seed, uint64(i))), odds, nil
		r.once(nil)
	})
}

// Exhaustive plays every run with at most so many faults. It stops at the first violation. A run that comes to a state
// which another run was in, with as many faults left, ends there (Report.Joined).
func (s Simulation) Exhaustive(faults int) (*Report, error) {
	first, err := newSimRun(s, newReport())
	if err != nil {
		return nil, err
	}
	first.seen = newSeen(nil)
	branches := first.oneFault(faults)
	if faults < 2 || first.violation != "" {
		if v := first.report.Violation; v != nil {
			first.report.Violation = s.shrink(v)
		}
		return first.report, nil
	}
	all, err := s.parallel(len(branches), func(r *simRun, i int) {
		if r.seen == nil {
			r.seen = newSeen(first.seen)
		}
		r.seen.branch()
		r.copies, r.fate.known, r.fate.fixed = nil, branches[i].known, len(branches[i].path)
		for path := branches[i].path; path != nil && r.violation == ""; path = r.fate.next(r.fate.fixed) {
			r.fate.budget = faults
			r.once(path)
			r.fate.known = 0
		}
	})
	if err == nil {
		all.Add(first.report)
	}
	return all, err
}

// branch is a run with one fault: its path as far as it leaves the usual, and how many of its choices led to states that
// no run was in before.
type branch struct {
	path  []int
	known int
}

// oneFault plays all runs with none or one of so many faults, and returns those with one.
func (r *simRun) oneFault(faults int) (branches []branch) {
	once := min(faults, 1)
	r.fate.spare = faults - once
	for path := []int{}; path != nil && r.violation == ""; path = r.fate.next(0) {
		r.fate.budget = once
		r.once(path)
		if r.fate.budget < once {
			branches = append(branches, branch{slices.Clip(path), r.fate.at})
		}
	}
	return branches
}

// Replay plays one run by its path, and returns its story.
func (s Simulation) Replay(path string) (*Report, string, error) {
	replay, err := parsePath(path)
	if err != nil {
		return nil, "", err
	}
	r, err := newSimRun(s, newReport())
	if err != nil {
		return nil, "", err
	}
	return r.report, r.again(replay), nil
}

// once plays one run.
func (r *simRun) once(path []int) {
	if !r.resume(path) {
		r.reset()
		r.fate.begin(path)
	}
	r.play()
	r.report.Runs++
	r.report.CallsMade += r.calls + r.called
	r.report.CallsBack += r.called
	if r.cut {
		r.report.Joined++
	}
	if r.sealed {
		r.report.Sealed++
	}
	if r.violation != "" && r.report.Violation == nil {
		r.report.Violation = &Violation{What: r.violation, Path: format(r.fate.choices.path[:r.fate.at])}
	}
}

// again plays a run by its path, and writes its story.
func (r *simRun) again(path map[int]int) string {
	r.fate.replay, r.fate.random, r.tracing = path, nil, true
	r.once(nil)
	r.tracing = false
	return r.story.String()
}

// parallel does the runs on all processors. The report does not depend on how many there are.
func (s Simulation) parallel(n int, do func(r *simRun, i int)) (*Report, error) {
	workers := runtime.GOMAXPROCS(0)
	runs := make([]*simRun, workers)
	var mu sync.Mutex
	failed := n // the first that was violated
	var group sync.WaitGroup
	for w := range runs {
		r, err := newSimRun(s, newReport())
		if err != nil {
			return nil, err
		}
		runs[w] = r
		group.Go(func() {
			for i := w; i < n; i += workers {
				mu.Lock()
				over := i > failed
				mu.Unlock()
				if over {
					return
				}
				do(r, i)
				if r.violation != "" {
					mu.Lock()
					failed = min(failed, i)
					mu.Unlock()
					return
				}
			}
		})
	}
	group.Wait()
	all := newReport()
	for w, r := range runs {
		all.Add(r.report)
		if v := r.report.Violation; v != nil && failed%workers == w {
			all.Violation = s.shrink(v)
		}
	}
	return all, nil
}

// shrink leaves out of a path what the violation does not need.
func (s Simulation) shrink(v *Violation) *Violation {
	r, err := newSimRun(s, newReport())
	if err != nil {
		return v
	}
	path, _ := parsePath(v.Path) // it was just written
	for _, at := range slices.Backward(slices.Sorted(maps.Keys(path))) {
		less := maps.Clone(path)
		delete(less, at)
		if r.again(less); r.violation != "" {
			path = less
		}
	}
	story := r.again(path)
	return &Violation{What: r.violation, Path: format(r.fate.choices.path[:r.fate.at]), Story: story}
}
