package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/internal/canary"
	"github.com/dialpay/dialpay/internal/pgtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/twiml/twimltest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }

const (
	base  = "https://pay.example.com/calls"
	token = "12345"
)

// output is what a program writes, while it writes.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// program is one run of it.
type program struct {
	t    *testing.T
	out  output
	url  string
	stop func()
}

var environment = map[string]string{"TWILIO_AUTH_TOKEN": token, "CONNECTOR_USER": "pay", "CONNECTOR_PASSWORD": "54321"}

var listening = regexp.MustCompile(`Serving calls at (\S+)`)

func start(t *testing.T, data string, args ...string) *program {
	t.Helper()
	args = append([]string{"-listen", "127.0.0.1:0", "-url", base, "-data", data}, args...)
	o, err := parse(args, func(key string) string { return environment[key] }, io.Discard)
	require.NoError(t, err)
	p := &program{t: t}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, o, &p.out) }()
	p.stop = sync.OnceFunc(func() {
		cancel()
		assert.NoError(t, <-ended)
	})
	t.Cleanup(p.stop)
	require.Eventually(t, func() bool { return listening.MatchString(p.out.String()) }, 30*time.Second, time.Millisecond)
	p.url = "http://" + listening.FindStringSubmatch(p.out.String())[1]
	return p
}

// get is the status of a page.
func (p *program) get(path string) int {
	p.t.Helper()
	w, err := http.Get(p.url + path)
	require.NoError(p.t, err)
	require.NoError(p.t, w.Body.Close())
	return w.StatusCode
}

// balancer is what stands between the provider and the programs: it sends requests to the one that runs.
type balancer struct{ to *program }

func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at, err := url.Parse(b.to.url)
	if err != nil {
		panic(err)
	}
	(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(at) }}).ServeHTTP(w, r)
}

func phone(b *balancer, sid string) *twimltest.Phone {
	connector := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.URL.Path = "/connector"
		b.ServeHTTP(w, r)
	})
	return twimltest.NewPhone(twimltest.Config{Handler: b, BaseURL: base, AuthToken: token, CallSid: sid, Twice: true,
		Connector: connector, User: "pay", Password: "54321"})
}

var english = func() *ivr.Locale { l := ivr.English(); return &l }()

// hear waits until this is said, and hears it.
func hear(t *testing.T, p *twimltest.Phone, words string) {
	t.Helper()
	for range 20 {
		if strings.Contains(p.Words(english), words) || p.Over() {
			break
		}
		p.Listen() // work goes on
		if !p.Deadline().IsZero() && strings.Contains(string(p.Reply()), "<Redirect") {
			p.Wait()
		}
	}
	require.NoError(t, p.Err())
	require.Contains(t, p.Words(english), words)
	p.Listen()
}

// expiry is a month to come, as it is keyed.
var expiry = time.Now().AddDate(2, 0, 0).Format("0106")

// card is a number that the program does not name.
const card = "5105105105105100"

type step struct{ hear, press string }

// newCard is a call that pays with a new card, from the PIN to the yes.
var newCard = []step{{"enter your pin", "1234#"}, {"how much would you like", "1"}, {"how would you like to pay", "3"},
	{"enter your card number", card + "#"}, {"expiration date", expiry}, {"security code", "737"}, {"may we save", "2"},
	{"nothing is charged until you confirm", "1"}}

func play(t *testing.T, p *twimltest.Phone, steps ...step) {
	t.Helper()
	for _, s := range steps {
		hear(t, p, s.hear)
		p.Press(s.press)
	}
}

// charges are those in the books.
func charges(t *testing.T, data string) (all []struct{ State string }) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(data, "books.json"))
	require.NoError(t, err)
	var books struct {
		Charges struct{ Charges json.RawMessage }
	}
	require.NoError(t, json.Unmarshal(text, &books))
	if books.Charges.Charges != nil {
		require.NoError(t, json.Unmarshal(books.Charges.Charges, &all))
	}
	return all
}

// The program is stopped and started again before every answer of a call: the call goes on, and is charged once.
func TestEveryRestartInACall(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { restarts(t) })
	t.Run("PostgreSQL", func(t *testing.T) { restarts(t, "-postgres", pgtest.URL(t)) })
}

func restarts(t *testing.T, args ...string) {
	data := t.TempDir()
	b := &balancer{start(t, data, args...)}
	var shown strings.Builder
	p := phone(b, fmt.Sprintf("CA%d", time.Now().UnixNano()))
	p.Dial(ivr.Call{From: ann.phone, Attestation: "A"})
	for _, s := range newCard {
		b.to.stop()
		shown.WriteString(b.to.out.String())
		b.to = start(t, data, args...)
		play(t, p, s)
	}
	hear(t, p, "was approved")
	p.Feed(ivr.Event{Input: ivr.Input{Kind: ivr.HangUp}})
	require.NoError(t, p.Err())
	b.to.stop()
	shown.WriteString(b.to.out.String())
	require.Len(t, charges(t, data), 1)
	for _, file := range []string{"calls.db", "calls.db-wal", "books.json"} {
		text, err := os.ReadFile(filepath.Join(data, file))
		if !os.IsNotExist(err) {
			require.NoError(t, err)
		}
		shown.Write(text)
	}
	assert.Empty(t, canary.New(card).In(shown.String()), "the card is in a log or a file")
}

