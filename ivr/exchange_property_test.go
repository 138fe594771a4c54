package ivr_test

import (
	"fmt"
	"math/rand"
	"testing"
	"testing/quick"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/ivr"
)

// chaos plays bytes as events on an Exchange: any keys, words, entries, prompt ends, times and new turns, in any order.
// It checks after every event what must hold always.
type chaos struct {
	t     testing.TB
	x     ivr.Exchange
	now   time.Time
	turn  ivr.Turn
	ended bool // all prompts of the turn were spoken
	soon  bool // a key came before that
	given int  // Inputs of the turn
	gone  bool
}

func (c *chaos) play(events []byte) {
	c.begin(0)
	for _, e := range events {
		switch {
		case e < 128:
			k := "0123456789*#1A#2"[e%16]
			c.soon = c.soon || !c.ended && k != 'A' && k != '#' // a terminator may belong to the turn before
			c.feed(ivr.Event{Key: k})
		case e < 144:
			c.feed(ivr.Event{Input: ivr.Input{Kind: ivr.PromptEnded}})
		case e < 150:
			c.feed(ivr.Event{Input: ivr.Input{Kind: ivr.Speech, Speech: "yes", Confidence: 1, Heard: true}})
		case e < 156:
			c.feed(ivr.Event{Input: ivr.Input{Kind: ivr.Keys, Keys: "1234*#"[:e-150], Heard: true}})
		case e < 160:
			c.feed(ivr.Event{Input: ivr.Input{Kind: ivr.Silence}})
		case e < 200:
			c.now = c.now.Add(time.Duration(e-159) * 200 * time.Millisecond)
			c.feed(ivr.Event{})
		case e < 201:
			c.feed(ivr.Event{Input: ivr.Input{Kind: ivr.HangUp}})
			c.gone = true
		default:
			c.begin(int(e))
		}
	}
}

func (c *chaos) begin(kind int) {
	turns := []func(int) ivr.Turn{readBack, flushed, menu, field, waitForPrompts, secretField,
		func(seq int) ivr.Turn { return ivr.Turn{Seq: seq, Action: ivr.ActionWait, Wait: time.Second} },
		func(seq int) ivr.Turn { return ivr.Turn{Seq: seq, Action: ivr.ActionTransfer} }}
	c.turn = turns[kind%len(turns)](c.turn.Seq + 1)
	c.ended, c.soon, c.given = false, false, 0
	c.x.Begin(c.turn, c.now)
	c.check()
}

func (c *chaos) feed(ev ivr.Event) {
	ev.At = c.now
	c.x.Feed(ev)
	c.check()
	if ev.Input.Kind == ivr.PromptEnded {
		c.ended = true
	}
}

func (c *chaos) check() {
	in, ok := c.x.Input()
	if !ok {
		return
	}
	require.Equal(c.t, c.turn.Seq, in.Turn, "an Input answers the present turn")
	if in.Kind == ivr.HangUp {
		return
	}
	require.False(c.t, c.gone, "nothing comes after a hang-up")
	c.given++
	require.Equal(c.t, 1, c.given, "a turn has one Input")
	l := c.turn.Listen
	require.LessOrEqual(c.t, len(in.Keys), ivr.MaxEntry+1)
	if l.Sensitive {
		require.Empty(c.t, in.Keys, "no sensitive key is in the open")
	}
	if in.Kind != ivr.Keys && in.Kind != ivr.Speech {
		return
	}
	if in.Heard {
		require.True(c.t, c.ended, "nothing is heard before the prompts ended")
		require.True(c.t, l.Flush || !c.soon, "nor after a key had interrupted them")
	}
	require.True(c.t, !l.Flush || c.ended, "a read-back is answered by nothing that came before its end")
}

// TestReadBackIsHeard is the rule on which money depends: whatever is keyed, said, kept and timed, an answer to a
// read-back that counts was begun after all of it had been spoken.
func TestReadBackIsHeard(t *testing.T) {
	property := func(events []byte) bool {
		c := &chaos{t: t}
		c.play(events)
		return !t.Failed()
	}
	require.NoError(t, quick.Check(property, &quick.Config{MaxCount: 3000, Rand: rand.New(rand.NewSource(1))}))
}

