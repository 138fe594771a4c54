// Simulate plays calls in which everything goes wrong that can, and looks that nobody is charged twice, that no receipt is
// lost, and that every payment comes to an end.
//
//	go run ./examples/simulate -calls 200000 -seed 1 -faults 0.02
//	go run ./examples/simulate -exhaustive 2 -calls 200000 -complete
//
// It exits with 1 at the first broken promise, and prints the path by which -replay plays that call again.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/internal/cputime"
)

// tender is a way to pay. most is how many faults a search of all tenders has at most: those with gift cards and callbacks take long.
type tender struct {
	name string
	most int
	flowtest.Simulation
}

var tenders = []tender{
	{"card", 9, flowtest.Simulation{Legs: 1}},
	{"cards", 9, flowtest.Simulation{Legs: 2}},
	{"card+bank", 9, flowtest.Simulation{Legs: 2, Direct: true}},
	{"gifts", 1, flowtest.Simulation{Gifts: true}},
	{"gifts-now", 1, flowtest.Simulation{Gifts: true, Direct: true}},
	{"callback", 1, flowtest.Simulation{Callbacks: true}},
	{"new-card", 9, flowtest.Simulation{Answers: map[string][]string{
		"funding.choose.ask": {"3", "1", "2"}, "card.save.ask": {"1", "2"}}}},
}

// choice is what the flags say.
type choice struct {
	calls, exhaustive int
	seed              uint64
	faults            float64
	only, replay      string
	complete          bool
}

func main() {
	debug.SetGCPercent(800) // a run is forgotten when it is over: there is little to keep and much to throw away
	os.Exit(run(os.Args[1:], os.Stdout))
}

func run(args []string, out io.Writer) int {
	var c choice
	flags := flag.NewFlagSet("simulate", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.IntVar(&c.calls, "calls", 0, "how many calls are played by chance (20000 where nothing else is asked for)")
	flags.Uint64Var(&c.seed, "seed", 1, "which calls")
	flags.Float64Var(&c.faults, "faults", 0.02, "how likely each single thing goes wrong")
	flags.IntVar(&c.exhaustive, "exhaustive", -1, "play every call with at most so many faults; those with gift cards or callbacks with one, unless -tender names them")
	flags.StringVar(&c.only, "tender", "", "play only this one: card, cards, card+bank, gifts, gifts-now, callback or new-card")
	flags.BoolVar(&c.complete, "complete", false, "fail if a fault of a call of a collaborator, or a step with money, never came")
	flags.StringVar(&c.replay, "replay", "", "play this path again, and tell its story")
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	if err := c.check(flags.Args()); err != nil {
		fmt.Fprintf(out, "simulate: %v; -help lists the flags\n", err)
		return 2
	}
	if c.replay != "" {
		return again(c.replay, out)
	}
	if c.calls == 0 && c.exhaustive < 0 {
		c.calls = 20000
	}
	return c.table(out)
}

// check refuses what would play nothing, and call it a success.
func (c choice) check(rest []string) error {
	named := func(t tender) bool { return t.name == c.only }
	switch {
	case len(rest) > 0:
		return fmt.Errorf("%q is no flag: leave it out", rest[0])
	case c.calls < 0:
		return fmt.Errorf("-calls %d: give a number that is not negative", c.calls)
	case !(c.faults >= 0 && c.faults <= 1):
		return fmt.Errorf("-faults %v: give a likelihood from 0 to 1", c.faults)
	case c.exhaustive < -1:
		return fmt.Errorf("-exhaustive %d: give a number that is not negative", c.exhaustive)
	case c.only != "" && !slices.ContainsFunc(tenders, named):
		return fmt.Errorf("-tender %q is not one of those that are played", c.only)
	}
	return nil
}

// table plays, and prints each row when it is done.
func (c choice) table(out io.Writer) int {
	fmt.Fprintf(out, "%-9s %-12s %8s %8s %8s %9s %8s %8s %8s %8s %14s %13s %5s %12s\n", "", "", "runs", "joined", "calls",
		"events", "crashes", "unknown", "declines", "approved", "double charges", "lost receipts", "stuck", "calls/s/core")
	var all flowtest.Report
	for _, t := range tenders {
		if c.only != "" && c.only != t.name {
			continue
		}
		if c.exhaustive >= 0 {
			faults := c.exhaustive
			if c.only == "" {
				faults = min(faults, t.most)
			}
			name := fmt.Sprintf("<= %d faults", faults)
			if code := row(out, t.name, name, &all, func() (*flowtest.Report, error) { return t.Exhaustive(faults) }); code != 0 {
				return code
			}
		}
		n := c.calls
		if c.only == "" {
			n = (c.calls + len(tenders) - 1) / len(tenders)
		}
		if n > 0 {
			if code := row(out, t.name, "by chance", &all, func() (*flowtest.Report, error) { return t.Random(n, c.seed, c.faults) }); code != 0 {
				return code
			}
		}
	}
	if missing := all.Missing(); c.complete && len(missing) > 0 {
		fmt.Fprintf(out, "\nit never happened: %s\n", strings.Join(missing, "; "))
		return 1
	}
	fmt.Fprintln(out, "\nNobody was charged twice, no receipt was lost, and every payment came to an end.")
	return 0
}

// row plays, and prints what came of it.
func row(out io.Writer, tender, what string, all *flowtest.Report, play func() (*flowtest.Report, error)) int {
	before := cputime.Used()
	r, err := play()
	if err != nil {
		fmt.Fprintln(out, err)
		return 2
	}
	rate := float64(r.CallsMade) / (cputime.Used() - before).Seconds() // a second of one core
	fmt.Fprintf(out, "%-9s %-12s %8d %8d %8d %9d %8d %8d %8d %8d %14d %13d %5d %12.0f\n", tender, what, r.Runs, r.Joined,
		r.CallsMade, r.Events, r.Crashes, r.Unknowns, r.Declines, r.Approved, r.DoubleCharges, r.LostReceipts, r.Stuck, rate)
	if v := r.Violation; v != nil {
		fmt.Fprintf(out, "\n%s\nafter %d runs; to see it again: -replay %s:%s\n", v.What, r.Runs, tender, v.Path)
		return 1
	}
	all.Add(r)
	return 0
}

// again plays one call by its path: "card:12.3-40.1".
func again(path string, out io.Writer) int {
	name, choices, _ := strings.Cut(path, ":")
	for _, t := range tenders {
		if t.name != name {
			continue
		}
		report, story, err := t.Replay(choices)
		if err != nil {
			fmt.Fprintln(out, err)
			return 2
		}
		fmt.Fprint(out, story)
		if report.Violation != nil {
			fmt.Fprintf(out, "\n%s\n", report.Violation.What)
			return 1
		}
		return 0
	}
	fmt.Fprintf(out, "simulate: path %q: it begins with the tender and a colon, such as card:12.3\n", path)
	return 2
}
