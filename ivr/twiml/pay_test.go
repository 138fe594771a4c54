package twiml_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/internal/canary"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/twiml"
	"github.com/dialpay/dialpay/ivr/twiml/payconnector"
	"github.com/dialpay/dialpay/ivr/twiml/twimltest"
	"github.com/dialpay/dialpay/payment/paymenttest"
)

// payCall is a call whose cards <Pay> captures. What comes to the process that serves it is kept.
type payCall struct {
	*company
	*twimltest.Phone
	english *ivr.Locale
	came    bytes.Buffer
}

func newPayCall(t *testing.T) *payCall {
	c := &payCall{company: newCompany(t, 1, func(c *twiml.Config) { c.Pay = &twiml.Pay{Connector: "vault", Postal: true} })}
	connector, err := payconnector.New(payconnector.Config{Vault: c.Sandbox, User: "pay", Password: "12345", Now: c.Clock.Now})
	require.NoError(t, err)
	front := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		c.came.Write(body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		c.processes[0].ServeHTTP(w, r)
	})
	c.Phone = twimltest.NewPhone(twimltest.Config{Handler: front, BaseURL: base, AuthToken: token, CallSid: "CA1", Twice: true,
		Connector: connector, User: "pay", Password: "12345"})
	c.english = c.Config.Dialogue.Catalog().Locale("en-US")
	return c
}

// upToTheCard answers everything before the card.
func (c *payCall) upToTheCard() {
	c.Helper()
	c.Dial(ivr.Call{From: flowtest.Ann, Attestation: "A"})
	for _, step := range wholeCall[:3] {
		c.hear(step.hear)
		c.Listen()
		c.Press(step.press)
	}
	c.hear("card number")
	c.Listen()
}

func (c *payCall) hear(words string) {
	c.Helper()
	for strings.Contains(string(c.Reply()), "<Pause") || strings.Contains(string(c.Reply()), "</Say><Redirect") {
		c.Listen()
		c.Wait()
		require.NoError(c, c.Phone.Err())
	}
	require.NoError(c, c.Phone.Err())
	require.Contains(c, c.Words(c.english), words)
}

// enter keys one step of <Pay>, at which these words are said.
func (c *payCall) enter(step, words, keys string) {
	c.Helper()
	require.NoError(c, c.Phone.Err())
	require.Equal(c, step, c.Step())
	require.Contains(c, c.StepWords(c.english), words)
	c.Press(keys)
}

func TestAPaymentWithACardThatPayCaptures(t *testing.T) {
	c := newPayCall(t)
	c.upToTheCard()
	c.enter("payment-card-number", "enter your card number", "378282246310005")
	c.enter("expiration-date", "two digits for the month", "1229")
	c.enter("security-code", "four digit security code on the front", "7377")
	c.enter("postal-code", "zip code", "94105")
	c.hear("american express ending in zero zero zero five can be kept")
	c.Listen()
	c.Press("2")
	c.hear("nothing is charged until you confirm")
	require.Empty(t, c.Charges())
	c.Listen()
	c.Press("1")
	c.hear("was approved")
	c.Feed(ivr.Event{Input: ivr.Input{Kind: ivr.HangUp}})
	require.NoError(t, c.Phone.Err())
	require.Len(t, c.Charges(), 1)
	for _, secret := range []string{"378282246310005", "7377"} {
		assert.Empty(t, canary.New(secret).In(c.came.String()), "no key of the card came to the process with the calls")
	}
}

func TestPayPromptsByAttemptErrorAndCard(t *testing.T) {
	c := newPayCall(t)
	c.upToTheCard()
	c.enter("payment-card-number", "please enter your card number", "4242424242424241")
	c.enter("payment-card-number", "that is not the number of a card that we take", "")
	c.Wait()
	c.enter("payment-card-number", "i did not hear anything", "4242424242424242")
	c.enter("expiration-date", "two digits for the month", "1329")
	c.enter("expiration-date", "that is not a valid date for example", "1229")
	c.enter("security-code", "three digit security code on the back", "73#")
	c.enter("security-code", "the last three digits on the back", "737")
	c.enter("postal-code", "zip code", "94105")
	c.hear("visa ending in four two four two can be kept")
}

