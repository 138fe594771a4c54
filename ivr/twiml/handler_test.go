package twiml_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/message/catalog"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/twiml"
	"github.com/dialpay/dialpay/ivr/twiml/twimltest"
)

const (
	base  = "https://pay.example.com/calls"
	token = "12345"
)

// listener is an ivr.Handler that notes what it is told and says the same turn each time.
type listener struct {
	mu    sync.Mutex
	turn  ivr.Turn
	err   error
	calls []string
	heard []ivr.Input
	keys  []string // of Secrets
}

func (l *listener) Handle(_ context.Context, call string, in ivr.Input) (ivr.Turn, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls, l.heard = append(l.calls, call), append(l.heard, in)
	keys := ""
	in.Secret.Open(func(b []byte) { keys = string(b) })
	l.keys = append(l.keys, keys)
	in.Secret.Clear()
	return l.turn, l.err
}

func words(t testing.TB) *ivr.Catalog {
	english, spanish := ivr.English(), ivr.Spanish()
	for _, l := range []ivr.Locale{english, spanish} {
		l.Messages["ask"], l.Messages["more"] = catalog.String("Press 1 & wait."), catalog.String("Then press <2>.")
		l.Messages["card.ask"] = catalog.String("Your card, please.")
		l.Words["yes"] = []string{"yes", "yes, please", "sure"}
	}
	c, err := ivr.NewCatalog(english, spanish)
	require.NoError(t, err)
	return c
}

func listening(action ivr.Action) ivr.Turn {
	return ivr.Turn{Seq: 7, Locale: "en-US", Prompts: []ivr.Prompt{ivr.Say("ask"), ivr.Say("more")}, Action: action,
		Listen: ivr.Listen{Least: 1, Most: 1, Terminator: '#', First: 7 * time.Second, Between: 5 * time.Second, BargeIn: true}}
}

// rig is a Handler over a listener.
type rig struct {
	*testing.T
	*listener
	*twiml.Handler
	log *bytes.Buffer
}

