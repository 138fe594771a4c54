package main

import (
	"context"
	"fmt"

	"github.com/dialpay/dialpay/internal/bench"
	"github.com/dialpay/dialpay/internal/happycall"
)

const (
	rounds   = 15
	perRound = 3000 // whole calls
)

// stepRows compare the steps of a whole call with the looplab/fsm calls that they make.
func stepRows(call *happycall.Call) []bench.Row {
	machine := happycall.Machine(call.Dialogue)
	catalog := call.Dialogue.Catalog()
	bare := func() {
		for i := range call.Steps {
			made := &call.Steps[i].Made
			machine.SetState(made.From)
			bench.Must(machine.Event(context.Background(), string(made.On)))
		}
	}
	step := func() {
		for i := range call.Steps {
			_, err := call.Do(&call.Steps[i])
			bench.Must(err)
		}
	}
	text := func() {
		for i := range call.Steps {
			turn, err := call.Do(&call.Steps[i])
			bench.Must(err)
			if len(turn.Prompts) > 0 {
				catalog.Text(turn.Locale, turn.Prompts...)
			}
		}
	}
	times := bench.SideBySide(rounds, perRound, bare, step, text)
	n := float64(perRound * len(call.Steps))
	return []bench.Row{
		{What: fmt.Sprintf("looplab/fsm SetState and Event, ns (mean of the %d steps of a call)", len(call.Steps)),
			Measured: fmt.Sprintf("%.0f", bench.Median(times[0])/n)},
		bench.Ratio("a step of the dialogue / its looplab/fsm calls", bench.MedianRatio(times[1], times[0]), 3),
		bench.Ratio("the same with plain text rendered / its looplab/fsm calls", bench.MedianRatio(times[2], times[0]), 8),
	}
}
