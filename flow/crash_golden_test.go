package flow_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/dialpay/dialpay/wallet"
	"github.com/stretchr/testify/require"
)

// Every golden call is made again and again. Each time the process that serves it dies before or after another one of
// the calls that it makes of its collaborators, until each of them had its turn; what it was about to say is never heard.
// Another process goes on with the last input. Where the story goes on otherwise than it is written, the caller hangs up.
// When what is left open is finished, the books are right: what was taken is what was told to the biller, nothing is held,
// nothing is open, and no message went out twice.
func TestCrashInEveryStory(t *testing.T) {
	stories := slices.Concat(goldenLists()...)
	var mu sync.Mutex
	sites, diverged, runs := map[string]int{}, 0, 0
	t.Run("stories", func(t *testing.T) {
		for i, g := range stories {
			if testing.Short() && i%10 != 0 {
				continue
			}
			t.Run(g.name, func(t *testing.T) {
				t.Parallel()
				c := &goldenCrash{T: t, golden: g, sites: map[string]int{}}
				c.everywhere()
				mu.Lock()
				defer mu.Unlock()
				diverged, runs = diverged+c.diverged, runs+c.runs
				for site, n := range c.sites {
					sites[site] += n
				}
			})
		}
	})
	t.Logf("%d crashes at all call sites of %d golden calls; in %d of them the caller's story had to end", runs, len(stories), diverged)
	// No golden call looks a charge up.
	for _, site := range []string{"load", "commit", "find", "authorise", "capture", "void", "bills", "post", "send", "methods",
		"save method", "tokenise", "people", "gift cards", "redeem",
		"points", "preferences", "refund", "by caller", "by ID", "by number"} {
		for _, when := range []string{"before ", "after "} {
			if sites[when+site] == 0 && !testing.Short() {
				t.Errorf("no process died %s%s", when, site)
			}
		}
	}
}

// stride is how many places a test passes by that would go through all of them: none, but where it is told to be short,
// as with the race detector, which is slow and sees the same code.
func stride() int {
	if raceEnabled || testing.Short() {
		return 7
	}
	return 1
}

// goldenCrash is a story with its crashes.
type goldenCrash struct {
	*testing.T
	golden
	dialogue       *flow.Dialogue
	calls          int // that the undisturbed story makes
	runs, diverged int
	sites          map[string]int
}

func (c *goldenCrash) everywhere() {
	calm := c.run(mishap{})
	require.False(c, calm.diverged, "undisturbed, it is the story as it is written")
	c.calls = calm.m.made
	for at := 1; at <= c.calls; at += stride() {
		for _, after := range []bool{false, true} {
			r := c.run(mishap{at: at, after: after})
			require.True(c, r.m.happened(), "call %d of %d was not made", at, c.calls)
			c.runs++
			when := "before "
			if after {
				when = "after "
			}
			c.sites[when+r.m.what]++
			if r.diverged {
				c.diverged++
			}
			r.check()
			if c.Failed() {
				c.Fatalf("the process died %s%s, which was call %d of %d", when, r.m.what, at, c.calls)
			}
		}
	}
}

// crashedStory is one run.
type crashedStory struct {
	*testing.T
	*script
	store    *flow.Memory
	m        *mishap
	diverged bool
}

// divergence is what a failing assertion of the story panics with.
type divergence struct{ why string }

// reader stands in for the test of a story: what it asserts need not hold.
type reader struct{ *testing.T }

func (reader) Errorf(format string, args ...any) { panic(divergence{fmt.Sprintf(format, args...)}) }
func (reader) Error(args ...any)                 { panic(divergence{fmt.Sprint(args...)}) }
func (reader) Fatalf(format string, args ...any) { panic(divergence{fmt.Sprintf(format, args...)}) }
func (reader) Fatal(args ...any)                 { panic(divergence{fmt.Sprint(args...)}) }
func (reader) FailNow()                          { panic(divergence{"failed"}) }
func (reader) Log(...any)                        {}
func (reader) Logf(string, ...any)               {}

func (c *goldenCrash) run(how mishap) *crashedStory {
	quiet := reader{c.T}
	r := &crashedStory{T: c.T, m: &how}
	w := flowtest.NewWorld(quiet)
	r.script = &script{World: w, TB: quiet}
	r.store = flow.NewMemory(w.Clock.Now)
	w.Config.Dialogue = c.dialogue // built once: the story asks for the same each time
	w.Config.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	w.Wrap = r.wrap
	w.Via = func(e *flow.Engine) ivr.Handler { return failover{e, r.m} }
	r.play(c.golden)
	c.dialogue = w.Config.Dialogue
	return r
}

// play plays the story as far as it goes.
func (r *crashedStory) play(g golden) {
	defer func() {
		d, ok := recover().(divergence)
		if r.diverged = ok; ok && r.m.at == 0 {
			r.T.Log(d.why)
		}
	}()
	g.play(r.script)
}

