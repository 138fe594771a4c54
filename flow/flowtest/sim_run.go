package flowtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/wallet"
)

// simRun is a company with two processes, and what happens in one run. Everything but the engines begins anew with
// each run, or goes on from a copy of an earlier one.
type simRun struct {
	Simulation
	fate    fate
	clock   *Clock
	nodes   [2]*simNode
	catalog *ivr.Catalog
	denies  map[string]bool // prompts that say that nothing was charged
	ann     auth.Account
	report  *Report
	simWorld
	cards, banks, gifts, points *simProcessor
	nested, cut                 bool
	seen                        *seen     // of an exhaustive search; nil in others
	copies                      []*copied // of this run, where it may be left for another
	tracing                     bool
	story                       strings.Builder
}

var simMethods = []wallet.Method{
	{ID: "pm_1", Kind: payment.KindCard, Token: "tok_visa", Brand: payment.Visa, Last4: "4242", Default: true,
		Expiry: payment.Expiry{Year: 2030, Month: 12}},
	{ID: "pm_2", Kind: payment.KindBank, Token: "tok_bank", Brand: "First Bank", Last4: "6789"},
}

// denial is what a text says that tells that no money moved.
var denial = regexp.MustCompile(`(?i)nothing (was|has been) charged|not been charged|was not charged`)

