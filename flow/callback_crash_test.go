package flow_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A process may die, and the store or the dialler may fail, before or after any one call that the engine makes of them
// in the life of a callback, and a second process may sweep at any of these moments. Whatever happens, with leases and
// without: an attempt is dialled at most once, and only when it is stored; no two calls of a case are live; there are at
// most three attempts; what the customer was promised is tried; and it ends.
func TestCallbackCrashAnywhere(t *testing.T) {
	dialogue := callbackDialogue(t)
	sites := 0
	for _, phones := range [][]string{{"busy", "voicemail", "ann"}, {"dead", "dead", "dead"}, {"busy", "calls in", "busy", "busy"}} {
		for _, leases := range []bool{true, false} {
			for _, how := range []mishap{{}, {after: true}, {hiccup: true}, {hiccup: true, after: true}, {other: func() {}},
				{other: func() {}, after: true}} {
				for _, lost := range how.lines() {
					for at := 1; ; at += stride() {
						how.at = at
						r := newCallbackRun(t, dialogue, how, leases, lost, phones)
						if r.live(); !r.m.happened() {
							break
						}
						sites++
						if r.check(); t.Failed() {
							t.Fatalf("after %s, meanwhile: %v, leases: %v, lost: %v, %v", r.m, how.other != nil, leases, lost, phones)
						}
					}
				}
			}
		}
	}
	t.Logf("%d moments", sites)
	assert.Greater(t, sites, 1500/stride())
}

// lines tells which fates a line can have at a mishap: it is lost with its process, or not. Where nothing fails, no line does.
func (m *mishap) lines() []bool {
	if m.other != nil {
		return []bool{false}
	}
	return []bool{false, true}
}

func callbackDialogue(t *testing.T) *flow.Dialogue {
	d := flow.Default("City Water")
	d.Settings.TimeZone = "America/New_York"
	built, err := d.Build()
	require.NoError(t, err)
	return built
}

// callbackRun is the life of one callback of Ann, and a telephone network in which her telephone does what phones says,
// attempt by attempt.
type callbackRun struct {
	*testing.T
	w      *flowtest.World
	store  *flow.Memory
	m      *mishap
	a, b   *flow.Engine
	leases bool
	lost   bool // with a process, its telephone line is gone, and the call goes on unheard until its limit
	phones []string

	promised, cancelled bool
	keys                map[string]bool
	last                flow.Dial
	liveUntil           time.Time
	ringing             bool
}

func newCallbackRun(t *testing.T, d *flow.Dialogue, how mishap, leases, lost bool, phones []string) *callbackRun {
	w := flowtest.NewWorld(t)
	r := &callbackRun{T: t, w: w, store: flow.NewMemory(w.Clock.Now), m: &how, leases: leases, lost: lost, phones: phones,
		keys: map[string]bool{}}
	w.Config.Dialogue, w.Config.Log = d, nil
	w.People.Closed = true
	r.b = r.process("b", &mishap{})
	if how.other != nil {
		how.other = func() { _, _ = r.b.Sweep(context.Background(), 100) }
	}
	r.a = r.process("a", &how)
	return r
}

func (r *callbackRun) process(node string, m *mishap) *flow.Engine {
	c := r.w.Config
	fresh := ids()
	c.Node, c.NewID = node, func() string { return node + fresh() }
	c.Store = shakyStore{brittleStore{r.store, m}, r.store}
	if r.leases {
		c.Store = shakyLeases{c.Store.(shakyStore), r.store}
	}
	c.Dialler = shakyDialler{r, m}
	e, err := flow.New(c)
	require.NoError(r, err)
	return e
}

// handle is an input of a line, which process a serves as long as it can. ok is false when the line is gone.
func (r *callbackRun) handle(call string, in ivr.Input) (t ivr.Turn, ok bool) {
	if !r.m.dead() {
		t, err := r.a.Handle(context.Background(), call, copied(in))
		if err == nil {
			return t, true
		}
		require.True(r, r.m.happened(), "an error without a mishap: %v", err)
		if r.lost {
			r.lineGone(call)
			return t, false
		}
	}
	t, err := r.b.Handle(context.Background(), call, copied(in))
	require.NoError(r, err)
	return t, true
}

// lineGone is a call that nobody serves any more. A goodbye that was said already ends it; otherwise it may go on.
func (r *callbackRun) lineGone(call string) {
	snap, _, err := r.store.Load(context.Background(), call)
	var s flow.Session
	if err != nil || call != r.last.Call {
		return
	}
	require.NoError(r, json.Unmarshal(snap.Data, &s))
	if s.Callback.Ended {
		r.liveUntil = r.w.Clock.Now()
	}
}

// live goes through the hours after the request.
func (r *callbackRun) live() {
	r.promised = r.talk("call-1", ivr.Call{From: flowtest.Ann, Attestation: "A", Locale: "en-US"}, map[string]string{
		"identify.pin.ask": "1234#", "amount.ask": "0", "callback.offer.ask": "1"}, "callback.saved")
	for start := r.w.Clock.Now(); r.w.Clock.Now().Sub(start) < 8*time.Hour; {
		if r.ringing {
			r.w.Clock.Advance(20 * time.Second)
			r.answer()
		} else {
			r.w.Clock.Advance(5 * time.Minute)
		}
		for _, e := range []*flow.Engine{r.a, r.b} {
			_, err := e.Sweep(context.Background(), 100)
			require.True(r, err == nil || e == r.a && r.m.happened(), "%v", err)
		}
	}
}