func newRig(t *testing.T, change ...func(*twiml.Config)) *rig {
	r := &rig{T: t, listener: &listener{turn: listening(ivr.ActionListen)}, log: &bytes.Buffer{}}
	c := twiml.Config{Handler: r.listener, Catalog: words(t), BaseURL: base, AuthTokens: []string{token},
		Log: slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	for _, f := range change {
		f(&c)
	}
	h, err := twiml.New(c)
	require.NoError(t, err)
	r.Handler = h
	return r
}

func form(pairs ...string) url.Values {
	v := url.Values{"CallSid": {"CA1"}, "CallStatus": {"in-progress"}, "From": {"+12125550100"}, "To": {"+12125550199"}}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// request is a signed webhook to a path below the base.
func request(path string, form url.Values) *http.Request {
	r := httptest.NewRequest(http.MethodPost, base+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
	r.Header.Set("X-Twilio-Signature", twiml.Sign(token, base+path, form))
	return r
}

func (r *rig) serve(q *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r.ServeHTTP(w, q)
	return w
}

// post sends a webhook that must be answered with TwiML, which is checked.
func (r *rig) post(path string, form url.Values) string {
	r.Helper()
	w := r.serve(request(path, form))
	require.Equal(r, http.StatusOK, w.Code, w.Body)
	_, err := twimltest.Parse(w.Body.Bytes())
	require.NoError(r, err, w.Body)
	return w.Body.String()
}

// input is the only one so far.
func (r *rig) input() ivr.Input {
	r.Helper()
	require.Len(r, r.heard, 1)
	return r.heard[0]
}

func TestWhatIsRefusedChangesNothing(t *testing.T) {
	good := form("Digits", "1")
	cases := []struct {
		name   string
		status int
		r      func() *http.Request
	}{
		{"GET, with keys in the URL", http.StatusMethodNotAllowed, func() *http.Request {
			r := request("/turn/7/keys?Digits=1", form())
			r.Method = http.MethodGet
			return r
		}},
		{"no signature", http.StatusForbidden, func() *http.Request {
			r := request("/turn/7/keys", good)
			r.Header.Del("X-Twilio-Signature")
			return r
		}},
		{"another token", http.StatusForbidden, func() *http.Request {
			r := request("/turn/7/keys", good)
			r.Header.Set("X-Twilio-Signature", twiml.Sign("54321", base+"/turn/7/keys", good))
			return r
		}},
		{"the signature of another turn", http.StatusForbidden, func() *http.Request {
			r := request("/turn/8/keys", good)
			r.Header.Set("X-Twilio-Signature", twiml.Sign(token, base+"/turn/7/keys", good))
			return r
		}},
		{"a parameter was added", http.StatusForbidden, func() *http.Request {
			r := request("/turn/7/keys", good)
			r.Body = io.NopCloser(strings.NewReader(good.Encode() + "&StirVerstat=TN-Validation-Passed-A"))
			r.ContentLength = -1
			return r
		}},
		{"a parameter is there twice", http.StatusBadRequest, func() *http.Request {
			two := form("Digits", "1")
			two.Add("Digits", "2")
			return request("/turn/7/keys", two)
		}},
		{"another host, by a header that is not trusted", http.StatusForbidden, func() *http.Request {
			r := request("/turn/7/keys", good)
			r.Header.Set("X-Forwarded-Host", "evil.example.com")
			r.Header.Set("X-Forwarded-Proto", "https")
			r.Header.Set("X-Twilio-Signature", twiml.Sign(token, "https://evil.example.com/calls/turn/7/keys", good))
			return r
		}},
		{"cut short", http.StatusBadRequest, func() *http.Request {
			r := request("/turn/7/keys", good)
			r.Body = io.NopCloser(io.MultiReader(strings.NewReader("CallSid=CA1&Dig"), broken{}))
			return r
		}},
		{"no form", http.StatusBadRequest, func() *http.Request {
			r := request("/turn/7/keys", good)
			r.Body = io.NopCloser(strings.NewReader("CallSid=%C"))
			return r
		}},
		{"too large", http.StatusRequestEntityTooLarge, func() *http.Request {
			return request("/turn/7/keys", form("Digits", strings.Repeat("1", 64<<10)))
		}},
		{"too large, and of no declared length", http.StatusRequestEntityTooLarge, func() *http.Request {
			r := request("/turn/7/keys", form("Digits", strings.Repeat("1", 64<<10)))
			r.ContentLength = -1
			return r
		}},
		{"XML", http.StatusUnsupportedMediaType, func() *http.Request {
			r := request("/turn/7/keys", good)
			r.Header.Set("Content-Type", "text/xml")
			return r
		}},
		{"no call", http.StatusBadRequest, func() *http.Request { return request("/turn/7/keys", url.Values{"Digits": {"1"}}) }},
		{"an unknown URL", http.StatusNotFound, func() *http.Request { return request("/turn/7/other", good) }},
		{"no turn", http.StatusNotFound, func() *http.Request { return request("/turn/x/keys", good) }},
		{"JSON with another body", http.StatusForbidden, func() *http.Request {
			r := jsonRequest("/turn/7/keys", `{"CallSid":"CA1","Digits":"1"}`)
			r.Body = io.NopCloser(strings.NewReader(`{"CallSid":"CA1","Digits":"2"}`))
			return r
		}},
		{"JSON without a hash", http.StatusForbidden, func() *http.Request {
			r := request("/turn/7/keys", url.Values{})
			r.Header.Set("Content-Type", "application/json")
			r.Body = io.NopCloser(strings.NewReader(`{"CallSid":"CA1","Digits":"1"}`))
			return r
		}},
		{"the signature of JSON, with a form of no parameters", http.StatusBadRequest, func() *http.Request {
			r := jsonRequest("/turn/7/keys", `{"CallSid":"CA1","Digits":"1"}`)
			r.URL.RawQuery = "call=CA1&" + r.URL.RawQuery
			r.Header.Set("X-Twilio-Signature", twiml.Sign(token, base+"/turn/7/keys?"+r.URL.RawQuery, nil))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Body = io.NopCloser(strings.NewReader(""))
			return r
		}},
		{"JSON that is none", http.StatusBadRequest, func() *http.Request { return jsonRequest("/turn/7/keys", `{"CallSid":`) }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			w := r.serve(c.r())
			assert.Equal(t, c.status, w.Code, w.Body)
			assert.Empty(t, r.heard)
			assert.Contains(t, r.log.String(), "webhook refused")
		})
	}
}

// broken is a connection that breaks.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func jsonRequest(path, body string) *http.Request {
	sum := sha256.Sum256([]byte(body))
	at := base + path + "?bodySHA256=" + hex.EncodeToString(sum[:])
	r := httptest.NewRequest(http.MethodPost, at, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Twilio-Signature", twiml.Sign(token, at, nil))
	return r
}

func TestJSONIsReadLikeAForm(t *testing.T) {
	r := newRig(t)
	w := r.serve(jsonRequest("/turn/7/keys", `{"CallSid":"CA1","Digits":"12","Nothing":null,"More":{"Digits":"3"}}`))
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	assert.Equal(t, ivr.Input{Kind: ivr.Keys, Turn: 7, Keys: "12"}, r.input())
}

// The documented example: https://www.twilio.com/docs/usage/security#validating-requests.
func TestSignOfTheDocumentation(t *testing.T) {
	f := url.Values{"CallSid": {"CA1234567890ABCDE"}, "Caller": {"+12349013030"}, "Digits": {"1234"}, "From": {"+12349013030"},
		"To": {"+18005551212"}}
	assert.Equal(t, "0/KCTR6DLpKmkAf8muzZqo1nDgQ=", twiml.Sign("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", f))
}

func TestProxies(t *testing.T) {
	other := "https://second.example.com/calls/turn/7/keys"
	for _, c := range []struct {
		name   string
		config func(*twiml.Config)
		change func(*http.Request)
		action string
	}{
		{"plain", func(*twiml.Config) {}, func(*http.Request) {}, base},
		{"the proxy speaks HTTP to a name of its own", func(*twiml.Config) {}, func(r *http.Request) {
			r.Host, r.URL.Host, r.URL.Scheme = "10.0.0.7:8080", "", ""
		}, base},
		{"the path of the base is cut off", func(*twiml.Config) {}, func(r *http.Request) { r.URL.Path = "/turn/7/keys" }, base},
		{"signed with the port", func(*twiml.Config) {}, func(r *http.Request) {
			r.Header.Set("X-Twilio-Signature", twiml.Sign(token, "https://pay.example.com:443/calls/turn/7/keys", form("Digits", "1")))
		}, base},
		{"a port of its own, signed without", func(c *twiml.Config) { c.BaseURL = "https://pay.example.com:8443/calls" },
			func(*http.Request) {}, "https://pay.example.com:8443/calls"},
		{"the token is being changed", func(c *twiml.Config) { c.AuthTokens = []string{"new", token} }, func(*http.Request) {}, base},
		{"a trusted header", func(c *twiml.Config) { c.TrustForwarded = true }, func(r *http.Request) {
			r.Header.Set("X-Forwarded-Host", "second.example.com")
			r.Header.Set("X-Forwarded-Proto", "https")
			r.Header.Set("X-Twilio-Signature", twiml.Sign(token, other, form("Digits", "1")))
		}, "https://second.example.com/calls"},
		{"checked elsewhere", func(c *twiml.Config) { c.AuthTokens, c.Unsigned = nil, true },
			func(r *http.Request) { r.Header.Del("X-Twilio-Signature") }, base},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, c.config)
			q := request("/turn/7/keys", form("Digits", "1"))
			c.change(q)
			w := r.serve(q)
			require.Equal(t, http.StatusOK, w.Code, w.Body)
			assert.Equal(t, "1", r.input().Keys)
			assert.Contains(t, w.Body.String(), `action="`+c.action+`/turn/7/keys`)
		})
	}
}