// newSimRun makes the company. It serves many runs.
func newSimRun(s Simulation, report *Report) (*simRun, error) {
	r := &simRun{Simulation: s, clock: &Clock{}, report: report, denies: map[string]bool{}}
	hasher := auth.Hasher{Iterations: 1, Rand: zeros{}}
	pin, err := auth.NewSecret([]byte("1234"))
	if err != nil {
		return nil, err
	}
	r.ann = auth.Account{ID: "acc-ann", Name: "Ann Lee", Phones: []string{Ann}, Email: "ann@example.com", TimeZone: "UTC"}
	if r.ann.PIN, err = hasher.Hash(pin); err != nil {
		return nil, err
	}
	if len(s.Definition.Stages) == 0 {
		r.Definition = flow.Default("City Water")
	}
	if s.Legs == 2 {
		r.splitDraft()
	}
	if r.ann.CallBack = s.Callbacks; s.Callbacks {
		r.Definition.Settings.TimeZone = "UTC"
	}
	dialogue, err := r.Definition.Build()
	if err != nil {
		return nil, err
	}
	report.wants(dialogue)
	r.catalog = dialogue.Catalog()
	english := r.catalog.Locales()[0]
	for key := range r.catalog.Locale(english).Messages {
		r.denies[key] = denial.MatchString(r.catalog.Text(english, ivr.Say(key)))
	}
	r.cards = &simProcessor{r: r, profile: payment.Profile{Name: "cards", AuthCapture: true}}
	r.banks = &simProcessor{r: r, profile: payment.Profile{Name: "banks", ReplaysErrors: true}}
	r.gifts = &simProcessor{r: r, profile: payment.Profile{Name: "gifts", AuthCapture: !s.Direct}}
	r.points = &simProcessor{r: r, profile: payment.Profile{Name: "points", AuthCapture: !s.Direct, Refunds: s.Direct}}
	for i := range r.nodes {
		if err := r.addNode(i, dialogue, hasher); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *simRun) addNode(i int, dialogue *flow.Dialogue, hasher auth.Hasher) error {
	n := &simNode{simRun: r, name: fmt.Sprintf("node-%d", i+1)}
	r.nodes[i] = n
	o := simOthers{n}
	decoys, err := auth.NewDecoys(o, auth.DecoyConfig{Key: key("simulation"), Hasher: hasher})
	if err != nil {
		return err
	}
	lockout, err := auth.NewLockout(auth.LockoutConfig{Store: o, Now: r.clock.Now})
	if err != nil {
		return err
	}
	c := flow.Config{Dialogue: dialogue, Store: simStore{n}, Now: r.clock.Now, Node: n.name,
		NewID: func() string { r.ids++; return fmt.Sprintf("pay-%d", r.ids) },
		Log:   r.logger(),
		Collaborators: flow.Collaborators{Directory: decoys, Lockout: lockout, Biller: o, Vault: o, Wallet: o, Messenger: o,
			People: o, Keeper: simKeeper{n}, Processor: simGate{n, r.cards}, Bank: simGate{n, r.banks},
			Factors: []auth.Factor{auth.Caller{}, auth.PIN{Hasher: hasher}}},
		Observe: func(tr flow.Transition) { r.report.Taken[tr.From+": "+string(tr.On)]++ }}
	if r.Processor != nil {
		c.Processor = r.Processor(c.Processor)
	}
	if r.Callbacks {
		c.Dialler = o
	}
	if r.Gifts {
		c.GiftCards, c.Rewards, c.Preferences = o, o, o
		c.Gift, c.Points = simGate{n, r.gifts}, simGate{n, r.points}
	}
	if n.plain, err = flow.New(c); err != nil {
		return err
	}
	c.Seal, err = flow.NewSeal(flow.SealConfig{Current: "k1", Keys: map[string]ivr.Secret{"k1": sealKey('k')}, Index: sealKey('i')})
	if err != nil {
		return err
	}
	n.seals, err = flow.New(c)
	return err
}

// splitDraft makes two legs of every draft.
func (r *simRun) splitDraft() {
	st := r.Definition.Stage("confirm")
	work := *st.States[0].Work
	draft := work.Do
	work.Do = func(ctx context.Context, c *flow.Call) (flow.Event, error) {
		on, err := draft(ctx, c)
		if err != nil || on != "drafted" {
			return on, err
		}
		p, total := *c.Draft, c.Draft.Total()
		first := payment.Money{Minor: total.Minor / 3, Currency: total.Currency}
		rest := payment.Money{Minor: total.Minor - first.Minor, Currency: total.Currency}
		second := r.cards.profile.Name
		if r.Direct {
			second = r.banks.profile.Name
		}
		p.Legs = []payment.Leg{simMethods[1].Leg(second, rest), simMethods[0].Leg(r.cards.profile.Name, first)}
		drafted, err := payment.Draft(p, c.Now, c.With.Profile)
		c.Draft = &drafted
		return on, err
	}
	st.States[0].Work = &work
}

// reset begins a run from nothing.
func (r *simRun) reset() {
	r.begin()
	r.simWorld = newSimWorld(r.clock.Now)
	r.seen.begin()
	for _, n := range r.nodes {
		if n != nil {
			n.restart()
		}
	}
}

func (r *simRun) begin() {
	*r.clock = Clock{}
	r.nested, r.cut, r.fate.healed = false, false, false
	r.story.Reset()
}

// play is one run, from where it stands: calls in which things go wrong, then the company gets well, and all must come
// to an end.
func (r *simRun) play() {
	if r.at.id == "" {
		r.sealed = r.fate.choose(whim, 2) == 1 || r.Sealed
		r.dial(&r.at, 0)
	}
	for !r.at.over {
		done := r.line(&r.at)
		switch {
		case r.cut:
			return
		case done || r.redialled || r.Callbacks && r.fate.choose(outcome, 2) == 1:
			r.at.over = true
		default:
			r.redial()
		}
	}
	for ; r.at.rounds < r.rounds(); r.at.rounds++ {
		if r.before("company", r.at.rounds, r.last) {
			return
		}
		if r.at.rounds == 1 {
			r.pass(max(r.outage.Sub(r.clock.Now()), 0)) // What went on in vain meanwhile does so after 1000 tries as after two.
		}
		if !r.awaken() {
			break
		}
		r.sweep(r.nodes[r.calls%2])
	}
	r.heal()
}

// rounds is how often the company sweeps while things go wrong: a callback takes more than a payment.
func (r *simRun) rounds() int {
	if r.Callbacks {
		return 6
	}
	return 3
}

// awaken lets time pass until something is due, and tells whether anything is.
func (r *simRun) awaken() bool {
	var first time.Time
	for _, at := range r.open {
		if first.IsZero() || at.Before(first) {
			first = at
		}
	}
	r.pass(max(first.Sub(r.clock.Now()), 5*time.Second))
	return !first.IsZero()
}

func (r *simRun) sweep(n *simNode) {
	n.busy = true
	_, err := n.engine().Sweep(context.Background(), 100)
	n.busy = false
	r.noLeak(fmt.Sprint(err))
	if n.dead {
		n.restart()
	}
	if !r.nested {
		r.pickUp(n)
	}
}

// heal drives all to the end, with two processes in turns.
func (r *simRun) heal() {
	r.fate.healed = true
	if r.clock.Now().Before(r.outage) {
		r.pass(r.outage.Sub(r.clock.Now()))
	}
	r.since = r.clock.Now()
	r.drain()
	if len(r.review) > 0 && !r.cut {
		r.byHand()
		r.drain()
	}
	if r.cut {
		return
	}
	r.pass(2 * time.Hour)
	if r.seen != nil && r.seen.ends != nil { // a test asks
		r.stands("end")
		r.seen.ends[r.seen.total] = true
	}
	r.settled(r.clock.Now().Sub(r.since) - 2*time.Hour)
}

// drain sweeps until nothing is open.
func (r *simRun) drain() {
	for i := 0; i < 1000 && !r.before("healing", i%2, len(r.review)) && r.awaken(); i++ {
		r.sweep(r.nodes[i%2])
	}
}

// meanwhile lets another process act while n is held up in the middle of something for more than a lease: it sweeps, or
// gets the same input, or learns that the caller has gone.
func (r *simRun) meanwhile(n *simNode) {
	other := r.nodes[0]
	if other == n {
		other = r.nodes[1]
	}
	how := r.fate.choose(manner, 3)
	if other.busy || r.nested {
		return
	}
	r.nested = true
	switch {
	case how == 0 || r.last.id == "":
		r.pass(40 * time.Second)
		r.sweep(other)
	case how == 1:
		other.hand(r.last.id, r.last.in)
	case how == 2:
		other.hand(r.last.id, entry{in: ivr.Input{Kind: ivr.HangUp}})
	}
	r.nested = false
	if other.dead {
		other.restart()
	}
}

func sealKey(b byte) ivr.Secret {
	s, _ := ivr.NewSecret(bytes.Repeat([]byte{b}, 32))
	return s
}

func (n *simNode) engine() *flow.Engine {
	if n.sealed {
		return n.seals
	}
	return n.plain
}

// hand gives an input to a process, and looks at the turn that comes back.
func (n *simNode) hand(id string, e entry) (ivr.Turn, error) {
	was := n.busy
	n.busy = true
	in := e.input()
	n.report.Events++
	turn, err := n.engine().Handle(context.Background(), id, in)
	n.busy = was
	if n.dead {
		return turn, errDead
	}
	if err != nil {
		n.noLeak(err.Error())
	}
	if errors.Is(err, flow.ErrStale) {
		err = nil
	}
	return turn, err
}
