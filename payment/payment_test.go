package payment_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
)

func TestDraftIsWhatIsReadBack(t *testing.T) {
	w := newWorld(t, nil)
	p := w.draft("p1", leg("card", paymenttest.TokenVisa, 300), leg("bank", paymenttest.TokenBank, 200))
	assert.Equal(t, payment.StateDraft, p.State)
	assert.Equal(t, usd(500), p.Total())
	assert.Equal(t, start, p.Created)
	assert.False(t, p.Legs[0].Direct)
	assert.True(t, p.Legs[1].Direct)
	assert.Equal(t, payment.Step{}, p.Next(w.now, w.profile), "nothing is done before the yes")
	assert.Equal(t, p, stored(t, p))

	require.NoError(t, p.Confirm(w.now))
	assert.Equal(t, payment.TransactionID("p1"), p.Transaction)
	for _, l := range p.Legs {
		assert.Len(t, l.Key, 26)
		assert.Equal(t, payment.LegNone, l.State)
		assert.Equal(t, 1, l.Attempt)
	}
	assert.NotEqual(t, p.Legs[0].Key, p.Legs[1].Key)
	assert.Equal(t, p, stored(t, p))
}

func TestDraftStartsAfresh(t *testing.T) {
	w := newWorld(t, nil)
	p := w.confirmed("p1", leg("card", paymenttest.TokenVisa, 300))
	w.drive(&p)
	p.ID = "p2"
	again, err := payment.Draft(p, w.now, w.profile)
	require.NoError(t, err)
	assert.Equal(t, w.draft("p2", leg("card", paymenttest.TokenVisa, 300)), again)
}

func TestDraftRefuses(t *testing.T) {
	good := payment.Payment{ID: "p1", Account: "a", Bill: "b", Payee: "c", Amount: usd(100),
		Legs: []payment.Leg{leg("card", "tok", 100)}}
	for _, c := range []struct {
		rule, fault string
		change      func(p *payment.Payment)
	}{
		{"no ID", "no ID", func(p *payment.Payment) { p.ID = "" }},
		{"no account", "no account", func(p *payment.Payment) { p.Account = "" }},
		{"no bill", "no bill", func(p *payment.Payment) { p.Bill = "" }},
		{"no payee", "no payee", func(p *payment.Payment) { p.Payee = "" }},
		{"no legs", "no legs", func(p *payment.Payment) { p.Legs = nil }},
		{"nothing to pay", "more than zero", func(p *payment.Payment) { p.Amount = usd(0) }},
		{"a negative amount", "more than zero", func(p *payment.Payment) { p.Amount = usd(-100) }},
		{"no currency", "ISO 4217", func(p *payment.Payment) { p.Amount.Currency = "XXX" }},
		{"a negative fee", "negative", func(p *payment.Payment) { p.Fee = usd(-1) }},
		{"a fee in another currency", "fee: ", func(p *payment.Payment) { p.Fee = payment.Money{Minor: 1, Currency: "EUR"} }},
		{"a fee that no leg pays", "add up to 1.01 USD", func(p *payment.Payment) { p.Fee = usd(1) }},
		{"legs that pay too little", "add up", func(p *payment.Payment) { p.Legs = []payment.Leg{leg("card", "tok", 99)} }},
		{"a leg of nothing", "leg 2: amount", func(p *payment.Payment) { p.Legs = append(p.Legs, leg("card", "tok", 0)) }},
		{"a leg without a token", "leg 1: no token", func(p *payment.Payment) { p.Legs = []payment.Leg{leg("card", "", 100)} }},
		{"a leg of no kind", "leg 1: kind", func(p *payment.Payment) {
			p.Legs = []payment.Leg{{Token: "t", Processor: "card", Amount: usd(100)}}
		}},
		{"a leg in another currency", "legs of 1.00 EUR", func(p *payment.Payment) {
			p.Legs = []payment.Leg{{Kind: payment.KindCard, Token: "t", Amount: payment.Money{Minor: 100, Currency: "EUR"}}}
		}},
		{"two legs that can neither be held nor refunded", "use one of them", func(p *payment.Payment) {
			p.Legs = []payment.Leg{leg("gift", "tok", 50), leg("gift", "tok", 50)}
		}},
		{"a processor that takes shorter keys only", "characters", func(p *payment.Payment) { p.Legs[0].Processor = "short" }},
		{"a processor that forgets keys at once", "must know it", func(p *payment.Payment) { p.Legs[0].Processor = "forgets" }},
	} {
		t.Run(c.rule, func(t *testing.T) {
			w := newWorld(t, nil)
			p := good
			p.Legs = append([]payment.Leg{}, good.Legs...)
			c.change(&p)
			_, err := payment.Draft(p, start, func(name string) payment.Profile {
				switch name {
				case "short":
					return payment.Profile{KeyMax: 20}
				case "forgets":
					return payment.Profile{KeyRetention: time.Hour}
				}
				return w.profile(name)
			})
			require.ErrorIs(t, err, payment.ErrDraft)
			assert.Contains(t, err.Error(), c.fault)
		})
	}
	_, err := payment.Draft(payment.Payment{}, start, func(string) payment.Profile { return payment.Profile{} })
	assert.GreaterOrEqual(t, strings.Count(err.Error(), "\n"), 5, "every fault is told at once: %v", err)
}

