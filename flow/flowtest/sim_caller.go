package flowtest

import (
	"fmt"
	"time"

	"github.com/dialpay/dialpay/ivr"
)

// entry is an input that can be handed over again. A handler clears secrets, so it is made afresh every time.
type entry struct {
	in     ivr.Input
	secret string
}

func (e entry) input() ivr.Input {
	in := e.in
	if e.secret != "" {
		in.Secret, _ = ivr.NewSecret([]byte(e.secret))
	}
	return in
}

// simAnswers are what Ann keys, by what she hears. Of several the first is the usual one.
var simAnswers = map[string][]string{
	"identify.account.ask": {"10012345#", "55555555#"},
	"identify.pin.ask":     {"1234#", "9999#"},
	"language.choose.ask":  {"1", "2"},
	"amount.ask":           {"1", "2"},
	"amount.other.ask":     {"40#", "0#"},
	"amount.minor.ask":     {"#", "05"},
	"funding.choose.ask":   {"1", "2", "3"},
	"card.ask":             {simCard + "#"},
	"card.expiry.ask":      {"1230", "0120"},
	"card.cvv.ask":         {"907"},
	"card.save.ask":        {"2", "1"},
	"confirm.readback.ask": {"1", "2", "3", "4"},
	"charge.declined.ask":  {"2", "1"},
	"receipt.ask":          {"1", "2", "3"},
	"resume.done":          {"1", "2"},
}

// simCard is a canary: a card number that is valid and belongs to nobody.
const simCard = "4929718365502415"

// What a caller can do at any input other than answer, as a fault.
var mischief = []string{"hangs up", "drops without a word", "repeats the input", "sends the input before again",
	"calls a second time meanwhile", "comes to the other process"}

// call is a call of Ann, and when it was cut short, one more.
func (n *simNode) call() {
	if done := n.one(); !done {
		n.event("the caller redials")
		n.redialled = true
		// It takes until the next full minute, so that calls that were cut short in different places can go on alike.
		now := n.clock.Now()
		n.pass(now.Truncate(time.Minute).Add(time.Minute).Sub(now))
		n.seen.over(fmt.Sprintf("call-%d", n.calls))
		n.nodes[1].one()
	}
}

// one is one call. It tells whether the caller heard how it ended.
func (n *simNode) one() bool {
	n.calls++
	id := fmt.Sprintf("call-%d", n.calls)
	n.report.CallsMade++
	now := entry{in: ivr.Input{Kind: ivr.Answered, Call: ivr.Call{From: Ann, Attestation: "A"}}}
	if n.fate.choose(whim, 2) == 1 {
		now.in.Call.From = Stranger
	}
	var before entry
	for i := range 60 {
		if n.before("caller", n.name, id, i, n.redialled, now, before) {
			return true
		}
		if n.fate.choose(fault, len(mischief)+1); n.path() > 0 {
			act := mischief[n.path()-1]
			n.report.Faults[act]++
			n.faulty++
			n.event("the caller %s", act)
			var gone bool
			if n, gone = n.misbehave(act, id, now, before); gone {
				return false
			}
		}
		turn, ok := n.take(id, now)
		if !ok {
			return false
		}
		n.heard(id, turn)
		if turn.Action == ivr.ActionHangUp || turn.Action == ivr.ActionTransfer {
			_, _ = n.take(id, entry{in: ivr.Input{Kind: ivr.HangUp}})
			return n.finished(turn)
		}
		n.pass(turn.Wait + time.Second)
		before, now = now, n.answer(turn)
		n.pressed(id, turn, now)
	}
	_, _ = n.take(id, entry{in: ivr.Input{Kind: ivr.HangUp}}) // nobody stays on the line for ever
	return true
}

// path is what was chosen last.
func (r *simRun) path() int {
	if r.fate.healed {
		return 0
	}
	return r.fate.choices.path[r.fate.at-1]
}

// misbehave does what callers and lines do that the dialogue does not ask for.
func (n *simNode) misbehave(act, id string, now, before entry) (next *simNode, gone bool) {
	other := n.nodes[0]
	if other == n {
		other = n.nodes[1]
	}
	switch act {
	case "hangs up":
		if now.in.Kind != ivr.Answered {
			_, _ = n.take(id, entry{in: ivr.Input{Kind: ivr.HangUp, Turn: now.in.Turn}})
		}
		return n, true
	case "drops without a word":
		return n, true
	case "repeats the input":
		_, _ = n.take(id, now)
	case "sends the input before again":
		if before.in.Kind != "" {
			_, _ = n.take(id, before)
		}
	case "calls a second time meanwhile":
		if n.calls < 3 {
			was := n.nested
			n.nested = true
			other.one()
			n.nested = was
		}
	default:
		return other, false
	}
	return n, false
}

// take hands the input over. When the process dies of it, another one gets it again, or nobody does.
func (n *simNode) take(id string, e entry) (ivr.Turn, bool) {
	n.last = handed{id, e}
	at := n
	for range 5 {
		turn, err := at.hand(id, e)
		if at.dead {
			at.restart()
			if at == n.nodes[0] {
				at = n.nodes[1]
			} else {
				at = n.nodes[0]
			}
			switch n.fate.choose(manner, 3) {
			case 1:
				return turn, false
			case 2:
				n.pass(outage)
				return turn, false
			}
			continue
		}
		if err != nil {
			_, _ = at.hand(id, entry{in: ivr.Input{Kind: ivr.HangUp}})
			return turn, false
		}
		n.report.Inputs[string(e.in.Kind)]++
		return turn, true
	}
	return ivr.Turn{}, false
}

// answer is what Ann does at a turn.
func (n *simNode) answer(t ivr.Turn) entry {
	if t.Action == ivr.ActionWait {
		return entry{in: ivr.Input{Kind: ivr.PromptEnded, Turn: t.Seq}}
	}
	keys := "1"
	for _, p := range t.Prompts {
		answers := n.Answers[p.Key]
		if p.Key == "more.done" {
			answers = []string{string(rune(p.Args[len(p.Args)-1].N)), "1"}
		}
		if answers == nil {
			answers = simAnswers[p.Key]
		}
		if answers == nil {
			continue
		}
		keys = answers[0]
		if len(answers) > 1 {
			keys = answers[n.fate.choose(whim, len(answers))]
		}
	}
	e := entry{in: ivr.Input{Kind: ivr.Keys, Turn: t.Seq, Heard: true}}
	switch odd := n.fate.choose(whim, 8); odd {
	case 1:
		return entry{in: ivr.Input{Kind: ivr.Silence, Turn: t.Seq, Heard: true}}
	case 2, 3, 4, 5:
		keys = map[int]string{2: "*", 3: "0", 4: "9", 5: "7"}[odd]
	case 6:
		return entry{in: ivr.Input{Kind: ivr.Speech, Speech: "one", Confidence: 1, Turn: t.Seq, Heard: true}}
	}
	if t.Listen.Sensitive {
		e.secret = keys
	} else {
		e.in.Keys = keys
	}
	return e
}
