// Simulate plays calls in which everything goes wrong that can, and looks that nobody is charged twice, that no receipt is
// lost, and that every payment comes to an end.
//
//	go run ./examples/simulate -calls 200000 -seed 1 -faults 0.02
//	go run ./examples/simulate -exhaustive 2
//
// It exits with 1 at the first broken promise, and prints the path by which -replay plays that call again.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dialpay/dialpay/flow/flowtest"
)

// tender is a way to pay.
type tender struct {
	name string
	flowtest.Simulation
}

var tenders = []tender{
	{"card", flowtest.Simulation{Legs: 1}},
	{"cards", flowtest.Simulation{Legs: 2}},
	{"card+bank", flowtest.Simulation{Legs: 2, Direct: true}},
}

func main() { os.Exit(run(os.Args[1:], os.Stdout)) }

func run(args []string, out io.Writer) int {
	flags := flag.NewFlagSet("simulate", flag.ContinueOnError)
	calls := flags.Int("calls", 20000, "how many calls are played by chance")
	seed := flags.Uint64("seed", 1, "which calls")
	faults := flags.Float64("faults", 0.02, "how likely each single thing goes wrong")
	exhaustive := flags.Int("exhaustive", -1, "play every call with at most so many faults instead")
	replay := flags.String("replay", "", "play this path again, and tell its story")
	if flags.Parse(args) != nil {
		return 2
	}
	if *replay != "" {
		return again(*replay, out)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "\truns\tcalls\tevents\tcrashes\tunknown\tdeclines\tapproved\tdouble charges\tlost receipts\tstuck\tcalls/s/core\t")
	defer table.Flush()
	for _, t := range tenders {
		since := time.Now()
		play := func() (*flowtest.Report, error) {
			return t.Random((*calls+len(tenders)-1)/len(tenders), *seed, *faults)
		}
		if *exhaustive >= 0 {
			play = func() (*flowtest.Report, error) { return t.Exhaustive(*exhaustive) }
		}
		report, err := play()
		if err != nil {
			fmt.Fprintln(out, err)
			return 2
		}
		rate := float64(report.CallsMade) / time.Since(since).Seconds() / float64(runtime.GOMAXPROCS(0))
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t%.0f\t\n", t.name, report.Runs, report.CallsMade, report.Events,
			report.Crashes, report.Unknowns, report.Declines, report.Approved, report.DoubleCharges, report.LostReceipts,
			report.Stuck, rate)
		if v := report.Violation; v != nil {
			table.Flush()
			fmt.Fprintf(out, "\n%s\nafter %d runs; to see it again: -replay %s:%s\n", v.What, report.Runs, t.name, v.Path)
			return 1
		}
	}
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
