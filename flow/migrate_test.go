package flow_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// newer is the library's dialogue under another version.
func newer(t *testing.T, migrations ...flow.Migration) *flow.Dialogue {
	d := flow.Default("City Water")
	d.Version, d.Migrations = "2", migrations
	d.Settings.TimeZone = "America/New_York"
	built, err := d.Build()
	require.NoError(t, err)
	return built
}

// switched is a call that was at the prompt in an old process, and whose next input comes to a new one.
func switched(t *testing.T, d *flow.Dialogue, key string) (*two, *line) {
	r := newTwo(t, true)
	c := r.w.Config
	c.Dialogue, c.Store, c.NewID = d, r.store, idsOf("new-")
	e, err := flow.New(c)
	require.NoError(t, err)
	r.engines[1] = e
	l := newLine(callID)
	for !says(l.turn, key) {
		require.False(t, l.over)
		l.heard(r.give(0, l.id, l.in))
		r.w.Clock.Advance(l.turn.Wait + time.Second)
	}
	return r, l
}

func (r *two) session(id string) (s flow.Session, version uint64) {
	snap, _, err := r.store.Load(context.Background(), id)
	require.NoError(r, err)
	require.NoError(r, json.Unmarshal(snap.Data, &s))
	return s, snap.Version
}

// put stores a session in another state, and with another version of the dialogue.
func (r *two) put(s flow.Session, expect uint64) {
	data, err := json.Marshal(s)
	require.NoError(r, err)
	require.NoError(r, r.store.Commit(context.Background(), flow.Tx{Session: s.ID, Expect: expect, Next: data}))
}

// A call that waits at any question of an older dialogue begins anew: the answer to that question does not count, nobody
// is known any more, and only a new yes to a new read-back charges.
func TestOlderSessionBeginsAnew(t *testing.T) {
	d := newer(t)
	for _, st := range append(d.Table(), flow.StateInfo{Name: "a question of the old dialogue", Kind: "ask"}) {
		if st.Kind != "ask" {
			continue
		}
		t.Run(st.Name, func(t *testing.T) {
			r, l := switched(t, d, "confirm.readback.ask")
			s, version := r.session(callID)
			s.State = st.Name
			r.put(s, version)
			turn := r.give(1, callID, l.in)
			require.True(t, says(turn, "restarted"), "%v", turn.Prompts)
			assert.True(t, says(turn, "identify.pin.ask"))
			assert.Greater(t, turn.Seq, l.turn.Seq)
			assert.Equal(t, turn, r.give(1, callID, l.in), "the old answer again")
			s, _ = r.session(callID)
			assert.Equal(t, "2", s.Flow)
			assert.Less(t, s.Identity.Level, auth.LevelIdentified)
			assert.Nil(t, s.Draft)
			assert.Nil(t, s.Method)
			assert.Zero(t, s.Amount)
			assert.Empty(t, r.w.Sandbox.Charges())
			l.heard(turn)
			r.play(1, l)
			r.settle()
			r.audit(1, callID)
			assert.Equal(t, 1, r.receipts())
		})
	}
}

// A payment that was confirmed under the older dialogue goes forward under the new one, and its payer gets to know how it
// ended: in the call that begins anew, in the next one, or by the message that was promised.
func TestConfirmedPaymentSurvivesTheVersion(t *testing.T) {
	for _, rule := range []struct {
		sentence string
		then     func(r *two, l *line)
		sent     int
	}{
		{"the caller stays", func(r *two, l *line) {
			l.heard(r.give(1, l.id, l.in))
			assert.True(r, says(l.turn, "restarted"))
			l.answers = with(l.answers, "resume.ended.ask", "1")
			r.play(1, l)
		}, 0},
		{"the caller stays, and hangs up at the first question", func(r *two, l *line) {
			r.give(1, l.id, l.in)
			r.give(1, l.id, ivr.Input{Kind: ivr.HangUp})
		}, 1},
		{"the caller hangs up", func(r *two, l *line) { r.give(1, l.id, ivr.Input{Kind: ivr.HangUp}) }, 1},
		{"the call hung up before", func(r *two, l *line) { r.give(0, l.id, ivr.Input{Kind: ivr.HangUp}) }, 1},
		{"nothing comes any more", func(*two, *line) {}, 1},
	} {
		t.Run(rule.sentence, func(t *testing.T) {
			r, l := switched(t, newer(t), "charge.hold")
			r.w.Sandbox.Inject(paymenttest.Authorise, lostAnswers(2)...)
			l.heard(r.give(0, l.id, l.in)) // it is sent, and no answer comes
			require.Equal(t, ivr.ActionWait, l.turn.Action)
			rule.then(r, l)
			for range 12 {
				r.w.Clock.Advance(5 * time.Minute)
				r.sweep(1)
			}
			r.audit(1, callID)
			assert.Len(t, r.w.Messages.Sent, rule.sent)
			for _, m := range r.w.Messages.Sent {
				assert.Equal(t, flow.SMS, m.Channel)
				assert.Contains(t, m.Text, "was approved")
			}
		})
	}
}

// Who hangs up when the version has changed has gone, and can go on at once from another telephone.
func TestHangUpOfAnOlderSession(t *testing.T) {
	r, _ := switched(t, newer(t), "confirm.readback.ask")
	r.give(1, callID, ivr.Input{Kind: ivr.HangUp})
	s, version := r.session(callID)
	assert.Equal(t, "hung up", s.State)
	assert.Equal(t, "confirm.readback", s.Parked)
	assert.Equal(t, "2", s.Flow)
	r.give(1, callID, ivr.Input{Kind: ivr.HangUp})
	_, again := r.session(callID)
	assert.Equal(t, version, again)
}

