package flowtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/dialpay/dialpay/ivr"
)

// Caller is a scripted person on the telephone. Every method returns the Caller, so that a call reads in one line; a
// method that finds something else than the script says fails the test and prints the call so far.
type Caller struct {
	// Turn is what the caller hears now.
	Turn ivr.Turn
	// Transcript is the call so far, without anything sensitive.
	Transcript Transcript

	t       testing.TB
	phone   Phone
	catalog *ivr.Catalog
	clock   *Clock
	ended   bool // the prompts of the turn were spoken
	over    bool
}

// Dial rings. The handler is an Engine as a rule, the catalog that of its Dialogue, and the clock the one that both
// were made with.
func Dial(t testing.TB, h ivr.Handler, catalog *ivr.Catalog, clock *Clock, id string, call ivr.Call) *Caller {
	t.Helper()
	return begin(t, &direct{handler: h, clock: clock, id: id}, catalog, clock, call, "dials from "+orWithheld(call.From))
}

func begin(t testing.TB, phone Phone, catalog *ivr.Catalog, clock *Clock, call ivr.Call, how string) *Caller {
	t.Helper()
	c := &Caller{t: t, phone: phone, catalog: catalog, clock: clock}
	c.Transcript.start = clock.Now()
	c.Transcript.caller(clock.Now(), how)
	phone.Dial(call)
	c.settle()
	return c
}

func orWithheld(number string) string {
	if number == "" {
		return "a withheld number"
	}
	return number
}

// keyTime is between two keys; syllable is how long a character takes to speak.
const (
	keyTime  = 300 * time.Millisecond
	syllable = 65 * time.Millisecond
)

func (c *Caller) perform(turn ivr.Turn) {
	c.t.Helper()
	c.Turn, c.ended = turn, false
	c.Transcript.system(c.clock.Now(), c.catalog, turn)
	for _, p := range turn.Prompts {
		if text := c.catalog.Text(turn.Locale, p); text == "" || strings.HasPrefix(text, "[") || strings.Contains(text, "%!") {
			c.fail("prompt %q has no words in %s: %q", p.Key, turn.Locale, text)
		}
	}
	c.settle()
	if turn.Action == ivr.ActionWait || turn.Action == ivr.ActionHangUp {
		c.listen()
	}
	// Work in progress needs nothing from the caller.
	for c.Turn.Action == ivr.ActionWait && !c.over && c.Turn.Seq == turn.Seq {
		c.pass(c.untilDeadline())
	}
}

// settle performs the turn that what happened led to, if any.
func (c *Caller) settle() {
	c.t.Helper()
	turn, ok, err := c.phone.Turn()
	if err != nil {
		c.fail("the handler failed: %v", err)
	}
	if ok {
		c.perform(turn)
	}
	if c.phone.Over() {
		c.over = true
	}
}

func (c *Caller) feed(ev ivr.Event) {
	c.t.Helper()
	ev.At = c.clock.Now()
	c.phone.Feed(ev)
	c.settle()
}

// listen hears the prompts to their end.
func (c *Caller) listen() {
	c.t.Helper()
	if c.ended || c.over {
		return
	}
	c.ended = true
	c.clock.Advance(time.Duration(len(c.Words())) * syllable)
	c.feed(ivr.Event{Input: ivr.Input{Kind: ivr.PromptEnded}})
}

func (c *Caller) untilDeadline() time.Duration {
	d := c.phone.Deadline()
	if d.IsZero() {
		c.fail("the call waits for nothing")
	}
	return max(d.Sub(c.clock.Now()), 0)
}

// pass lets time pass, and every deadline in it.
func (c *Caller) pass(d time.Duration) {
	c.t.Helper()
	until := c.clock.Now().Add(d)
	for !c.over {
		deadline := c.phone.Deadline()
		if deadline.IsZero() || deadline.After(until) {
			break
		}
		c.clock.Advance(deadline.Sub(c.clock.Now()))
		c.feed(ivr.Event{})
		if !c.over && !c.ended && c.clock.Now().Before(until) {
			c.listen()
		}
	}
	c.clock.Advance(max(until.Sub(c.clock.Now()), 0))
}

// Words are what the caller hears now.
func (c *Caller) Words() string { return c.catalog.Text(c.Turn.Locale, c.Turn.Prompts...) }

// Hear listens to the end, and checks that the turn has this prompt, by its key or by words that are in it.
func (c *Caller) Hear(what string) *Caller {
	c.t.Helper()
	if !c.hears(what) {
		c.fail("wanted to hear %q, but hears %q", what, c.Words())
	}
	c.listen()
	return c
}

