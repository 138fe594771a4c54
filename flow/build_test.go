package flow_test

import (
	"context"
	"strings"
	"testing"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/ivr"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/message/catalog"
)

// Build finds what is wrong with a definition before any caller does. Each rule breaks a good dialogue in one way, and
// names what Build must say about it.
func TestBuildFindsFaults(t *testing.T) {
	for _, rule := range buildRules {
		t.Run(rule.sentence, func(t *testing.T) {
			d := flow.Default("City Water")
			rule.harm(&d)
			_, err := d.Build()
			require.Error(t, err)
			for _, want := range rule.want {
				assert.ErrorContains(t, err, want)
			}
			if rule.lines == 0 {
				rule.lines = len(rule.want)
			}
			assert.Len(t, strings.Split(err.Error(), "\n"), rule.lines, "it must say that and nothing else:\n%v", err)
		})
	}
}

func TestBuildDefault(t *testing.T) {
	_, err := flow.Default("City Water").Build()
	require.NoError(t, err)
}

var buildRules = []struct {
	sentence string
	harm     func(d *flow.Definition)
	want     []string
	lines    int // of the error; 0 is one for each of want
}{
	{"a question without words", without("amount.ask"),
		[]string{`state "amount": message "amount.ask" is missing in en-US`,
			`state "amount": message "amount.ask" is missing in es-US`}, 0},
	{"a question without words in one language", withoutIn("es-US", "amount.ask"),
		[]string{`state "amount": message "amount.ask" is missing in es-US`}, 0},
	{"a second attempt without other words", without("card.ask.2"),
		[]string{`state "card": message "card.ask.2" is missing: the second attempt must ask in other words`}, 0},
	{"a second attempt in one language only", withoutIn("es-US", "card.ask.2"),
		[]string{`state "card": message "card.ask.2" is missing in es-US`, `the second attempt must ask in other words`}, 0},
	{"a third attempt in one language only",
		func(d *flow.Definition) { _ = d.Say("en-US", "card.ask.3", "The card number, please.") },
		[]string{`state "card": message "card.ask.3" is missing in es-US`}, 0},
	{"a question without help", withoutIn("en-US", "more.help"),
		[]string{`state "more": message "more.help" is missing in en-US`}, 0},
	{"an option without words to say", without("more.done"), []string{
		`state "more": message "more.done" is missing in en-US`, `state "more": message "more.done" is missing in es-US`}, 0},
	{"an option that cannot be spoken", func(d *flow.Definition) { delete(d.Locales[1].Words, "more.done") },
		[]string{`state "more": option "more.done" has no words to say it by in es-US: give some`}, 0},
	{"a reason to refuse without words", withoutIn("en-US", "amount.other.invalid.above"),
		[]string{`state "amount.other": message "amount.other.invalid.above" is missing in en-US`,
			`state "amount": message "amount.other.invalid.above" is missing in en-US`}, 0},
	{"a message that a function says", withoutIn("es-US", "charge.taken"),
		[]string{`state "charge": message "charge.taken" is missing in es-US`}, 0},
	{"work that is announced without words", withoutIn("en-US", "charge.hold"),
		[]string{`state "charge.send": message "charge.hold" is missing in en-US`}, 0},
	{"work that goes on without words", withoutIn("en-US", "charge.still"),
		[]string{`state "charge.send": message "charge.still" is missing in en-US`}, 0},
	{"a general word of the engine", withoutIn("en-US", "back.none"),
		[]string{`message "back.none" is missing in en-US`}, 0},
	{"a reason of an embedder's own without words", func(d *flow.Definition) {
		ask := d.Stage("more").States[0].Ask
		ask.Reasons = append(ask.Reasons, "unheard of")
	}, []string{`message "more.invalid.unheard of" is missing in en-US`,
		`message "more.invalid.unheard of" is missing in es-US`}, 0},
	{"a transition that leads nowhere", func(d *flow.Definition) {
		st := &d.Stage("more").States[0]
		st.On = append(st.On, flow.Go{On: "fly", To: "the moon"})
	}, []string{`state "more": "fly" leads to "the moon", which does not exist`}, 0},
	{"two transitions for one event", func(d *flow.Definition) {
		st := &d.Stage("more").States[0]
		st.On = append(st.On, flow.Go{On: "done", To: "agent"})
	}, []string{`state "more": two transitions for "done"`}, 0},
	{"Next after the last stage", func(d *flow.Definition) {
		st := &d.Stages[len(d.Stages)-1].States[0]
		st.On = append(st.On, flow.Go{On: "next", To: flow.Next})
	}, []string{`"next" leads to "", which does not exist`}, 0},
	{"a state that nothing leads to", add("more", flow.State{Name: "more.island", Work: work()}),
		[]string{`state "more.island": nothing leads to it`}, 0},
	{"two states of one name", add("more", flow.State{Name: "confirm", Work: work()}),
		[]string{`state "confirm": there are two of this name`}, 0},
	{"a state without a name", add("more", flow.State{Work: work()}),
		[]string{`stage "more": a state cannot be named ""`, `state "": nothing leads to it`}, 0},
	{"a state that is nothing", add("more", flow.State{Name: "more.empty"}),
		[]string{`state "more.empty": exactly one of Ask, Work and Leave must be set`,
			`state "more.empty": nothing leads to it`}, 0},
	{"a state that is two things", func(d *flow.Definition) { d.Stage("goodbye").States[0].Work = work() },
		[]string{`state "goodbye": exactly one of Ask, Work and Leave must be set`}, 0},
	{"work that does nothing", func(d *flow.Definition) { d.Stage("funding").States[0].Work.Do = nil },
		[]string{`state "funding": a Work needs a Do`}, 0},
	{"a question that is neither menu nor field", func(d *flow.Definition) { d.Stage("more").States[0].Ask.Menu = nil },
		[]string{`state "more": exactly one of Menu and Field must be set`}, 0},
	{"a field that nobody reads", func(d *flow.Definition) { d.Stage("card").States[0].Ask.Answer = nil },
		[]string{`state "card": a Field needs an Answer`}, 0},
	{"a transfer that cannot fail", func(d *flow.Definition) { d.Stage("agent").States[1].On = nil },
		[]string{`state "agent.transfer": a transfer needs a transition for "transfer failed"`}, 0},
	{"a stage whose first state has another name", func(d *flow.Definition) { d.Stage("bill").Name = "bills" },
		[]string{`stage "bills": its first state must have its name`,
			`state "resume": "nothing" leads to "bills", which does not exist`,
			`state "resume": "failed" leads to "bills", which does not exist`,
			`state "resume.told": "failed" leads to "bills", which does not exist`,
			`state "resume.open": "another" leads to "bills", which does not exist`,
			`state "resume.on": "gone" leads to "bills", which does not exist`,
			`state "resume.on": "failed" leads to "bills", which does not exist`,
			`state "resume.anew": "left" leads to "bills", which does not exist`,
			`state "resume.anew": "failed" leads to "bills", which does not exist`,
			`state "resume.restore": "changed" leads to "bills", which does not exist`}, 0},
	{"no way to a person", func(d *flow.Definition) { d.Stages = []flow.Stage{*d.Stage("more"), *d.Stage("goodbye")} },
		[]string{`stage "agent" is missing: the universal transitions lead there`,
			`state "more": "another" leads to "bill", which does not exist`}, 0},
	{"no language", func(d *flow.Definition) { d.Locales = nil }, []string{"a catalog needs at least one locale"}, 0},
	{"one language twice", func(d *flow.Definition) { d.Locales = append(d.Locales, d.Locales[0]) },
		[]string{"locale en-US is in the catalog twice"}, 0},
	{"several faults at once", func(d *flow.Definition) {
		withoutIn("es-US", "more.ask")(d)
		withoutIn("en-US", "card.help")(d)
		d.Stage("funding").States[0].Work.Do = nil
	}, []string{`message "more.ask" is missing in es-US`, `message "card.help" is missing in en-US`,
		`a Work needs a Do`}, 0},
}

