package flow_test

import (
	"context"
	"testing"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// atNumber asks for a callback at another number than that of the call.
func atNumber(c *flowtest.Caller, number string) *flowtest.Caller {
	c.Hear("callback.offer.ask").Press("2")
	c.Hear("callback.number.ask").Press(number + "#")
	return c.Hear("callback.check.number").Press("1")
}

// annElsewhere is Ann on a telephone that nobody knows, in front of the amount.
func annElsewhere(w *flowtest.World) *flowtest.Caller {
	c := w.DialAs(english(flowtest.Stranger)).Press("10012345#")
	return pin(c).Hear("amount.ask")
}

// A number has one callback, and so has an account, whoever asks, and also where two ask at the same moment: each is a
// claim. The other one hears which number will be called.
func TestCallbackOneOfACase(t *testing.T) {
	for _, rule := range []struct {
		sentence string
		first    func(w *flowtest.World) *flowtest.Caller
		number   string
	}{
		{"the number, before it is known who calls", func(w *flowtest.World) *flowtest.Caller {
			return w.DialAs(english(flowtest.Ann)).Press("0#").Hear("callback.offer.ask").Press("1")
		}, "2125550100"},
		{"the account, at another number", wish, "2125550177"},
	} {
		for _, atOnce := range []bool{false, true} {
			t.Run(rule.sentence, func(t *testing.T) {
				w := flowtest.NewWorld(t)
				store := &blindStore{Memory: flow.NewMemory(w.Clock.Now)}
				w.Config.Store = store
				w.People.Closed = true
				second := annElsewhere(w)
				rule.first(w).Hear("callback.saved").Over()
				second.Press("0")
				second.Hear("callback.offer.ask").Press("2")
				second.Hear("callback.number.ask").Press(rule.number + "#")
				second.Hear("callback.check.number")
				if atOnce {
					store.blind = 2 // the first one is stored after the second has looked, for both of its cases
				}
				second.Press("1").Hear("callback.arranged").Hear("two one two, five five five, zero one zero zero").Over()
				assert.Zero(t, store.blind)
				w.Sweep(5 * time.Minute)
				require.Len(t, w.Dialler.Dialled, 1)
				assert.Equal(t, flowtest.Ann, w.Dialler.Last().Number)
			})
		}
	}
}

// blindStore finds nothing for a while: what it looks for is stored a moment later.
type blindStore struct {
	*flow.Memory
	blind int
}

func (s *blindStore) Find(ctx context.Context, name string, limit int) ([]string, error) {
	if s.blind > 0 {
		s.blind--
		return nil, nil
	}
	return s.Memory.Find(ctx, name, limit)
}

// asksAgain is a World whose callers are offered a callback again after they have asked for one.
func asksAgain(t *testing.T) (*flowtest.World, *flow.Memory) {
	w, store := stored(t)
	states := w.Definition.Stage("callback").States
	states[len(states)-1].On = []flow.Go{{On: "saved", To: "callback"}, {On: "arranged", To: "goodbye"}}
	return w, store
}

// Who asks again in the same call, for another number, is called there, and only there.
func TestCallbackRearranged(t *testing.T) {
	w, store := asksAgain(t)
	c := wish(w).Hear("callback.saved")
	atNumber(c, "2125550177").Hear("callback.saved").Hear("zero one seven seven").HangUp()
	assert.Len(t, open(t, store, "call-1"), 1)
	w.Sweep(5 * time.Minute)
	require.Len(t, w.Dialler.Dialled, 1)
	assert.Equal(t, "2125550177", w.Dialler.Last().Number)
	w.NoAnswer("busy")

	// The number that was given up is free.
	stranger := w.DialAs(english(flowtest.Stranger)).Press("0#")
	atNumber(stranger, "2125550100").Hear("callback.saved").HangUp()
}

// Who asks again for the number of another callback has that one, and no more their own.
func TestCallbackFoundLater(t *testing.T) {
	w, store := asksAgain(t)
	w.People.Closed = true
	c := w.DialAs(english(flowtest.Stranger)).Press("0#")
	c.Hear("callback.offer.ask").Press("1").Hear("callback.saved")
	wish(w).Hear("callback.saved").HangUp()
	atNumber(c, "12125550100").Hear("callback.arranged").Over()
	assert.Empty(t, open(t, store, "call-1"))
	assert.Len(t, open(t, store, "call-2"), 1)
}

// It is not late in the early morning.
func TestCallbackBeforeHours(t *testing.T) {
	w, _ := stored(t)
	w.Clock.Advance(-4 * time.Hour)
	wish(w).Hear("It will be after eight o'clock in the morning.").Over()
	w.Sweep(time.Hour + 50*time.Minute)
	assert.Empty(t, w.Dialler.Dialled)
	w.Sweep(11 * time.Minute)
	assert.Len(t, w.Dialler.Dialled, 1)

	w, _ = stored(t)
	w.Definition.Settings.CallHours = flow.CallHours{From: 13, Until: 17}
	wish(w).Hear("It will be as soon as our calling hours begin.").Over()
}

// moved is a directory in which everybody lives elsewhere. While it is down, nobody can be found by ID.
type moved struct {
	auth.Directory
	zone string
	down bool
}

func (d *moved) ByID(ctx context.Context, id string) (auth.Account, error) {
	if d.down {
		return auth.Account{}, flowtest.ErrDown
	}
	a, err := d.Directory.ByID(ctx, id)
	a.TimeZone = d.zone
	return a, err
}

// A directory that is down at the request, or has a time zone that nobody knows, loses no callback: it is asked again
// before the call, and as long as it has no answer we call in the middle of the day.
func TestCallbackWithoutDirectory(t *testing.T) {
	for _, rule := range []struct {
		sentence, zone string
		downFor        time.Duration
	}{
		{"it answers before the call", "America/Los_Angeles", time.Minute},
		{"it answers before the call, in the east", "America/Halifax", time.Minute},
		{"it is down for the whole day", "America/Los_Angeles", 24 * time.Hour},
		{"it has an unknown zone", "Atlantis/Poseidonis", time.Minute},
	} {
		t.Run(rule.sentence, func(t *testing.T) {
			w, _ := stored(t)
			d := &moved{Directory: w.Config.Directory, zone: rule.zone}
			w.Config.Directory = d
			w.People.Closed = true
			start := w.Clock.Now()
			c := pin(w.DialAs(english(flowtest.Ann))).Hear("amount.ask").Press("0").Hear("callback.offer.ask")
			d.down = true
			c.Press("1").Hear("callback.saved").Hear("callback.hours").Over()
			for w.Clock.Now().Before(start.Add(12*time.Hour)) && len(w.Dialler.Dialled) == 0 {
				d.down = w.Clock.Now().Sub(start) < rule.downFor
				w.Sweep(time.Minute)
			}
			require.Len(t, w.Dialler.Dialled, 1)
			assert.InDelta(t, time.Hour, w.Clock.Now().Sub(start), float64(time.Minute), "eleven in New York")
		})
	}
}

// A callback in a session that nobody can read has its case for itself. Who asks for another one hears that there can be
// none, and the call does not fail. Once the session can be read again, it is found.
func TestCallbackOfAnUnreadableSession(t *testing.T) {
	w, store := stored(t)
	wish(w).Hear("callback.saved").Over()
	snap, _, err := store.Load(t.Context(), "call-1")
	require.NoError(t, err)
	write := func(version uint64, data []byte) {
		require.NoError(t, store.Commit(t.Context(), flow.Tx{Session: "call-1", Expect: version, Next: data}))
	}
	write(snap.Version, []byte("{"))
	atNumber(w.DialAs(english(flowtest.Stranger)).Press("0#"), "2125550100").Hear("agent.closed").NotHear("sorry").Over()
	assert.Empty(t, open(t, store, "call-2"))

	write(snap.Version+1, snap.Data)
	atNumber(w.DialAs(english(flowtest.Stranger)).Press("0#"), "2125550100").Hear("callback.arranged").Over()
}
