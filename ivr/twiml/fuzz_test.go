package twiml

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/dialpay/dialpay/ivr"
)

// A form means what it means to everybody else, and is read in the bytes that it came in.
func FuzzForm(f *testing.F) {
	for _, s := range []string{"CallSid=CA1&Digits=12%2A3", "a=b&a=b", "Digits=1&Digits=2", "%zz", "a+b=%C3%B1&&=x", "a=1;b=2"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		want, bad := url.ParseQuery(string(body))
		got, err := parseForm(bytes.Clone(body))
		if err != nil {
			if bad == nil && err == errForm {
				t.Fatalf("%q: %v, but it is a form", body, err)
			}
			return
		}
		if bad != nil {
			if !bytes.ContainsRune(body, ';') { // which net/url does not take
				t.Fatalf("%q: it is no form: %v", body, bad)
			}
			return
		}
		read := url.Values{}
		for _, p := range got {
			read[string(p.key)] = append(read[string(p.key)], string(p.value))
		}
		if read.Encode() != want.Encode() {
			t.Fatalf("%q: read %q, want %q", body, read, want)
		}
	})
}

// JSON of any kind is read or refused, and numbers and words are what a form would have.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"CallSid":"CA1","Digits":12}`, `{"a":null,"b":[1],"c":{"d":"e"}}`, `{"a":"\u0031"}`, `[]`, `{"a":1,"a":2}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		ps, err := parseJSON(bytes.Clone(body))
		if err == nil && !slices.IsSortedFunc(ps, func(a, b param) int { return bytes.Compare(a.key, b.key) }) {
			t.Fatalf("%q: in no order", body)
		}
	})
}

// The signature is that of the definition, word for word, and no other passes.
func FuzzSignature(f *testing.F) {
	f.Add("12345", "/turn/7/keys", "a", "1", "b", "2", byte(3))
	f.Add("t", "/?call=x", "b", "", "a", "ñ", byte(0))
	f.Add("t", "/status", "a", "2", "a", "1", byte(27))
	f.Fuzz(func(t *testing.T, token, rest, k1, v1, k2, v2 string, flip byte) {
		if token == "" || k1 == k2 && v1 == v2 {
			return
		}
		q := &request{base: base{scheme: "https", host: "pay.example.com", path: "/calls"}, rest: rest,
			form: params{{[]byte(k2), []byte(v2)}, {[]byte(k1), []byte(v1)}}}
		pairs := [][2]string{{k1, v1}, {k2, v2}}
		sort.Slice(pairs, func(i, j int) bool {
			if pairs[i][0] != pairs[j][0] {
				return pairs[i][0] < pairs[j][0]
			}
			return pairs[i][1] < pairs[j][1]
		})
		mac := hmac.New(sha1.New, []byte(token))
		mac.Write([]byte("https://pay.example.com/calls" + rest + pairs[0][0] + pairs[0][1] + pairs[1][0] + pairs[1][1]))
		good := base64.StdEncoding.EncodeToString(mac.Sum(nil))
		h := &Handler{cfg: Config{AuthTokens: []string{"other", token}}}
		if token != "other" && !h.signed(q, good) {
			t.Fatalf("%q %q: the signature is refused", rest, pairs)
		}
		bad := []byte(good)
		bad[int(flip)%len(bad)] ^= 1 + flip&3
		if h.signed(q, string(bad)) || h.signed(q, good[:len(good)-1]) || h.signed(q, "") || h.signed(q, good+"=") {
			t.Fatalf("%q %q: another signature is accepted", rest, pairs)
		}
	})
}

// said is an ivr.Handler that keeps what it is told.
type said struct{ in ivr.Input }

func (s *said) Handle(_ context.Context, _ string, in ivr.Input) (ivr.Turn, error) {
	s.in = in
	return ivr.Turn{Seq: 8, Locale: "en-US", Action: ivr.ActionHangUp}, nil
}

// Whatever <Pay> reports comes to something that the dialogue knows, and never more of a card than its last four
// digits.
func FuzzPayResult(f *testing.F) {
	f.Add("success", "tok_1", "xxxx-xxxxxx-x4001", "visa", "1229", "")
	f.Add("success", "", "4242424242424242", "amex", "13", "completed")
	f.Add("too-many-failed-attempts", "", "", "", "", "in-progress")
	f.Add("something", "tok", "12", "diners-club", "ffff", "")
	results := []string{resultSuccess, resultTries, resultConnect, resultInvalid, resultError}
	f.Fuzz(func(t *testing.T, result, token, number, card, date, status string) {
		s := &said{}
		h := handlerOf(t, s)
		form := url.Values{"CallSid": {"CA1"}, "Result": {result}, "PaymentToken": {token}, "PaymentCardNumber": {number},
			"PaymentCardType": {card}, "ExpirationDate": {date}, "CallStatus": {status}}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, post("/turn/7/pay", form.Encode(), "application/x-www-form-urlencoded"))
		if w.Code != http.StatusOK {
			t.Fatalf("%d: %s", w.Code, w.Body)
		}
		switch c := s.in.Captured; {
		case s.in.Kind == ivr.HangUp, s.in.Kind == ivr.Keys && s.in.Keys == "*":
		case s.in.Kind != ivr.WorkDone || c == nil || !slices.Contains(results, c.Result):
			t.Fatalf("%+v", s.in)
		case len(c.Last4) > 4 || c.Result != resultSuccess && *c != (ivr.Captured{Result: c.Result}):
			t.Fatalf("%+v", c)
		}
	})
}

// Requests of any kind are answered, and none of them gets more than one answer out of the caller.
func FuzzRequest(f *testing.F) {
	f.Add("/turn/7/keys", "CallSid=CA1&Digits=1", "application/x-www-form-urlencoded")
	f.Add("/turn/7/secret?loose=1&call=x", "Digits=1&FinishedOnKey=%23", "application/x-www-form-urlencoded; charset=utf-8")
	f.Add("/status", `{"CallSid":"CA1","CallStatus":"completed"}`, "application/json")
	f.Add("//..%2f", "", "text/plain")
	statuses := []int{200, 204, 400, 404, 413, 415}
	f.Fuzz(func(t *testing.T, path, body, kind string) {
		if _, err := url.ParseRequestURI("https://pay.example.com/calls" + path); err != nil || strings.ContainsAny(path, " \r\n\t\x00") {
			return
		}
		s := &said{}
		w := httptest.NewRecorder()
		r := post("/", body, kind)
		var err error
		if r.URL, err = url.Parse("https://pay.example.com/calls" + path); err != nil {
			return
		}
		handlerOf(t, s).ServeHTTP(w, r)
		if !slices.Contains(statuses, w.Code) {
			t.Fatalf("%d: %s", w.Code, w.Body)
		}
		if len(s.in.Keys) > 2*ivr.MaxEntry || s.in.Confidence < 0 || s.in.Confidence > 1 || w.Code >= 400 && s.in.Kind != "" {
			t.Fatalf("%d: %+v", w.Code, s.in)
		}
	})
}

func post(path, body, kind string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "https://pay.example.com/calls"+path, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	return r
}

var english = sync.OnceValues(func() (*ivr.Catalog, error) { return ivr.NewCatalog(ivr.English()) })

func handlerOf(t *testing.T, s *said) *Handler {
	c, err := english()
	if err != nil {
		t.Fatal(err)
	}
	h, err := New(Config{Handler: s, Catalog: c, BaseURL: "https://pay.example.com/calls", Unsigned: true})
	if err != nil {
		t.Fatal(err)
	}
	return h
}
