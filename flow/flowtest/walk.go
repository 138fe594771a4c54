package flowtest

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/ivr"
)

// Walk goes through a whole dialogue, breadth first: from every place that a call can come to, it tries everything that
// can happen on the line, with every answer that the collaborators can give, errors and slowness included. So it proves
// a dialogue that was changed as well as the library's own. It looks that
//
//   - no input is an error, and each is answered with a turn of words that are there in all languages;
//   - every call moves on: each answer makes a new turn, a caller who does the same thing for ever is hung up on, and
//     from everywhere the caller can come to an end other than by hanging up;
//   - at every question one input leads to a person, or to the offer of a callback: the 0 key or, where that is a digit
//     like any other, the word.
//
// Sessions that differ only in what does not matter for the way are one node. Keep the numbers of Settings small
// (Attempts, Rejections, Declines, Patience), since every count makes a node. The library's own dialogue, with 2
// attempts and 1 of the others, takes a minute or two of one core; without gift cards, points and callbacks
// (Without), a few seconds.
type Walk struct {
	// Definition is the dialogue. Stages of your own must keep what they know in the Session, since a walk goes back.
	Definition flow.Definition
	// Without takes collaborators away. May be nil.
	Without func(*flow.Collaborators)
	// Entries are good and bad answers to the fields, by state, in keys or in words. Entries that are made of the lengths
	// alone are tried anyway.
	Entries map[string][]string
}

// Walked is what a Walk saw.
type Walked struct {
	// States are those that calls waited in, Nodes the different sessions, Edges all that was tried.
	States, Nodes, Edges int
	// Taken are the transitions that were taken, by state.
	Taken map[string]map[flow.Event]bool
	// Table is the whole machine.
	Table []flow.StateInfo
}

// Run takes the walk. It fails the test at the first fault, and tells the way there.
func (w Walk) Run(t *testing.T) *Walked {
	t.Helper()
	k := &walker{Walk: w, spoken: map[string]int{}, nodes: map[string]*node{}, states: map[string]flow.StateInfo{}}
	synctest.Test(t, func(t *testing.T) {
		k.t = t
		k.prepare()
		k.explore()
		k.ends()
		k.patience()
	})
	states := map[string]bool{}
	for _, n := range k.nodes {
		states[n.state.Name] = true
	}
	k.walked.States, k.walked.Nodes = len(states), len(k.nodes)
	return &k.walked
}

type walker struct {
	Walk
	t       *testing.T
	oracle  oracle
	clock   walkClock
	store   *walkStore
	engine  *flow.Engine
	catalog *ivr.Catalog
	states  map[string]flow.StateInfo
	nodes   map[string]*node
	order   []*node
	walked  Walked
	spoken  map[string]int
	ids     int
}

const walkCall = "walk"

// walkTurns is more turns than a call needs, and few enough to wait for.
const walkTurns = 100

func (k *walker) prepare() {
	k.oracle.begin(nil)
	k.store = &walkStore{oracle: &k.oracle, now: k.clock.now}
	with, err := (&company{&k.oracle, k.clock.now}).collaborators()
	k.must(err)
	for _, l := range k.Definition.Locales {
		k.must(k.Definition.Say(l.Tag.String(), walkQuestion, "?"))
	}
	if k.Without != nil {
		k.Without(&with)
	}
	if k.Definition.Settings.Turns == 0 {
		k.Definition.Settings.Turns = walkTurns
	}
	if k.Definition.Settings.TimeZone == "" {
		k.Definition.Settings.TimeZone = "UTC"
	}
	d, err := k.Definition.Build()
	k.must(err)
	k.catalog = d.Catalog()
	k.walked.Table = d.Table()
	k.walked.Taken = map[string]map[flow.Event]bool{}
	for _, st := range k.walked.Table {
		k.states[st.Name], k.walked.Taken[st.Name] = st, map[flow.Event]bool{}
	}
	k.engine, err = flow.New(flow.Config{Dialogue: d, Collaborators: with, Store: k.store, Now: k.clock.now,
		NewID:   func() string { k.ids++; return fmt.Sprintf("pay-%d", k.ids) },
		Observe: func(tr flow.Transition) { k.walked.Taken[tr.From][tr.On] = true }})
	k.must(err)
}

