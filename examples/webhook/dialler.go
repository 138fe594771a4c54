package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/ivr/twiml"
)

// dialler calls customers back through the provider's API (https://www.twilio.com/docs/voice/api/call-resource). The
// call is served by this program when it is answered, and reported to it when it is not.
type dialler struct {
	o     options
	calls *twiml.Handler
}

// Dial implements flow.Dialler.
func (d *dialler) Dial(ctx context.Context, call flow.Dial) error {
	api := d.o.api
	if api == "" {
		api = "https://api.twilio.com"
	}
	form := url.Values{"To": {call.Number}, "From": {d.o.number},
		"Url": {d.calls.CallURL(call.Call)}, "Method": {http.MethodPost},
		"StatusCallback": {d.calls.StatusURL(call.Call)}, "StatusCallbackMethod": {http.MethodPost},
		"Timeout": {seconds(call.Ring)}, "TimeLimit": {seconds(call.Limit)}}
	at := api + "/2010-04-01/Accounts/" + url.PathEscape(d.o.account) + "/Calls.json"
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, at, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(d.o.account, d.o.tokens[0])
	w, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer w.Body.Close()
	if w.StatusCode != http.StatusCreated {
		why, _ := io.ReadAll(io.LimitReader(w.Body, 1<<10)) // it is only told
		return fmt.Errorf("the provider calls nobody back: %s: %s", w.Status, why)
	}
	return nil
}

func seconds(d time.Duration) string { return strconv.Itoa(int(d / time.Second)) }
