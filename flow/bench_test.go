package flow_test

import (
	"context"
	"testing"

	"github.com/dialpay/dialpay/internal/happycall"
)

// The benchmarks go round a whole call and report the time of one step of it. `make bench` compares them.

func BenchmarkFSM(b *testing.B) {
	call := happycall.Record(b)
	machine := happycall.Machine(call.Dialogue)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		made := &call.Steps[i%len(call.Steps)].Made
		machine.SetState(made.From)
		if err := machine.Event(context.Background(), string(made.On)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStep(b *testing.B) {
	call := happycall.Record(b)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := call.Do(&call.Steps[i%len(call.Steps)]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStepText(b *testing.B) {
	call := happycall.Record(b)
	catalog := call.Dialogue.Catalog()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		turn, err := call.Do(&call.Steps[i%len(call.Steps)])
		if err != nil {
			b.Fatal(err)
		}
		if len(turn.Prompts) > 0 {
			catalog.Text(turn.Locale, turn.Prompts...)
		}
	}
}
