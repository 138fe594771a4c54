package flow

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/dialpay/dialpay/ivr"
	"github.com/looplab/fsm"
)

// hungUp is the state of a session whose caller has gone; the machine has it without listing.
const hungUp = "hung up"

// universal are the transitions that states have without listing them.
var universal = []struct {
	on        Event
	to        string
	ask, work bool
}{
	{EventAgent, "agent", true, false},
	{EventGiveUp, "agent", true, false},
	{EventFailed, "agent", false, true},
	{EventEnd, "goodbye", true, true},
}

// Build checks the definition and makes the Dialogue. The error joins everything that is wrong: names that are missing
// or double, transitions that lead nowhere, states that nothing leads to, and each prompt that is missing for a state,
// an attempt, a fault, a reason and a locale.
func (d Definition) Build() (*Dialogue, error) {
	b := builder{d: &Dialogue{version: d.Version, settings: d.Settings.normal(), states: map[string]*state{}}}
	b.settings()
	b.catalog(d.Locales)
	b.states(d.Stages)
	b.transitions(d.Stages)
	b.migrations(d.Migrations)
	b.reach()
	if b.d.catalog != nil {
		for i := range b.d.table {
			b.prompts(&b.d.table[i])
		}
	}
	if len(b.errs) > 0 {
		return nil, fmt.Errorf("flow: the dialogue cannot be built: %w", errors.Join(b.errs...))
	}
	events := b.d.events(func(Go) bool { return true })
	initial := b.d.table[0].Name
	b.d.pool = &sync.Pool{New: func() any { return fsm.NewFSM(initial, events, nil) }}
	b.d.calls = &sync.Pool{New: func() any { return new(Call) }}
	return b.d, nil
}

type builder struct {
	d    *Dialogue
	errs []error
}

func (b *builder) fault(format string, args ...any) {
	err := fmt.Errorf(format, args...)
	if !slices.ContainsFunc(b.errs, func(said error) bool { return said.Error() == err.Error() }) {
		b.errs = append(b.errs, err)
	}
}

// settings finds numbers that make no sense.
func (b *builder) settings() {
	s := &b.d.settings
	for _, n := range []struct {
		name  string
		value int64
	}{
		{"Least", s.Least + 1}, {"Unusual", s.Unusual}, {"LeastRest", s.LeastRest}, {"Claims", int64(s.Claims)},
		{"Attempts", int64(s.Attempts)}, {"Failures", int64(s.Failures)},
		{"Turns", int64(s.Turns)}, {"Rejections", int64(s.Rejections)}, {"Declines", int64(s.Declines)},
		{"Budget", int64(s.Budget)}, {"HoldBudget", int64(s.HoldBudget)}, {"Pause", int64(s.Pause)},
		{"Patience", int64(s.Patience)}, {"Ring", int64(s.Ring)}, {"CallLimit", int64(s.CallLimit)},
		{"RetryGap", int64(s.RetryGap)}, {"CallAttempts", int64(s.CallAttempts)},
		{"ResumeFor", int64(s.ResumeFor)},
	} {
		if n.value < 1 {
			b.fault("Settings.%s is negative", n.name)
		}
	}
	s.Attempts = max(s.Attempts, 1)
	if s.KeepFor < day {
		b.fault("Settings.KeepFor is %v, must be at least %v: a call that goes on would lose its session", s.KeepFor, day)
	}
	if err := s.CallHours.check(); err != nil {
		b.fault("Settings.CallHours: %w", err)
	}
	if _, err := zone(s.TimeZone); err != nil {
		b.fault("Settings.TimeZone: %w", err)
	}
}

func (b *builder) catalog(locales []ivr.Locale) {
	c, err := ivr.NewCatalog(locales...)
	if err != nil {
		b.errs = append(b.errs, err)
		return
	}
	b.d.catalog = c
	b.d.locales = c.Locales()
}

