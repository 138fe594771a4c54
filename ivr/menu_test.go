package ivr_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/ivr"
)

// english is a locale that understands three options.
func english(t testing.TB) *ivr.Locale {
	t.Helper()
	l := ivr.English()
	l.Words["amount.full"] = []string{"full balance", "everything"}
	l.Words["amount.other"] = []string{"another amount", "something else"}
	l.Words["agree"] = []string{"everything", "yes"}
	c, err := ivr.NewCatalog(l)
	require.NoError(t, err)
	return c.Locale("en-US")
}

var amounts = ivr.Menu{
	Intro: []ivr.Prompt{ivr.Say("amount.ask")},
	Options: []ivr.Option{
		{Key: '1', Prompt: ivr.Say("amount.full", ivr.Money(1205, "USD"))},
		{Key: '2', Prompt: ivr.Say("amount.two"), Words: "amount.other"},
	},
}

func TestMenuPrompts(t *testing.T) {
	assert.Equal(t, []ivr.Prompt{
		ivr.Say("amount.ask"),
		ivr.Say("amount.full", ivr.Money(1205, "USD"), ivr.Key('1')),
		ivr.Say("amount.two", ivr.Key('2')),
	}, amounts.Prompts(), "the intro, then each option with its key as the last argument")

	ps := amounts.Prompts()
	ps[1].Args = append(ps[1].Args, ivr.Count(1))
	assert.Equal(t, ivr.Key('2'), ps[2].Args[0], "arguments of one option never grow into the next")
	assert.Len(t, amounts.Options[0].Prompt.Args, 1, "the menu itself stays as it was")
	assert.Empty(t, ivr.Menu{}.Prompts())
}

func TestMenuListen(t *testing.T) {
	l := amounts.Listen(ivr.Timing{})
	assert.Equal(t, ivr.Listen{
		Least: 1, Most: 1, Terminator: '#', First: ivr.DefaultTiming.Menu, Between: ivr.DefaultTiming.Between,
		BargeIn: true, Speech: true, Hints: []string{"amount.full", "amount.other"},
	}, l, "a menu takes one key or words, and can be interrupted")

	readBack := amounts
	readBack.MustHear = true
	l = readBack.Listen(ivr.DefaultTiming.Slower())
	assert.False(t, l.BargeIn, "a read-back cannot be interrupted")
	assert.True(t, l.Flush, "no key from before a read-back counts")
	assert.Equal(t, 2*ivr.DefaultTiming.Menu, l.First)
}

func keys(k string) ivr.Input { return ivr.Input{Kind: ivr.Keys, Keys: k, Heard: true} }

func say(words string) ivr.Input {
	return ivr.Input{Kind: ivr.Speech, Speech: words, Confidence: 0.9, Heard: true}
}

func option(i int) ivr.Answer { return ivr.Answer{Option: i} }

func command(c ivr.Command) ivr.Answer { return ivr.Answer{Command: c} }

func fault(f ivr.Fault) ivr.Answer { return ivr.Answer{Fault: f} }

func TestMenuReadKeys(t *testing.T) {
	for _, c := range []struct {
		keys string
		want ivr.Answer
		rule string
	}{
		{"1", option(0), "the key of an option chooses it"},
		{"2#", option(1), "a terminator does no harm"},
		{"3", fault(ivr.FaultNoMatch), "a key of no option is no match"},
		{"12", fault(ivr.FaultNoMatch), "two keys choose nothing"},
		{"1*2", option(1), "a correction clears what was before it"},
		{"1**", command(ivr.CommandBack), "a second correction finds an empty entry"},
		{"1**2*", command(ivr.CommandBack), "whatever follows"},
		{"*", command(ivr.CommandBack), "a correction of nothing goes back"},
		{"*1", command(ivr.CommandBack), "and it does so at once, as when keyed one by one"},
		{"1*#", fault(ivr.FaultEmpty), "a cleared entry is empty"},
		{"1*", fault(ivr.FaultSilence), "and silence without a terminator"},
		{"#", fault(ivr.FaultEmpty), "the terminator alone is empty"},
		{"", fault(ivr.FaultEmpty), "no key at all is empty"},
		{"1#2", fault(ivr.FaultNoMatch), "nothing can follow the terminator"},
		{"##", fault(ivr.FaultNoMatch), "not even another one"},
		{"A", fault(ivr.FaultNoMatch), "A to D are no keys of a caller"},
		{"1\n", fault(ivr.FaultNoMatch), "nor is anything else"},
		{"*x", fault(ivr.FaultNoMatch), "also behind a correction"},
		{"١", fault(ivr.FaultNoMatch), "nor a digit of another script"},
		{"0", command(ivr.CommandAgent), "0 is a person"},
		{"6", command(ivr.CommandLanguage), "6 is the other language"},
		{"7", command(ivr.CommandSlower), "7 is slower"},
		{"8", command(ivr.CommandHelp), "8 is help"},
		{"9#", command(ivr.CommandRepeat), "9 repeats"},
	} {
		assert.Equal(t, c.want, amounts.Read(keys(c.keys), nil, ivr.Timing{}), "%s: %q", c.rule, c.keys)
	}
	own := ivr.Menu{Options: []ivr.Option{{Key: '9'}}}
	assert.Equal(t, option(0), own.Read(keys("9"), nil, ivr.Timing{}), "an option wins over a universal")
}

