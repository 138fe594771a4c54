package flow

import (
	"context"

	"github.com/dialpay/dialpay/ivr"
)

// Stage is one step of a call as a caller sees it: how the amount is asked, how a card is taken. It is plain data.
// The library's own stages are made of nothing else.
type Stage struct {
	// Name is also the name of the first state, by which other stages come here.
	Name string
	// States in the order in which a caller meets them.
	States []State
}

// State is one place in the dialogue. Exactly one of Ask, Work and Leave is set.
type State struct {
	Name string
	// Ask says something and waits for the caller.
	Ask *Ask
	// Work calls a collaborator.
	Work *Work
	// Leave ends the dialogue: with a person, or by hanging up.
	Leave *Leave
	// On tells where each event leads. The universal events need not be listed.
	On []Go
	// Fits tells whether a stored session has what this state's functions take for granted; else it is refused with
	// ErrState. Nil: any has.
	Fits func(s *Session) bool
	// Says lists the messages that the functions of this state may say, so that a missing translation is found when
	// the Dialogue is built. The question's own messages need not be listed.
	Says []string
}

// Go is one transition.
type Go struct {
	On Event
	// To is a state, or Next.
	To string
}

// Next is the target of transitions that lead to the next stage of the definition, whichever it is.
const Next = "next"

// Event is what a state's answer or work came to; the transition table tells where it leads.
type Event string

// The universal events. Every ask state has the first three without listing them, every work state EventFailed and
// EventEnd; a state may list them to lead elsewhere.
const (
	// EventAgent asks for a person. It leads to the stage "agent".
	EventAgent Event = "agent"
	// EventGiveUp follows too many failed attempts at a question. It leads to the stage "agent".
	EventGiveUp Event = "give up"
	// EventEnd ends a call that goes on for ever. It leads to the stage "goodbye".
	EventEnd Event = "end"
	// EventBack is asked for with the star key. Without a transition of its own the question is put again.
	EventBack Event = "back"
	// EventFailed follows an error of a collaborator. It leads to the stage "agent".
	EventFailed Event = "failed"
	// EventHangUp parks the session; every state has it.
	EventHangUp Event = "hang up"
	// EventTransferFailed tells that the person could not be reached; a Leave with a Transfer must list it.
	EventTransferFailed Event = "transfer failed"
	// Again, returned by Work.Do, asks to be called again after a wait.
	Again Event = "again"
)

// Ask is a question. Its messages are found by the name of the state:
//
//	NAME.ask, NAME.ask.2, NAME.ask.3   the question, by attempt; .3 may be left out
//	NAME.help                          more words, when asked for
//	NAME.noinput, NAME.nomatch …       in place of the general "noinput", "nomatch" …, by fault; may be left out
//	NAME.invalid.REASON                for each of Reasons
type Ask struct {
	// Context is said before the question when it is first put, and when it is repeated: the balance, the read-back.
	// May be nil.
	Context func(c *Call) []ivr.Prompt
	// Args fill the messages NAME.ask, NAME.help and NAME.invalid.REASON of this question: the name of the currency.
	// May be nil.
	Args func(c *Call) []ivr.Arg
	// Menu or Field is how it is answered; exactly one is set. The question itself is put in front of the Menu's Intro.
	Menu  func(c *Call) ivr.Menu
	Field func(c *Call) ivr.Field
	// Said reads words that fit no option of the Menu: an amount that is said where it could be chosen. Then the Answer
	// has no Value. May be nil.
	Said func(c *Call) ivr.Field
	// Answer turns an answer into an event, and notes what was said in the Session. For a Menu it may be nil: then the
	// Value of the chosen option is the event. It may refuse with c.Invalid.
	Answer func(c *Call, a ivr.Answer) Event
	// Captured takes a card that the line had captured elsewhere, for a Field whose Capture is Delegable.
	Captured func(c *Call, got ivr.Captured) Event
	// Reasons are those that Answer refuses with.
	Reasons []string
	// Options are the message keys of the menu's options. Each must have words in every locale (Definition.Hear).
	Options []string
}

// Work calls a collaborator and turns its outcome into an event.
type Work struct {
	// Do does the work. Its context ends when the budget (Settings.Budget) is used up; then the caller is asked to hold
	// and Do is called again, so it must be harmless to repeat. Any other error is logged and is EventFailed.
	Do func(ctx context.Context, c *Call) (Event, error)
	// Hold is the message that is said before the work begins, for work that takes long as a rule. Empty: at once.
	Hold string
	// Still is said when it goes on; empty is the general "hold".
	Still string
}

// Leave ends the dialogue.
type Leave struct {
	// Context is said first. May be nil.
	Context func(c *Call) []ivr.Prompt
	// Transfer gives the caller to a person. Nil hangs up.
	Transfer func(c *Call) ivr.Transfer
}