// A session of an older dialogue that hung up stays as it was: the sweep works on its items alone.
func TestSweepLeavesTheVersion(t *testing.T) {
	r, l := switched(t, newer(t), "receipt.ask")
	r.give(0, l.id, ivr.Input{Kind: ivr.HangUp})
	before, _ := r.session(callID)
	r.w.Clock.Advance(time.Hour)
	r.sweep(1)
	after, _ := r.session(callID)
	assert.Equal(t, before, after)
	assert.Equal(t, 1, r.receipts())
}

// A chain of migrations takes a call on at its step. The answer to the old question does not count, the question is put
// again.
func TestMigrations(t *testing.T) {
	d := newer(t,
		flow.Migration{From: "1.5", To: "2", Do: func(s *flow.Session) error { s.SetVar("via", s.Flow); return nil }},
		flow.Migration{From: "1", To: "1.5", Do: func(*flow.Session) error { return nil }})
	r, l := switched(t, d, "confirm.readback.ask")
	turn := r.give(1, callID, l.in)
	assert.True(t, says(turn, "confirm.readback.ask"), "the read-back again: %v", turn.Prompts)
	assert.False(t, says(turn, "restarted"))
	assert.Empty(t, r.w.Sandbox.Charges())
	s, _ := r.session(callID)
	assert.Equal(t, "2", s.Flow)
	assert.Equal(t, "1.5", s.Vars["via"])
	l.heard(turn)
	r.play(1, l)
	r.settle()
	r.audit(1, callID)

	r, l = switched(t, d, "charge.hold")
	l.heard(r.give(1, callID, l.in))
	assert.True(t, says(l.turn, "receipt.approved"), "work goes on: %v", l.turn.Prompts)
}

// A migration that fails, or makes no session of it, is as good as none.
func TestMigrationFails(t *testing.T) {
	for name, do := range map[string]func(s *flow.Session) error{
		"an error":       func(s *flow.Session) error { s.Identity.Rejected = 0; return errors.New("no way") },
		"a panic":        func(*flow.Session) error { panic("card 4242") },
		"no such state":  func(s *flow.Session) error { s.State = "nowhere"; return nil },
		"no such bill":   func(s *flow.Session) error { s.Bill = 7; return nil },
		"a state's need": func(s *flow.Session) error { s.Draft = nil; return nil },
		"a yes":          func(s *flow.Session) error { s.State = "charge"; return nil },
	} {
		t.Run(name, func(t *testing.T) {
			r, l := switched(t, newer(t, flow.Migration{From: "1", To: "2", Do: do}), "confirm.readback.ask")
			turn := r.give(1, callID, l.in)
			assert.True(t, says(turn, "restarted"), "%v", turn.Prompts)
			assert.Empty(t, r.payments(callID))
		})
	}
}

// What was agreed to while the store did not answer is charged under the new version if it is still the same, and only then.
func TestMigrationOfAnAgreedDraft(t *testing.T) {
	for _, changed := range []bool{false, true} {
		d := newer(t, flow.Migration{From: "1", To: "2", Do: func(s *flow.Session) error {
			if changed {
				s.Draft.Amount.Minor++
				s.Draft.Legs[0].Amount.Minor++
			}
			return nil
		}})
		r, l := switched(t, d, "confirm.readback.ask")
		s, version := r.session(callID)
		s.State = "charge"
		r.put(s, version)
		turn := r.give(1, callID, ivr.Input{Kind: ivr.PromptEnded, Turn: l.turn.Seq})
		assert.Equal(t, changed, says(turn, "restarted"), "%v", turn.Prompts)
		assert.Equal(t, !changed, len(r.payments(callID)) == 1)
	}
}

// What was tried before counts on: a new version gives nobody new guesses.
func TestRestartKeepsTheCounts(t *testing.T) {
	r, l := switched(t, newer(t), "identify.pin.ask")
	in := l.in
	in.Keys = "9999#"
	r.give(0, callID, in)
	before, _ := r.session(callID)
	require.Equal(t, 1, before.Identity.Rejected)
	in.Turn = before.Seq
	r.give(1, callID, in)
	after, _ := r.session(callID)
	assert.Equal(t, "2", after.Flow)
	assert.Equal(t, 1, after.Identity.Rejected)
	assert.Equal(t, before.Started, after.Started)
	assert.Empty(t, r.paymentsIn(payment.StatePaid, callID))
}

func (r *two) paymentsIn(state payment.State, calls ...string) (in []payment.Payment) {
	for _, p := range r.payments(calls...) {
		if p.State == state {
			in = append(in, p)
		}
	}
	return in
}

// Migrations that cannot work are found before a call is.
func TestMigrationsAreChecked(t *testing.T) {
	do := func(*flow.Session) error { return nil }
	for _, rule := range []struct {
		migrations []flow.Migration
		want       string
	}{
		{[]flow.Migration{{From: "0", To: "1", Do: do}, {From: "0", To: "1", Do: do}}, `there are two from version "0"`},
		{[]flow.Migration{{From: "1", To: "0", Do: do}}, `one is from version "1", which is the present one`},
		{[]flow.Migration{{From: "0", To: "1"}}, `migration from version "0": Do is missing`},
		{[]flow.Migration{{From: "0", To: "0.5", Do: do}}, `from version "0": it does not lead to the present version "1"`},
		{[]flow.Migration{{From: "a", To: "b", Do: do}, {From: "b", To: "a", Do: do}}, `from version "a": it does not lead`},
	} {
		d := flow.Default("City Water")
		d.Migrations = rule.migrations
		_, err := d.Build()
		assert.ErrorContains(t, err, rule.want)
	}
}
