package flow_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/stretchr/testify/require"
)

var disorder = flag.Int("disorder", 60, "how many days of disorder TestDisorder plays")

// A customer calls several times at once, over lines that drop, repeat and mix up what they report, at processes of
// several versions whose store, processors, biller and messenger fail; is called back; and a person may have to end the
// payments. Whatever happens: each payment has a yes to its amount in its own call; what is paid is charged and posted
// once, and its payer knows; what failed is not charged; nothing stays held or open; no telephone rings at night, or
// while another callback may ring there.
func TestDisorder(t *testing.T) {
	days, paid, failed, reviewed, dialled := *disorder, 0, 0, 0, 0
	if testing.Short() {
		days = min(days, 12)
	}
	for day := range days {
		d := newDisorder(t, uint64(day))
		for range 250 {
			d.happens()
		}
		d.calmsDown()
		d.check()
		paid, failed = paid+d.ends[payment.StatePaid], failed+d.ends[payment.StateFailed]
		reviewed, dialled = reviewed+len(d.reviewed), dialled+len(d.w.Dialler.Dialled)
	}
	t.Logf("%d days: %d payments paid, %d failed, %d ended by a person, %d calls back", days, paid, failed, reviewed,
		dialled)
	require.Greater(t, paid, days/4)
	require.Positive(t, dialled)
}

// messy is a day with its seed. Its customer is Ann, or Cat with her gift card and points, also at processors of their
// own.
type messy struct {
	*testing.T
	seed      uint64
	rand      *rand.Rand
	w         *flowtest.World
	store     *flow.Memory
	engines   []*flow.Engine
	processor []*paymenttest.Sandbox
	calm      bool // nothing fails any more

	from, account, pin string
	lines              []*unruly
	yes                map[string][]int64 // minor units that were agreed to, by call
	heard              map[string]bool    // transaction IDs that somebody heard to the end
	rung               int
	reviewed           map[string]bool
	ends               map[payment.State]int
}

// unruly is a line on which anything may be reported.
type unruly struct {
	call, from string
	node       int
	turn       ivr.Turn
	given      []ivr.Input
	gone       bool // nobody is there, whether that is reported or not
	callback   bool
	until      time.Time // a callback may ring or be answered by anybody until then
}

func newDisorder(t *testing.T, seed uint64) *messy {
	w, store := stored(t)
	d := &messy{T: t, seed: seed, rand: rand.New(rand.NewPCG(seed, 7)), w: w, store: store, from: flowtest.Ann,
		account: "10012345#", pin: "1234#", yes: map[string][]int64{}, heard: map[string]bool{}, reviewed: map[string]bool{},
		ends: map[payment.State]int{}, processor: []*paymenttest.Sandbox{w.Sandbox}}
	w.Config.Log, w.Config.Directory = nil, agrees{w.Config.Directory}
	w.Config.Keeper = flow.NewMemoryKeeper(w.Clock.Now)
	if seed%2 == 1 {
		d.from, d.account, d.pin = flowtest.Cat, "30034567#", "4321#"
		w.Gifts()
	}
	if seed%4 == 3 {
		d.apart()
	}
	same := func(*flow.Session) error { return nil }
	versions := [][]flow.Migration{{{From: "1", To: "2", Do: same}}, {{From: "2", To: "1", Do: same}}, nil}[:1+seed%3]
	for i, migrations := range versions {
		definition := flow.Default("City Water")
		definition.Settings.TimeZone, definition.Migrations = "America/New_York", migrations
		definition.Version = []string{"2", "1", "1"}[i]
		var err error
		c := w.Config
		c.Dialogue, err = definition.Build()
		require.NoError(t, err)
		c.Store, c.Node, c.NewID = unreliable{store, d}, fmt.Sprint(i), idsOf(fmt.Sprintf("id-%d-", i))
		e, err := flow.New(c)
		require.NoError(t, err)
		d.engines = append(d.engines, e)
	}
	return d
}