// talk is a call in which somebody answers the questions that they have answers for, is silent at all others, and hangs
// up as soon as they hear what they wanted. It tells whether they did.
func (r *callbackRun) talk(call string, line ivr.Call, answers map[string]string, wanted string) (heard bool) {
	in := ivr.Input{Kind: ivr.Answered, Call: line}
	for range 40 {
		t, ok := r.handle(call, in)
		if !ok {
			return false
		}
		in = ivr.Input{Kind: ivr.Silence, Turn: t.Seq}
		if t.Action == ivr.ActionWait {
			in.Kind = ivr.PromptEnded
		}
		for _, p := range t.Prompts {
			if keys := answers[p.Key]; keys != "" {
				in = ivr.Input{Kind: ivr.Keys, Keys: keys, Turn: t.Seq, Heard: true}
			}
			heard = heard || p.Key == wanted
		}
		if heard || t.Action == ivr.ActionHangUp {
			r.hangUp(call)
			return heard
		}
		r.w.Clock.Advance(time.Second)
	}
	r.Fatal("the call does not end")
	return false
}

func (r *callbackRun) hangUp(call string) {
	if _, ok := r.handle(call, ivr.Input{Kind: ivr.HangUp}); ok && call == r.last.Call {
		r.liveUntil = r.w.Clock.Now()
	}
}

// answer is what Ann's telephone does with the call that rings. A dead line tells nothing of what happens on it.
func (r *callbackRun) answer() {
	r.ringing = false
	pin := map[string]string{"identify.pin.ask": "1234#"}
	switch phone := r.phones[len(r.keys)-1]; phone {
	case "busy":
		r.hangUp(r.last.Call)
	case "voicemail":
		r.talk(r.last.Call, ivr.Call{To: r.last.Number}, nil, "")
	case "ann":
		r.talk(r.last.Call, ivr.Call{To: r.last.Number}, pin, "amount.balance")
	case "calls in":
		r.hangUp(r.last.Call)
		r.cancelled = r.talk("call-2", ivr.Call{From: flowtest.Ann, Attestation: "A", Locale: "en-US"}, pin, "amount.balance")
	}
}

// check looks at what is left of it.
func (r *callbackRun) check() {
	r.w.Clock.Advance(100 * time.Hour)
	due, err := r.store.Due(context.Background(), 100)
	require.NoError(r, err)
	assert.Empty(r, due, "it has an end")
	assert.LessOrEqual(r, len(r.keys), 3)
	if r.promised {
		assert.NotEmpty(r, r.keys, "nobody is forgotten")
	}
	if r.promised && r.phones[0] == "dead" {
		assert.GreaterOrEqual(r, len(r.keys), 2, "one may be lost with its process")
		sent := map[bool]int{true: 1}[r.stored().Channel != ""] // it may have happened before it was known who calls
		assert.Len(r, r.w.Messages.Sent, sent)
	}
	if r.cancelled && !r.m.happened() {
		assert.Len(r, r.keys, 2)
	}
}

// shakyStore is a Store and Finder in which a mishap can happen.
type shakyStore struct {
	brittleStore
	finder flow.Finder
}

func (s shakyStore) Due(ctx context.Context, limit int, kinds ...flow.ItemKind) (items []flow.Item, err error) {
	failed := s.m.do("due", func() error { items, err = s.Store.Due(ctx, limit, kinds...); return err })
	return items, failed
}

func (s shakyStore) Find(ctx context.Context, name string, limit int) (ids []string, err error) {
	failed := s.m.do("find", func() error { ids, err = s.finder.Find(ctx, name, limit); return err })
	return ids, failed
}

// shakyLeases is one that leases, too.
type shakyLeases struct {
	shakyStore
	leaser flow.Leaser
}

func (s shakyLeases) Acquire(ctx context.Context, session, owner string, ttl time.Duration) (l flow.Lease, err error) {
	failed := s.m.do("acquire", func() error { l, err = s.leaser.Acquire(ctx, session, owner, ttl); return err })
	if failed == nil {
		failed = err
	}
	return l, failed
}

func (s shakyLeases) Renew(ctx context.Context, l flow.Lease, ttl time.Duration) (next flow.Lease, err error) {
	failed := s.m.do("renew", func() error { next, err = s.leaser.Renew(ctx, l, ttl); return err })
	return next, failed
}

func (s shakyLeases) Release(ctx context.Context, l flow.Lease) error {
	return s.m.do("release", func() error { return s.leaser.Release(ctx, l) })
}

type shakyDialler struct {
	r *callbackRun
	m *mishap
}

// Dial implements flow.Dialler: the telephone rings, and, unless the line tells that the call is over, it may be live as
// long as it is allowed to.
func (d shakyDialler) Dial(_ context.Context, dial flow.Dial) error {
	return d.m.do("dial", func() error {
		r, now := d.r, d.r.w.Clock.Now()
		assert.False(r, r.keys[dial.Key], "attempt %s is dialled twice", dial.Key)
		assert.False(r, now.Before(r.liveUntil), "the last call may be live until %v", r.liveUntil)
		r.mustBeStored(dial)
		r.keys[dial.Key], r.last, r.ringing = true, dial, true
		r.liveUntil = now.Add(dial.Ring + dial.Limit)
		return nil
	})
}

// mustBeStored checks the write-ahead.
func (r *callbackRun) mustBeStored(dial flow.Dial) {
	cb := r.stored()
	assert.Equal(r, flow.CallbackDialling, cb.State)
	assert.Equal(r, dial.Call, cb.Call)
}

func (r *callbackRun) stored() (cb flow.Callback) {
	_, items, err := r.store.Load(context.Background(), "call-1")
	require.NoError(r, err)
	require.NoError(r, json.Unmarshal(items[0].Data, &cb))
	return cb
}
