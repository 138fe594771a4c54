package flowtest

import "github.com/dialpay/dialpay/ivr"

// patience looks that nobody keeps the line for ever: from every state, a caller who does one and the same thing again
// and again is hung up on. People are closed, since a person would end it too soon. And every question that is put after
// too many turns is the last.
func (k *walker) patience() {
	seen := map[string]bool{}
	for _, n := range k.order {
		if seen[n.state.Name] {
			continue
		}
		seen[n.state.Name] = true
		k.tire(n)
		k.persist(n, act{name: "says nothing for ever", in: ivr.Input{Kind: ivr.Silence, Heard: true}})
		for _, key := range keypad {
			k.persist(n, act{name: "presses " + string(key) + " for ever", keys: string(key), in: ivr.Input{Heard: true}})
		}
	}
}

// persist does the same thing for ever. What is not answered by it ends by itself.
func (k *walker) persist(n *node, a act) {
	limit := k.Definition.Settings.Turns + 100 // the last turns are to say why
	at := *n
	for range limit {
		k.oracle.begin(nil)
		k.oracle.made["people"] = "closed"
		k.store.saved = at.saved
		in := a.input(at.turn)
		switch at.turn.Action {
		case ivr.ActionHangUp:
			return
		case ivr.ActionWait:
			in = ivr.Input{Kind: ivr.PromptEnded}
		case ivr.ActionTransfer:
			in = ivr.Input{Kind: ivr.TransferFailed}
		}
		turn, err := k.engine.Handle(k.t.Context(), walkCall, in)
		if err != nil {
			k.t.Fatalf("%s: %v\n%s", a.name, err, n.story())
		}
		at.saved, at.turn = k.store.saved, turn
	}
	k.t.Fatalf("who %s is not hung up on after %d turns\n%s", a.name, limit, n.story())
}

// tire lets a call come to a question so late that it must end there.
func (k *walker) tire(n *node) {
	if n.state.Kind != "ask" {
		return
	}
	session, err := n.saved.session()
	k.must(err)
	session.Seq = 2 * k.Definition.Settings.Turns
	late := *n
	late.saved.Data = []byte(encode(session))
	late.turn.Seq = session.Seq
	k.oracle.begin(nil)
	k.store.saved = late.saved
	turn, err := k.engine.Handle(k.t.Context(), walkCall, ivr.Input{Kind: ivr.Silence, Turn: session.Seq})
	if err != nil || turn.Action != ivr.ActionHangUp {
		k.t.Fatalf("state %q goes on after %d turns: %v\n%s", n.state.Name, session.Seq, err, n.story())
	}
}