// failover serves calls. When the process dies, its answer is lost, and another one gets the same input.
type failover struct {
	e *flow.Engine
	m *mishap
}

func (f failover) Handle(ctx context.Context, call string, in ivr.Input) (ivr.Turn, error) {
	again := in
	again.Secret = in.Secret.Copy()
	turn, err := f.e.Handle(ctx, call, in)
	if !f.m.happened() || f.m.over {
		return turn, err
	}
	f.m.over = true
	return f.e.Handle(ctx, call, again)
}

func (r *crashedStory) wrap(c *flow.Config) {
	m := r.m
	keeper, err := flow.NewSealedKeeper(r.store, newSeal(r.T, "k1"), c.Now)
	require.NoError(r.T, err)
	store := r.store
	if given, ok := c.Store.(*flow.Memory); ok {
		store, r.store = given, given
	} else if c.Store != nil {
		return // a story with a store of its own
	}
	c.Keeper, c.Store = keeper, brittleMemory{brittleStore{store, m}, store}
	wrapProcessor := func(p payment.Processor) payment.Processor {
		if s, ok := p.(*paymenttest.Sandbox); ok {
			return brittleProcessor{s, m, nil}
		}
		return p
	}
	c.Processor, c.Bank = wrapProcessor(c.Processor), wrapProcessor(c.Bank)
	c.Gift, c.Points = wrapProcessor(c.Gift), wrapProcessor(c.Points)
	if s, ok := c.Vault.(*paymenttest.Sandbox); ok {
		c.Vault = brittleProcessor{s, m, nil}
	}
	c.Biller = brittleBiller{c.Biller, m}
	c.Directory = brittleDirectory{c.Directory, m}
	if c.Messenger != nil {
		c.Messenger = brittleMessenger{c.Messenger, m}
	}
	if c.Wallet != nil {
		c.Wallet = brittleWallet{c.Wallet, m}
	}
	if c.GiftCards != nil {
		c.GiftCards, c.Rewards = brittleGiftCards{c.GiftCards, m}, brittleRewards{c.Rewards, m}
		c.Preferences = brittlePreferences{c.Preferences, m}
	}
	if c.People != nil {
		c.People = brittlePeople{c.People, m}
	}
	if c.Dialler != nil {
		c.Dialler = brittleDialler{c.Dialler, m}
	}
}

// check ends all calls, lets another process finish what is open, and looks at the books.
func (r *crashedStory) check() {
	r.m.over = true
	w := r.World
	w.Biller.Down, w.Biller.PostDown, w.Messages.Down, w.People.Down = false, false, false, false
	e := w.Engine()
	for i := range 20 {
		id := fmt.Sprintf("call-%d", i+1)
		if _, _, err := r.store.Load(r.T.Context(), id); err == nil {
			_, _ = e.Handle(r.T.Context(), id, ivr.Input{Kind: ivr.HangUp}) // it may be over
		}
	}
	for _, step := range []time.Duration{time.Minute, time.Hour} {
		for range 60 {
			w.Clock.Advance(step)
			_, _ = e.Sweep(r.T.Context(), 100) // what does not work stays open, which is found below
		}
	}
	r.audit(e)
}

func (r *crashedStory) audit(e *flow.Engine) {
	taken := map[string]int64{}
	for _, c := range r.Ledger() {
		switch c.State {
		case paymenttest.Held:
			r.T.Errorf("%v of payment %s are still held", c.Amount, c.Payment)
		case paymenttest.Captured:
			taken[payment.TransactionID(c.Payment)] += c.Amount.Minor
		}
	}
	posted := map[string]bool{}
	for _, p := range r.Biller.Posted {
		if posted[p.Transaction] || taken[p.Transaction] == 0 {
			r.T.Errorf("posting of %v for transaction %s: told before: %v, taken: %d", p.Amount, p.Transaction, posted[p.Transaction],
				taken[p.Transaction])
		}
		posted[p.Transaction] = true
	}
	for transaction := range taken {
		if !posted[transaction] {
			r.T.Errorf("transaction %s was taken and not posted", transaction)
		}
	}
	keys := map[string]bool{}
	for _, m := range r.Messages.Sent {
		if keys[m.Key] {
			r.T.Errorf("message %s was sent twice", m.Key)
		}
		keys[m.Key] = true
	}
	due, err := r.store.Due(r.T.Context(), 100)
	require.NoError(r.T, err)
	for _, it := range due {
		r.T.Errorf("%s %s is still open", it.Kind, it.Key)
	}
	r.auditPayments(taken)
}

