package ivr_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/ivr"
)

// caller plays a script of events on an Exchange and notes its Inputs.
type caller struct {
	t   testing.TB
	x   ivr.Exchange
	now time.Time
	got []string
}

func newCaller(t testing.TB) *caller {
	return &caller{t: t, now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
}

func (c *caller) begin(turn ivr.Turn) *caller {
	c.x.Begin(turn, c.now)
	c.note()
	return c
}

// do plays words: "ended", "hangup", "silence", "say:purple", "entry:12", "+5s" lets time pass, anything else is keys.
func (c *caller) do(script string) *caller {
	for _, word := range strings.Fields(script) {
		verb, what, _ := strings.Cut(word, ":")
		switch {
		case word == "ended":
			c.feed(ivr.Input{Kind: ivr.PromptEnded})
		case word == "hangup":
			c.feed(ivr.Input{Kind: ivr.HangUp, Reason: "caller"})
		case word == "silence":
			c.feed(ivr.Input{Kind: ivr.Silence})
		case verb == "say":
			c.feed(ivr.Input{Kind: ivr.Speech, Speech: what, Confidence: 1, Heard: true})
		case verb == "entry":
			c.feed(ivr.Input{Kind: ivr.Keys, Keys: what, Heard: true})
		case word[0] == '+':
			d, err := time.ParseDuration(word[1:])
			require.NoError(c.t, err)
			c.pass(d)
		default:
			for i := range word {
				c.x.Feed(ivr.Event{At: c.now, Key: word[i]})
				c.note()
			}
		}
	}
	return c
}

func (c *caller) feed(in ivr.Input) {
	c.x.Feed(ivr.Event{At: c.now, Input: in})
	c.note()
}

// pass lets time pass, as a line does: each deadline is an event of its own.
func (c *caller) pass(d time.Duration) {
	end := c.now.Add(d)
	for {
		at := c.x.Deadline()
		if at.IsZero() || at.After(end) {
			break
		}
		c.x.Feed(ivr.Event{At: at})
		c.note()
		require.NotEqual(c.t, at, c.x.Deadline(), "a deadline that passed is over")
	}
	c.now = end
}

func (c *caller) note() {
	if in, ok := c.x.Input(); ok {
		c.got = append(c.got, show(in))
		_, again := c.x.Input()
		require.False(c.t, again, "an Input is given once")
	}
}

// inputs returns what came since the last call.
func (c *caller) inputs() string {
	s := strings.Join(c.got, "; ")
	c.got = nil
	return s
}

func show(in ivr.Input) string {
	s := fmt.Sprintf("%d %s", in.Turn, in.Kind)
	if in.Kind == ivr.Keys {
		s += " '" + in.Keys + "'"
		if in.Secret.Len() > 0 {
			s += " secret '" + opened(in.Secret) + "'"
		}
	}
	if in.Kind == ivr.Speech {
		s += " '" + in.Speech + "'"
	}
	if in.Heard && (in.Kind == ivr.Keys || in.Kind == ivr.Speech) {
		s += " heard"
	}
	return s
}

func ask(seq int, l ivr.Listen) ivr.Turn {
	return ivr.Turn{Seq: seq, Action: ivr.ActionListen, Listen: l}
}

func menu(seq int) ivr.Turn { return ask(seq, amounts.Listen(ivr.Timing{})) }

func readBack(seq int) ivr.Turn {
	m := amounts
	m.MustHear = true
	return ask(seq, m.Listen(ivr.Timing{}))
}

func field(seq int) ivr.Turn { return ask(seq, account.Listen(ivr.Timing{})) }

func fresh(seq int) ivr.Turn {
	t := menu(seq)
	t.Listen.Fresh = true
	return t
}

func expiry(seq int) ivr.Turn {
	f := ivr.Field{Kind: ivr.FieldDigits, Least: 4, Most: 4, Capture: ivr.Capture{Field: ivr.CaptureExpiry}}
	return ivr.Turn{Seq: seq, Action: ivr.ActionCapture, Listen: f.Listen(ivr.Timing{})}
}

func waitForPrompts(seq int) ivr.Turn {
	l := account.Listen(ivr.Timing{})
	l.BargeIn = false
	return ask(seq, l)
}

// flushed allows barge-in and flushes: the flush is stronger.
func flushed(seq int) ivr.Turn {
	t := readBack(seq)
	t.Listen.BargeIn = true
	return t
}

func secretField(seq int) ivr.Turn {
	return ivr.Turn{Seq: seq, Action: ivr.ActionCapture, Listen: pin.Listen(ivr.Timing{})}
}

func hold(d time.Duration) ivr.Turn {
	return ivr.Turn{Seq: 1, Action: ivr.ActionWait, Wait: d}
}

func TestExchangeOneTurn(t *testing.T) {
	for _, c := range []struct {
		turn         ivr.Turn
		script, want string
		rule         string
	}{
		// Completion.
		{menu(1), "ended 1", "1 keys '1' heard", "a menu takes one key"},
		{expiry(1), "ended 1230", "1 keys '' secret '1230' heard", "an entry of a fixed length is complete at once"},
		{field(1), "ended 123456", "", "one whose length may vary waits for the terminator"},
		{field(1), "ended 4929123456787890#", "1 keys '4929123' heard", "so that a longer number does not pass for it"},
		{field(1), "ended 1234#", "1 keys '1234' heard", "a terminator completes it earlier"},
		{field(1), "ended 1234 +4s 5 +5s", "1 keys '12345' heard", "so does the between-key time, counted from the last key"},
		{field(1), "ended 1234 +4.9s", "", "but not before it has passed"},
		{field(1), "ended #", "1 keys '#' heard", "the terminator alone is an answer"},
		{field(1), "ended *", "1 keys '*' heard", "so is a correction of nothing, at once"},
		{field(1), "ended 9#", "1 keys '9' heard", "a universal in an entry ends by the terminator"},
		{field(1), "ended 9 +5s", "1 keys '9' heard", "or by time"},
		{field(1), "ended A\n 1234#", "1 keys '1234' heard", "what is no key is ignored"},
		// Corrections.
		{field(1), "ended 99*1234#", "1 keys '1234' heard", "a correction clears the entry"},
		{field(1), "ended 12345* +4s 123456#", "1 keys '123456' heard", "and restarts the between-key time"},
		{field(1), "ended 12* +5s", "1 silence", "a cleared entry that is left so is silence"},
		{field(1), "ended 12*#", "1 keys '#' heard", "or by the terminator"},
		{field(1), "ended 12**", "1 keys '*' heard", "the second correction goes back"},
		// The first key.
		{menu(1), "ended +6.9s", "", "the first-key time runs from the end of the prompts"},
		{menu(1), "ended +7s", "1 silence", "and is longer in entries than in menus"},
		{field(1), "ended +7s +3s", "1 silence", ""},
		{menu(1), "+1h", "", "while the prompts are spoken nobody waits"},
		{menu(1), "+1h ended +6.9s 1", "1 keys '1' heard", ""},
		{menu(1), "ended +5s ended +2s", "1 silence", "a second end of the prompts changes nothing"},
		// Barge-in.
		{menu(1), "1", "1 keys '1'", "a key can cut the prompts short, and then they were not heard"},
		{field(1), "12 ended 34 #", "1 keys '1234'", "what counts is the first key"},
		{field(1), "12 +5s", "1 keys '12'", "the between-key time runs though the prompts have not ended"},
		{menu(1), "say:full", "1 speech 'full'", "a word can do so too"},
		// Without barge-in.
		{waitForPrompts(1), "1234 +1h", "", "without barge-in keys count after the prompts"},
		{waitForPrompts(1), "1234 +1h ended # ", "1 keys '1234'", "and were not heard in full"},
		{waitForPrompts(1), "123456# ended", "1 keys '123456'", ""},
		{waitForPrompts(1), "12 +1h ended +4.9s 34 +5s", "1 keys '1234'", "the between-key time runs from the end of the prompts then"},
		{waitForPrompts(1), "say:full ended +10s", "1 silence", "words are not kept"},
		// Flush.
		{readBack(1), "1 ended +7s", "1 keys '1'", "no key counts that was pressed before a read-back ended: it was not heard"},
		{readBack(1), "12 ended +6.9s", "", "and there is time for another one"},
		{readBack(1), "1 ended 2", "1 keys '2' heard", ""},
		{readBack(1), "1* say:yes entry:1 ended #", "1 keys '#' heard", "nor anything else"},
		{flushed(1), "1 entry:1 say:yes ended 2", "1 keys '2' heard", "also where a turn would allow barge-in"},
		{readBack(1), "ended say:yes", "1 speech 'yes' heard", ""},
		{readBack(1), "ended entry:1", "1 keys '1' heard", ""},
		// Sensitive entries.
		{secretField(1), "ended 1234#", "1 keys '' secret '1234' heard", "a sensitive entry goes into a Secret"},
		{secretField(1), "ended 99*123456#", "1 keys '' secret '123456' heard", ""},
		{secretField(1), "ended *", "1 keys '' secret '*' heard", ""},
		{secretField(1), "ended entry:1234", "1 keys '' secret '1234' heard", "also one that a careless line reports in the open"},
		{secretField(1), "ended entry:" + strings.Repeat("4", 100), "1 keys '' secret '" + strings.Repeat("4", 64) + "' heard", "too long stays too long"},
		{secretField(1), "ended say:four 1234#", "1 keys '' secret '1234' heard", "words are never taken there"},
		// Lines that collect by themselves.
		{field(1), "ended entry:1234", "1 keys '1234' heard", "a whole entry passes through"},
		{field(1), "entry:1234", "1 keys '1234'", "heard only if the prompts had ended, whatever the line says"},
		{field(1), "ended silence", "1 silence", "silence passes through"},
		{field(1), "ended 12 silence #", "1 keys '12' heard", "but not in the middle of an entry"},
		{field(1), "ended 12 entry:1234", "1 keys '1234' heard", "a whole entry replaces keys"},
		{field(1), "1 ended say:four", "1 speech 'four'", "nor is heard what comes after a key that cut the prompts short"},
		{waitForPrompts(1), "1 ended entry:1234", "1 keys '1234'", "or after one that was kept"},
		// Waiting.
		{hold(2 * time.Second), "ended +1.9s", "", "work goes on for as long as the turn says"},
		{hold(2 * time.Second), "+1h ended +2s", "1 prompt ended", "counted from the end of the prompts"},
		{hold(0), "ended", "1 prompt ended", "no time is over at once"},
		{hold(0), "1 say:hello entry:12 silence ended", "1 prompt ended", "nothing else answers it"},
		// Hanging up.
		{menu(1), "hangup", "1 hang up", "a hang-up is an answer to everything"},
		{field(1), "ended 12 hangup 3456", "1 hang up", "and to an entry half made"},
		{hold(time.Hour), "hangup ended +1h", "1 hang up", ""},
		{menu(1), "ended 1 hangup hangup", "1 keys '1' heard; 1 hang up", "it comes even when the turn was answered, once"},
	} {
		got := newCaller(t).begin(c.turn).do(c.script).inputs()
		assert.Equal(t, c.want, got, "%s: %q", c.rule, c.script)
	}
}

func TestExchangeTypeAhead(t *testing.T) {
	for _, c := range []struct {
		first, second ivr.Turn
		before, after string
		want          string
		rule          string
	}{
		{menu(1), field(2), "ended 11234#", "", "2 keys '1234'", "keys for the next question are kept"},
		{menu(1), field(2), "ended 1#1234#", "", "2 keys '1234'", "the terminator after a menu key belongs to it"},
		{menu(1), field(2), "ended 1", "#1234 +5s", "2 keys '1234'", "also when it comes in the next question"},
		{menu(1), field(2), "ended 1", "+6s #", "2 keys '#'", "but not much later"},
		{menu(1), field(2), "ended 1", "1#", "2 keys '1'", "nor behind another key"},
		{expiry(1), field(2), "ended 1230#", "1234#", "2 keys '1234'", "the same after an entry that was complete by length"},
		{expiry(1), expiry(2), "ended 12301234", "", "2 keys '' secret '1234'", "from one secret to the next keys are kept"},
		{expiry(1), field(2), "ended 12301234#", "+10s ended +10s", "2 silence", "but what is left of a secret is no answer to an ordinary question"},
		{field(1), menu(2), "ended 1234##", "", "2 keys '#'", "a terminator is swallowed once"},
		{field(1), menu(2), "ended *#1", "", "2 keys '1'", "a correction of nothing takes one too"},
		{menu(1), field(2), "ended 112 +1s", "34#", "2 keys '1234'", "an entry can begin ahead and end here"},
		{menu(1), field(2), "ended 112", "+5s", "2 keys '12'", "or end by time"},
		{menu(1), waitForPrompts(2), "ended 11234#", "+1h", "", "without barge-in it waits for the prompts"},
		{menu(1), waitForPrompts(2), "ended 11234#", "+1h ended", "2 keys '1234'", ""},
		{menu(1), readBack(2), "ended 11", "ended +7s", "2 silence", "a read-back flushes it"},
		{menu(1), readBack(2), "ended 1", "#1 ended 2", "2 keys '2' heard", ""},
		{hold(0), menu(2), "1 ended", "ended +7s", "2 silence", "keys while work goes on answer nothing: what comes of it was not heard"},
		{menu(1), fresh(2), "ended 4", "0#", "", "what goes on after a refused answer belongs to it"},
		{menu(1), fresh(2), "ended 40#", "+500ms 1", "", "also what was typed ahead"},
		{menu(1), fresh(2), "ended 4", "+900ms 0 +1s 2", "2 keys '2'", "until the caller pauses"},
		{ivr.Turn{Seq: 1, Action: ivr.ActionTransfer}, menu(2), "1 ended 1", "ended +7s", "2 silence", "keys during a transfer are for somebody else"},
		{menu(1), secretField(2), "ended 11234#", "", "2 keys '' secret '1234'", "a secret keyed ahead is one"},
		{menu(1), field(2), "ended 1" + strings.Repeat("5", 63) + "#", "", "2 keys '5555555'", "as many as there is room for, too many for the entry"},
		{menu(1), field(2), "ended 1" + strings.Repeat("5", 65), "ended +10s", "2 silence", "more than that are no type-ahead at all"},
		{menu(1), field(2), "ended 1" + strings.Repeat("5", 1000), "ended 1234#", "2 keys '1234' heard", "and harm nothing after it"},
	} {
		caller := newCaller(t).begin(c.first).do(c.before)
		if c.first.Action != ivr.ActionTransfer {
			require.NotEmpty(t, caller.inputs(), "the first turn is answered: %q", c.before)
		}
		got := caller.begin(c.second).do(c.after).inputs()
		assert.Equal(t, c.want, got, "%s: %q then %q", c.rule, c.before, c.after)
	}

	c := newCaller(t).begin(menu(1)).do("ended 1#2#1234#9")
	assert.Equal(t, "1 keys '1' heard", c.inputs())
	assert.Equal(t, "2 keys '2'", c.begin(menu(2)).inputs(), "one turn takes what it needs, with its terminator")
	assert.Equal(t, "3 keys '1234'", c.begin(field(3)).inputs(), "the next the next")
	assert.Equal(t, "4 keys '9'", c.begin(menu(4)).inputs(), "in order")
	assert.Equal(t, "", c.begin(menu(5)).inputs(), "once")

	c = newCaller(t).begin(menu(1)).do("ended 1" + strings.Repeat("5", 65)).begin(field(2)).do("1234#9")
	c.inputs()
	assert.Equal(t, "3 keys '9'", c.begin(menu(3)).inputs(), "after too much of it there is type-ahead again")

	for _, drops := range []ivr.Turn{readBack(2), flushed(2), {Seq: 2, Action: ivr.ActionTransfer}} {
		c = newCaller(t).begin(menu(1)).do("ended 111").begin(drops)
		assert.Equal(t, "1 keys '1' heard", c.inputs())
		assert.Empty(t, c.begin(menu(3)).inputs(), "keys that were dropped do not come back in a later question")
	}
}

func TestExchangeEndlessKeys(t *testing.T) {
	for _, most := range []int{0, -1, ivr.MaxEntry + 1, 1 << 30} {
		l := ivr.Listen{Most: most, Terminator: '#'}
		c := newCaller(t).begin(ask(1, l)).do("ended" + " " + strings.Repeat("5", 10000) + "#")
		want := strings.Repeat("5", ivr.MaxEntry+1)
		assert.Equal(t, "1 keys '"+want+"' heard", c.inputs(), "the rest is dropped until the terminator")
		read := ivr.Field{Least: 1, Most: max(most, 1)}.Read(keys(want), nil, ivr.Timing{})
		assert.Equal(t, ivr.FaultLong, read.Fault, "and what is kept of it reads as too long, whatever the field allows")
	}
}

func TestExchangeInterrupted(t *testing.T) {
	c := newCaller(t).begin(menu(1))
	assert.False(t, c.x.Interrupted())
	assert.True(t, c.do("1").x.Interrupted(), "a key cuts the prompts short")
	assert.True(t, c.do("2").begin(field(2)).x.Interrupted(), "so does type-ahead, from the start")
	assert.False(t, c.do("#").begin(menu(3)).do("ended 1").x.Interrupted(), "not after they had ended")
	assert.True(t, c.begin(menu(4)).do("say:full").x.Interrupted(), "a word does")
	assert.False(t, c.begin(waitForPrompts(5)).do("12 say:full").x.Interrupted(), "not without barge-in")
	assert.False(t, c.begin(readBack(6)).do("1 say:full entry:1").x.Interrupted(), "nor in a read-back")
	assert.False(t, c.begin(hold(time.Second)).do("1").x.Interrupted(), "nor while work goes on")
}

func TestExchangeOver(t *testing.T) {
	c := newCaller(t).begin(ivr.Turn{Seq: 1, Action: ivr.ActionHangUp}).do("1 say:wait")
	assert.False(t, c.x.Over(), "the goodbye is spoken first")
	assert.True(t, c.do("ended").x.Over())
	assert.Empty(t, c.do("1 hangup").begin(menu(2)).do("ended 1 +1h").inputs(), "then nothing happens any more")

	c = newCaller(t).begin(menu(1)).do("hangup")
	assert.True(t, c.x.Over(), "a caller who has gone hears nothing")
	assert.Equal(t, "1 hang up", c.inputs())
	assert.Equal(t, "", c.begin(menu(2)).do("ended 1").inputs())
	assert.True(t, c.x.Deadline().IsZero())
}

func TestExchangeTransferAndCapture(t *testing.T) {
	transfer := ivr.Turn{Seq: 1, Action: ivr.ActionTransfer}
	c := newCaller(t).begin(transfer).do("ended +1h 1")
	assert.Empty(t, c.inputs(), "a transfer takes as long as it takes")
	c.feed(ivr.Input{Kind: ivr.TransferFailed, Reason: "busy"})
	assert.Equal(t, "1 transfer failed", c.inputs())

	captured := ivr.Input{Kind: ivr.WorkDone, Captured: &ivr.Captured{Result: "success"}}
	for _, delegable := range []bool{true, false} {
		turn := secretField(2)
		turn.Capture.Delegable = delegable
		c.begin(turn).feed(captured)
		want := map[bool]string{true: "2 work done"}[delegable]
		assert.Equal(t, want, c.inputs(), "only a delegable capture is answered by the line's own work")
	}
	c.begin(menu(3)).feed(captured)
	c.feed(ivr.Input{Kind: ivr.TransferFailed})
	c.feed(ivr.Input{Kind: ivr.Answered})
	assert.Empty(t, c.inputs(), "what answers another kind of turn is no answer")
}

func TestExchangeLateInputs(t *testing.T) {
	c := newCaller(t).begin(menu(1)).begin(readBack(2))
	c.feed(ivr.Input{Kind: ivr.PromptEnded, Turn: 1})
	assert.Empty(t, c.do("1").inputs(), "the end of earlier prompts does not make a read-back heard")
	c.feed(ivr.Input{Kind: ivr.PromptEnded, Turn: 2})
	assert.Equal(t, "2 keys '1' heard", c.do("1").inputs())

	late := newSecret(t, "1234")
	c.begin(secretField(3)).feed(ivr.Input{Kind: ivr.Keys, Turn: 2, Secret: late})
	assert.Empty(t, c.inputs(), "an entry for an earlier turn is none for this one")
	assert.Zero(t, late.Len(), "and its secret is cleared")
	c.feed(ivr.Input{Kind: ivr.HangUp, Turn: 2})
	assert.Equal(t, "3 hang up", c.inputs(), "a hang-up is never late")
}

func TestExchangeTime(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var x ivr.Exchange
	x.Begin(menu(1), start)
	x.Feed(ivr.Event{At: start, Input: ivr.Input{Kind: ivr.PromptEnded}})
	assert.Equal(t, start.Add(7*time.Second), x.Deadline())

	x.Feed(ivr.Event{At: start.Add(-time.Hour)})
	assert.Equal(t, start.Add(7*time.Second), x.Deadline(), "time never goes back")
	x.Begin(field(1), start)
	x.Feed(ivr.Event{At: start.Add(-time.Hour), Key: '1'})
	assert.Equal(t, start.Add(5*time.Second), x.Deadline(), "not with a key either")

	x.Begin(menu(1), start)
	x.Feed(ivr.Event{At: start, Input: ivr.Input{Kind: ivr.PromptEnded}})
	x.Feed(ivr.Event{At: start.Add(8 * time.Second), Key: '1'})
	in, ok := x.Input()
	assert.True(t, ok)
	assert.Equal(t, ivr.Silence, in.Kind, "a key after the deadline lets it pass first, also when nobody fed it")
	x.Begin(menu(2), start.Add(8*time.Second))
	in, _ = x.Input()
	assert.Equal(t, "2 keys '1'", show(in), "and is type-ahead then")

	x.Begin(ask(3, ivr.Listen{Most: 2}), start.Add(8*time.Second))
	x.Feed(ivr.Event{At: start.Add(9 * time.Second), Input: ivr.Input{Kind: ivr.PromptEnded}})
	assert.Equal(t, start.Add(9*time.Second+ivr.DefaultTiming.Field), x.Deadline(), "a turn without times has the default ones")
}

func TestExchangeClearsSecrets(t *testing.T) {
	turn, s := secretField(1), newSecret(t, "1234")
	var x ivr.Exchange
	x.Begin(turn, time.Time{})
	x.Feed(ivr.Event{Input: ivr.Input{Kind: ivr.Keys, Secret: s}})
	x.Begin(menu(2), time.Time{})
	assert.Zero(t, s.Len(), "a secret that nobody took is cleared with its turn")

	s = newSecret(t, "1234")
	x.Begin(turn, time.Time{})
	x.Feed(ivr.Event{Input: ivr.Input{Kind: ivr.Keys, Secret: s}})
	x.Feed(ivr.Event{Input: ivr.Input{Kind: ivr.HangUp}})
	in, ok := x.Input()
	assert.True(t, ok)
	assert.Equal(t, ivr.HangUp, in.Kind, "a hang-up replaces the answer")
	assert.Zero(t, s.Len(), "and its secret is cleared")
}