func (b *builder) states(stages []Stage) {
	n := 0
	for _, s := range stages {
		n += len(s.States)
	}
	b.d.table = make([]state, 0, n+1)
	for _, stage := range stages {
		if len(stage.States) == 0 || stage.States[0].Name != stage.Name {
			b.fault("stage %q: its first state must have its name", stage.Name)
		}
		for _, st := range stage.States {
			b.state(stage.Name, st)
		}
	}
	for _, name := range []string{"agent", "goodbye"} {
		if b.d.states[name] == nil {
			b.fault("stage %q is missing: the universal transitions lead there", name)
		}
	}
	b.state("", State{Name: hungUp, Leave: &Leave{}})
}

func (b *builder) state(stage string, st State) {
	switch {
	case st.Name == "" || st.Name == Next:
		b.fault("stage %q: a state cannot be named %q", stage, st.Name)
	case b.d.states[st.Name] != nil:
		b.fault("state %q: there are two of this name", st.Name)
		return
	}
	kinds := 0
	for _, set := range []bool{st.Ask != nil, st.Work != nil, st.Leave != nil} {
		if set {
			kinds++
		}
	}
	if kinds != 1 {
		b.fault("state %q: exactly one of Ask, Work and Leave must be set", st.Name)
	}
	if st.Ask != nil && (st.Ask.Menu == nil) == (st.Ask.Field == nil) {
		b.fault("state %q: exactly one of Menu and Field must be set", st.Name)
	}
	if st.Ask != nil && st.Ask.Field != nil && st.Ask.Answer == nil {
		b.fault("state %q: a Field needs an Answer", st.Name)
	}
	if st.Work != nil && st.Work.Do == nil {
		b.fault("state %q: a Work needs a Do", st.Name)
	}
	b.d.table = append(b.d.table, state{State: st, stage: stage, on: map[Event]string{}})
	b.d.states[st.Name] = &b.d.table[len(b.d.table)-1]
}

// transitions resolves the targets, and adds the universal ones that a state does not list itself.
func (b *builder) transitions(stages []Stage) {
	after := map[string]string{}
	for i := range stages {
		if i+1 < len(stages) {
			after[stages[i].Name] = stages[i+1].Name
		}
	}
	for i := range b.d.table {
		st := &b.d.table[i]
		for _, g := range st.On {
			if g.To == Next {
				g.To = after[st.stage]
			}
			b.transition(st, g.On, g.To)
		}
		for _, u := range universal {
			if b.d.states[u.to] == nil {
				continue // Said once, for all states.
			}
			if _, listed := st.on[u.on]; !listed && (st.Ask != nil && u.ask || st.Work != nil && u.work) {
				b.transition(st, u.on, u.to)
			}
		}
		if st.Leave != nil && st.Leave.Transfer != nil && st.on[EventTransferFailed] == "" {
			b.fault("state %q: a transfer needs a transition for %q", st.Name, EventTransferFailed)
		}
		if st.Name != hungUp {
			b.transition(st, EventHangUp, hungUp)
		}
	}
}

func (b *builder) transition(st *state, on Event, to string) {
	if _, double := st.on[on]; double {
		b.fault("state %q: two transitions for %q", st.Name, on)
		return
	}
	if b.d.states[to] == nil {
		b.fault("state %q: %q leads to %q, which does not exist", st.Name, on, to)
		return
	}
	st.on[on] = to
	st.goes = append(st.goes, Go{on, to})
}

// reach finds states that no call can come to.
func (b *builder) reach() {
	if len(b.d.table) == 0 {
		return
	}
	seen := map[string]bool{b.d.table[0].Name: true}
	for queue := []*state{&b.d.table[0]}; len(queue) > 0; queue = queue[1:] {
		for _, g := range queue[0].goes {
			if !seen[g.To] {
				seen[g.To] = true
				queue = append(queue, b.d.states[g.To])
			}
		}
	}
	for i := range b.d.table {
		if !seen[b.d.table[i].Name] {
			b.fault("state %q: nothing leads to it", b.d.table[i].Name)
		}
	}
}