// auditPayments compares each stored payment with what was taken for it: all or nothing.
func (r *crashedStory) auditPayments(taken map[string]int64) {
	for i := range 20 {
		_, items, err := r.store.Load(r.T.Context(), fmt.Sprintf("call-%d", i+1))
		if err != nil {
			continue
		}
		for _, it := range items {
			var p payment.Payment
			if it.Kind != flow.ItemPayment || json.Unmarshal(it.Data, &p) != nil {
				continue
			}
			all, got := p.Total().Minor, taken[p.Transaction]
			if p.State == payment.StatePaid && got != all || p.State == payment.StateFailed && got != 0 {
				r.T.Errorf("payment %s of %v is %s, and %d were taken", p.ID, p.Total(), p.State, got)
			}
		}
	}
}

type brittleMemory struct {
	brittleStore
	memory *flow.Memory
}

func (s brittleMemory) Find(ctx context.Context, name string, limit int) (found []string, err error) {
	failed := s.m.do("find", func() error { found, err = s.memory.Find(ctx, name, limit); return err })
	return found, failed
}

func (s brittleMemory) Acquire(ctx context.Context, id, owner string, ttl time.Duration) (l flow.Lease, err error) {
	failed := s.m.do("acquire", func() error { l, err = s.memory.Acquire(ctx, id, owner, ttl); return err })
	return l, failed
}

func (s brittleMemory) Renew(ctx context.Context, l flow.Lease, ttl time.Duration) (next flow.Lease, err error) {
	failed := s.m.do("renew", func() error { next, err = s.memory.Renew(ctx, l, ttl); return err })
	return next, failed
}

func (s brittleMemory) Release(ctx context.Context, l flow.Lease) error {
	return s.m.do("release", func() error { return s.memory.Release(ctx, l) })
}

type brittleDirectory struct {
	auth.Directory
	m *mishap
}

func (d brittleDirectory) ByCaller(ctx context.Context, number string) (found []auth.Account, err error) {
	failed := d.m.do("by caller", func() error { found, err = d.Directory.ByCaller(ctx, number); return err })
	return found, failed
}

func (d brittleDirectory) ByNumber(ctx context.Context, number string) (a auth.Account, err error) {
	failed := d.m.do("by number", func() error { a, err = d.Directory.ByNumber(ctx, number); return err })
	return a, failed
}

func (d brittleDirectory) ByID(ctx context.Context, id string) (a auth.Account, err error) {
	failed := d.m.do("by ID", func() error { a, err = d.Directory.ByID(ctx, id); return err })
	return a, failed
}

type brittleWallet struct {
	wallet.Wallet
	m *mishap
}

func (w brittleWallet) Methods(ctx context.Context, account string) (all []wallet.Method, err error) {
	failed := w.m.do("methods", func() error { all, err = w.Wallet.Methods(ctx, account); return err })
	return all, failed
}

func (w brittleWallet) Save(ctx context.Context, account string, m wallet.Method) (saved wallet.Method, err error) {
	failed := w.m.do("save method", func() error { saved, err = w.Wallet.Save(ctx, account, m); return err })
	return saved, failed
}

type brittleGiftCards struct {
	cards flow.GiftCards
	m     *mishap
}

func (g brittleGiftCards) GiftCards(ctx context.Context, account string) (all []wallet.GiftCard, err error) {
	failed := g.m.do("gift cards", func() error { all, err = g.cards.GiftCards(ctx, account); return err })
	return all, failed
}

func (g brittleGiftCards) Redeem(ctx context.Context, account string, code payment.Secret, key string) (added wallet.GiftCard, err error) {
	var refused error // by the company: an answer, not a fault
	failed := g.m.do("redeem", func() error { added, refused = g.cards.Redeem(ctx, account, code, key); return nil })
	return added, errors.Join(failed, refused)
}

type brittleRewards struct {
	flow.Rewards
	m *mishap
}

func (w brittleRewards) Points(ctx context.Context, account string) (p wallet.Points, err error) {
	failed := w.m.do("points", func() error { p, err = w.Rewards.Points(ctx, account); return err })
	return p, failed
}

type brittlePreferences struct {
	chosen flow.Preferences
	m      *mishap
}

func (w brittlePreferences) Preferences(ctx context.Context, account string) (p wallet.Preferences, err error) {
	failed := w.m.do("preferences", func() error { p, err = w.chosen.Preferences(ctx, account); return err })
	return p, failed
}

type brittlePeople struct {
	flow.People
	m *mishap
}

func (p brittlePeople) Open(ctx context.Context, reason string, at time.Time) (to string, ok bool, err error) {
	failed := p.m.do("people", func() error { to, ok, err = p.People.Open(ctx, reason, at); return err })
	return to, ok, failed
}

type brittleDialler struct {
	flow.Dialler
	m *mishap
}

func (d brittleDialler) Dial(ctx context.Context, call flow.Dial) error {
	return d.m.do("dial", func() error { return d.Dialler.Dial(ctx, call) })
}
