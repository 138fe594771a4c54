package main

import (
	"bytes"
	"context"
	"fmt"
	"runtime"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/internal/bench"
	"github.com/dialpay/dialpay/internal/happycall"
	"github.com/dialpay/dialpay/ivr"
	"github.com/looplab/fsm"
)

// parkedLimit is the heap that a call between two turns may cost, in bytes.
const parkedLimit = 1024

// parkedRows tell what a call costs while its caller thinks, and what it would cost with a machine of its own.
func parkedRows(call *happycall.Call) []bench.Row {
	const calls, machines = 100_000, 1000
	store := flow.NewMemory((&flowtest.Clock{}).Now)
	parked := heap(func() { park(store, call.Parked, calls) }) / calls
	runtime.KeepAlive(store)
	store = flow.NewMemory((&flowtest.Clock{}).Now)
	full := heap(func() { park(store, call.Full, calls) }) / calls
	runtime.KeepAlive(store)
	store = flow.NewMemory((&flowtest.Clock{}).Now)
	split := heap(func() { park(store, splitReadBack(), calls) }) / calls
	runtime.KeepAlive(store)

	all := make([]*fsm.FSM, machines)
	machine := heap(func() {
		for i := range all {
			all[i] = happycall.Machine(call.Dialogue)
		}
	}) / machines
	runtime.KeepAlive(all)
	return []bench.Row{
		bench.Count(fmt.Sprintf("heap of a call that waits for the amount, bytes (%d calls in the memory store)", calls),
			int(parked), parkedLimit),
		bench.Count("the same at the read-back, where a session is largest", int(full), parkedLimit),
		bench.Count("the same where points, a gift card and a card are read back", int(split), parkedLimit),
		{What: "heap of a looplab/fsm machine a call instead, bytes", Measured: fmt.Sprint(machine)},
		{What: "building such a machine, µs", Measured: fmt.Sprintf("%.1f", buildTime(call))},
	}
}

// splitReadBack is the stored session of a call that hears three legs.
func splitReadBack() []byte {
	w := flowtest.NewWorld(&bench.Stopper{})
	store := flow.NewMemory(w.Clock.Now)
	w.Config.Store = store
	w.Gifts()
	engine := w.Engine()
	call := flowtest.Dial(&bench.Stopper{}, engine, engine.Catalog(), w.Clock, happycall.ID, ivr.Call{From: flowtest.Cat, Attestation: "A"})
	call.Hear("identify.pin.ask").Press("4321#").Hear("amount.ask").Press("1").Hear("split.card").Press("1").Hear("confirm.readback.ask")
	snap, _, err := store.Load(context.Background(), happycall.ID)
	bench.Must(err)
	return snap.Data
}

// buildTime is how long one machine takes to build, in µs.
func buildTime(call *happycall.Call) float64 {
	const n = 200
	times := bench.SideBySide(rounds, n, func() { happycall.Machine(call.Dialogue) })
	return bench.Median(times[0]) / n / 1000
}

// heap is by how many bytes do lets the heap grow.
func heap(do func()) int64 {
	var before, after runtime.MemStats
	settle := func(m *runtime.MemStats) {
		runtime.GC()
		runtime.GC() // the second one frees what had finalizers and pools
		runtime.ReadMemStats(m)
	}
	settle(&before)
	do()
	settle(&after)
	return int64(after.HeapAlloc) - int64(before.HeapAlloc)
}

// park stores copies of a call, each under an ID of its own.
func park(store *flow.Memory, session []byte, calls int) {
	for i := range calls {
		id := parkedID(i)
		data := bytes.Replace(session, []byte(happycall.ID), []byte(id), 1)
		err := store.Commit(context.Background(), flow.Tx{Session: id, Next: data})
		bench.Must(err)
	}
}

func parkedID(i int) string { return fmt.Sprintf("CA%0*d", len(happycall.ID)-2, i) }

// flatRow compares a turn among a thousand parked calls with one among a million: the caller goes to another amount,
// and back.
func flatRow(call *happycall.Call) bench.Row {
	const few, many, limit = 1000, 1_000_000, 1.5
	turns := func(calls int) func() {
		w := flowtest.NewWorld(&bench.Stopper{})
		store := flow.NewMemory(w.Clock.Now)
		w.Config.Store = store
		engine := w.Engine()
		park(store, call.Parked, calls)
		next := 0
		return func() {
			id := parkedID(next)
			next = (next + 617) % calls // not in the order of memory
			for _, keys := range []string{"3", "*"} {
				_, err := engine.Handle(context.Background(), id, ivr.Input{Kind: ivr.Keys, Keys: keys, Heard: true})
				bench.Must(err)
			}
		}
	}
	times := bench.SideBySide(rounds, 5000, turns(few), turns(many))
	return bench.Ratio(fmt.Sprintf("a turn with store among %d parked calls / among %d (%.1f µs)", many, few, bench.Median(times[0])/5000/2000),
		bench.MedianRatio(times[1], times[0]), limit)
}