func TestPay(t *testing.T) {
	data := t.TempDir()
	b := &balancer{start(t, data, "-pay", "vault")}
	p := phone(b, "CA1")
	p.Dial(ivr.Call{From: ann.phone, Attestation: "A"})
	play(t, p, newCard[:3]...)
	hear(t, p, "enter your card number")
	p.Press(card + expiry + "737")
	play(t, p, newCard[6:]...)
	hear(t, p, "was approved")
	require.Len(t, charges(t, data), 1)
}

func TestHealth(t *testing.T) {
	p := start(t, t.TempDir())
	assert.Equal(t, http.StatusOK, p.get("/healthz"))
	assert.Equal(t, http.StatusOK, p.get("/readyz"))
	assert.Equal(t, http.StatusMethodNotAllowed, p.get("/calls"))
	w, err := http.PostForm(p.url+"/calls", url.Values{"CallSid": {"CA1"}})
	require.NoError(t, err)
	require.NoError(t, w.Body.Close())
	assert.Equal(t, http.StatusForbidden, w.StatusCode)
}

// For as long as -drain says, the balancer is told to look elsewhere, and what comes all the same is served.
func TestDrain(t *testing.T) {
	p := start(t, t.TempDir(), "-drain", "5s")
	stopped := make(chan struct{})
	go func() { defer close(stopped); p.stop() }()
	require.Eventually(t, func() bool { return p.get("/readyz") == http.StatusServiceUnavailable },
		5*time.Second, time.Millisecond)
	b := phone(&balancer{p}, "CA1")
	b.Dial(ivr.Call{From: ann.phone, Attestation: "A"})
	assert.NoError(t, b.Err())
	<-stopped
}

// broken is a store that does not answer.
type broken struct{ store }

func (broken) Due(context.Context, int, ...flow.ItemKind) ([]flow.Item, error) {
	return nil, io.ErrClosedPipe
}

func TestNotReady(t *testing.T) {
	ready := func(s *server) int {
		w := httptest.NewRecorder()
		s.ready(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		return w.Code
	}
	assert.Equal(t, http.StatusServiceUnavailable, ready(&server{store: broken{}}))
	s, err := openStore(t.Context(), options{data: t.TempDir()})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	serving := &server{store: s}
	assert.Equal(t, http.StatusOK, ready(serving))
	serving.leaving.Store(true)
	assert.Equal(t, http.StatusServiceUnavailable, ready(serving))
}

// Who asks to be called back is called through the provider's API, and pays then.
func TestCallBack(t *testing.T) {
	placed := make(chan url.Values, 1)
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		assert.Equal(t, "AC1 12345", user+" "+password)
		assert.Equal(t, "/2010-04-01/Accounts/AC1/Calls.json", r.URL.Path)
		assert.NoError(t, r.ParseForm())
		placed <- r.PostForm
		w.WriteHeader(http.StatusCreated)
	}))
	defer api.Close()
	o := options{url: base, data: t.TempDir(), ann: ann.phone, account: "AC1", number: "+12125550199", api: api.URL,
		tokens: []string{token}}
	s, err := openStore(t.Context(), o)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	var out output
	log := newLog(&out)
	e, c, err := newEngine(o, s, log)
	require.NoError(t, err)
	_, err = (&server{store: s}).handler(o, e, c, log)
	require.NoError(t, err)
	require.NoError(t, c.dialler.Dial(t.Context(), flow.Dial{Call: "cb-1", Number: ann.phone, Ring: 20 * time.Second, Limit: time.Hour}))
	form := <-placed
	assert.Equal(t, url.Values{"To": {ann.phone}, "From": {"+12125550199"}, "Url": {base + "/?call=cb-1"}, "Method": {"POST"},
		"StatusCallback": {base + "/status?call=cb-1"}, "StatusCallbackMethod": {"POST"}, "Timeout": {"20"}, "TimeLimit": {"3600"}}, form)
}

func TestOptions(t *testing.T) {
	for _, c := range []struct {
		args  []string
		env   map[string]string
		fault string
	}{
		{nil, nil, "give -url"},
		{[]string{"-url", base}, nil, "set TWILIO_AUTH_TOKEN"},
		{[]string{"-url", base, "-unsigned"}, environment, "leave one of them out"},
		{[]string{"-url", base, "-agent", "555"}, environment, "-agent"},
		{[]string{"-url", base, "-ann", "me"}, environment, "-ann"},
		{[]string{"-url", base, "-pay", "vault"}, map[string]string{"TWILIO_AUTH_TOKEN": "x"}, "CONNECTOR_USER"},
		{[]string{"-url", base}, map[string]string{"TWILIO_AUTH_TOKEN": "x", "TWILIO_ACCOUNT_SID": "AC1"}, "TWILIO_NUMBER"},
		{[]string{"-url", base, "more"}, environment, "flags only"},
	} {
		_, err := parse(c.args, func(key string) string { return c.env[key] }, io.Discard)
		assert.ErrorContains(t, err, c.fault)
	}
	o, err := parse([]string{"-unsigned"}, func(string) string { return "" }, io.Discard)
	require.NoError(t, err)
	assert.Equal(t, "http://127.0.0.1:8080/calls", o.url, "a try needs one flag")
}
