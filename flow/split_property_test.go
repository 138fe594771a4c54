package flow_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/dialpay/dialpay/wallet"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// splitCase is one of the worlds in which Cat pays from several sources.
type splitCase struct {
	*flowtest.World
	t     *testing.T
	rng   *rand.Rand
	store *flow.Memory
	total payment.Money
	// own has the sandbox that a token's balance lies in, first what was on it.
	own   map[string]*paymenttest.Sandbox
	first map[string]int64
	call  *flowtest.Caller
}

// Whatever a customer owes, in currencies of no, two and three decimals, whatever is on her gift cards, her points are
// worth and she prefers: the parts that she hears are the amount exactly, and so is what is taken. If one part is
// declined, nothing of the others is kept.
func TestSplitsAddUpOrComeBack(t *testing.T) {
	cases := 400
	if testing.Short() {
		cases = 80
	}
	legs, declined := map[int]int{}, map[payment.Kind]int{}
	for seed := range cases {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			c := newSplitCase(t, seed)
			heard := c.readBack()
			legs[len(heard)]++
			n := c.rng.Intn(len(heard) + 1)
			if n < len(heard) {
				declined[heard[n].Kind]++
				c.decline(heard[n])
			}
			c.call.Press("1")
			c.settle()
			c.audit(heard, n < len(heard))
		})
	}
	t.Logf("legs: %v, declined: %v", legs, declined)
	for n := 1; n <= 4; n++ {
		assert.Greater(t, legs[n], cases/50, "%d legs", n)
	}
	assert.Len(t, declined, 3, "gift cards, points and cards")
}

func newSplitCase(t *testing.T, seed int) *splitCase {
	c := &splitCase{World: flowtest.NewWorld(t), t: t, rng: rand.New(rand.NewSource(int64(seed))),
		own: map[string]*paymenttest.Sandbox{}, first: map[string]int64{}}
	c.store = flow.NewMemory(c.Clock.Now)
	c.Config.Store = c.store
	currency := []string{"JPY", "USD", "KWD"}[seed%3]
	c.total = money(1+c.rng.Int63n([]int64{60, 60_000}[c.rng.Intn(2)]), currency)
	c.Biller.Open["acc-cat"][0].Balance = c.total
	_, err := c.Wallet.Save(t.Context(), "acc-cat", wallet.Method{Kind: payment.KindCard, Token: paymenttest.TokenVisa,
		Brand: payment.Visa, Last4: "4242", Default: true, Expiry: payment.Expiry{Year: 2030, Month: 12}})
	require.NoError(t, err)
	if c.rng.Intn(3) == 0 {
		c.Config.Fees = fee{c.rng.Int63n(300)}
	}
	c.gifts(currency)
	c.points(currency)
	c.Wallet.SetPreferences("acc-cat", wallet.Preferences{Order: [][]payment.Kind{nil, {payment.KindGift},
		{payment.KindPoints, payment.KindGift}, {payment.KindGift, payment.KindCard}}[c.rng.Intn(4)]})
	c.Config.GiftCards, c.Config.Rewards, c.Config.Preferences = c.Wallet, c.Wallet, c.Wallet
	c.Wallet.Left = func(token string) (int64, bool) {
		if c.own[token] == nil {
			return 0, false
		}
		return c.own[token].Left(token)
	}
	return c
}

// gifts gives Cat gift cards, at a processor of their own, which holds or takes at once.
func (c *splitCase) gifts(currency string) {
	number := c.rng.Intn(4)
	box := paymenttest.New(paymenttest.Config{Profile: payment.Profile{Name: "gifts"}, Direct: c.rng.Intn(2) == 0,
		NoRefunds: number == 1 && c.rng.Intn(2) == 0, Now: c.Clock.Now})
	for i := range number {
		balance := money(1+c.rng.Int63n(c.total.Minor), currency)
		token := fmt.Sprintf("gift_%04d", i)
		box.Fund(token, balance)
		c.own[token], c.first[token] = box, balance.Minor
		require.NoError(c.t, c.Wallet.AddGiftCard("acc-cat", wallet.GiftCard{Token: token, Last4: token[5:], Balance: balance}))
	}
	c.Config.Gift = box
}

