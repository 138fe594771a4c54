package twiml_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"golang.org/x/text/message/catalog"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/twiml"
)

// door is an ivr.Handler with one question. A flow.Engine takes its place in a program.
type door struct{}

func (door) Handle(_ context.Context, _ string, in ivr.Input) (ivr.Turn, error) {
	t := ivr.Turn{Seq: in.Turn + 1, Locale: "en-US", Action: ivr.ActionHangUp, Prompts: []ivr.Prompt{ivr.Say("bye")}}
	if in.Kind == ivr.Answered {
		t.Action, t.Prompts = ivr.ActionListen, []ivr.Prompt{ivr.Say("hello")}
		t.Listen = ivr.Listen{Least: 1, Most: 1, Terminator: '#', First: 7 * time.Second, BargeIn: true}
	}
	return t, nil
}

// A provider sends a webhook for a call that comes in, to the server of the program, and gets TwiML.
func Example() {
	english := ivr.English()
	english.Messages["hello"] = catalog.String("To open the door, press 1.")
	english.Messages["bye"] = catalog.String("Goodbye.")
	words, err := ivr.NewCatalog(english)
	if err != nil {
		panic(err)
	}
	calls, err := twiml.New(twiml.Config{Handler: door{}, Catalog: words, BaseURL: "https://example.com/calls",
		AuthTokens: []string{"12345"}})
	if err != nil {
		panic(err)
	}
	server := http.NewServeMux()
	server.Handle("/calls", calls)
	server.Handle("/calls/", calls)
	form := url.Values{"CallSid": {"CA1"}, "From": {"+12125550100"}, "To": {"+12125550199"}, "CallStatus": {"ringing"}}
	send := func(to string, form url.Values) {
		r := httptest.NewRequest(http.MethodPost, to, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Twilio-Signature", twiml.Sign("12345", to, form))
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		fmt.Println(w.Code, strings.ReplaceAll(w.Body.String(), "><", ">\n<"))
	}
	send("https://example.com/calls", form)
	form.Set("Digits", "1")
	send("https://example.com/calls/turn/1/keys", form)
	// Output:
	// 200 <?xml version="1.0" encoding="UTF-8"?>
	// <Response>
	// <Gather action="https://example.com/calls/turn/1/keys" method="POST" timeout="7" finishOnKey="#" numDigits="1" input="dtmf" actionOnEmptyResult="true">
	// <Say voice="Polly.Joanna" language="en-US">To open the door, press 1.</Say>
	// </Gather>
	// </Response>
	// 200 <?xml version="1.0" encoding="UTF-8"?>
	// <Response>
	// <Say voice="Polly.Joanna" language="en-US">Goodbye.</Say>
	// <Hangup/>
	// </Response>
}
