package payment_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/payment"
)

func TestBillCheckFindsEveryFault(t *testing.T) {
	good := payment.Bill{ID: "b1", Account: "a1", Payee: "City Water", Balance: usd(100), Minimum: usd(10), Due: "2026-12-01"}
	require.NoError(t, good.Check())
	bad := payment.Bill{Balance: payment.Money{Minor: 1, Currency: "XXX"}, Minimum: usd(1), PastDue: payment.Money{Minor: -1,
		Currency: "XXX"}, Due: "soon"}
	err := bad.Check()
	require.Error(t, err)
	for _, fault := range []string{"no ID", "no account", "no payee", "balance", "minimum", "past due", "due: "} {
		assert.Contains(t, err.Error(), fault)
	}
	assert.ErrorIs(t, err, payment.ErrCurrency)
	assert.ErrorIs(t, err, payment.ErrDate)
}