// A base without a path is called with "/", and a path that a proxy has cut off comes as "/".
func TestTheRootOfTheBase(t *testing.T) {
	for _, c := range []struct{ base, signed, called string }{
		{"https://pay.example.com", "https://pay.example.com", "https://pay.example.com/"},
		{"https://pay.example.com", "https://pay.example.com/", "https://pay.example.com/"},
		{base, base, "http://10.0.0.7:8080/"},
		{base, base + "/", "http://10.0.0.7:8080/"},
		{base + "/", base + "?call=x", base + "?call=x"},
	} {
		r := newRig(t, func(cfg *twiml.Config) { cfg.BaseURL = c.base })
		q := request("", form())
		q.URL, _ = url.Parse(c.called)
		q.Header.Set("X-Twilio-Signature", twiml.Sign(token, c.signed, form()))
		assert.Equal(t, http.StatusOK, r.serve(q).Code, c.signed)
	}
}

func TestConfigFaultsAreToldAtOnce(t *testing.T) {
	_, err := twiml.New(twiml.Config{BaseURL: "pay.example.com", AuthTokens: []string{""}, MaxBody: -1,
		Pay: &twiml.Pay{Attempts: 4}})
	for _, fault := range []string{"Handler", "Catalog", "BaseURL", "AuthTokens", "MaxBody", "Pay.Attempts"} {
		assert.ErrorContains(t, err, fault)
	}
	_, err = twiml.New(twiml.Config{Handler: &listener{}, Catalog: words(t), BaseURL: base})
	assert.ErrorContains(t, err, "anybody could forge")
}

