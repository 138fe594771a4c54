package flow

import (
	"sync"

	"github.com/dialpay/dialpay/ivr"
	"github.com/looplab/fsm"
)

// Dialogue is a built Definition. It is immutable and shared by all calls.
type Dialogue struct {
	version    string
	migrations map[string]Migration // by the version that they are from
	settings   Settings
	catalog    *ivr.Catalog
	locales    []string
	table      []state
	states     map[string]*state
	// pool holds machines: one of looplab/fsm keeps one current state and costs 27 KB here, so a call borrows one for the
	// length of a transition.
	pool *sync.Pool
	// calls holds what Step and Proceed show to the stages.
	calls *sync.Pool
}

// state is a State with everything resolved that can be before a call.
type state struct {
	State
	stage  string
	on     map[Event]string
	goes   []Go
	ask    []ivr.Prompt
	help   ivr.Prompt
	faults map[ivr.Fault][]ivr.Prompt

	invalid     map[string]ivr.Prompt
	hold, still ivr.Prompt
}

// Catalog holds the words of the dialogue, for the lines that speak them.
func (d *Dialogue) Catalog() *ivr.Catalog { return d.catalog }

// StateInfo is one row of the machine's table.
type StateInfo struct {
	// Stage is the stage that the state belongs to, empty for "hung up". Kind is "ask", "work" or "leave".
	Stage, Name, Kind string
	// On are all transitions, the universal ones at the end.
	On []Go
}

// Table is the whole machine, in the caller's order.
func (d *Dialogue) Table() []StateInfo {
	rows := make([]StateInfo, len(d.table))
	for i := range d.table {
		st := &d.table[i]
		rows[i] = StateInfo{Stage: st.stage, Name: st.Name, Kind: st.kind(), On: append([]Go(nil), st.goes...)}
	}
	return rows
}

func (st *state) kind() string {
	switch {
	case st.Ask != nil:
		return "ask"
	case st.Work != nil:
		return "work"
	}
	return "leave"
}

// Mermaid draws the machine as a Mermaid state diagram, without the transitions that every state has.
func (d *Dialogue) Mermaid() (string, error) {
	events := d.events(func(g Go) bool { return !isUniversal(g) })
	return fsm.VisualizeForMermaidWithGraphType(fsm.NewFSM(d.table[0].Name, events, nil), fsm.StateDiagram)
}

func isUniversal(g Go) bool {
	if g.On == EventHangUp {
		return true
	}
	for _, u := range universal {
		if g.On == u.on && g.To == u.to {
			return true
		}
	}
	return false
}

// events are the transitions to draw or to run, in the form of looplab/fsm.
func (d *Dialogue) events(wanted func(Go) bool) (events fsm.Events) {
	for i := range d.table {
		st := &d.table[i]
		for _, g := range st.goes {
			if wanted(g) {
				events = append(events, fsm.EventDesc{Name: string(g.On), Src: []string{st.Name}, Dst: g.To})
			}
		}
	}
	return events
}
