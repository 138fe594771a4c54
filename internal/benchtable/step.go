package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/dialpay/dialpay/internal/happycall"
)

const (
	rounds   = 15
	perRound = 3000 // whole calls
)

// stepRows compare the steps of a whole call with the looplab/fsm calls that they make.
func stepRows(call *happycall.Call) []row {
	machine := happycall.Machine(call.Dialogue)
	catalog := call.Dialogue.Catalog()
	bare := func() {
		for i := range call.Steps {
			made := &call.Steps[i].Made
			machine.SetState(made.From)
			must(machine.Event(context.Background(), string(made.On)))
		}
	}
	step := func() {
		for i := range call.Steps {
			_, err := call.Do(&call.Steps[i])
			must(err)
		}
	}
	text := func() {
		for i := range call.Steps {
			turn, err := call.Do(&call.Steps[i])
			must(err)
			if len(turn.Prompts) > 0 {
				catalog.Text(turn.Locale, turn.Prompts...)
			}
		}
	}
	times := sideBySide(perRound, bare, step, text)
	n := float64(perRound * len(call.Steps))
	return []row{
		{what: fmt.Sprintf("looplab/fsm SetState and Event, ns (mean of the %d steps of a call)", len(call.Steps)),
			measured: fmt.Sprintf("%.0f", median(times[0])/n)},
		ratio("a step of the dialogue / its looplab/fsm calls", medianRatio(times[1], times[0]), 3),
		ratio("the same with plain text rendered / its looplab/fsm calls", medianRatio(times[2], times[0]), 8),
	}
}

// sideBySide runs the functions in turns, n times a round, so that whatever disturbs the machine disturbs all of them.
// It returns the times of the rounds in ns.
func sideBySide(n int, functions ...func()) [][]float64 {
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

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// medianRatio is the median of the ratios of the rounds.
func medianRatio(a, b []float64) float64 {
	ratios := make([]float64, len(a))
	for i := range a {
		ratios[i] = a[i] / b[i]
	}
	return median(ratios)
}