func TestWhoRang(t *testing.T) {
	us, them := "+12125550100", "+12125550199"
	for _, c := range []struct {
		name, from, verstat, direction string
		want                           ivr.Call
	}{
		{"A", us, "TN-Validation-Passed-A", "inbound", ivr.Call{From: us, Attestation: "A", To: them}},
		{"B", us, "TN-Validation-Passed-B", "inbound", ivr.Call{From: us, Attestation: "B", To: them}},
		{"C", us, "TN-Validation-Passed-C", "inbound", ivr.Call{From: us, Attestation: "C", To: them}},
		{"failed", us, "TN-Validation-Failed-A", "inbound", ivr.Call{From: us, To: them}},
		{"diverted", us, "TN-Validation-Passed-A-Diverted", "inbound", ivr.Call{From: us, To: them}},
		{"passed through", us, "TN-Validation-Passed-A-Passthrough", "inbound", ivr.Call{From: us, To: them}},
		{"none", us, "", "inbound", ivr.Call{From: us, To: them}},
		{"withheld", "+266696687", "TN-Validation-Passed-A", "inbound", ivr.Call{To: them}},
		{"restricted", "Restricted", "", "inbound", ivr.Call{To: them}},
		{"a client", "client:ann", "", "inbound", ivr.Call{To: them}},
		{"we rang", them, "", "outbound-api", ivr.Call{To: us}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t)
			f := form("From", c.from, "StirVerstat", c.verstat, "Direction", c.direction, "To", c.want.To)
			r.post("", f)
			assert.Equal(t, ivr.Input{Kind: ivr.Answered, Call: c.want}, r.input())
		})
	}
	r := newRig(t, func(c *twiml.Config) { c.Locales = map[string]string{them: "es-US"} })
	r.post("/", form())
	assert.Equal(t, "es-US", r.input().Call.Locale)
}

func TestWhatTheCallerAnswers(t *testing.T) {
	for _, c := range []struct {
		path, name, value string
		want              ivr.Input
	}{
		{"keys", "Digits", "12*3", ivr.Input{Kind: ivr.Keys, Keys: "12*3"}},
		{"keys", "Digits", "", ivr.Input{Kind: ivr.Silence}},
		{"keys", "FinishedOnKey", "#", ivr.Input{Kind: ivr.Keys, Keys: "#"}},
		{"read", "Digits", "1", ivr.Input{Kind: ivr.Keys, Keys: "1", Heard: true}},
		{"read", "Digits", "", ivr.Input{Kind: ivr.Silence, Heard: true}},
		{"keys", "SpeechResult", "Forty dollars.", ivr.Input{Kind: ivr.Speech, Speech: "Forty dollars.", Confidence: 1}},
		{"wait", "", "", ivr.Input{Kind: ivr.PromptEnded, Heard: true}},
		{"dial", "DialCallStatus", "no-answer", ivr.Input{Kind: ivr.TransferFailed, Reason: "no-answer"}},
		{"dial", "DialCallStatus", "completed", ivr.Input{Kind: ivr.HangUp, Reason: "transferred"}},
		{"queue", "QueueResult", "queue-full", ivr.Input{Kind: ivr.TransferFailed, Reason: "queue-full"}},
		{"queue", "QueueResult", "bridged", ivr.Input{Kind: ivr.HangUp, Reason: "transferred"}},
		{"queue", "QueueResult", "hangup", ivr.Input{Kind: ivr.HangUp, Reason: "hung up in the queue"}},
		{"nowhere", "", "", ivr.Input{Kind: ivr.TransferFailed, Reason: "no destination"}},
		{"keys", "CallStatus", "completed", ivr.Input{Kind: ivr.HangUp, Reason: "completed"}},
	} {
		t.Run(c.path+" "+c.name+" "+c.value, func(t *testing.T) {
			r := newRig(t)
			f := form()
			if c.name != "" {
				f.Set(c.name, c.value)
			}
			r.post("/turn/7/"+c.path, f)
			got := r.input()
			if c.want.Kind != ivr.HangUp {
				assert.Equal(t, 7, got.Turn)
			}
			got.Turn = 0
			assert.Equal(t, c.want, got)
		})
	}
}

