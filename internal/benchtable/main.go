// Benchtable measures what dialpay promises about its cost, and prints one table. Costs are ratios taken in one run, so
// that they mean the same on every machine. It exits with 1 when a promise is broken.
package main

import (
	"fmt"
	"os"
	"testing"
	"text/tabwriter"

	"github.com/dialpay/dialpay/internal/happycall"
)

// row is one line of the table.
type row struct {
	what, measured, limit string
	// broken tells that the limit is passed by more than noise.
	broken bool
}

// noise is how much of a ratio may come from whatever else the machine does.
const noise = 1.05

func main() {
	call := happycall.Record(&stopper{})
	rows := stepRows(call)
	rows = append(rows, parkedRows(call)...)
	rows = append(rows, flatRow(call))
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "\tmeasured\tlimit\t")
	broken := false
	for _, r := range rows {
		verdict := ""
		switch {
		case r.broken:
			verdict, broken = "OVER", true
		case r.limit != "":
			verdict = "PASS"
		}
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", r.what, r.measured, r.limit, verdict)
	}
	out.Flush()
	if broken {
		os.Exit(1)
	}
}

// ratio is a row about two costs that were measured side by side.
func ratio(what string, value, limit float64) row {
	return row{what, fmt.Sprintf("%.2f", value), fmt.Sprintf("%.1f", limit), value > limit*noise}
}

// stopper ends the program where a test would fail.
type stopper struct{ testing.TB }

func (*stopper) Helper() {}

func (*stopper) Fatal(args ...any) {
	fmt.Fprintln(os.Stderr, append([]any{"benchtable:"}, args...)...)
	os.Exit(2)
}

func (s *stopper) Fatalf(format string, args ...any) { s.Fatal(fmt.Sprintf(format, args...)) }

func must(err error) {
	if err != nil {
		(&stopper{}).Fatal(err)
	}
}