// apart gives points and gift cards to processors that cannot hold, of which one cannot give back either.
func (d *messy) apart() {
	sandbox := func(name string, noRefunds bool) *paymenttest.Sandbox {
		s := paymenttest.New(paymenttest.Config{Now: d.w.Clock.Now, Direct: true, NoRefunds: noRefunds,
			Profile: payment.Profile{Name: name}})
		d.processor = append(d.processor, s)
		return s
	}
	points, gift := sandbox("points", true), sandbox("gift", false)
	points.FundPoints(paymenttest.TokenPoints, 500)
	gift.Fund(paymenttest.TokenGift, payment.Money{Minor: 1200, Currency: "USD"})
	d.w.Config.Points, d.w.Config.Gift = points, gift
	d.w.Wallet.Left = func(token string) (int64, bool) {
		if token == paymenttest.TokenPoints {
			return points.Left(token)
		}
		return gift.Left(token)
	}
}

// unreliable is a store that fails now and then, before or after it has done what it was told to.
type unreliable struct {
	*flow.Memory
	d *messy
}

func (s unreliable) Commit(ctx context.Context, txs ...flow.Tx) error {
	how := 2
	if !s.d.calm {
		how = s.d.rand.IntN(40)
	}
	if how == 0 {
		return flowtest.ErrDown
	}
	err := s.Memory.Commit(ctx, txs...)
	if how == 1 && err == nil {
		err = flowtest.ErrDown
	}
	return err
}

// happens is the next thing that happens.
func (d *messy) happens() {
	l := &unruly{gone: true}
	if len(d.lines) > 0 {
		l = d.lines[d.rand.IntN(len(d.lines))]
	}
	switch n := d.rand.IntN(100); {
	case n < 6 && len(d.lines) < 12:
		from := []string{d.from, d.from, flowtest.Stranger}[d.rand.IntN(3)]
		d.lines = append(d.lines, &unruly{call: fmt.Sprintf("call-%d", len(d.lines)+1), from: from})
	case n < 62 && !l.gone:
		d.goesOn(l)
	case n < 66 && !l.gone:
		d.reports(l, ivr.Input{Kind: ivr.Silence, Turn: l.turn.Seq}, true)
	case n < 68 && !l.gone:
		keys := []string{"0", "*", "9", "0#"}[d.rand.IntN(4)]
		d.reports(l, ivr.Input{Kind: ivr.Keys, Keys: keys, Turn: l.turn.Seq, Heard: true}, true)
	case n < 74 && len(l.given) > 0:
		d.reports(l, l.given[d.rand.IntN(len(l.given))], false)
	case n < 78 && l.turn.Seq > 0:
		l.gone = true
		d.reports(l, ivr.Input{Kind: ivr.HangUp}, true)
	case n < 80:
		l.gone = true // and nobody notices
	case n < 90:
		d.w.Clock.Advance(time.Duration(d.rand.IntN(90)) * time.Second)
	case n < 92:
		d.w.Clock.Advance(time.Duration(d.rand.IntN(40)) * time.Minute)
	case n < 96:
		d.fails()
	case n < 98:
		d.w.People.Closed = !d.w.People.Closed
	default:
		d.w.Messages.Down, d.w.Biller.PostDown = !d.w.Messages.Down, d.rand.IntN(2) == 0
	}
	if d.rand.IntN(3) == 0 {
		_, _ = d.engine(d.rand.IntN(len(d.engines))).Sweep(context.Background(), 100) // what fails stays due
		d.rings()
	}
}

func (d *messy) engine(node int) *flow.Engine { return d.engines[node%len(d.engines)] }

// fails lets a processor fail at one of the next calls.
func (d *messy) fails() {
	ops := []paymenttest.Op{paymenttest.Authorise, paymenttest.Capture, paymenttest.Void, paymenttest.Lookup,
		paymenttest.Refund}
	minutes := time.Duration(d.rand.IntN(180)) * time.Minute
	faults := []paymenttest.Fault{{Kind: paymenttest.LostAnswer}, {Kind: paymenttest.LostRequest},
		{Kind: paymenttest.Down, Delay: minutes}, {Kind: paymenttest.Late, Delay: minutes / 4},
		{Kind: paymenttest.Twice, Delay: minutes / 4}}
	op, fault := ops[d.rand.IntN(len(ops))], faults[d.rand.IntN(len(faults))]
	switch d.rand.IntN(8) {
	case 0, 1:
		op, fault = paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.Decline, Class: payment.OtherMethod}
	case 2:
		op, fault = paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.Partial}
	case 3:
		fault = paymenttest.Fault{Kind: paymenttest.Down, Delay: minutes * 20}
	}
	d.processor[d.rand.IntN(len(d.processor))].Inject(op, fault)
}

