package flow_test

import (
	"context"
	"fmt"
	"testing"
	"time"
	_ "time/tzdata" // the zones, wherever the test runs

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wish is Ann, who asks to be called back when nobody is there.
func wish(w *flowtest.World) *flowtest.Caller {
	w.People.Closed = true
	c := w.DialAs(english(flowtest.Ann))
	pin(c)
	c.Hear("amount.ask").Press("0")
	return c.Hear("callback.offer.ask").Press("1")
}

// Nobody is called twice at once: the next attempt follows only when the last one is known to be over, or must be. After
// three the customer gets a message, once. (M_NOWAIT, M_RESEND)
func TestCallbackAttempts(t *testing.T) {
	for sentence, lost := range map[string]bool{"lost": true, "no answer": false} {
		t.Run(sentence, func(t *testing.T) {
			w, store := stored(t)
			wish(w).Hear("callback.saved").Over()
			asked := w.Clock.Now()
			for range 300 {
				before := len(w.Dialler.Dialled)
				w.Sweep(time.Minute)
				if !lost && len(w.Dialler.Dialled) > before {
					w.NoAnswer("busy")
				}
				if w.Clock.Now().Sub(asked) < time.Hour {
					assert.LessOrEqual(t, len(w.Dialler.Dialled), map[bool]int{true: 1, false: 3}[lost])
				}
			}
			assert.Len(t, w.Dialler.Dialled, 3)
			assert.Len(t, w.Messages.Sent, 1)
			assert.Contains(t, w.Messages.Sent[0].Text, "could not reach you")
			assert.Empty(t, open(t, store, "call-1"))
		})
	}
}

// The customer who is called back shows again who they are, and is done; a voicemail is not. No detail is said before.
func TestCallbackAnswered(t *testing.T) {
	w, store := stored(t)
	wish(w).Hear("callback.soon").Over()
	w.Sweep(5 * time.Minute)
	mail := w.Answer().Hear("callback.greeting").NotHear("amount.balance")
	mail.HangUp()
	assert.NotEmpty(t, open(t, store, "call-1"), "a voicemail is not the customer")
	w.Sweep(11 * time.Minute)
	require.Len(t, w.Dialler.Dialled, 2)
	ann := w.Answer().Hear("callback.greeting")
	pin(ann).Hear("amount.balance")
	assert.Empty(t, open(t, store, "call-1"))
	ann.HangUp()
	for range 300 {
		w.Sweep(time.Minute)
	}
	assert.Len(t, w.Dialler.Dialled, 2)
}

// An answer that comes when its attempt is spent is not served.
func TestCallbackAnsweredTooLate(t *testing.T) {
	w, _ := stored(t)
	wish(w).Over()
	w.Sweep(5 * time.Minute)
	w.Clock.Advance(2 * time.Hour)
	w.Answer().NotHear("identify.pin.ask").Over()
}

// A case has one callback at a time, and the customer's own call cancels it, in the transaction that opens the session.
func TestCallbackUniqueAndCancelled(t *testing.T) {
	w, store := stored(t)
	wish(w).Over()
	other := w.DialAs(english(flowtest.Stranger)).Press("10012345#").Press("1234#")
	assert.Empty(t, open(t, store, "call-1"), "the account was identified from another telephone")
	other.HangUp()
	wish(w).Over()
	w.Dial(flowtest.Ann)
	assert.Empty(t, open(t, store, "call-3"))
	for range 100 {
		w.Sweep(time.Minute)
	}
	assert.Empty(t, w.Dialler.Dialled)
}

// Who calls while we call them is not called again, and is served where they answer.
func TestCallbackCallsMeanwhile(t *testing.T) {
	for sentence, then := range map[string]func(w *flowtest.World){
		"busy":     func(w *flowtest.World) { w.NoAnswer("busy") },
		"lost":     func(*flowtest.World) {},
		"answered": func(w *flowtest.World) { pin(w.Answer()).Hear("amount.balance").HangUp() },
	} {
		for _, from := range []string{flowtest.Ann, flowtest.Stranger} {
			t.Run(sentence, func(t *testing.T) {
				w, store := stored(t)
				wish(w).Over()
				w.Sweep(5 * time.Minute)
				require.Len(t, w.Dialler.Dialled, 1)
				if from == flowtest.Ann {
					w.Dial(flowtest.Ann).HangUp()
				} else {
					annElsewhere(w).HangUp()
				}
				then(w)
				for range 200 {
					w.Sweep(time.Minute)
				}
				assert.Len(t, w.Dialler.Dialled, 1)
				assert.Empty(t, open(t, store, "call-1"))
				assert.Empty(t, w.Messages.Sent)
			})
		}
	}
}

// The webhook of a call that was answered may come twice, with the number in another form than it was keyed in.
func TestCallbackAnsweredTwice(t *testing.T) {
	w, _ := stored(t)
	w.People.Closed = true
	atNumber(w.DialAs(english(flowtest.Stranger)).Press("0#"), "2125550177").Hear("callback.saved").Over()
	w.Sweep(5 * time.Minute)
	in := ivr.Input{Kind: ivr.Answered, Call: ivr.Call{To: "+12125550177"}}
	first, err := w.Engine().Handle(context.Background(), w.Dialler.Last().Call, in)
	require.NoError(t, err)
	again, err := w.Engine().Handle(context.Background(), w.Dialler.Last().Call, in)
	require.NoError(t, err)
	assert.Equal(t, first, again)
}

// Two customers of one household are both called, one after the other, whoever has called us before that from elsewhere.
func TestCallbackHousehold(t *testing.T) {
	for _, calls := range []bool{false, true} {
		w, store := stored(t)
		ben := func() *flowtest.Caller {
			return w.DialAs(english(flowtest.Stranger)).Press("20023456#").Hear("identify.pin.ask").Press("9876#")
		}
		wish(w).Hear("callback.saved").Over()
		atNumber(ben().Hear("bill.choose.ask").Press("0"), "2125550100").Hear("callback.saved").Over()
		called := 1
		if calls {
			annElsewhere(w).HangUp()
		} else {
			w.Sweep(5 * time.Minute)
			require.Len(t, w.Dialler.Dialled, 1, "one call at a time")
			pin(w.Answer()).Hear("amount.balance").HangUp()
			called = 2
		}
		w.Sweep(21 * time.Minute)
		require.Len(t, w.Dialler.Dialled, called)
		require.Equal(t, "2125550100", w.Dialler.Last().Number)
		w.NoAnswer("busy")
		w.Sweep(11 * time.Minute)
		w.Answer().Press("20023456#").Hear("identify.pin.ask").Press("9876#").Hear("bill.choose.ask").HangUp()
		assert.Empty(t, open(t, store, "call-1"))
		assert.Empty(t, open(t, store, "call-2"))
		atNumber(w.DialAs(english(flowtest.Stranger)).Press("0#"), "2125550100").Hear("callback.saved")
	}
}

// Quiet hours are looked at when the attempt is claimed, also when nobody swept for a while. (M_QUIET)
func TestCallbackQuietHours(t *testing.T) {
	w, _ := stored(t)
	wish(w).Over()
	w.Clock.Advance(11*time.Hour + 30*time.Minute) // 21:30 in New York
	w.Sweep(0)
	assert.Empty(t, w.Dialler.Dialled)
	w.Sweep(10 * time.Hour) // 7:30
	assert.Empty(t, w.Dialler.Dialled)
	w.Sweep(31 * time.Minute)
	assert.Len(t, w.Dialler.Dialled, 1)
}

// Two processes that sweep at the same moment dial once.
func TestCallbackTwoEngines(t *testing.T) {
	w, _ := stored(t)
	wish(w).Over()
	w.Clock.Advance(5 * time.Minute)
	done := make(chan error)
	for _, node := range []string{"a", "b"} {
		c := w.Config
		n := 0
		c.Node, c.NewID = node, func() string { n++; return fmt.Sprintf("out-%s-%d", node, n) }
		e, err := flow.New(c)
		require.NoError(t, err)
		go func() { _, err := e.Sweep(context.Background(), 10); done <- err }()
	}
	require.NoError(t, <-done)
	require.NoError(t, <-done)
	assert.Len(t, w.Dialler.Dialled, 1)
}

func TestCallHours(t *testing.T) {
	d := flow.Default("City Water")
	d.Settings.CallHours = flow.CallHours{From: 7, Until: 20}
	_, err := d.Build()
	assert.ErrorContains(t, err, "set Wide")
	d.Settings.CallHours.Wide = true
	_, err = d.Build()
	assert.NoError(t, err)
}

// Nobody serves a call for longer than its limit, also not while work goes on: the next attempt may follow.
func TestCallbackLimit(t *testing.T) {
	w, store := stored(t)
	s := &w.Definition.Settings
	s.CallLimit, s.Patience, s.Pause = 5*time.Minute, 10000, 10*time.Second
	endless := func(_ context.Context, c *flow.Call) (flow.Event, error) {
		if c.Callback == nil {
			return "go", nil
		}
		return flow.Again, nil
	}
	require.NoError(t, w.Definition.Insert("identify", flow.Stage{Name: "queue", States: []flow.State{
		{Name: "queue", Work: &flow.Work{Do: endless}, On: []flow.Go{{On: "go", To: flow.Next}}}}}))
	wish(w).Over()
	w.Sweep(5 * time.Minute)
	dialled := w.Clock.Now()
	w.Answer().Over()
	assert.Less(t, w.Clock.Now().Sub(dialled), 6*time.Minute)
	assert.NotEmpty(t, open(t, store, "call-1"), "the customer was not reached")
	w.Sweep(9 * time.Minute)
	assert.Len(t, w.Dialler.Dialled, 1)
	w.Sweep(2 * time.Minute)
	assert.Len(t, w.Dialler.Dialled, 2)
}

// Whoever was given to a person was reached: nobody calls them again, even where the person does not answer.
func TestCallbackTransferred(t *testing.T) {
	w, store := stored(t)
	wish(w).Over()
	w.Sweep(5 * time.Minute)
	w.People.Closed = false
	c := w.Answer().Press("0#").Transferred("asked")
	assert.Empty(t, open(t, store, "call-1"))
	c.TransferFails().Hear("callback.number.ask").Wait(2 * time.Hour)
	for range 100 {
		w.Sweep(time.Minute)
	}
	assert.Len(t, w.Dialler.Dialled, 1)
}

// A voicemail keeps no person busy, and is not the customer.
func TestCallbackVoicemail(t *testing.T) {
	w, store := stored(t)
	wish(w).Over()
	w.Sweep(5 * time.Minute)
	w.People.Closed = false
	w.Answer().Hear("callback.greeting").Silence().Silence().Silence().Hear("callback.goodbye").Over()
	assert.NotEmpty(t, open(t, store, "call-1"))
}

// Sealed names and claims are found, too.
func TestCallbackSealed(t *testing.T) {
	w, store := stored(t)
	w.Config.Seal = newSeal(t, "k1")
	second := annElsewhere(w)
	wish(w).Hear("callback.saved").Over()
	second.Press("0")
	second.Hear("callback.offer.ask").Press("1").Hear("callback.arranged").Over()
	w.Dial(flowtest.Ann)
	assert.Empty(t, open(t, store, "call-2"))
}
