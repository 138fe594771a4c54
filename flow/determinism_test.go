package flow_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/stretchr/testify/require"
)

// TestSameInputsSameCall: the same call, made again in another world, has the same transcript and the same stored
// sessions, byte for byte, however many processors there are.
func TestSameInputsSameCall(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var first string
	for run := range 50 {
		runtime.GOMAXPROCS(run%2 + 1)
		record := recordCalls(t)
		if run == 0 {
			first = record
			require.Contains(t, first, "approved")
			require.Contains(t, first, "declined")
		}
		require.Equal(t, first, record, "run %d", run+1)
	}
}

// recordCalls makes two calls that go through most of the dialogue, and writes down all that they say and leave behind.
func recordCalls(t *testing.T) string {
	w := flowtest.NewWorld(t)
	store := flow.NewMemory(w.Clock.Now)
	w.Config.Store = store
	var trail string
	w.Config.Observe = func(tr flow.Transition) { trail += fmt.Sprintln(tr) }

	ann := w.Dial(flowtest.Ann)
	ann.Hear("identify.pin.ask").Press("9999#").Hear("identify.rejected").Press("1234#")
	ann.Hear("amount.ask").Press("3").Hear("amount.other.ask").Press("40#").Hear("amount.minor.ask").Press("05")
	ann.Hear("funding.choose.ask").Press("3")
	ann.Hear("card.ask").Press("4000000000000002#").Hear("card.expiry.ask").Press("1230").Hear("card.cvv.ask").Press("123")
	ann.Hear("card.save.ask").Press("1").Hear("confirm.readback.ask").Press("1")
	ann.Hear("charge.declined.other").Press("1").Hear("funding.choose.ask").Press("1")
	ann.Hear("confirm.readback.ask").Press("1").Hear("approved").Press("9").Hear("receipt.id.slow").Press("1")
	enough(ann).Over()
	w.People.Closed = true
	ben := w.Dial(flowtest.Ben)
	ben.Hear("identify.pin.ask").Press("9876#").Hear("bill.choose.ask").Press("6").Hear("language.changed").Silence()
	ben.Hear("noinput").Press("0").Hear("callback.offer.ask").Press("1").Over()

	record := ann.Transcript.String() + ben.Transcript.String() + trail
	for _, id := range []string{"call-1", "call-2"} {
		snap, items, err := store.Load(t.Context(), id)
		require.NoError(t, err)
		record += fmt.Sprintf("%d %s\n", snap.Version, snap.Data)
		for _, it := range items {
			record += fmt.Sprintf("%s %s %s %v %s\n", it.Kind, it.Key, it.Session, it.Due, it.Data)
		}
	}
	return record + fmt.Sprintf("%+v %+v %+v %+v", w.Charges(), w.Messages.Sent, w.Dialler.Dialled, w.Biller.Posted)
}
