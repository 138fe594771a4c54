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

// mark is all of an entry, in a form that can be compared.
func (e entry) mark() any {
	return struct {
		kind                     ivr.InputKind
		turn                     int
		keys, speech, by, secret string
		heard                    bool
		call                     ivr.Call
	}{e.in.Kind, e.in.Turn, e.in.Keys, e.in.Speech, e.in.Reason, e.secret, e.in.Heard, e.in.Call}
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
	"funding.split.ask":    {"1", "2", "3", "4", "5"},
	"funding.which.ask":    {"1", "2", "3", "4", "5"},
	"gift.ask":             {simClaimCode + "#", "7001200201#"},
	"confirm.readback.ask": {"1", "2", "3", "4"},
	"charge.declined.ask":  {"2", "1"},
	"receipt.ask":          {"1", "2", "3"},
	"resume.anew":          {"1", "2"},
	"resume.done":          {"1", "2"},
}

// simCard is a canary: a card number that is valid and belongs to nobody.
const simCard = "4929718365502415"

// What a caller can do at any input other than answer, as a fault.
var mischief = []string{"hangs up", "drops without a word", "repeats the input", "sends the input before again",
	"calls a second time meanwhile", "comes to the other process"}

// dial begins a call of Ann.
func (r *simRun) dial(p *place, node int) {
	r.calls++
	*p = place{id: fmt.Sprintf("call-%d", r.calls), node: node,
		now: entry{in: ivr.Input{Kind: ivr.Answered, Call: ivr.Call{From: Ann, Attestation: "A"}}}}
	if r.fate.choose(whim, 2) == 1 {
		p.now.in.Call.From = Stranger
	}
}

// redial is one more call, when the first was cut short.
func (r *simRun) redial() {
	r.event("the caller redials")
	r.redialled = true
	// It takes until the next full minute, so that calls that were cut short in different places can go on alike.
	now := r.clock.Now()
	r.pass(now.Truncate(time.Minute).Add(time.Minute).Sub(now))
	r.seen.over(fmt.Sprintf("call-%d", r.calls))
	r.dial(&r.at, 1)
}

// cutOffAt is the input at which the first call may be cut off without a fault, where the company calls back: what to pay with.
const cutOffAt = 3

// line is the rest of a call. It tells whether the caller heard how it ended.
func (r *simRun) line(p *place) bool {
	for ; p.i < 60; p.i++ {
		if r.before("caller", r.nodes[p.node].name, p.id, p.i, r.redialled, p.now, p.before) {
			return true
		}
		if p.id == "call-1" && p.i == cutOffAt && r.Callbacks && r.fate.choose(outcome, 2) == 1 {
			r.event("the caller is cut off")
			r.misbehave("hangs up", p)
			return false
		}
		if r.fate.choose(fault, len(mischief)+1); r.path() > 0 {
			act := mischief[r.path()-1]
			r.report.Faults[act]++
			r.faulty++
			r.event("the caller %s", act)
			if gone := r.misbehave(act, p); gone {
				return false
			}
		}
		n, faulty := r.nodes[p.node], r.faulty
		turn, ok := n.take(p.id, p.now)
		if !ok {
			return false
		}
		if p.now.in.Call.From == Ann && faulty == r.faulty {
			r.opened()
		}
		n.heard(p.id, turn)
		if turn.Action == ivr.ActionHangUp || turn.Action == ivr.ActionTransfer {
			_, _ = n.take(p.id, entry{in: ivr.Input{Kind: ivr.HangUp}})
			return n.finished(turn)
		}
		n.pass(turn.Wait + time.Second)
		p.before, p.now = p.now, n.answer(turn)
		n.pressed(p.id, turn, p.now)
	}
	_, _ = r.nodes[p.node].take(p.id, entry{in: ivr.Input{Kind: ivr.HangUp}}) // nobody stays on the line for ever
	return true
}

// path is what was chosen last.
func (r *simRun) path() int {
	if r.fate.healed {
		return 0
	}
	return r.fate.choices.path[r.fate.at-1]
}

// misbehave does what callers and lines do that the dialogue does not ask for. It tells whether the caller has gone.
func (r *simRun) misbehave(act string, p *place) bool {
	n := r.nodes[p.node]
	switch act {
	case "hangs up":
		if p.now.in.Kind != ivr.Answered {
			_, _ = n.take(p.id, entry{in: ivr.Input{Kind: ivr.HangUp, Turn: p.now.in.Turn}})
		}
		return true
	case "drops without a word":
		return true
	case "repeats the input":
		_, _ = n.take(p.id, p.now)
	case "sends the input before again":
		if p.before.in.Kind != "" {
			_, _ = n.take(p.id, p.before)
		}
	case "calls a second time meanwhile":
		if r.calls < 3 {
			was, second := r.nested, place{}
			r.nested = true
			r.dial(&second, 1-p.node)
			r.line(&second)
			r.nested = was
		}
	default:
		p.node = 1 - p.node
	}
	return false
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
				n.rests++
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

// keyOf is the key of an option.
func keyOf(option ivr.Prompt) string { return string(rune(option.Args[len(option.Args)-1].N)) }

// answer is what Ann does at a turn.
func (n *simNode) answer(t ivr.Turn) entry {
	if t.Action == ivr.ActionWait {
		return entry{in: ivr.Input{Kind: ivr.PromptEnded, Turn: t.Seq}}
	}
	keys := "1"
	for _, p := range t.Prompts {
		answers := n.Answers[p.Key]
		if p.Key == "more.done" {
			answers = []string{keyOf(p), "1"}
		}
		if p.Key == "funding.gift" && n.Gifts && !n.Direct && !n.claimed {
			keys = keyOf(p) // A new gift card is redeemed first.
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
