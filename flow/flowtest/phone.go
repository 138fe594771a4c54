package flowtest

import (
	"context"
	"time"

	"github.com/dialpay/dialpay/ivr"
)

// Phone is what connects a Caller with what answers the call. By default nothing is between the two but the rules of
// ivr.Exchange. The test of a line gives World.Phone one that speaks the line's protocol, and makes the same calls on
// it.
//
// A Phone has no time of its own: that is the World's Clock, and comes with the events.
type Phone interface {
	// Dial rings. What answers is in Turn.
	Dial(call ivr.Call)
	// Feed takes what happens: a key, words, the hang-up, the end of the prompts, which the Caller hears to their end; or
	// nothing but the time, at the latest when Deadline has come.
	Feed(ev ivr.Event)
	// Turn is the next turn, once: what the Caller hears now.
	Turn() (t ivr.Turn, ok bool, err error)
	// Deadline is when the line gives up waiting for the Caller; the zero time for never.
	Deadline() time.Time
	// Over tells that the call has ended.
	Over() bool
}

// direct is the Phone with nothing between.
type direct struct {
	handler ivr.Handler
	clock   *Clock
	id      string
	x       ivr.Exchange
	first   *ivr.Input
	gone    bool
}

func (d *direct) Dial(call ivr.Call) { d.first = &ivr.Input{Kind: ivr.Answered, Call: call} }

func (d *direct) Feed(ev ivr.Event) { d.x.Feed(ev) }

func (d *direct) Turn() (ivr.Turn, bool, error) {
	in, ok := d.x.Input()
	if d.first != nil {
		in, ok, d.first = *d.first, true, nil
	}
	if !ok {
		return ivr.Turn{}, false, nil
	}
	t, err := d.handler.Handle(context.Background(), d.id, in)
	if err != nil || in.Kind == ivr.HangUp {
		d.gone = d.gone || in.Kind == ivr.HangUp
		return ivr.Turn{}, false, err
	}
	d.x.Begin(t, d.clock.Now())
	return t, true, nil
}

func (d *direct) Deadline() time.Time { return d.x.Deadline() }

func (d *direct) Over() bool { return d.gone || d.x.Over() }
