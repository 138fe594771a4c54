package flowtest

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/ivr"
)

// telephone is what the judges know of the calls that the company places.
type telephone struct {
	rings      *flow.Dial           // a telephone, since the last sweep
	ringsUntil time.Time            // when its call must be over
	dialled    map[string]int       // attempts, by their key
	tries      map[string]int       // attempts, by the callback that they are of
	cases      map[string][]string  // of a callback: its number, and the account where that is known
	liveUntil  map[string]time.Time // of the last attempt in a case, unless it is known to be over
	own        int                  // how many calls of Ann's own were opened from her number
	asked      map[string]int       // how many it were when a callback was asked for
	called     int                  // how many calls she answered
}

// Dial implements flow.Dialler. Nobody sends it again but the Engine: it has no late and no double request.
func (o simOthers) Dial(_ context.Context, d flow.Dial) error {
	return o.reach("dial", func() error { o.ring(d); return nil })
}

// ring judges a call that is placed: once for an attempt, of which there are three at most; in the hours in which people
// may be called; never while another one of its case may be live; and not when Ann has called before the first.
func (r *simRun) ring(d flow.Dial) {
	now := r.clock.Now()
	callback, _, _ := strings.Cut(d.Key, "/")
	for _, at := range []time.Time{now, now.Add(d.Ring)} {
		if hour := at.Hour(); hour < 8 || hour >= 21 {
			r.violated("a telephone rings at %v", at)
		}
	}
	r.dialled[d.Key]++
	r.tries[callback]++
	switch {
	case r.dialled[d.Key] > 1:
		r.violated("attempt %s is dialled twice", d.Key)
	case r.tries[callback] > 3:
		r.violated("%s is attempt number %d", d.Key, r.tries[callback])
	case d.Number == Ann && r.tries[callback] == 1 && r.asked[callback] < r.own:
		r.violated("%s is dialled though Ann has called since", d.Key)
	}
	for _, name := range r.cases[callback] {
		if until := r.liveUntil[name]; now.Before(until) {
			r.violated("%s is dialled while another call may be live until %v", d.Key, until)
		}
	}
	r.rings = &d
	r.live(callback, now.Add(d.Ring+d.Limit))
	r.event("a telephone rings: %s", d.Key)
	r.seen.note("dial "+d.Key, r.dialled[d.Key])
}

// live notes until when a call of the company may be live.
func (r *simRun) live(callback string, until time.Time) {
	for _, name := range r.cases[callback] {
		r.liveUntil[name] = until
		r.seen.note("live "+name, until)
	}
	r.ringsUntil = until
}

// pickUp is what comes of a call that was placed in a sweep: nothing is heard of it any more, the telephone is busy, or Ann
// answers.
func (r *simRun) pickUp(n *simNode) {
	if r.rings == nil {
		return
	}
	d := *r.rings
	r.rings = nil
	if r.clock.Now().After(r.ringsUntil.Add(-d.Limit)) {
		return // it rang while another process was held up
	}
	switch r.fate.choose(outcome, 3) {
	case 0:
		return
	case 1:
		r.event("it is busy")
		_, _ = n.take(d.Call, entry{in: ivr.Input{Kind: ivr.HangUp, Reason: "busy"}})
	case 2:
		r.event("Ann answers")
		r.called++
		p := place{id: d.Call, now: entry{in: ivr.Input{Kind: ivr.Answered, Call: ivr.Call{To: d.Number}}}}
		if n == r.nodes[1] {
			p.node = 1
		}
		was := r.nested
		r.nested = true
		r.line(&p)
		r.nested = was
	}
	callback, _, _ := strings.Cut(d.Key, "/")
	r.live(callback, r.clock.Now())
}

// opened notes a call of Ann's own, from her number, that was opened without a fault. Where the store could not be read, the
// call goes on, and cancels what is scheduled when she has shown who she is.
func (r *simRun) opened() {
	r.own++
	r.seen.note("own calls", r.own)
}

// askedFor notes a callback that is stored. What is sealed tells no case: then each is one of its own.
func (r *simRun) askedFor(it flow.Item, isNew bool) {
	if isNew {
		r.asked[it.Key] = r.own
		r.seen.note("asked "+it.Key, r.own)
	}
	var cb flow.Callback
	if r.sealed || json.Unmarshal(it.Data, &cb) != nil {
		cb.Cases = []string{it.Key}
	}
	r.cases[it.Key] = cb.Cases
}
