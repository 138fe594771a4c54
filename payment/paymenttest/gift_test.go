package paymenttest

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/payment"
)

func TestFundedTokensKeepTheRules(t *testing.T) {
	for name, c := range map[string]Config{"holds": {}, "direct": {Direct: true}, "for good": {Direct: true, NoRefunds: true}} {
		t.Run(name, func(t *testing.T) {
			TestProcessor(t, func(*testing.T) (payment.Processor, Fixtures) {
				s := New(c)
				s.Fund(TokenGift, payment.Money{Minor: 500, Currency: "USD"})
				return s, Fixtures{Approved: TokenGift, Declined: TokenNoFunds, Amount: payment.Money{Minor: 500, Currency: "USD"}}
			})
			TestProcessor(t, func(*testing.T) (payment.Processor, Fixtures) {
				s := New(c)
				s.FundPoints(TokenPoints, 700)
				return s, Fixtures{Approved: TokenPoints, Declined: TokenNoFunds, Points: 700, Amount: payment.Money{Minor: 500, Currency: "USD"}}
			})
		})
	}
}

// A balance is there once: what is held or taken is not there for the next charge, what was given back is.
func TestABalanceIsSpentOnce(t *testing.T) {
	s := New(Config{})
	usd := func(minor int64) payment.Money { return payment.Money{Minor: minor, Currency: "USD"} }
	s.Fund(TokenGift, usd(1000))
	s.FundPoints(TokenPoints, 50)
	charge := func(key, token string, amount payment.Money, points int64) payment.Outcome {
		out, err := s.Authorise(t.Context(), payment.Charge{Key: key, Token: token, Amount: amount, Points: points})
		require.NoError(t, err)
		return out
	}
	first := charge("1", TokenGift, usd(700), 0)
	assert.Equal(t, payment.Approved, first.State)
	assert.Equal(t, payment.Declined, charge("2", TokenGift, usd(400), 0).State, "300 are left")
	assert.Equal(t, payment.Declined, charge("3", TokenGift, payment.Money{Minor: 1, Currency: "EUR"}, 0).State)
	left, ok := s.Left(TokenGift)
	assert.True(t, ok)
	assert.EqualValues(t, 300, left)
	_, err := s.Void(t.Context(), payment.Hold{ChargeKey: "1", Reference: first.Reference})
	require.NoError(t, err)
	assert.Equal(t, payment.Approved, charge("4", TokenGift, usd(1000), 0).State)
	assert.Equal(t, payment.Approved, charge("5", TokenPoints, usd(9000), 30).State)
	assert.Equal(t, payment.Declined, charge("6", TokenPoints, usd(1), 30).State, "20 points are left")
	left, _ = s.Left(TokenPoints)
	assert.EqualValues(t, 20, left)
	_, ok = s.Left("nobody's")
	assert.False(t, ok)
}