func (k *walker) must(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

// explore finds all nodes.
func (k *walker) explore() {
	ring := &node{at: Start, next: map[*node]bool{}, effects: map[string]bool{}, stored: map[string]*node{}}
	for _, call := range []ivr.Call{{From: walkCaller, Attestation: "A"}, {From: walkCaller}, {}, {Locale: "es"}} {
		k.try(ring, act{name: "rings from " + orWithheld(call.From), in: ivr.Input{Kind: ivr.Answered, Call: call}})
	}
	for i := 0; i < len(k.order); i++ {
		n := k.order[i]
		for _, a := range acts(k.catalog, n.turn, k.Entries[n.state.Name]) {
			k.try(n, a)
		}
		if n.state.Kind == "ask" && !n.person {
			k.t.Fatalf("state %q: no way to a person\n%s", n.state.Name, n.story())
		}
	}
}

// try does an act at a node, once for each sequence of choices that the collaborators can make. Where another act had
// the same effect with the first choices, it has with all.
func (k *walker) try(from *node, a act) {
	for path := []int{}; path != nil; path = k.oracle.next(0) {
		to := k.step(from, a, path)
		k.walked.Edges++
		if a.in.Kind != ivr.HangUp {
			from.next[to] = true
		}
		if asksForPerson(a) && hasPerson(to) {
			from.person = true
		}
		if len(path) > 0 {
			continue
		}
		effect := fmt.Sprintf("%p%s", to, k.oracle.told())
		if from.effects[effect] {
			return
		}
		from.effects[effect] = true
	}
}

// hasPerson tells that the caller is given to a person, or learns that none is there, and where there are callbacks, is
// offered one.
func hasPerson(n *node) bool {
	return n.turn.Action == ivr.ActionTransfer || n.state.Stage == "callback" || n.state.Stage == "goodbye"
}

// step is one turn of the engine. It comes to a node that may be known.
func (k *walker) step(from *node, a act, path []int) *node {
	k.oracle.begin(path)
	k.store.saved = from.saved
	k.clock = walkClock{base: from.at.Add(5 * time.Second), since: time.Now()}
	turn, err := k.engine.Handle(context.Background(), walkCall, a.input(from.turn))
	n := &node{saved: k.store.saved, at: k.clock.now(), turn: turn, from: from, by: a.name + k.oracle.told()}
	if err != nil {
		k.t.Fatalf("%v\n%s", err, n.story())
	}
	k.checkTurn(n)
	// The same bytes are met again and again: another input, another choice, the same end.
	stored := n.saved.bytes()
	if same := from.stored[stored]; same != nil && a.in.Kind != ivr.Answered {
		return same
	}
	session, err := n.saved.session()
	k.must(err)
	n.state = k.states[session.State]
	k.checkProgress(n, a, session.Seq)
	known := k.known(n, session)
	from.stored[stored] = known
	return known
}

// checkProgress looks that an input makes a new turn, and one that came before does not.
func (k *walker) checkProgress(n *node, a act, seq int) {
	asked := n.from.turn.Action == ivr.ActionListen || n.from.turn.Action == ivr.ActionCapture
	over := a.in.Kind == ivr.HangUp && n.from.turn.Action == ivr.ActionHangUp // at most a payment goes on
	again := a.in.Kind == ivr.Answered && n.from.saved.Data != nil || a.in.Kind == ivr.PromptEnded && asked
	switch {
	case again && (n.saved.Version != n.from.saved.Version || n.turn.Seq != n.from.turn.Seq):
		k.t.Fatalf("an input that came again had an effect\n%s", n.story())
	case !again && !over && seq <= n.from.turn.Seq:
		k.t.Fatalf("turn %d came after turn %d\n%s", seq, n.from.turn.Seq, n.story())
	}
}

// known is the first node that behaves like n.
func (k *walker) known(n *node, session flow.Session) *node {
	key := abstract(session, n.state.Stage, n.saved.items)
	if first := k.nodes[key]; first != nil {
		return first
	}
	n.next, n.effects, n.stored = map[*node]bool{}, map[string]bool{}, map[string]*node{}
	k.nodes[key] = n
	k.order = append(k.order, n)
	return n
}

// checkTurn looks that the turn has words, in every language.
func (k *walker) checkTurn(n *node) {
	if n.turn.Listen.Most > 0 && len(n.turn.Prompts) == 0 {
		k.t.Fatalf("a question says nothing\n%s", n.story())
	}
	for _, p := range n.turn.Prompts {
		if k.spoken[p.Key] >= len(p.Args)+1 {
			continue
		}
		k.spoken[p.Key] = len(p.Args) + 1
		for _, l := range k.catalog.Locales() {
			if text := k.catalog.Text(l, p); text == "" || strings.Contains(text, "[") || strings.Contains(text, "%!") {
				k.t.Fatalf("prompt %q in %s: %q\n%s", p.Key, l, text, n.story())
			}
		}
	}
}

// ends looks that from every node the call can be ended otherwise than by hanging up.
func (k *walker) ends() {
	before := map[*node][]*node{}
	var queue []*node
	done := map[*node]bool{}
	for _, n := range k.order {
		for next := range n.next {
			before[next] = append(before[next], n)
		}
		if n.turn.Action == ivr.ActionHangUp || n.turn.Action == ivr.ActionTransfer {
			queue, done[n] = append(queue, n), true
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		for _, n := range before[queue[0]] {
			if !done[n] {
				queue, done[n] = append(queue, n), true
			}
		}
	}
	for _, n := range k.order {
		if !done[n] {
			k.t.Fatalf("state %q is a dead end\n%s", n.state.Name, n.story())
		}
	}
}
