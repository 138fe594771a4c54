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

// A draft comes back from the store as it was read back, also one that is about something else than the session.
func TestDraftIsStoredShort(t *testing.T) {
	usd := payment.Money{Minor: 100, Currency: "USD"}
	profile := func(string) payment.Profile { return payment.Profile{Name: "p", AuthCapture: true} }
	for _, harm := range []func(*Session){
		func(*Session) {},
		func(s *Session) { s.Identity.Account = "b" },
		func(s *Session) { s.Bills, s.Bill = nil, 0 },
		func(s *Session) { s.Bills[0].Payee = "Gas" },
		func(s *Session) { s.Amount.Minor++ },
		func(s *Session) { s.Draft.State, s.Draft.Legs[0].State = payment.StateConfirmed, payment.LegSent },
	} {
		s := &Session{ID: "call-1", State: "confirm.readback", Amount: usd}
		s.Identity.Account = "a"
		s.Bills = []payment.Bill{{ID: "w-1", Account: "a", Payee: "City Water", Balance: usd}}
		p, err := payment.Draft(payment.Payment{ID: "pay-1", Account: "a", Bill: "w-1", Payee: "City Water", Amount: usd,
			Legs: []payment.Leg{{Kind: payment.KindCard, Token: "t", Processor: "p", Amount: usd}}}, time.Unix(1, 0), profile)
		require.NoError(t, err)
		s.Draft = &p
		harm(s)
		want := *s.Draft
		data, err := s.encode()
		require.NoError(t, err)
		again, err := decodeSession(data)
		require.NoError(t, err)
		require.Equal(t, want, *again.Draft)
		require.Equal(t, want, *s.Draft, "encoding changes nothing")
	}
}
