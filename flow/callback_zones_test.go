package flow_test

import (
	"context"
	_ "embed"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// zoneNames are all zones of the IANA time zone database, as Go brings it along.
//
//go:embed testdata/zones.txt
var zoneNames string

var customers = flag.Int("customers", 100_000, "how many customers are called back in all time zones")

// Customers in all the time zones there are, half of them on days on which clocks are put forward or back: nobody's
// telephone rings in quiet hours, and no two calls of a case are live.
func TestCallbackEverywhere(t *testing.T) {
	total := *customers
	if raceEnabled || testing.Short() {
		total = min(total, 2_000) // the race detector is slow, and sees the same code
	}
	zones := strings.Fields(zoneNames)
	require.Greater(t, len(zones), 500)
	workers := runtime.GOMAXPROCS(0)
	towns := make([]*town, workers)
	var wait sync.WaitGroup
	for i := range workers {
		towns[i] = &town{T: t, zones: zones, rand: rand.New(rand.NewPCG(1, uint64(i)))}
		wait.Go(func() {
			for n := i; n < total && !t.Failed(); n += workers {
				if towns[i].engine == nil || n/workers%1000 == 0 {
					towns[i].begin() // so that the memory of those who are done is free
				}
				towns[i].live(n)
			}
		})
	}
	wait.Wait()
	calls, ends := 0, map[flow.CallbackState]int{}
	for _, w := range towns {
		calls += w.calls
		for state, n := range w.ends {
			ends[state] += n
		}
	}
	t.Logf("%d customers, %d calls: %v", total, calls, ends)
	for _, state := range []flow.CallbackState{flow.CallbackDone, flow.CallbackGaveUp, flow.CallbackCancelled} {
		assert.Greater(t, ends[state], total/100)
	}
	assert.Greater(t, calls, total)
}

// town is where customers live one after the other, each in a time of their own.
type town struct {
	*testing.T
	zones  []string
	rand   *rand.Rand
	engine *flow.Engine
	store  *flow.Memory

	now       time.Time
	zone      string
	account   string
	wants     bool // the customer on the line wants to be called back
	known     bool // it is shown who is on the line
	last      flow.Dial
	liveUntil time.Time
	dialled   map[string]int // attempts of this customer, by key

	calls int
	ends  map[flow.CallbackState]int
}

// wishes is a dialogue that asks nothing: who is on the line, and what they want, is as the town tells.
func (w *town) wishes() flow.Definition {
	d := flow.Default("City Water")
	ask := func(ctx context.Context, c *flow.Call) (flow.Event, error) {
		if w.known {
			c.Identity.Account, c.Identity.Level = w.account, auth.LevelIdentified
			c.CancelCallbacks(ctx)
		}
		if !w.wants {
			return "done", nil
		}
		_, _, err := c.RequestCallback(ctx, c.Line.From)
		return "done", err
	}
	d.Stages = []flow.Stage{
		{Name: "wish", States: []flow.State{{Name: "wish", Work: &flow.Work{Do: ask}, On: []flow.Go{{On: "done", To: "goodbye"}}}}},
		*d.Stage("goodbye"),
		{Name: "agent", States: []flow.State{{Name: "agent", Leave: &flow.Leave{}}}},
	}
	d.Settings.TimeZone, d.Settings.CallLimit = "America/New_York", 20*time.Minute
	return d
}

func (w *town) begin() {
	d, err := w.wishes().Build()
	require.NoError(w, err)
	w.store = flow.NewMemory(func() time.Time { return w.now })
	n := 0
	c := flow.Config{Dialogue: d, Store: w.store, Now: func() time.Time { return w.now },
		NewID: func() string { n++; return fmt.Sprint("out-", n) }}
	base := flowtest.NewWorld(w.T).Config
	c.Collaborators = base.Collaborators
	c.Directory, c.Dialler, c.Messenger = w, w, nil
	w.engine, err = flow.New(c)
	require.NoError(w, err)
	if w.ends == nil {
		w.ends = map[flow.CallbackState]int{}
	}
}

// ByCaller implements auth.Directory, as do ByNumber and ByID: everybody lives in the zone.
func (w *town) ByCaller(context.Context, string) ([]auth.Account, error) { return nil, nil }

func (w *town) ByNumber(context.Context, string) (auth.Account, error) {
	return auth.Account{}, auth.ErrUnknownAccount
}

func (w *town) ByID(_ context.Context, id string) (auth.Account, error) {
	return auth.Account{ID: id, TimeZone: w.zone}, nil
}

// Dial implements flow.Dialler.
func (w *town) Dial(_ context.Context, d flow.Dial) error {
	where, err := time.LoadLocation(w.zone)
	require.NoError(w, err)
	for _, at := range []time.Time{w.now, w.now.Add(d.Ring)} {
		if hour := at.In(where).Hour(); hour < 8 || hour >= 21 {
			w.Errorf("a telephone rings in %s at %v", w.zone, at.In(where))
		}
	}
	if w.dialled[d.Key]++; w.dialled[d.Key] > 1 {
		w.Errorf("attempt %s is dialled twice", d.Key)
	}
	if w.now.Before(w.liveUntil) {
		w.Errorf("in %s, a second call at %v, while one may be live until %v", w.zone, w.now, w.liveUntil)
	}
	w.calls, w.last, w.liveUntil = w.calls+1, d, w.now.Add(d.Ring+d.Limit)
	return nil
}

// live is one customer, who asks, sometimes asks again for another number, and sometimes calls in before we do.
func (w *town) live(n int) {
	w.zone, w.account = w.zones[n%len(w.zones)], fmt.Sprint("acc-", n)
	w.now, w.liveUntil, w.dialled = w.day(), time.Time{}, map[string]int{}
	asked := []string{fmt.Sprint("first-", n)}
	w.talk(asked[0], fmt.Sprintf("+1212%07d", n), true)
	if w.rand.IntN(4) == 0 {
		asked = append(asked, fmt.Sprint("second-", n))
		w.talk(asked[1], fmt.Sprintf("+1313%07d", n), true)
	}
	for sweeps := range 20 {
		due, open := w.next(asked)
		if !open {
			return
		}
		w.now = due.Add(w.late())
		if w.rand.IntN(12) == 0 {
			w.talk(fmt.Sprint("in-", n, "-", sweeps), "", false)
		}
		before := w.calls
		_, err := w.engine.Sweep(context.Background(), 10)
		require.NoError(w, err)
		if w.calls > before {
			w.answer()
		}
	}
	w.Errorf("the callback of customer %d in %s does not end", n, w.zone)
}

// day is when a customer calls: any time of the year, or near a change of the clocks.
func (w *town) day() time.Time {
	where, err := time.LoadLocation(w.zone)
	require.NoError(w, err)
	at := flowtest.Start.Add(time.Duration(w.rand.Int64N(int64(365 * 24 * time.Hour)))).In(where)
	if _, change := at.ZoneBounds(); !change.IsZero() && w.rand.IntN(2) == 0 {
		at = change.Add(time.Duration(w.rand.Int64N(int64(40*time.Hour))) - 28*time.Hour)
	}
	return at.UTC()
}

// late is how late the sweeper looks: soon, as a rule, and sometimes when the night has come.
func (w *town) late() time.Duration {
	if w.rand.IntN(8) == 0 {
		return time.Duration(w.rand.Int64N(int64(26 * time.Hour)))
	}
	return time.Duration(w.rand.Int64N(int64(10 * time.Second)))
}

// talk is a call of the customer.
func (w *town) talk(call, from string, wants bool) {
	w.wants, w.known = wants, true
	_, err := w.engine.Handle(context.Background(), call, ivr.Input{Kind: ivr.Answered, Call: ivr.Call{From: from, Locale: "en-US"}})
	require.NoError(w, err)
}

// answer is what becomes of a call to the customer: the line is lost with it, it is busy, a voicemail answers, or they do.
func (w *town) answer() {
	w.wants, w.known = false, false
	in := ivr.Input{Kind: ivr.HangUp, Reason: "busy"}
	switch w.rand.IntN(4) {
	case 0:
		return
	case 1:
		in = ivr.Input{Kind: ivr.Answered}
	case 2:
		in, w.known = ivr.Input{Kind: ivr.Answered}, true
	}
	w.now = w.now.Add(time.Duration(w.rand.Int64N(int64(w.last.Ring))))
	_, err := w.engine.Handle(context.Background(), w.last.Call, in)
	require.NoError(w, err)
	w.liveUntil = w.now
}

// next is when something is due of what was asked for in the calls. Where all of it is over, it is counted.
func (w *town) next(asked []string) (due time.Time, open bool) {
	var over []flow.CallbackState
	for _, call := range asked {
		_, items, err := w.store.Load(context.Background(), call)
		require.NoError(w, err)
		for _, it := range items {
			var cb flow.Callback
			require.NoError(w, json.Unmarshal(it.Data, &cb))
			assert.LessOrEqual(w, cb.Attempt, 3)
			if it.Due.IsZero() {
				over = append(over, cb.State)
				continue
			}
			if open {
				w.Errorf("customer %s has two callbacks", w.account)
			}
			due, open = it.Due, true
		}
	}
	if !open {
		for _, state := range over {
			w.ends[state]++
		}
	}
	return due, open
}
