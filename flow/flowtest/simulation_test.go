package flowtest_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/payment"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var tenders = map[string]flowtest.Simulation{
	"a card": {}, "two cards": {Legs: 2}, "a card and a bank account": {Legs: 2, Direct: true},
	"points, two gift cards and a card": {Gifts: true}, "points, a gift card and a card, taken at once": {Gifts: true, Direct: true},
	"a card, and what is stored is sealed": {Sealed: true}, "a card, and callbacks": {Callbacks: true},
}

// No call with at most one fault, and none of those that are played by chance, breaks a promise. (make simulate plays
// those with two, and hundreds of thousands by chance.)
func TestSimulation(t *testing.T) {
	var all flowtest.Report
	for name, s := range tenders {
		if testing.Short() && name != "a card" {
			continue
		}
		for kind, play := range map[string]func() (*flowtest.Report, error){
			"one fault": func() (*flowtest.Report, error) { return s.Exhaustive(1) },
			"by chance": func() (*flowtest.Report, error) { return s.Random(700, 2, 0.04) },
		} {
			report, err := play()
			require.NoError(t, err)
			if v := report.Violation; v != nil {
				t.Fatalf("%s, %s: %s\npath %s\n%s", name, kind, v.What, v.Path, v.Story)
			}
			assert.Greater(t, report.Approved, 100)
			assert.Greater(t, report.Crashes, 100)
			if s.Sealed {
				assert.Equal(t, report.Runs, report.Sealed)
			}
			if s.Callbacks {
				assert.Positive(t, report.CallsBack)
			}
			all.Add(report)
		}
	}
	if testing.Short() {
		return // Much is missing then.
	}
	// What needs two misfortunes may be missing here, but not what needs one.
	for _, what := range all.Missing() {
		assert.NotRegexp(t, "(load|commit|due|authorise|capture|refund|bills|post|send|methods|gift cards|points|dial|attempts|release)$", what)
	}
	assert.Contains(t, (&flowtest.Report{}).Missing(), "crash after: commit")
}

// The same seed makes the same runs, however many processors there are, and a path plays the same story again.
func TestSimulationIsDeterministic(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var first string
	for procs := 1; procs <= 2; procs++ {
		runtime.GOMAXPROCS(procs)
		report, err := flowtest.Simulation{Legs: 2}.Random(300, 7, 0.05)
		require.NoError(t, err)
		require.Nil(t, report.Violation)
		_, story, err := flowtest.Simulation{Legs: 2}.Replay("40.3-60.2")
		require.NoError(t, err)
		require.Contains(t, story, "node-1: ")
		now := fmt.Sprintf("%+v\n%s", *report, story)
		if first == "" {
			first = now
		}
		require.Equal(t, first, now)
	}
}

// again is a processor's wrapper that sends a charge once more where there was no answer, with another key or with its own.
type again struct {
	payment.Processor
	payment.Capturer
	newKey bool
}

func (p again) Authorise(ctx context.Context, c payment.Charge) (payment.Outcome, error) {
	out, err := p.Processor.Authorise(ctx, c)
	if err == nil {
		return out, nil
	}
	if p.newKey {
		c.Key = "n" + c.Key[1:]
	}
	return p.Processor.Authorise(ctx, c)
}

// Code that is put before the processor is played with it: a wrapper that keeps to the key of a charge breaks no promise,
// and one that makes up a new one is found.
func TestSimulationOfAWrappedProcessor(t *testing.T) {
	for _, newKey := range []bool{false, true} {
		s := flowtest.Simulation{Processor: func(p payment.Processor) payment.Processor {
			return again{p, p.(payment.Capturer), newKey}
		}}
		report, err := s.Exhaustive(1)
		require.NoError(t, err)
		if newKey {
			require.NotNil(t, report.Violation)
			assert.Contains(t, report.Violation.Story, ": authorise: ")
		} else {
			require.Nil(t, report.Violation)
		}
	}
}

func TestReplayRefusesWhatIsNoPath(t *testing.T) {
	_, _, err := flowtest.Simulation{}.Replay("card")
	require.ErrorContains(t, err, "such as 12.3")
}

func BenchmarkSimulation(b *testing.B) {
	report, err := flowtest.Simulation{}.Random(b.N, 1, 0.02)
	require.NoError(b, err)
	require.Nil(b, report.Violation)
	b.ReportMetric(float64(report.CallsMade)/b.Elapsed().Seconds(), "calls/s")
}
