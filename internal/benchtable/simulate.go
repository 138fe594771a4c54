package main

import (
	"fmt"
	"runtime/debug"

	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/internal/bench"
	"github.com/dialpay/dialpay/internal/cputime"
)

// simulatedLimit is how many calls in which things go wrong are to be simulated in a second of one core.
const simulatedLimit = 5000

// simulatedRows tell how fast the simulator is, in what make test plays of calls that pay with one card: all with at most
// two faults, of which the common beginnings are played once, and 40,000 by chance.
func simulatedRows() []bench.Row {
	defer debug.SetGCPercent(debug.SetGCPercent(800)) // as examples/simulate does
	search, searching := simulated(func() (*flowtest.Report, error) { return flowtest.Simulation{}.Exhaustive(2) })
	chance, chancing := simulated(func() (*flowtest.Report, error) { return flowtest.Simulation{}.Random(40_000, 1, 0.02) })
	return []bench.Row{
		bench.AtLeast(fmt.Sprintf("simulated calls a second of one core (%d calls with faults)", search+chance),
			int(float64(search+chance)/(searching+chancing)), simulatedLimit),
		{What: "of these, those of the search for all with at most two faults", Measured: fmt.Sprintf("%.0f", float64(search)/searching)},
		{What: "of these, those by chance", Measured: fmt.Sprintf("%.0f", float64(chance)/chancing)},
	}
}

// simulated is how many calls were played, and in how many seconds of one core.
func simulated(play func() (*flowtest.Report, error)) (calls int, seconds float64) {
	before := cputime.Used()
	r, err := play()
	bench.Must(err)
	if r.Violation != nil {
		bench.Must(fmt.Errorf("%s: %s", r.Violation.What, r.Violation.Path))
	}
	return r.CallsMade, (cputime.Used() - before).Seconds()
}
