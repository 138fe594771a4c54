package main

import (
	"context"
	"fmt"

	"github.com/dialpay/dialpay/internal/bench"
	"github.com/dialpay/dialpay/ivr"
)

// turnKind is what turns have in common that may take the same number of commits.
type turnKind struct {
	what  string
	limit int
}

var (
	ordinary = turnKind{"commits of a turn of a whole call, at most", 1}
	nothing  = turnKind{"commits of an input that comes again, of a prompt that ended, of a late hang-up, at most", 0}
)

// special are the turns that need more, by the question that they answer.
var special = map[string]turnKind{
	"identify.pin.ask":     {"commits of the turn that weighs the PIN: before, so that a try counts once, after, and the turn", 3},
	"confirm.readback.ask": {"commits of the yes: the confirmed payment (R2, R3), and the turn", 2},
	"charge.hold": {"commits of the charge: before it is authorised, before it is captured (R4), paid with its outbox (R12), " +
		"and the turn", 4},
}

// commitRows count the commits of every turn of a whole call with a new card, in which each input also comes a second
// time.
func commitRows(dir string) (rows []bench.Row) {
	c := newCompany(database(dir, "commits"))
	defer c.close()
	w := &watch{company: c, most: map[turnKind]int{}, turns: map[turnKind]int{}}
	call := c.dial(w, "call")
	call.Hear("identify.pin.ask").Press("1234#").Hear("amount.ask").Press("1")
	call.Hear("funding.choose.ask").Press("1").Hear("confirm.readback.ask").Press("1")
	call.Hear("receipt.ask").Press("1").Hear("more.ask").Press("1").Over()
	w.count(context.Background(), nothing, "call", ivr.Input{Kind: ivr.HangUp})
	for _, kind := range []turnKind{ordinary, special["identify.pin.ask"], special["confirm.readback.ask"],
		special["charge.hold"], nothing} {
		what := fmt.Sprintf("%s (%d of %d inputs)", kind.what, w.turns[kind], w.inputs)
		rows = append(rows, bench.Count(what, w.most[kind], kind.limit))
	}
	return rows
}

// watch stands between the caller and the engine, and counts the commits of each turn.
type watch struct {
	*company
	last        ivr.Turn
	inputs      int
	most, turns map[turnKind]int
}

// Handle gives the input, and what changes nothing after it.
func (w *watch) Handle(ctx context.Context, call string, in ivr.Input) (ivr.Turn, error) {
	kind := ordinary
	for _, p := range w.last.Prompts {
		if k, ok := special[p.Key]; ok {
			kind = k
		}
	}
	again := in
	again.Secret = in.Secret.Copy()
	t := w.count(ctx, kind, call, in)
	w.count(ctx, nothing, call, again)
	if t.Action == ivr.ActionListen || t.Action == ivr.ActionCapture {
		w.count(ctx, nothing, call, ivr.Input{Kind: ivr.PromptEnded, Turn: t.Seq})
	}
	w.last = t
	return t, nil
}

func (w *watch) count(ctx context.Context, kind turnKind, call string, in ivr.Input) ivr.Turn {
	before := w.store.commits
	t, err := w.engine.Handle(ctx, call, in)
	bench.Must(err)
	w.inputs++
	w.turns[kind]++
	w.most[kind] = max(w.most[kind], w.store.commits-before)
	return t
}