// NotHear checks that the turn has no such prompt or words.
func (c *Caller) NotHear(what string) *Caller {
	c.t.Helper()
	if c.hears(what) {
		c.fail("did not want to hear %q, but hears %q", what, c.Words())
	}
	return c
}

func (c *Caller) hears(what string) bool {
	for _, p := range c.Turn.Prompts {
		if p.Key == what {
			return true
		}
	}
	return strings.Contains(strings.ToLower(c.Words()), strings.ToLower(what))
}

// Press listens to the end and then presses keys, one after the other.
func (c *Caller) Press(keys string) *Caller {
	c.t.Helper()
	c.listen()
	return c.Interrupt(keys)
}

// Interrupt presses keys at once, before the prompts end. Keys beyond what the question takes are type-ahead.
func (c *Caller) Interrupt(keys string) *Caller {
	c.t.Helper()
	c.Transcript.keys(c.clock.Now(), keys, c.Turn.Listen.Sensitive)
	for i := range len(keys) {
		if c.over {
			c.fail("the call is over, nobody hears the keys")
		}
		c.clock.Advance(keyTime)
		c.feed(ivr.Event{Key: keys[i]})
	}
	return c
}

// Say listens to the end and then speaks, understood with full confidence.
func (c *Caller) Say(words string) *Caller {
	c.t.Helper()
	return c.Mumble(words, 1)
}

// Mumble is Say with less confidence, from 0 to 1.
func (c *Caller) Mumble(words string, confidence float64) *Caller {
	c.t.Helper()
	c.listen()
	shown := words
	if c.Turn.Listen.Sensitive {
		shown = "•••"
	}
	c.Transcript.caller(c.clock.Now(), fmt.Sprintf("says %q", shown))
	c.clock.Advance(time.Duration(len(words)) * syllable)
	c.feed(ivr.Event{Input: ivr.Input{Kind: ivr.Speech, Speech: words, Confidence: confidence, Heard: true}})
	return c
}

// Silence listens to the end and then says nothing until the line gives up waiting.
func (c *Caller) Silence() *Caller {
	c.t.Helper()
	c.listen()
	c.Transcript.caller(c.clock.Now(), "says nothing")
	c.pass(c.untilDeadline())
	return c
}

// Wait listens to the end and then says nothing for a time, whatever the line does meanwhile.
func (c *Caller) Wait(d time.Duration) *Caller {
	c.t.Helper()
	c.listen()
	c.Transcript.caller(c.clock.Now(), "waits "+d.String())
	c.pass(d)
	return c
}

// TransferFails tells the line that nobody answered.
func (c *Caller) TransferFails() *Caller {
	c.t.Helper()
	c.listen()
	c.Transcript.caller(c.clock.Now(), "is not connected")
	c.feed(ivr.Event{Input: ivr.Input{Kind: ivr.TransferFailed, Reason: "no answer"}})
	return c
}

// Captured answers a card question with a card that the line had captured elsewhere.
func (c *Caller) Captured(card ivr.Captured) *Caller {
	c.t.Helper()
	c.listen()
	c.Transcript.caller(c.clock.Now(), "enters a card elsewhere: "+card.Result)
	c.feed(ivr.Event{Input: ivr.Input{Kind: ivr.WorkDone, Captured: &card}})
	return c
}

// HangUp ends the call at once.
func (c *Caller) HangUp() *Caller {
	c.t.Helper()
	if c.over {
		return c
	}
	c.Transcript.caller(c.clock.Now(), "hangs up")
	c.feed(ivr.Event{Input: ivr.Input{Kind: ivr.HangUp}})
	return c
}

// Over checks that the line has hung up.
func (c *Caller) Over() *Caller {
	c.t.Helper()
	c.listen()
	if !c.over {
		c.fail("the call goes on")
	}
	return c
}

// Transferred checks that the caller is given to a person for this reason.
func (c *Caller) Transferred(reason string) *Caller {
	c.t.Helper()
	if c.Turn.Action != ivr.ActionTransfer || c.Turn.Transfer.Reason != reason {
		c.fail("wanted a transfer because of %q, but the action is %q, the reason %q", reason, c.Turn.Action,
			c.Turn.Transfer.Reason)
	}
	c.listen()
	return c
}

func (c *Caller) fail(format string, args ...any) {
	c.t.Helper()
	c.t.Fatalf("%s\nthe call so far:\n%s", fmt.Sprintf(format, args...), c.Transcript.String())
}
