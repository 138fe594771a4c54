package paymenttest

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/payment"
)

// A sandbox in another process keeps the rules of a processor, and so does one that goes on from what another exported.
func TestRemoteKeepsTheRules(t *testing.T) {
	TestProcessor(t, func(t *testing.T) (payment.Processor, Fixtures) {
		server := httptest.NewServer(Handler(New(Config{})))
		t.Cleanup(server.Close)
		r, err := Dial(t.Context(), server.URL)
		require.NoError(t, err)
		return r, fixtures
	})
}

func TestRemoteWithoutAnswer(t *testing.T) {
	server := httptest.NewServer(Handler(New(Config{})))
	r, err := Dial(t.Context(), server.URL)
	require.NoError(t, err)
	server.Close()
	_, err = r.Authorise(t.Context(), payment.Charge{Key: "k", Token: TokenVisa, Amount: fixtures.Amount})
	assert.ErrorIs(t, err, ErrNoAnswer)
	_, err = Dial(t.Context(), server.URL)
	assert.ErrorIs(t, err, ErrNoAnswer)
}

func TestRemoteBalances(t *testing.T) {
	sandbox := New(Config{})
	sandbox.FundPoints(TokenPoints, 500)
	server := httptest.NewServer(Handler(sandbox))
	defer server.Close()
	r, err := Dial(t.Context(), server.URL)
	require.NoError(t, err)
	left, known, err := r.Left(t.Context(), TokenPoints)
	require.NoError(t, err)
	assert.True(t, known)
	assert.EqualValues(t, 500, left)
	_, known, err = r.Left(t.Context(), TokenVisa)
	require.NoError(t, err)
	assert.False(t, known)
}

func TestExport(t *testing.T) {
	first := New(Config{})
	token, err := first.Tokenise(t.Context(), goodCard(), "card")
	require.NoError(t, err)
	charge := payment.Charge{Key: "k", Token: token.ID, Amount: fixtures.Amount, Payment: "p"}
	held, err := first.Authorise(t.Context(), charge)
	require.NoError(t, err)
	data, err := first.Export()
	require.NoError(t, err)
	assert.NotContains(t, string(data), "4242424242424242")

	second := New(Config{})
	require.NoError(t, second.Import(data))
	again, err := second.Authorise(t.Context(), charge)
	require.NoError(t, err)
	assert.Equal(t, held, again)
	assert.Len(t, second.Charges(), 1)
	_, err = second.Capture(t.Context(), payment.Hold{ChargeKey: "k", Reference: held.Reference, Amount: charge.Amount})
	require.NoError(t, err)
	assert.Equal(t, fixtures.Amount, second.Sum("p", Captured))
	charge.Amount.Minor++
	_, err = second.Authorise(t.Context(), charge)
	assert.ErrorIs(t, err, ErrKeyReused)

	first.Fund(TokenGift, payment.Money{Minor: 1200, Currency: "USD"})
	first.FundPoints(TokenPoints, 500)
	_, err = first.Authorise(t.Context(), payment.Charge{Key: "g", Token: TokenGift, Amount: payment.Money{Minor: 200, Currency: "USD"}})
	require.NoError(t, err)
	data, err = first.Export()
	require.NoError(t, err)
	require.NoError(t, second.Import(data))
	for token, want := range map[string]int64{TokenGift: 1000, TokenPoints: 500} {
		left, known := second.Left(token)
		assert.True(t, known)
		assert.Equal(t, want, left, token)
	}

	for _, bad := range []string{"", "{", `{"keys":{"k":3}}`, `{"keys":{"k":-1}}`} {
		assert.Error(t, second.Import([]byte(bad)), bad)
	}
	assert.Len(t, second.Charges(), 2, "what cannot be read changes nothing")
}
