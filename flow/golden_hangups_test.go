package flow_test

import (
	"context"
	"fmt"

	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/stretchr/testify/require"
)

// goldenHangUps are calls that end too early.
var goldenHangUps = []golden{
	{"hang-up", "A customer hangs up at every question before the yes: nothing is charged. After the yes the payment is made once, and the receipt is sent.", func(s *script) {
		for i := range stations {
			c := upTo(s, i).HangUp()
			c.Transcript.Note("hung up at: %s; charges so far: %d", stations[i].name, len(s.Charges()))
			if len(s.Charges()) > 0 {
				break
			}
		}
		s.sweeps(10)
	}},
	{"hang-up-after-yes", "A customer confirms and hangs up while the processor does not answer. The payment goes on, and a message tells how it ended.", func(s *script) {
		s.Sandbox.Inject(paymenttest.Authorise, lostAnswers(6)...)
		c := s.dial(flowtest.Ann)
		ready(c)
		c.Hear("confirm.readback.ask")
		s.confirmAndHangUp(c)
		s.sweeps(30)
	}},
}

// confirmAndHangUp hands over the inputs of a caller who does not wait for the answer to the yes.
func (s *script) confirmAndHangUp(c *flowtest.Caller) {
	c.Transcript.Note("the caller presses 1 and hangs up at once")
	id, held := s.confirm(c)
	_, err := s.Engine().Handle(context.Background(), id, ivr.Input{Kind: ivr.HangUp, Turn: held.Seq})
	require.NoError(s, err)
}

// confirm hands over the yes alone.
func (s *script) confirm(c *flowtest.Caller) (id string, held ivr.Turn) {
	id = fmt.Sprintf("call-%d", len(s.calls))
	held, err := s.Engine().Handle(context.Background(), id, ivr.Input{Kind: ivr.Keys, Keys: "1", Heard: true, Turn: c.Turn.Seq})
	require.NoError(s, err)
	require.Equal(s, ivr.ActionWait, held.Action)
	return id, held
}