func TestConfirmAndCancelOnlyADraft(t *testing.T) {
	w := newWorld(t, nil)
	p := w.draft("p1", leg("card", paymenttest.TokenVisa, 300))
	require.NoError(t, p.Confirm(start.Add(time.Minute)))
	assert.Equal(t, payment.StateConfirmed, p.State)
	before := p
	assert.ErrorIs(t, p.Confirm(start.Add(time.Hour)), payment.ErrNotDraft, "a repeated key")
	assert.ErrorIs(t, p.Cancel(start.Add(time.Hour)), payment.ErrNotDraft, "a hang-up after the yes")
	assert.Equal(t, before, p, "and nothing changed")

	p = w.draft("p2", leg("card", paymenttest.TokenVisa, 300))
	require.NoError(t, p.Cancel(start))
	assert.True(t, p.State.Final())
	assert.ErrorIs(t, p.Confirm(start), payment.ErrNotDraft)
	assert.Equal(t, payment.Step{}, p.Next(start, w.profile))
}

func TestReceiptAndPostingOnlyOfAPaidPayment(t *testing.T) {
	w := newWorld(t, nil)
	p := w.confirmed("p1", leg("card", paymenttest.TokenVisa, 300), leg("bank", paymenttest.TokenBank, 200))
	_, err := p.Receipt()
	require.ErrorIs(t, err, payment.ErrNotPaid)
	_, err = p.Posting()
	require.ErrorIs(t, err, payment.ErrNotPaid)
	w.drive(&p)
	r, err := p.Receipt()
	require.NoError(t, err)
	assert.Equal(t, payment.Receipt{Payment: "p1", Transaction: payment.TransactionID("p1"), Account: "a1", Bill: "b1",
		Payee: "City Water", Amount: usd(499), Fee: usd(1), Total: usd(500), At: start, Parts: []payment.Part{
			{Kind: payment.KindCard, Last4: "4242", Amount: usd(300)}, {Kind: payment.KindCard, Last4: "4242", Amount: usd(200)}}}, r)
	posting, err := p.Posting()
	require.NoError(t, err)
	assert.Equal(t, usd(499), posting.Amount, "the fee is not the bill's")
	assert.Len(t, posting.Key, 26)
}

func TestPaymentIsSmallWhenStored(t *testing.T) {
	w := newWorld(t, nil)
	p := w.confirmed("p1", leg("card", paymenttest.TokenVisa, 300))
	w.drive(&p)
	b, err := json.Marshal(p)
	require.NoError(t, err)
	assert.Less(t, len(b), 700, "%s", b)
}

func TestKeyDependsOnEverything(t *testing.T) {
	base := payment.Key("dialpay", "t", "p", 0, "authorise", 1)
	assert.Regexp(t, `^[a-z2-7]{26}$`, base)
	assert.Equal(t, base, payment.Key("dialpay", "t", "p", 0, "authorise", 1))
	seen := map[string]bool{base: true}
	for _, other := range []string{
		payment.Key("x", "t", "p", 0, "authorise", 1), payment.Key("dialpay", "x", "p", 0, "authorise", 1),
		payment.Key("dialpay", "t", "x", 0, "authorise", 1), payment.Key("dialpay", "t", "p", 1, "authorise", 1),
		payment.Key("dialpay", "t", "p", 0, "capture", 1), payment.Key("dialpay", "t", "p", 0, "authorise", 2),
		payment.Key("dialpay", "tp", "", 0, "authorise", 1), payment.Key("dialpay", "t", "p1:0", 0, "authorise", 1),
	} {
		assert.False(t, seen[other], other)
		seen[other] = true
	}
}