func TestMenuReadSpeech(t *testing.T) {
	l := english(t)
	for _, c := range []struct {
		words string
		want  ivr.Answer
		rule  string
	}{
		{"Everything, please.", option(0), "the words of an option choose it, by its prompt's key"},
		{"another amount", option(1), "or by the list that it names"},
		{"two", option(1), "the number of its key chooses it too"},
		{"nine", command(ivr.CommandRepeat), "also that of a universal"},
		{"four", fault(ivr.FaultNoMatch), "but not that of no option"},
		{"one two", fault(ivr.FaultNoMatch), "nor two of them"},
		{"say that again", command(ivr.CommandRepeat), "a universal is understood by its words"},
		{"purple", fault(ivr.FaultNoMatch), "other words are no match"},
		{"", fault(ivr.FaultNoMatch), "nor are none"},
	} {
		c.want.Spoken = true
		assert.Equal(t, c.want, amounts.Read(say(c.words), l, ivr.Timing{}), "%s: %q", c.rule, c.words)
	}
	both := ivr.Menu{Options: []ivr.Option{{Key: '1', Words: "amount.full"}, {Key: '2', Words: "agree"}}}
	assert.Equal(t, ivr.FaultNoMatch, both.Read(say("everything"), l, ivr.Timing{}).Fault,
		"words that fit two options choose none")
	assert.Equal(t, 1, both.Read(say("yes"), l, ivr.Timing{}).Option)
	assert.Equal(t, ivr.FaultNoMatch, amounts.Read(say("two"), nil, ivr.Timing{}).Fault, "without a locale, no words")
}

func TestConfidence(t *testing.T) {
	l := english(t)
	for _, c := range []struct {
		confidence, least float64
		counts            bool
	}{
		{0.5, 0, true}, {0.49, 0, false}, {0.7, 0.8, false}, {0.8, 0.8, true}, {0, 0, false},
		{math.NaN(), 0, false}, {0.49, math.NaN(), false},
	} {
		in := ivr.Input{Kind: ivr.Speech, Speech: "two", Confidence: c.confidence}
		a := amounts.Read(in, l, ivr.Timing{Confidence: c.least})
		assert.Equal(t, c.counts, a.Fault == ivr.FaultNone, "confidence %v of at least %v", c.confidence, c.least)
	}
}

func TestMenuReadOtherInputs(t *testing.T) {
	assert.Equal(t, fault(ivr.FaultSilence), amounts.Read(ivr.Input{Kind: ivr.Silence}, nil, ivr.Timing{}))
	for _, k := range []ivr.InputKind{"", ivr.Answered, ivr.PromptEnded, ivr.HangUp, ivr.TransferFailed, ivr.WorkDone, "odd"} {
		assert.Equal(t, fault(ivr.FaultNoMatch), amounts.Read(ivr.Input{Kind: k}, nil, ivr.Timing{}), "%q is no answer", k)
	}
	s, err := ivr.NewSecret([]byte("1"))
	require.NoError(t, err)
	a := amounts.Read(ivr.Input{Kind: ivr.Keys, Secret: s}, nil, ivr.Timing{})
	assert.Equal(t, fault(ivr.FaultNoMatch), a, "a secret answers some other question")
	assert.Zero(t, s.Len(), "and is cleared")
}

func TestMustHear(t *testing.T) {
	m, l := amounts, english(t)
	m.MustHear = true
	for _, in := range []ivr.Input{keys("1"), keys("0"), keys("5"), keys("*"), say("yes"), say("repeat"), say("purple")} {
		heard := m.Read(in, l, ivr.Timing{})
		assert.NotEqual(t, ivr.FaultEarly, heard.Fault, "what comes after the read-back is read")
		in.Heard = false
		early := m.Read(in, l, ivr.Timing{})
		assert.Equal(t, ivr.FaultEarly, early.Fault, "nothing counts that came before its end: %+v", in)
		assert.Empty(t, early.Command)
	}
	assert.Equal(t, ivr.FaultSilence, m.Read(ivr.Input{Kind: ivr.Silence}, l, ivr.Timing{}).Fault)
}