func TestConfidence(t *testing.T) {
	for text, want := range map[string]float64{"0.91": 0.91, "0": 0, "": 1, "7": 1, "-1": 0, "NaN": 0, "high": 0} {
		r := newRig(t)
		r.post("/turn/7/keys", form("SpeechResult", "yes", "Confidence", text))
		assert.Equal(t, want, r.input().Confidence, text)
	}
}

func TestSecretsStayOutOfTheOpen(t *testing.T) {
	r := newRig(t)
	const pan = "4242424242424242"
	r.post("/turn/7/secret", form("Digits", pan))
	in := r.input()
	assert.Equal(t, ivr.Keys, in.Kind)
	assert.Empty(t, in.Keys)
	assert.Equal(t, pan, r.keys[0])
	r.post("/turn/7/secret", form("Digits", strings.Repeat("4", 1000)))
	assert.Len(t, r.keys[1], ivr.MaxEntry+1, "too long stays too long")
	r.serve(request("/turn/7/secret?Digits="+pan, form()))
	assert.Equal(t, ivr.Silence, r.heard[2].Kind, "never from the URL")
	r.err = errors.New("the store is down")
	r.post("/turn/7/secret", form("Digits", pan))
	assert.Contains(t, r.log.String(), "call failed")
	assert.NotContains(t, r.log.String(), "4242")
}

func TestStatusCallbacks(t *testing.T) {
	r := newRig(t)
	for _, status := range []string{"queued", "initiated", "ringing", "in-progress", "answered"} {
		w := r.serve(request("/status", form("CallStatus", status)))
		assert.Equal(t, http.StatusNoContent, w.Code)
	}
	assert.Empty(t, r.heard, "nothing has happened yet")
	for i, status := range []string{"completed", "busy", "failed", "no-answer", "canceled"} {
		w := r.serve(request("/status", form("CallStatus", status)))
		assert.Equal(t, http.StatusNoContent, w.Code)
		assert.Equal(t, ivr.Input{Kind: ivr.HangUp, Reason: status}, r.heard[i])
	}
}

func TestCallsThatWePlace(t *testing.T) {
	r := newRig(t)
	at, err := url.Parse(r.CallURL("cb-1/2"))
	require.NoError(t, err)
	reply := r.post(strings.TrimPrefix(at.String(), base), form("Direction", "outbound-api"))
	assert.Contains(t, reply, "/turn/7/keys?call=cb-1%2F2")
	r.serve(request(strings.TrimPrefix(r.StatusURL("cb2"), base), form("CallStatus", "busy")))
	assert.Equal(t, "cb2", r.calls[1])
	w := r.serve(request("/?call=cb%201", form()))
	assert.Equal(t, http.StatusBadRequest, w.Code, "no ID has blanks")
}

// A caller presses # by habit after the last digit, when the entry has ended already.
func TestAPoundThatComesLate(t *testing.T) {
	r := newRig(t)
	reply := r.post("/turn/6/keys", form("Digits", "1234"))
	require.Contains(t, reply, "/turn/7/keys?loose=1")
	again := r.post("/turn/7/keys?loose=1", form("FinishedOnKey", "#"))
	assert.Equal(t, 6, r.heard[1].Turn, "a duplicate of the entry before")
	assert.NotContains(t, again, "loose", "once")
	r.post("/turn/7/keys?loose=1", form("Digits", "5", "FinishedOnKey", "#"))
	assert.Equal(t, "5", r.heard[2].Keys)
	assert.NotContains(t, r.post("/turn/6/keys", form("Digits", "1234", "FinishedOnKey", "#")), "loose")
}