func TestTransactionIDsAreEasyToHear(t *testing.T) {
	seen := map[string]bool{}
	for i := range 10_000 {
		id := payment.TransactionID(strings.Repeat("x", i%7) + time.Duration(i).String())
		require.Regexp(t, `^[234679CFHKMQRTWXY]{9}$`, id)
		seen[id] = true
	}
	assert.Len(t, seen, 10_000)
}

// Points are counted in the leg, the charge, the fingerprint and the receipt; no other kind has any.
func TestPointsOfALeg(t *testing.T) {
	w := newWorld(t, nil)
	w.sandboxes["card"].FundPoints("p", 700)
	of := func(kind payment.Kind, points int64) payment.Leg {
		return payment.Leg{Kind: kind, Token: "p", Processor: "card", Amount: usd(500), Points: points}
	}
	for _, bad := range []payment.Leg{of(payment.KindPoints, 0), of(payment.KindPoints, -1), of(payment.KindGift, 5), of("gold", 0)} {
		_, err := payment.Draft(payment.Payment{ID: "p1", Account: "a", Bill: "b", Payee: "c", Amount: usd(500),
			Legs: []payment.Leg{bad}}, w.now, w.profile)
		assert.ErrorIs(t, err, payment.ErrDraft, "%+v", bad)
	}
	p := w.confirmed("p1", of(payment.KindPoints, 700))
	changed := p
	changed.Legs = []payment.Leg{p.Legs[0]}
	changed.Legs[0].Points = 600
	assert.Equal(t, payment.StateReview, changed.Next(w.now, w.profile).State, "more or fewer points are another leg")
	w.drive(&p)
	left, _ := w.sandboxes["card"].Left("p")
	assert.Zero(t, left)
	r, err := p.Receipt()
	require.NoError(t, err)
	assert.Equal(t, []payment.Part{{Kind: payment.KindPoints, Amount: usd(500), Points: 700}}, r.Parts)
	assert.Empty(t, p.GivenBack())
}

// What a direct leg took and gave back is told; a hold that was released is not.
func TestGivenBack(t *testing.T) {
	w := newWorld(t, nil)
	p := w.confirmed("p1", leg("bank", paymenttest.TokenBank, 300), leg("card", paymenttest.TokenVisa, 200), leg("gift", paymenttest.TokenNoFunds, 100))
	w.drive(&p)
	require.Equal(t, payment.StateFailed, p.State)
	back := p.GivenBack()
	require.Len(t, back, 1)
	assert.Equal(t, usd(300), back[0].Amount)
}

// Only a person ends a payment in REVIEW, and once.
func TestResolve(t *testing.T) {
	w := newWorld(t, nil)
	for _, paid := range []bool{true, false} {
		p := w.confirmed("p1", leg("card", paymenttest.TokenVisa, 500))
		assert.ErrorIs(t, p.Resolve(paid, "kim: seen", w.now), payment.ErrNotReview)
		require.NoError(t, p.Apply(payment.Step{Kind: payment.StepMove, State: payment.StateReview, Reason: "no answer"},
			payment.Outcome{}, w.now))
		assert.ErrorContains(t, p.Resolve(paid, "", w.now), "say who decided")
		require.NoError(t, p.Resolve(paid, "kim: seen", w.now))
		assert.Equal(t, map[bool]payment.State{true: payment.StatePaid, false: payment.StateFailed}[paid], p.State)
		assert.Equal(t, "no answer", p.Reason)
		assert.Equal(t, "kim: seen", p.Resolved)
		assert.ErrorIs(t, p.Resolve(!paid, "lee: not seen", w.now), payment.ErrNotReview)
		_, err := p.Posting()
		assert.Equal(t, paid, err == nil)
	}
}