// faults are those that have general messages, by attempt: "noinput", "noinput.2".
var faults = []ivr.Fault{ivr.FaultSilence, ivr.FaultNoMatch, ivr.FaultEmpty, ivr.FaultShort, ivr.FaultLong,
	ivr.FaultEarly}

// general are the messages that the engine says itself.
var general = []string{"hold", "sorry", "slower", "language.changed", "back.none", "restarted",
	"receipt.text.paid", "receipt.text.bank", "receipt.text.failed", "receipt.text.notmade",
	"receipt.text.review", "receipt.text.back", "receipt.text.part.card",
	"receipt.text.part.bank", "receipt.text.part.gift", "receipt.text.part.points", "callback.text.gaveup"}

// prompts resolves the messages of a state, and finds those that are missing.
func (b *builder) prompts(st *state) {
	for _, key := range st.Says {
		b.need(st, key)
	}
	if st.stage == "" {
		for _, key := range general {
			b.need(st, key)
		}
		return
	}
	if st.Work != nil {
		b.work(st)
	}
	if st.Ask == nil {
		return
	}
	name := st.Name
	attempts := b.d.settings.Attempts
	st.ask = make([]ivr.Prompt, attempts)
	for n := range attempts {
		st.ask[n] = b.counted(st, name+".ask", n+1)
	}
	if attempts > 1 && st.ask[1].Key == st.ask[0].Key {
		b.fault("state %q: message %q is missing: the second attempt must ask in other words", name, name+".ask.2")
	}
	st.help = ivr.Say(name + ".help")
	b.need(st, st.help.Key)
	b.faults(st)
	st.invalid = map[string]ivr.Prompt{}
	for _, reason := range st.Ask.Reasons {
		key := name + ".invalid." + reason
		b.need(st, key)
		st.invalid[reason] = ivr.Say(key)
	}
	for _, key := range st.Ask.Options {
		b.need(st, key)
		b.words(st, key)
	}
}

// faults resolves the messages of what can be wrong with any answer: the question's own, or the general ones.
func (b *builder) faults(st *state) {
	st.faults = map[ivr.Fault][]ivr.Prompt{}
	for _, f := range faults {
		key := string(f)
		if own := st.Name + "." + key; b.has(own) > 0 {
			key = own
		}
		for n := range b.d.settings.Attempts {
			st.faults[f] = append(st.faults[f], b.counted(st, key, n+1))
		}
	}
}

func (b *builder) work(st *state) {
	st.still = ivr.Say("hold")
	if st.Work.Hold != "" {
		b.need(st, st.Work.Hold)
		st.hold = ivr.Say(st.Work.Hold)
	}
	if st.Work.Still != "" {
		b.need(st, st.Work.Still)
		st.still = ivr.Say(st.Work.Still)
	}
}

// counted finds the message for the n-th attempt: KEY.n, or that of the attempt before (VoiceXML 2.0 section 4.1.6).
func (b *builder) counted(st *state, key string, n int) ivr.Prompt {
	for ; n > 1; n-- {
		numbered := key + "." + strconv.Itoa(n)
		if have := b.has(numbered); have == len(b.d.locales) {
			return ivr.Say(numbered)
		} else if have > 0 {
			b.need(st, numbered)
		}
	}
	b.need(st, key)
	return ivr.Say(key)
}

// has counts the locales that have a message.
func (b *builder) has(key string) (n int) {
	for _, l := range b.d.locales {
		if b.d.catalog.Has(l, key) {
			n++
		}
	}
	return n
}

func (b *builder) need(st *state, key string) {
	for _, l := range b.d.locales {
		if !b.d.catalog.Has(l, key) {
			b.fault("state %q: message %q is missing in %s", st.Name, key, l)
		}
	}
}

func (b *builder) words(st *state, key string) {
	for _, l := range b.d.locales {
		if len(b.d.catalog.Locale(l).Words[key]) == 0 {
			b.fault("state %q: option %q has no words to say it by in %s: give some with Definition.Hear", st.Name, key, l)
		}
	}
}