// TestKeysBeforeReadBackEnded presses every kind of key at every moment before a read-back has ended, and looks that
// none of them answers it: they are only told from silence, when no other key comes, as what was not heard.
func TestKeysBeforeReadBackEnded(t *testing.T) {
	property := func(before, during []byte) bool {
		c := newCaller(t).begin(menu(1))
		c.do("ended 1")
		for _, k := range before {
			c.do(string("0123456789*#"[k%12]))
		}
		c.inputs()
		c.begin(readBack(2))
		for _, k := range during {
			c.do(string("0123456789*#"[k%12]))
		}
		want := "2 silence"
		if n := len(during); n > 0 {
			want = fmt.Sprintf("2 keys '%c'", "0123456789*#"[during[n-1]%12])
		}
		return assert.Empty(t, c.inputs()) && assert.Equal(t, want, c.do("ended +7s").inputs())
	}
	require.NoError(t, quick.Check(property, &quick.Config{MaxCount: 500, Rand: rand.New(rand.NewSource(1))}))
}

// TestKeyByKeyOrWhole presses an entry key by key, and reports the same keys whole: both must be read the same.
func TestKeyByKeyOrWhole(t *testing.T) {
	long := ivr.Field{Least: 2, Most: ivr.MaxEntry}
	property := func(random []byte) bool {
		var pressed []byte
		for n, done := 0, false; len(random) > 0 && !done && len(pressed) < ivr.MaxEntry-1; random = random[1:] {
			k := "01234567899988**#"[random[0]%17]
			pressed = append(pressed, k)
			done = k == '#' || k == '*' && n == 0 // the line ends the entry here
			if n++; k == '*' {
				n = 0
			}
		}
		if len(pressed) == 0 {
			return true
		}
		var x ivr.Exchange
		x.Begin(ask(1, long.Listen(ivr.Timing{})), time.Time{})
		for _, k := range pressed {
			x.Feed(ivr.Event{Key: k})
		}
		x.Feed(ivr.Event{At: x.Deadline()})
		in, _ := x.Input()
		return assert.Equal(t, long.Read(keys(string(pressed)), nil, ivr.Timing{}), long.Read(in, nil, ivr.Timing{}), "%s", pressed)
	}
	require.NoError(t, quick.Check(property, &quick.Config{MaxCount: 3000, Rand: rand.New(rand.NewSource(1))}))
}

func FuzzExchange(f *testing.F) {
	f.Add([]byte("\x01\x80\x01"))
	f.Add([]byte("123\x80\xc81\x80\xc9"))
	f.Add([]byte{205, 128, 1, 2, 3, 4, 11, 130, 203, 1, 1, 140, 199, 200, 201, 203})
	f.Add(make([]byte, 300))
	f.Fuzz(func(t *testing.T, events []byte) {
		c := &chaos{t: t}
		c.play(events)
	})
}

func FuzzMenuRead(f *testing.F) {
	l := english(f)
	f.Add("1", "yes", 0.9, true)
	f.Add("12*#", "say that again", 0.5, false)
	f.Add("\xff*", "two\x00", -1.0, true)
	f.Fuzz(func(t *testing.T, keys, words string, confidence float64, heard bool) {
		for _, in := range []ivr.Input{{Kind: ivr.Keys, Keys: keys, Heard: heard},
			{Kind: ivr.Speech, Speech: words, Confidence: confidence, Heard: heard}} {
			m := amounts
			m.MustHear = true
			a := m.Read(in, l, ivr.Timing{})
			exactlyOne(t, a)
			require.Equal(t, !heard, a.Fault == ivr.FaultEarly, "what was not heard is never an answer")
			require.Less(t, a.Option, len(m.Options))
		}
	})
}

func FuzzFieldRead(f *testing.F) {
	l := english(f)
	f.Add("1234#", "four two double one", 4, 6)
	f.Add("0", "forty-two dollars", 1, 5)
	f.Add("99*\xff", "", -1, 1<<40)
	f.Fuzz(func(t *testing.T, keys, words string, least, most int) {
		for _, field := range []ivr.Field{account, dollars, pin} {
			field.Least, field.Most = least, most
			for _, in := range []ivr.Input{{Kind: ivr.Keys, Keys: keys}, {Kind: ivr.Speech, Speech: words, Confidence: 1}} {
				a := field.Read(in, l, ivr.Timing{})
				exactlyOne(t, a)
				if n := len(a.Digits) + a.Secret.Len(); n > 0 {
					require.LessOrEqual(t, n, min(most, ivr.MaxEntry))
				}
				require.True(t, field.Capture.Field == "" || a.Digits == "", "no sensitive digit is in the open")
			}
		}
	})
}

// exactlyOne checks that an Answer is a command, a fault or a content, and no two of them.
func exactlyOne(t testing.TB, a ivr.Answer) {
	t.Helper()
	content := a.Digits != "" || a.Secret.Len() > 0 || a.Option > 0
	require.False(t, a.Command != "" && a.Fault != "", "command %q and fault %q", a.Command, a.Fault)
	require.False(t, content && (a.Command != "" || a.Fault != ""), "an answer that is also something else")
}
