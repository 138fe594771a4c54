package wallet_test

import (
	"math"
	"math/big"
	"math/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/wallet"
)

func money(minor int64, currency string) payment.Money {
	return payment.Money{Minor: minor, Currency: currency}
}

func gift(token string, balance payment.Money) wallet.Source {
	return wallet.GiftCard{Token: token, Last4: "1234", Balance: balance}.Source()
}

func points(balance int64, rate wallet.Rate) wallet.Source {
	return wallet.Points{Token: "points", Balance: balance, Rate: rate}.Source()
}

// amounts are what the shares come to, and the rest behind them.
func amounts(s wallet.Split) (all []int64) {
	for _, share := range s.Shares {
		all = append(all, share.Amount.Minor)
	}
	return append(all, s.Rest.Minor)
}

func TestPlan(t *testing.T) {
	usd := func(minor int64) payment.Money { return money(minor, "USD") }
	cent := wallet.Rate{Points: 100, Worth: usd(100)}
	visa := card("visa", 2030, 1).Source()
	for name, c := range map[string]struct {
		amount  int64
		sources []wallet.Source
		limits  wallet.Limits
		want    []int64
	}{
		"points, then gift cards, then a card": {12345, []wallet.Source{points(500, cent), gift("g", usd(1200)), visa}, wallet.Limits{}, []int64{500, 1200, 10645, 0}},
		"what no source pays is the rest":      {12345, []wallet.Source{points(500, cent), gift("g", usd(1200))}, wallet.Limits{}, []int64{500, 1200, 10645}},
		"all by gift card, no card needed":     {1200, []wallet.Source{gift("g", usd(1200)), visa}, wallet.Limits{}, []int64{1200, 0}},
		"a card that comes first pays all":     {1200, []wallet.Source{visa, gift("g", usd(1200))}, wallet.Limits{}, []int64{1200, 0}},
		"empty and foreign ones are left out":  {1200, []wallet.Source{gift("e", usd(0)), gift("f", money(900, "EUR")), points(500, wallet.Rate{Points: 1, Worth: money(1, "EUR")}), visa}, wallet.Limits{}, []int64{1200, 0}},
		"a card has its least":                 {1240, []wallet.Source{gift("g", usd(1200)), visa}, wallet.Limits{Least: 50}, []int64{1190, 50, 0}},
		"an amount under the least is whole":   {40, []wallet.Source{gift("g", usd(20)), visa}, wallet.Limits{Least: 50}, []int64{40, 0}},
		"not more than can be kept in mind":    {1000, []wallet.Source{gift("1", usd(1)), gift("2", usd(2)), gift("3", usd(3)), gift("4", usd(4)), visa}, wallet.Limits{}, []int64{1, 2, 3, 994, 0}},
		"a point of five cents pays no three":  {13, []wallet.Source{points(9, wallet.Rate{Points: 1, Worth: usd(5)}), visa}, wallet.Limits{}, []int64{10, 3, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			split, err := wallet.Plan(usd(c.amount), c.sources, c.limits)
			require.NoError(t, err)
			assert.Equal(t, c.want, amounts(split))
		})
	}
	for _, amount := range []payment.Money{{}, usd(0), usd(-1), money(5, "XXY")} {
		_, err := wallet.Plan(amount, nil, wallet.Limits{})
		assert.ErrorIs(t, err, wallet.ErrPlan, "%v", amount)
	}
}

