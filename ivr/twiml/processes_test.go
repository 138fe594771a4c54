package twiml_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/twiml"
	"github.com/dialpay/dialpay/ivr/twiml/twimltest"
)

// company is a World that several processes serve, with one store.
type company struct {
	*flowtest.World
	*testing.T
	processes []*twiml.Handler
	engines   []*flow.Engine
	store     *flow.Memory
}

func newCompany(t *testing.T, processes int, change ...func(*twiml.Config)) *company {
	w := flowtest.NewWorld(t)
	c := &company{World: w, T: t, store: flow.NewMemory(w.Clock.Now)}
	w.Config.Store = c.store
	var keys [2]ivr.Secret
	for i := range keys {
		var err error
		keys[i], err = ivr.NewSecret(bytes.Repeat([]byte{byte('a' + i)}, 32))
		require.NoError(t, err)
	}
	seal, err := flow.NewSeal(flow.SealConfig{Current: "1", Keys: map[string]ivr.Secret{"1": keys[0]}, Index: keys[1]})
	require.NoError(t, err)
	w.Config.Seal = seal
	w.Config.Keeper, err = flow.NewSealedKeeper(c.store, seal, w.Clock.Now)
	require.NoError(t, err)
	w.Engine() // builds the dialogue
	ids := 0
	var mu sync.Mutex
	for i := range processes {
		config := w.Config
		config.Node = fmt.Sprintf("process-%d", i+1)
		config.NewID = func() string {
			mu.Lock()
			defer mu.Unlock()
			ids++
			return fmt.Sprintf("pay-%d", ids)
		}
		engine, err := flow.New(config)
		require.NoError(t, err)
		tc := twiml.Config{Handler: engine, Catalog: engine.Catalog(), BaseURL: base, AuthTokens: []string{token}}
		for _, f := range change {
			f(&tc)
		}
		h, err := twiml.New(tc)
		require.NoError(t, err)
		c.processes, c.engines = append(c.processes, h), append(c.engines, engine)
	}
	return c
}

func (c *company) phone(h http.Handler, sid string) *twimltest.Phone {
	return twimltest.NewPhone(twimltest.Config{Handler: h, BaseURL: base, AuthToken: token, CallSid: sid})
}

// ServeHTTP is a balancer that gives every request to every process, twice each, all at once. One of them may find that
// work is under way, and reply that the caller waits; whichever reply the provider takes, the call goes on.
func (c *company) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	require.NoError(c, err)
	replies := make([]*httptest.ResponseRecorder, 2*len(c.processes))
	var group sync.WaitGroup
	for i := range replies {
		group.Go(func() {
			again := httptest.NewRequest(r.Method, r.URL.String(), bytes.NewReader(body))
			again.Header = r.Header.Clone()
			replies[i] = httptest.NewRecorder()
			c.processes[i%len(c.processes)].ServeHTTP(replies[i], again)
		})
	}
	group.Wait()
	for _, other := range replies {
		assert.Equal(c, replies[0].Code, other.Code)
		if other.Body.Len() > 0 {
			_, err := twimltest.Parse(other.Body.Bytes())
			assert.NoError(c, err)
		}
	}
	pass(c.T, w, replies[len(body)%len(replies)])
}

// pass passes a reply on.
func pass(t *testing.T, w http.ResponseWriter, reply *httptest.ResponseRecorder) {
	w.WriteHeader(reply.Code)
	if reply.Body.Len() > 0 {
		_, err := w.Write(reply.Body.Bytes())
		require.NoError(t, err)
	}
}

var wholeCall = []struct{ hear, press string }{
	{"enter your pin", "1234#"}, {"how much would you like", "1"}, {"how would you like to pay", "3"},
	{"card number", "4242424242424242#"}, {"expiration date", "1229"}, {"security code", "737"}, {"may we save", "2"},
	{"nothing is charged until you confirm", "1"}, {"receipt by text", "3"}, {"anything else", "1"},
}

func (c *company) pay(p *twimltest.Phone) {
	c.Helper()
	english := c.Config.Dialogue.Catalog().Locale("en-US")
	p.Dial(ivr.Call{From: flowtest.Ann, Attestation: "A"})
	for _, step := range wholeCall {
		for !strings.Contains(p.Words(english), step.hear) && !p.Over() && strings.Contains(string(p.Reply()), "<Redirect") {
			p.Listen() // work goes on
			c.Clock.Advance(1)
			p.Wait()
		}
		require.NoError(c, p.Err())
		require.Contains(c, p.Words(english), step.hear)
		p.Listen()
		p.Press(step.press)
	}
	p.Listen()
	require.NoError(c, p.Err())
	require.True(c, p.Over())
}

func TestSeveralProcessesServeOneCallEachWebhookAtOnce(t *testing.T) {
	c := newCompany(t, 2)
	for i := range 20 {
		c.pay(c.phone(c, fmt.Sprintf("CA%d", i)))
		require.Len(t, c.Charges(), i+1, "one charge a call")
		c.Biller.Open["acc-ann"][0].Balance.Minor = 12345
	}
}