// points gives her points, of any worth.
func (c *splitCase) points(currency string) {
	if c.rng.Intn(4) == 0 {
		return
	}
	box := paymenttest.New(paymenttest.Config{Profile: payment.Profile{Name: "rewards"}, Direct: c.rng.Intn(2) == 0, Now: c.Clock.Now})
	balance := 1 + c.rng.Int63n(5000)
	box.FundPoints(paymenttest.TokenPoints, balance)
	c.own[paymenttest.TokenPoints], c.first[paymenttest.TokenPoints] = box, balance
	require.NoError(c.t, c.Wallet.SetPoints("acc-cat", wallet.Points{Token: paymenttest.TokenPoints, Balance: balance,
		Rate: wallet.Rate{Points: 1 + c.rng.Int63n(200), Worth: money(1+c.rng.Int63n(200), currency)}}))
	c.Config.Points = box
}

// readBack goes to the read-back, and returns the legs that are stored, once it is clear that they are those that are heard.
func (c *splitCase) readBack() []payment.Leg {
	c.call = c.Dial(flowtest.Cat)
	c.call.Hear("identify.pin.ask").Press("4321#").Hear("amount.ask").Press("1").Press("1").Hear("confirm.readback.ask")
	snap, _, err := c.store.Load(c.t.Context(), "call-1")
	require.NoError(c.t, err)
	var s flow.Session
	require.NoError(c.t, json.Unmarshal(snap.Data, &s))
	var heard, pay, stored int64
	parts := 0
	for _, p := range c.call.Turn.Prompts {
		switch {
		case p.Key == "confirm.pay":
			pay = p.Args[0].N
		case strings.HasPrefix(p.Key, "confirm.part.") || strings.HasPrefix(p.Key, "confirm.last."):
			heard += p.Args[0].N
			parts++
		case strings.HasPrefix(p.Key, "confirm.with."):
			heard, parts = pay, 1
		}
	}
	for _, l := range s.Draft.Legs {
		require.Positive(c.t, l.Amount.Minor)
		require.Equal(c.t, c.total.Currency, l.Amount.Currency)
		stored += l.Amount.Minor
	}
	c.total.Minor += s.Draft.Fee.Minor
	require.Equal(c.t, c.total.Minor, pay, "what is owed, and the fee")
	require.Equal(c.t, pay, heard, "the parts add up in words")
	require.Equal(c.t, pay, stored, "and in the draft")
	require.Len(c.t, s.Draft.Legs, parts)
	return s.Draft.Legs
}

// decline lets one of the legs be declined: the card by its bank, points and gift cards because something is gone.
func (c *splitCase) decline(l payment.Leg) {
	switch l.Kind {
	case payment.KindCard:
		c.Sandbox.Inject(paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.Decline, Class: payment.OtherMethod})
	case payment.KindPoints:
		c.first[l.Token] = l.Points - 1
		c.own[l.Token].FundPoints(l.Token, l.Points-1)
	default:
		c.first[l.Token] = l.Amount.Minor - 1
		c.own[l.Token].Fund(l.Token, money(l.Amount.Minor-1, l.Amount.Currency))
	}
}

func (c *splitCase) settle() {
	c.call.HangUp()
	for range 10 {
		c.Clock.Advance(time.Minute)
		_, err := c.Engine().Sweep(context.Background(), 100)
		require.NoError(c.t, err)
	}
}

// audit looks into the books of all processors.
func (c *splitCase) audit(legs []payment.Leg, declined bool) {
	boxes := map[*paymenttest.Sandbox]bool{c.Sandbox: true}
	for _, box := range c.own {
		boxes[box] = true
	}
	var held, taken int64
	for box := range boxes {
		for _, charge := range box.Charges() {
			switch charge.State {
			case paymenttest.Held:
				held += charge.Amount.Minor
			case paymenttest.Captured:
				taken += charge.Amount.Minor
			}
		}
	}
	assert.Zero(c.t, held)
	want := c.total.Minor
	if declined {
		want = 0
	}
	assert.Equal(c.t, want, taken)
	used := map[string]int64{}
	for _, l := range legs {
		if used[l.Token] = l.Amount.Minor; l.Points > 0 {
			used[l.Token] = l.Points
		}
	}
	for token, box := range c.own {
		left, _ := box.Left(token)
		if want = c.first[token]; !declined {
			want -= used[token]
		}
		assert.Equal(c.t, want, left, token)
	}
	assert.Equal(c.t, declined, len(c.Biller.Posted) == 0)
}