// Whatever there is to pay with: the parts are the amount exactly, nothing pays more than it has, points are worth what
// they pay to the minor unit, and a draft takes the plan.
func TestAPlanIsTheAmountExactly(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	some := func(most int64) int64 { return 1 + rng.Int63n(most) }
	profile := func(string) payment.Profile { return payment.Profile{Name: "p", AuthCapture: true} }
	for i := range 20_000 {
		currency := []string{"JPY", "USD", "KWD"}[i%3]
		amount := money(some(50_000), currency)
		var sources []wallet.Source
		for range rng.Intn(5) {
			other := []string{currency, currency, "EUR"}[rng.Intn(3)]
			sources = append(sources, gift("g", money(rng.Int63n(30_000), other)))
			sources = append(sources, points(rng.Int63n(100_000), wallet.Rate{Points: some(1000), Worth: money(some(300), other)}))
		}
		limits := wallet.Limits{Least: rng.Int63n(100), Most: rng.Intn(4)}
		sources = append(sources, card("visa", 2030, 1).Source())
		split, err := wallet.Plan(amount, sources, limits)
		require.NoError(t, err)
		require.Zero(t, split.Rest.Minor)
		p := payment.Payment{ID: "p", Account: "a", Bill: "b", Payee: "c", Amount: amount}
		limited := 0
		for _, share := range split.Shares {
			p.Legs = append(p.Legs, share.Leg("p"))
			switch share.Kind {
			case payment.KindGift:
				limited++
				require.LessOrEqual(t, share.Amount.Minor, share.Balance.Minor)
			case payment.KindPoints:
				limited++
				require.LessOrEqual(t, share.Used, share.Points)
				require.Equal(t, share.Amount.Minor, share.Rate.Minor(share.Used), "the points are worth what they pay")
				require.Less(t, share.Rate.Minor(share.Used-1), share.Amount.Minor, "not one point too many")
			default:
				require.True(t, share.Amount.Minor >= limits.Least || amount.Minor < limits.Least || limited == 0, "the least")
			}
		}
		_, err = payment.Draft(p, time.Now(), profile)
		require.NoError(t, err, "the legs add up")
	}
}

// Points are computed like fractions of any size, rounded down.
func TestRateIsExact(t *testing.T) {
	rng := rand.New(rand.NewSource(2))
	wide := func() int64 { return 1 + rng.Int63()>>rng.Intn(63) }
	for range 100_000 {
		r := wallet.Rate{Points: wide(), Worth: money(wide(), "USD")}
		balance, most := wide(), wide()
		exact := new(big.Int).Mul(big.NewInt(balance), big.NewInt(r.Worth.Minor))
		exact.Div(exact, big.NewInt(r.Points))
		want := int64(math.MaxInt64)
		if exact.IsInt64() {
			want = exact.Int64()
		}
		require.Equal(t, want, r.Minor(balance))
		used, minor := r.For(most, balance)
		require.True(t, used >= 0 && used <= balance && minor >= 0 && minor <= most)
		require.Equal(t, minor, r.Minor(used))
		// The first number of points that is worth more is more than there are, or worth more than was asked for.
		more := new(big.Int).Mul(new(big.Int).Add(big.NewInt(minor), big.NewInt(1)), big.NewInt(r.Points))
		more.Add(more, big.NewInt(r.Worth.Minor-1)).Div(more, big.NewInt(r.Worth.Minor))
		require.True(t, more.Cmp(big.NewInt(balance)) > 0 || r.Minor(more.Int64()) > most, "%+v: %d points for %d", r, balance, most)
	}
	used, minor := wallet.Rate{Points: 3, Worth: money(2, "USD")}.For(100, 4)
	assert.Equal(t, [2]int64{3, 2}, [2]int64{used, minor}, "4 points are 2.67 cents: 2 cents, for which 3 are enough")
	used, minor = wallet.Rate{}.For(100, 100)
	assert.Zero(t, used+minor)
}

func TestPreferences(t *testing.T) {
	usd := money(100, "USD")
	all := []wallet.Source{card("visa", 2030, 1).Source(), gift("g", usd), points(1, wallet.Rate{Points: 1, Worth: usd})}
	order := func(p wallet.Preferences) (kinds []payment.Kind) {
		for _, s := range p.Arrange(all) {
			kinds = append(kinds, s.Kind)
		}
		return kinds
	}
	assert.Equal(t, []payment.Kind{payment.KindPoints, payment.KindGift, payment.KindCard}, order(wallet.Preferences{}))
	assert.Equal(t, []payment.Kind{payment.KindGift, payment.KindPoints, payment.KindCard},
		order(wallet.Preferences{Order: []payment.Kind{payment.KindGift}}))
	cardFirst := wallet.Preferences{Order: []payment.Kind{payment.KindCard}}
	assert.Equal(t, []payment.Kind{payment.KindCard, payment.KindPoints, payment.KindGift}, order(cardFirst))
	assert.True(t, wallet.Preferences{}.BalancesFirst())
	assert.False(t, cardFirst.BalancesFirst())
}

