package siptest_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/sip/siptest"
)

// A script of flowtest is played over SIP. It is the example of the package comment.
func TestPhone(t *testing.T) {
	for name, tones := range map[string]bool{"events": false, "tones": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := flowtest.NewWorld(t)
				var phone *siptest.Phone
				w.Phone = func(h ivr.Handler, id string) flowtest.Phone {
					var err error
					phone, err = siptest.NewPhone(siptest.Config{Handler: h, Catalog: w.Engine().Catalog(), ID: id,
						Now: w.Clock.Now, Tones: tones})
					assert.NoError(t, err)
					return phone
				}
				call := w.Dial(flowtest.Ann)
				call.Hear("identify.pin.ask").Press("1234#").Hear("amount.ask").Press("1").Hear("funding.choose.ask").Press("1")
				call.Hear("confirm.readback.ask").Press("1").Hear("approved").HangUp()
				assert.Len(t, w.Charges(), 1)
				phone.Close()
			})
		})
	}
}