// goesOn answers what a line asks, mostly with sense.
func (d *messy) goesOn(l *unruly) {
	switch {
	case l.turn.Seq == 0:
		d.reports(l, ivr.Input{Kind: ivr.Answered, Call: ivr.Call{From: l.from, Attestation: "A", Locale: "en-US"}}, true)
		return
	case l.turn.Action == ivr.ActionHangUp || l.turn.Action == ivr.ActionTransfer:
		l.gone = true
		d.reports(l, ivr.Input{Kind: ivr.HangUp}, true)
		return
	case l.turn.Action == ivr.ActionWait:
		d.reports(l, ivr.Input{Kind: ivr.PromptEnded, Turn: l.turn.Seq}, true)
		return
	}
	in := ivr.Input{Kind: ivr.Keys, Keys: "1", Turn: l.turn.Seq, Heard: true}
	if d.rand.IntN(6) == 0 {
		in.Keys = fmt.Sprint(1 + d.rand.IntN(5))
	}
	keys := map[string]string{"identify.pin.ask": d.pin, "identify.account.ask": d.account, "amount.other.ask": "17#",
		"amount.minor.ask": "#", "card.ask": visa + "#", "card.expiry.ask": "1230", "card.cvv.ask": "123",
		"callback.number.ask": "2125550177#", "gift.ask": paymenttest.ClaimCodes[0].Code + "#"}
	for _, p := range l.turn.Prompts {
		if answer, known := keys[p.Key]; known {
			in.Keys = answer
		}
	}
	d.reports(l, in, true)
}

// reports hands an input to a process. What is not first may be a repetition, whose answer nobody hears.
func (d *messy) reports(l *unruly, in ivr.Input, first bool) {
	if d.rand.IntN(12) == 0 {
		l.node = d.rand.IntN(len(d.engines))
	}
	turn, err := d.engine(l.node).Handle(context.Background(), l.call, copied(in))
	known := errors.Is(err, flowtest.ErrDown) || errors.Is(err, flow.ErrStale) || errors.Is(err, flow.ErrNoSession)
	require.True(d, err == nil || known, "day %d: %v", d.seed, err)
	if first && in.Heard && in.Turn == l.turn.Seq {
		d.listens(l, in)
	}
	reached := turn.Action == ivr.ActionTransfer
	for _, p := range turn.Prompts { // which only the customer hears
		stage, _, _ := strings.Cut(p.Key, ".")
		reached = reached || slices.Contains([]string{"resume", "bill", "amount", "more"}, stage)
	}
	l.callback = l.callback && !reached && in.Kind != ivr.HangUp
	if first && err == nil {
		l.turn = turn
	}
	l.given = append(l.given, in)
}

// listens notes what the caller has heard to the end, and agreed to.
func (d *messy) listens(l *unruly, in ivr.Input) {
	for _, p := range l.turn.Prompts {
		switch {
		case p.Key == "receipt.id" || p.Key == "receipt.id.slow":
			d.heard[p.Args[0].Text] = true
		case p.Key == "confirm.pay" && in.Keys == "1":
			d.yes[l.call] = append(d.yes[l.call], p.Args[0].N)
		}
	}
}