// Every webhook of a call comes again, in any order, when the call is over and while it goes on: a thousand times in
// all.
func TestReplaysChangeNothing(t *testing.T) {
	c := newCompany(t, 2)
	var seen []*http.Request
	bodies := map[*http.Request][]byte{}
	n := 0
	replay := func(r *http.Request) *httptest.ResponseRecorder {
		again := httptest.NewRequest(r.Method, r.URL.String(), bytes.NewReader(bodies[r]))
		again.Header = r.Header.Clone()
		w := httptest.NewRecorder()
		n++
		c.processes[n%2].ServeHTTP(w, again)
		return w
	}
	front := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		seen, bodies[r] = append(seen, r), body
		first := replay(r)
		if r.URL.Path != "/calls/status" {
			for i := range seen { // from the newest
				old := seen[len(seen)-1-i]
				got := replay(old)
				require.Equal(t, http.StatusOK, got.Code)
				require.Equal(t, turnOf(first.Body.String()), turnOf(got.Body.String()), "of %s, at %s", old.URL, r.URL)
			}
			require.Equal(t, first.Body.String(), replay(r).Body.String())
		}
		pass(t, w, first)
	})
	c.pay(c.phone(front, "CA1"))
	for i := range 1000 {
		replay(seen[i*7919%len(seen)])
	}
	assert.Len(t, c.Charges(), 1)
	assert.Len(t, c.Biller.Posted, 1)
	assert.Greater(t, n, 1000)
}

// turnOf is the reply but for the mark of an entry that ended by its length, which only its own request has.
func turnOf(reply string) string { return strings.ReplaceAll(reply, "?loose=1", "") }

// Each webhook of a call fails, one after the other, before or after it was served. The provider asks the fallback
// URL, the caller hears the question at which the call is, and pays once.
func TestAWebhookThatFails(t *testing.T) {
	for _, after := range []bool{false, true} {
		for at := 1; ; at++ {
			c, n := newCompany(t, 1), 0
			front := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				n++
				if n == at && r.URL.Path != "/calls/status" {
					if after {
						c.processes[0].ServeHTTP(httptest.NewRecorder(), r)
					}
					http.Error(w, "out of order", http.StatusBadGateway)
					return
				}
				c.processes[0].ServeHTTP(w, r)
			})
			p := twimltest.NewPhone(twimltest.Config{Handler: front, BaseURL: base, AuthToken: token, CallSid: "CA1", FallbackURL: base})
			c.answer(p)
			require.NoError(t, p.Err(), "webhook %d", at)
			require.True(t, p.Over())
			require.Len(t, c.Charges(), 1, "webhook %d, after it was served: %v", at, after)
			require.Len(t, c.Biller.Posted, 1)
			if n < at {
				require.Greater(t, at, len(wholeCall))
				break
			}
		}
	}
}

// answer is a caller who answers what is asked, until the call is over.
func (c *company) answer(p *twimltest.Phone) {
	english := c.Config.Dialogue.Catalog().Locale("en-US")
	p.Dial(ivr.Call{From: flowtest.Ann, Attestation: "A"})
	for n := 0; n < 40 && !p.Over(); n++ {
		words := p.Words(english)
		p.Listen()
		press := ""
		for _, step := range wholeCall {
			if strings.Contains(words, step.hear) {
				press = step.press
			}
		}
		if p.Press(press); press == "" && !p.Deadline().IsZero() {
			p.Wait()
		}
	}
}

// The status callback comes when it likes: before the webhook of the yes, which then charges nothing, because the caller has
// gone; after it, when the payment goes forward; twice; and before anything else.
func TestAStatusCallbackThatOvertakes(t *testing.T) {
	for _, r := range []struct {
		name    string
		order   []string
		charges int
	}{
		{"before the yes", []string{"completed", "yes"}, 0},
		{"after the yes", []string{"yes", "completed", "completed"}, 1},
		{"of earlier states, late", []string{"ringing", "in-progress", "yes", "ringing", "completed", "in-progress"}, 1},
	} {
		t.Run(r.name, func(t *testing.T) {
			c := newCompany(t, 2)
			var held *http.Request
			var body []byte
			n := 0
			front := http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
				n++
				if strings.HasSuffix(q.URL.Path, "/read") { // the answer to the read-back is held back
					held = q
					body, _ = io.ReadAll(q.Body)
					return
				}
				c.processes[n%2].ServeHTTP(w, q)
			})
			p := c.phone(front, "CA1")
			c.answer(p) // as far as it goes
			require.NotNil(t, held)
			for i, what := range r.order {
				w := httptest.NewRecorder()
				q := request("/status", form("CallStatus", what))
				if what == "yes" {
					q = httptest.NewRequest(held.Method, held.URL.String(), bytes.NewReader(body))
					q.Header = held.Header
				}
				c.processes[i%2].ServeHTTP(w, q)
				require.Equal(t, 2, w.Code/100, w.Body)
			}
			for range 3 {
				c.Clock.Advance(time.Minute)
				for _, e := range c.engines {
					_, err := e.Sweep(t.Context(), 100)
					require.NoError(t, err)
				}
			}
			assert.Len(t, c.Charges(), r.charges)
			assert.Len(t, c.Biller.Posted, r.charges)
		})
	}
	r := newCompany(t, 1)
	w := httptest.NewRecorder()
	r.processes[0].ServeHTTP(w, request("/status", form("CallSid", "CA9", "CallStatus", "completed")))
	assert.Equal(t, http.StatusNoContent, w.Code, "a call that was never answered")
}
