package flow

import (
	"testing"
	"time"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/stretchr/testify/require"
)

// FuzzDecodeSession reads what a broken store may return. It is either an error, or a session that can be stored and read
// again without a change. No bytes panic.
func FuzzDecodeSession(f *testing.F) {
	d, err := Default("City Water").Build()
	require.NoError(f, err)
	now := time.Date(2026, 3, 2, 15, 0, 0, 0, time.UTC)
	for _, st := range d.table {
		s := d.NewSession("call-1", ivr.Call{From: "+12125550100", Attestation: "A"}, now)
		s.State = st.Name
		s.Bills = []payment.Bill{{ID: "w-1", Account: "a", Payee: "City Water", Balance: payment.Money{Minor: 100, Currency: "USD"}}}
		data, err := s.encode()
		require.NoError(f, err)
		f.Add(data)
	}
	for _, seed := range []string{"", "null", "[]", "{}", `{"id":"x","state":"amount"}`, `{"id":"x","state":"amount","bill":3}`,
		`{"id":"x","state":"confirm.readback","bill":-1}`, `{"id":"x","state":"no such state"}`, `{"id":"x","state":"receipt","q":{"s":-5}}`,
		`{"id":"x","state":"amount","locale":"xx","bills":[{}]}`, `{"id":"x","state":"card.save","q":{"r":9223372036854775807}}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := decodeSession(data)
		if err != nil {
			require.Nil(t, s)
			return
		}
		once, err := s.encode()
		require.NoError(t, err)
		again, err := decodeSession(once)
		require.NoError(t, err)
		twice, err := again.encode()
		require.NoError(t, err)
		require.Equal(t, string(once), string(twice))
	})
}
