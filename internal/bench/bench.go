// Package bench measures costs side by side and prints them as a table of promises. Costs are ratios taken in one run, so
// that they mean the same on every machine.
package bench

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"text/tabwriter"
	"time"
)

// Row is one line of the table.
type Row struct {
	What, Measured, Limit string
	// Broken tells that the limit is passed by more than noise.
	Broken bool
}

// noise is how much of a ratio may come from whatever else the machine does.
const noise = 1.05

// Ratio is a row about two costs that were measured side by side.
func Ratio(what string, value, limit float64) Row {
	return Row{what, fmt.Sprintf("%.2f", value), fmt.Sprintf("%.1f", limit), value > limit*noise}
}

// Count is a row about something that is counted.
func Count(what string, value, limit int) Row {
	return Row{what, fmt.Sprint(value), fmt.Sprint(limit), value > limit}
}

// AtLeast is a row about a rate, which is to be no lower than the limit.
func AtLeast(what string, value, limit int) Row {
	return Row{what, fmt.Sprint(value), fmt.Sprintf(">= %d", limit), float64(value)*noise < float64(limit)}
}

// Print prints the rows, and ends the program with 1 when a promise is broken.
func Print(rows []Row) {
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "\tmeasured\tlimit\t")
	broken := false
	for _, r := range rows {
		verdict := ""
		switch {
		case r.Broken:
			verdict, broken = "OVER", true
		case r.Limit != "":
			verdict = "PASS"
		}
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", r.What, r.Measured, r.Limit, verdict)
	}
	out.Flush()
	if broken {
		os.Exit(1)
	}
}

// SideBySide runs the functions in turns, each n times a round, so that whatever disturbs the machine disturbs all of them.
// It returns the times of the rounds in ns.
func SideBySide(rounds, n int, functions ...func()) [][]float64 {
	times := make([][]float64, len(functions))
	for range rounds {
		for i, f := range functions {
			start := time.Now()
			for range n {
				f()
			}
			times[i] = append(times[i], float64(time.Since(start).Nanoseconds()))
		}
	}
	return times
}

// Median is the middle value.
func Median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// MedianRatio is the median of the ratios of the rounds.
func MedianRatio(a, b []float64) float64 {
	ratios := make([]float64, len(a))
	for i := range a {
		ratios[i] = a[i] / b[i]
	}
	return Median(ratios)
}

// Stopper ends the program where a test would fail.
type Stopper struct{ testing.TB }

// Helper implements testing.TB.
func (*Stopper) Helper() {}

// Fatal implements testing.TB.
func (*Stopper) Fatal(args ...any) {
	fmt.Fprintln(os.Stderr, append([]any{"bench:"}, args...)...)
	os.Exit(2)
}

// Fatalf implements testing.TB.
func (s *Stopper) Fatalf(format string, args ...any) { s.Fatal(fmt.Sprintf(format, args...)) }

// Must ends the program on an error.
func Must(err error) {
	if err != nil {
		(&Stopper{}).Fatal(err)
	}
}
