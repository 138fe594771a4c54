package twiml_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/twiml"
)

// turns are what a line is told, and the TwiML of it.
func TestReplies(t *testing.T) {
	const (
		ask   = `<Say voice="Polly.Joanna" language="en-US">Press 1 &amp; wait.</Say>`
		more  = `<Say voice="Polly.Joanna" language="en-US">Then press &lt;2&gt;.</Say>`
		both  = `<Say voice="Polly.Joanna" language="en-US">Press 1 &amp; wait.<break time="300ms"/>Then press &lt;2&gt;.</Say>`
		keys  = `<Gather action="https://pay.example.com/calls/turn/7/keys" method="POST" timeout="7" finishOnKey="#" numDigits="1"`
		empty = ` actionOnEmptyResult="true">`
		end   = `</Gather>`
	)
	for _, c := range []struct {
		name   string
		turn   func(t *ivr.Turn)
		config func(c *twiml.Config)
		want   string
	}{
		{"a menu is interrupted by keys", nil, nil, keys + ` input="dtmf"` + empty + both + end},
		{"and by words", func(t *ivr.Turn) { t.Listen.Speech, t.Listen.Hints = true, []string{"yes", "none"} }, nil,
			keys + ` input="dtmf speech" speechTimeout="auto" language="en-US" hints="yes, sure"` + empty + both + end},
		{"nothing interrupts a read-back", func(t *ivr.Turn) { t.Listen.BargeIn, t.Listen.Flush = false, true }, nil,
			both + strings.Replace(keys, "keys", "read", 1) + ` input="dtmf"` + empty + end},
		{"nor what cannot be interrupted", func(t *ivr.Turn) { t.Listen.BargeIn = false }, nil,
			both + keys + ` input="dtmf"` + empty + end},
		{"keys that go on are dropped", func(t *ivr.Turn) { t.Listen.Fresh = true }, nil,
			ask + keys + ` input="dtmf"` + empty + more + end},
		{"an entry of any length", func(t *ivr.Turn) { t.Listen.Least, t.Listen.Most = 8, 12 }, nil,
			strings.TrimSuffix(keys, ` numDigits="1"`) + ` input="dtmf"` + empty + both + end},
		{"that may be empty", func(t *ivr.Turn) { t.Listen.Least, t.Listen.Most = 0, 2 }, nil,
			strings.Replace(keys, `="1"`, `="2"`, 1) + ` input="dtmf"` + empty + both + end},
		{"without a terminator", func(t *ivr.Turn) { t.Listen.Terminator = 0 }, nil,
			strings.Replace(keys, `"#"`, `""`, 1) + ` input="dtmf"` + empty + both + end},
		{"a secret", func(t *ivr.Turn) { t.Action, t.Listen.Sensitive, t.Listen.Speech = ivr.ActionCapture, true, true }, nil,
			strings.Replace(keys, "keys", "secret", 1) + ` input="dtmf"` + empty + both + end},
		{"another language, and slower", func(t *ivr.Turn) { t.Prompts[1].Locale, t.Slow = "es-US", true }, nil,
			keys + ` input="dtmf"` + empty + `<Say voice="Polly.Joanna" language="en-US"><prosody rate="slow">Press 1 &amp; wait.</prosody></Say>` +
				`<Say voice="Polly.Lupe-Neural" language="es-US"><prosody rate="slow">Then press &lt;2&gt;.</prosody></Say>` + end},
		{"a voice of its own", func(t *ivr.Turn) { t.Prompts = t.Prompts[:1] },
			func(c *twiml.Config) { c.Voices = map[string]string{"en-US": "Google.en-US-Neural2-F"} },
			keys + ` input="dtmf"` + empty + strings.Replace(ask, "Polly.Joanna", "Google.en-US-Neural2-F", 1) + end},
		{"recorded", nil, func(c *twiml.Config) {
			c.Recorded = func(locale string, p ivr.Prompt) string {
				return map[string]string{"ask": "https://cdn.example.com/" + locale + "/ask.wav?v=1&x"}[p.Key]
			}
		}, keys + ` input="dtmf"` + empty + `<Play>https://cdn.example.com/en-US/ask.wav?v=1&amp;x</Play>` + more + end},
		{"work goes on", func(t *ivr.Turn) { t.Action, t.Wait = ivr.ActionWait, 1500*time.Millisecond }, nil,
			both + `<Pause length="2"/><Redirect method="POST">https://pay.example.com/calls/turn/7/wait</Redirect>`},
		{"at once", func(t *ivr.Turn) { t.Action, t.Prompts = ivr.ActionWait, nil }, nil,
			`<Redirect method="POST">https://pay.example.com/calls/turn/7/wait</Redirect>`},
		{"hang up", func(t *ivr.Turn) { t.Action = ivr.ActionHangUp }, nil, both + `<Hangup/>`},
		{"to a number", transfer("+12125550111"), nil,
			`<Dial action="https://pay.example.com/calls/turn/7/dial" method="POST" timeout="30"><Number>+12125550111</Number></Dial>`},
		{"with another number shown, for longer", transfer("desk"), func(c *twiml.Config) {
			c.Transfer = func(ivr.Transfer) twiml.Destination {
				return twiml.Destination{Number: "+12125550111", CallerID: "+12125550199", Ring: time.Minute}
			}
		}, `<Dial action="https://pay.example.com/calls/turn/7/dial" method="POST" timeout="60" callerId="+12125550199">` +
			`<Number>+12125550111</Number></Dial>`},
		{"by SIP", transfer("sip:desk@example.com"), nil,
			`<Dial action="https://pay.example.com/calls/turn/7/dial" method="POST" timeout="30"><Sip>sip:desk@example.com` +
				`?X-Dialpay-Reason=asked&amp;X-Dialpay-account=acc-1&amp;X-Dialpay-amount=12.05+USD</Sip></Dial>`},
		{"to a queue", transfer("desk"), nil, `<Enqueue action="https://pay.example.com/calls/turn/7/queue" method="POST">desk</Enqueue>`},
		{"to a workflow", transfer("desk"), func(c *twiml.Config) {
			c.Transfer = func(ivr.Transfer) twiml.Destination {
				return twiml.Destination{Workflow: "WW0123456789abcdef0123456789abcdef"}
			}
		}, `<Enqueue action="https://pay.example.com/calls/turn/7/queue" method="POST" workflowSid="WW0123456789abcdef0123456789abcdef">` +
			`<Task>{&quot;account&quot;:&quot;acc-1&quot;,&quot;amount&quot;:&quot;12.05 USD&quot;,&quot;reason&quot;:&quot;asked&quot;}</Task></Enqueue>`},
		{"to nobody", transfer(""), nil, `<Redirect method="POST">https://pay.example.com/calls/turn/7/nowhere</Redirect>`},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, func(cfg *twiml.Config) {
				if c.config != nil {
					c.config(cfg)
				}
			})
			if c.turn != nil {
				c.turn(&r.turn)
			}
			got := r.post("", form())
			assert.Equal(t, `<?xml version="1.0" encoding="UTF-8"?><Response>`+c.want+`</Response>`, got)
		})
	}
}

func transfer(to string) func(t *ivr.Turn) {
	return func(t *ivr.Turn) {
		t.Action, t.Prompts = ivr.ActionTransfer, nil
		t.Transfer = ivr.Transfer{To: to, Reason: "asked", Context: map[string]string{"account": "acc-1", "amount": "12.05 USD"}}
	}
}