// Every result of <Pay> leads on, and nothing is charged.
func TestEveryResultOfPay(t *testing.T) {
	for _, r := range []struct {
		result string
		end    func(c *payCall)
		words  string
	}{
		{"caller-interrupted-with-star", func(c *payCall) { c.Press("42*") }, "how would you like to pay"},
		{"too-many-failed-attempts", func(c *payCall) { c.Press("1#2#3#") }, "could not use the card"},
		{"payment-connector-error", nil, "could not use the card"},
		{"validation-error", nil, "could not use the card"},
		{"internal-error", nil, "could not use the card"},
		{"something-new", nil, "could not use the card"},
	} {
		t.Run(r.result, func(t *testing.T) {
			c := newPayCall(t)
			c.upToTheCard()
			if r.end == nil {
				r.end = func(c *payCall) {
					c.Feed(ivr.Event{Input: ivr.Input{Kind: ivr.WorkDone, Captured: &ivr.Captured{Result: r.result}}})
				}
			}
			r.end(c)
			c.hear(r.words)
			if r.result == "caller-interrupted-with-star" {
				require.NotContains(t, c.Words(c.english), "could not use", "who goes back has lost nothing")
			}
			c.hear("how would you like to pay")
			assert.Empty(t, c.Charges())
		})
	}
}

func TestACallerWhoHangsUpInPay(t *testing.T) {
	c := newPayCall(t)
	c.upToTheCard()
	c.Press("4242")
	c.Feed(ivr.Event{Input: ivr.Input{Kind: ivr.HangUp}})
	require.NoError(t, c.Phone.Err())
	assert.Empty(t, c.Charges())
}

// A connector that fails is an error of the connector; the card that it refuses is one, too, and asked for again.
func TestAConnectorThatRefusesTheCard(t *testing.T) {
	c := newPayCall(t)
	c.Sandbox.Inject(paymenttest.Tokenise, paymenttest.Fault{Kind: paymenttest.Down})
	c.upToTheCard()
	c.Press("4242424242424242")
	c.Press("1229")
	c.Press("737")
	c.Press("94105")
	c.hear("could not use the card")
}

func TestTheTwiMLOfPay(t *testing.T) {
	r := newRig(t, func(c *twiml.Config) {
		c.Pay = &twiml.Pay{OneTime: true, Cards: []string{"visa", "amex"}, Attempts: 2, Prompts: []twiml.PayPrompt{
			{For: "payment-card-number", Attempts: "1", Say: []ivr.Prompt{ivr.Say("card.ask")}},
			{For: "security-code", Cards: "visa mastercard", Say: []ivr.Prompt{ivr.Say("more")}},
			{For: "security-code", Cards: "jcb", Say: []ivr.Prompt{ivr.Say("more")}},
			{For: "postal-code", Say: []ivr.Prompt{ivr.Say("more")}},
			{For: "expiration-date", Say: []ivr.Prompt{ivr.Say("not.there")}},
		}}
	})
	r.turn = listening(ivr.ActionCapture)
	r.turn.Capture = ivr.Capture{Field: ivr.CaptureNumber, Delegable: true}
	r.turn.Prompts = []ivr.Prompt{ivr.Say("ask"), ivr.Say("card.ask")}
	got := r.post("", form())
	say := func(words string) string { return `<Say voice="Polly.Joanna" language="en-US">` + words + `</Say>` }
	assert.Equal(t, `<?xml version="1.0" encoding="UTF-8"?><Response>`+say("Press 1 &amp; wait.")+
		`<Pay action="https://pay.example.com/calls/turn/7/pay" tokenType="one-time" maxAttempts="2" timeout="7" `+
		`postalCode="false" validCardTypes="visa amex" language="en-US">`+
		`<Prompt for="payment-card-number" attempt="1">`+say("Your card, please.")+`</Prompt>`+
		`<Prompt for="security-code" cardType="visa">`+say("Then press &lt;2&gt;.")+`</Prompt></Pay>`+
		`<Redirect method="POST">https://pay.example.com/calls/turn/7/pay</Redirect></Response>`, got)
	// A PIN is nobody else's.
	r.turn.Capture = ivr.Capture{Field: ivr.CapturePIN}
	assert.NotContains(t, r.post("/", form()), "<Pay")
}