// rings lets the telephones ring that were dialled.
func (d *messy) rings() {
	for ; d.rung < len(d.w.Dialler.Dialled); d.rung++ {
		dial, now := d.w.Dialler.Dialled[d.rung], d.w.Clock.Now()
		where, err := time.LoadLocation("America/New_York")
		require.NoError(d, err)
		hour := now.In(where).Hour()
		require.True(d, hour >= 8 && hour < 21, "day %d: a call at %v", d.seed, now.In(where))
		for _, other := range d.lines {
			twice := other.callback && other.from == dial.Number && now.Before(other.until)
			require.False(d, twice, "day %d: two calls at once to %s", d.seed, dial.Number)
		}
		d.lines = append(d.lines, &unruly{call: dial.Call, from: dial.Number, callback: true,
			until: now.Add(dial.Ring + dial.Limit), gone: d.rand.IntN(3) == 0})
	}
}

// calmsDown is the week after, in which nothing fails, and a person ends what is left in review as it was at the
// processor.
func (d *messy) calmsDown() {
	ctx := context.Background()
	d.calm, d.w.Messages.Down, d.w.Biller.PostDown = true, false, false
	sweep := func(times int) {
		for range times {
			d.w.Clock.Advance(20 * time.Minute)
			for _, e := range d.engines {
				_, err := e.Sweep(ctx, 100)
				require.NoError(d, err, "day %d", d.seed)
			}
		}
	}
	sweep(400)
	left, err := d.engines[0].InReview(ctx, 100)
	require.NoError(d, err)
	for _, p := range left {
		d.reviewed[p.ID] = true
		how := resolution(d.charged(p.ID, paymenttest.Captured) == p.Total().Minor)
		require.NoError(d, d.engines[0].Resolve(ctx, p.Session, p.ID, how))
	}
	sweep(10)
}

func (d *messy) charged(id string, state paymenttest.ChargeState) (sum int64) {
	for _, c := range d.w.Ledger() {
		if c.Payment == id && c.State == state {
			sum += c.Amount.Minor
		}
	}
	return sum
}

func (d *messy) check() {
	due, err := d.store.Due(context.Background(), 100)
	require.NoError(d, err)
	require.Empty(d, due, "day %d", d.seed)
	known := map[string]bool{}
	for _, l := range d.lines {
		if _, _, err := d.store.Load(context.Background(), l.call); errors.Is(err, flow.ErrNoSession) {
			continue
		}
		for _, p := range payments(d, d.store, l.call) {
			known[p.ID] = true
			d.ends[p.State]++
			d.checkPayment(l.call, p)
		}
	}
	for _, c := range d.w.Charges() {
		require.True(d, known[c.Payment], "day %d: a charge of %s", d.seed, c.Payment)
		require.True(d, c.State == paymenttest.Captured || d.reviewed[c.Payment], "day %d: a hold of %s", d.seed, c.Payment)
	}
	for account, bills := range d.w.Biller.Open {
		for _, b := range bills {
			require.GreaterOrEqual(d, b.Balance.Minor, int64(0), "day %d: %s has paid too much", d.seed, account)
		}
	}
}

func (d *messy) checkPayment(call string, p payment.Payment) {
	i := slices.Index(d.yes[call], p.Total().Minor)
	require.GreaterOrEqual(d, i, 0, "day %d: nobody said yes to %v of %s in %s", d.seed, p.Total(), p.ID, call)
	d.yes[call] = slices.Delete(d.yes[call], i, i+1) // it is good for one
	charged, posted := d.charged(p.ID, paymenttest.Captured), 0
	for _, one := range d.w.Biller.Posted {
		if one.Transaction == p.Transaction {
			posted++
		}
	}
	if p.State != payment.StatePaid {
		require.Equal(d, payment.StateFailed, p.State, "day %d: %s", d.seed, p.ID)
		require.True(d, charged == 0 || d.reviewed[p.ID], "day %d: %s failed, and %d was taken", d.seed, p.ID, charged)
		require.Zero(d, posted)
		return
	}
	require.Equal(d, p.Total().Minor, charged, "day %d: %s", d.seed, p.ID)
	require.Equal(d, 1, posted, "day %d: %s", d.seed, p.ID)
	names := func(m flow.Message) bool { return strings.Contains(m.Text, p.Transaction) }
	sent := slices.ContainsFunc(d.w.Messages.Sent, names)
	require.True(d, sent || d.heard[p.Transaction], "day %d: nobody told the payer of %s", d.seed, p.ID)
}