func TestUsableGifts(t *testing.T) {
	now := time.Date(2026, 11, 30, 23, 0, 0, 0, time.UTC)
	of := func(token string, balance payment.Money, expires payment.Date) wallet.GiftCard {
		return wallet.GiftCard{Token: token, Last4: "1234", Balance: balance, Expires: expires}
	}
	usd := money(100, "USD")
	var got []string
	for _, g := range wallet.UsableGifts([]wallet.GiftCard{of("ever", usd, ""), of("empty", money(0, "USD"), ""), of("gone", usd, "2026-11-29"),
		of("foreign", money(5, "EUR"), ""), of("soon", usd, "2026-12-24"), of("today", usd, "2026-11-30")}, "USD", now) {
		got = append(got, g.Token)
	}
	assert.Equal(t, []string{"today", "soon", "ever"}, got)
}

func TestChecksOfGiftCardsAndPoints(t *testing.T) {
	good := wallet.GiftCard{Token: "g", Last4: "1234", Balance: money(5, "USD"), Expires: "2026-12-24"}
	require.NoError(t, good.Check())
	for _, harm := range []func(g *wallet.GiftCard){
		func(g *wallet.GiftCard) { g.Token = "4012888888881881" }, func(g *wallet.GiftCard) { g.Last4 = "" },
		func(g *wallet.GiftCard) { g.Balance.Minor = -1 }, func(g *wallet.GiftCard) { g.Balance.Currency = "" },
		func(g *wallet.GiftCard) { g.Expires = "soon" },
	} {
		bad := good
		harm(&bad)
		assert.ErrorIs(t, bad.Check(), wallet.ErrMethod)
	}
	rate := wallet.Rate{Points: 100, Worth: money(100, "USD")}
	require.NoError(t, wallet.Points{}.Check())
	require.NoError(t, wallet.Points{Token: "p", Balance: 5, Rate: rate}.Check())
	for _, bad := range []wallet.Points{{Balance: 5, Rate: rate}, {Token: "p", Balance: -1, Rate: rate}, {Token: "p", Balance: 5},
		{Token: "4012888888881881", Rate: rate}} {
		assert.ErrorIs(t, bad.Check(), wallet.ErrMethod)
	}
}

func TestMemoryKeepsGiftCardsAndPoints(t *testing.T) {
	left := map[string]int64{"g": 700, "p": 40}
	w := wallet.Memory{}
	w.Left = func(token string) (int64, bool) { n, ok := left[token]; return n, ok }
	code, err := payment.NewSecret([]byte("7001200025"))
	require.NoError(t, err)
	wrong, err := payment.NewSecret([]byte("7001200026"))
	require.NoError(t, err)
	require.NoError(t, w.Issue(code, wallet.GiftCard{Token: "g", Last4: "0025", Balance: money(2500, "USD")}))

	var refused *wallet.ClaimError
	_, err = w.Redeem(ctx, "a", wrong, "key-1")
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, wallet.ClaimUnknown, refused.Reason)
	for range 2 {
		g, err := w.Redeem(ctx, "a", code, "key-2")
		require.NoError(t, err, "the same key has the same end")
		assert.EqualValues(t, 700, g.Balance.Minor, "what is left")
	}
	for _, again := range [][2]string{{"a", "key-3"}, {"b", "key-2"}} {
		_, err = w.Redeem(ctx, again[0], code, again[1])
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, wallet.ClaimUsed, refused.Reason)
	}
	cards, err := w.GiftCards(ctx, "a")
	require.NoError(t, err)
	require.Len(t, cards, 1)
	others, err := w.GiftCards(ctx, "b")
	require.NoError(t, err)
	assert.Empty(t, others)

	require.NoError(t, w.SetPoints("a", wallet.Points{Token: "p", Balance: 50, Rate: wallet.Rate{Points: 1, Worth: money(1, "USD")}}))
	p, err := w.Points(ctx, "a")
	require.NoError(t, err)
	assert.EqualValues(t, 40, p.Balance)
	w.SetPreferences("a", wallet.Preferences{Method: "pm_1"})
	chosen, err := w.Preferences(ctx, "a")
	require.NoError(t, err)
	assert.Equal(t, "pm_1", chosen.Method)
}