func work() *flow.Work {
	return &flow.Work{Do: func(context.Context, *flow.Call) (flow.Event, error) { return flow.EventEnd, nil }}
}

func add(stage string, st flow.State) func(d *flow.Definition) {
	return func(d *flow.Definition) {
		s := d.Stage(stage)
		s.States = append(s.States, st)
	}
}

func without(key string) func(d *flow.Definition) {
	return func(d *flow.Definition) {
		for i := range d.Locales {
			remove(d.Locales[i], key)
		}
	}
}

func withoutIn(locale, key string) func(d *flow.Definition) {
	return func(d *flow.Definition) {
		for _, l := range d.Locales {
			if l.Tag.String() == locale {
				remove(l, key)
			}
		}
	}
}

func remove(l ivr.Locale, key string) { delete(l.Messages, key) }

func TestSayUnknownLocale(t *testing.T) {
	d := flow.Default("City Water")
	require.ErrorContains(t, d.Say("fr-FR", "more.ask", "Autre chose ?"), `there is no locale "fr-FR"`)
	require.NoError(t, d.Say("en-US", "more.ask", "Anything more?"))
	assert.Equal(t, catalog.String("Anything more?"), d.Locales[0].Messages["more.ask"])
}

// Every stage of the default dialogue can be taken out, or nothing at all: then Build says why.
func TestStagesAreFound(t *testing.T) {
	d := flow.Default("City Water")
	assert.Nil(t, d.Stage("no such stage"))
	assert.ErrorContains(t, d.Remove("no such stage"), "there is no such stage")
	assert.ErrorContains(t, d.Remove("callback"), "it is the last")
	assert.ErrorContains(t, d.Replace(flow.Stage{Name: "no such stage"}), "there is no such stage")
	assert.ErrorContains(t, d.Insert("no such stage", flow.Stage{Name: "x"}), "there is no stage")
}

// An optional message that is there in one language only is a fault of the other, not silently left out.
func TestBuildOwnFaultWords(t *testing.T) {
	d := flow.Default("City Water")
	require.NoError(t, d.Say("en-US", "card.noinput", "Take your time to find the card."))
	_, err := d.Build()
	require.ErrorContains(t, err, `message "card.noinput" is missing in es-US`)
}

func TestNewNeedsEverything(t *testing.T) {
	_, err := flow.New(flow.Config{})
	require.Error(t, err)
	for _, what := range []string{"Dialogue", "Directory", "Biller", "Processor", "Now", "NewID"} {
		assert.ErrorContains(t, err, "flow: Config."+what+" is required")
	}
}
