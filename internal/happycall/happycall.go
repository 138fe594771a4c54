// Package happycall records one whole call in which nobody makes a mistake, step by step, so that benchmarks measure
// what calls are made of: Ann keys her PIN, pays her balance with her saved card, and hangs up with a receipt.
package happycall

import (
	"context"
	"encoding/json"
	"testing"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/looplab/fsm"
)

// Step is one transition of the call: a question that was answered, or work that was done.
type Step struct {
	// Before is the session as the step finds it.
	Before flow.Session
	// In answers a question. Made is the transition: what looplab/fsm is asked for.
	In   ivr.Input
	Made flow.Transition
	work bool
}

// Call is the recorded call.
type Call struct {
	Dialogue *flow.Dialogue
	Steps    []Step
	// Parked is the stored session while the caller is asked for the amount, Full while it is largest: at the read-back.
	Parked, Full []byte

	session flow.Session // of the present step: allocated once
}

// ID is the session's ID in Parked, which is as long as those of the telephony providers: a SIP Call-ID, a call SID.
const ID = "CA00000000000000000000000000000000"

// Record makes the call with a real Engine.
func Record(t testing.TB) *Call {
	w := flowtest.NewWorld(t)
	r := &recorder{store: flow.NewMemory(w.Clock.Now), t: t}
	for _, stage := range w.Definition.Stages {
		for i := range stage.States {
			r.watch(stage.States[i].Work)
		}
	}
	var made []flow.Transition
	w.Config.Store = r.store
	w.Config.Observe = func(tr flow.Transition) { made = append(made, tr) }
	r.engine = w.Engine()
	r.call.Dialogue = w.Config.Dialogue
	call := flowtest.Dial(t, r, r.call.Dialogue.Catalog(), w.Clock, ID, ivr.Call{From: flowtest.Ann, Attestation: "A"})
	call.Hear("identify.pin.ask").Press("1234#")
	call.Hear("amount.ask")
	r.call.Parked = r.load().Data
	call.Press("1").Hear("funding.choose.ask").Press("1").Hear("confirm.readback.ask")
	r.call.Full = r.load().Data
	call.Press("1")
	call.Hear("receipt.ask").Press("1").Hear("more.ask").Press("1").Over()
	if len(made) != len(r.call.Steps) {
		t.Fatalf("%d steps made %d transitions", len(r.call.Steps), len(made))
	}
	for i, tr := range made {
		if r.call.Steps[i].Made = tr; r.call.Steps[i].Before.State != tr.From {
			t.Fatalf("step %d is in %q, its transition in %q", i, r.call.Steps[i].Before.State, tr.From)
		}
	}
	return &r.call
}

// Do takes the step, and returns the turn, which has no prompts when work follows. It can be repeated.
func (c *Call) Do(s *Step) (turn ivr.Turn, err error) {
	c.session = s.Before
	if s.work {
		turn, _, err = c.Dialogue.Proceed(&c.session, s.Made.On, flowtest.Start)
	} else {
		turn, _, err = c.Dialogue.Step(&c.session, s.In, flowtest.Start)
	}
	return turn, err
}

// Machine is a looplab/fsm machine of the whole dialogue, as it would be kept for each call without this library.
func Machine(d *flow.Dialogue) *fsm.FSM {
	table := d.Table()
	var events fsm.Events
	for _, st := range table {
		for _, g := range st.On {
			events = append(events, fsm.EventDesc{Name: string(g.On), Src: []string{st.Name}, Dst: g.To})
		}
	}
	return fsm.NewFSM(table[0].Name, events, nil)
}

// recorder stands between the caller and the engine.
type recorder struct {
	t      testing.TB
	engine *flow.Engine
	store  *flow.Memory
	call   Call
}

func (r *recorder) load() flow.Snapshot {
	snap, _, err := r.store.Load(context.Background(), ID)
	if err != nil {
		r.t.Fatal(err)
	}
	return snap
}

// Handle notes the session before an answer. A PIN is noted in the open, so that a step can be repeated.
func (r *recorder) Handle(ctx context.Context, call string, in ivr.Input) (ivr.Turn, error) {
	if in.Kind == ivr.Keys {
		s := Step{In: in}
		if err := json.Unmarshal(r.load().Data, &s.Before); err != nil {
			r.t.Fatal(err)
		}
		in.Secret.Open(func(b []byte) { s.In.Keys += string(b) })
		s.In.Secret = ivr.Secret{}
		r.call.Steps = append(r.call.Steps, s)
	}
	return r.engine.Handle(ctx, call, in)
}

// watch notes what work comes to.
func (r *recorder) watch(w *flow.Work) {
	if w == nil {
		return
	}
	do := w.Do
	w.Do = func(ctx context.Context, c *flow.Call) (flow.Event, error) {
		on, err := do(ctx, c)
		if err == nil && on != flow.Again {
			r.call.Steps = append(r.call.Steps, Step{Before: *c.Session, work: true})
		}
		return on, err
	}
}
