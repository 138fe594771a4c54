package twiml

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
)

// request is a webhook that came in.
type request struct {
	base  base   // as the provider knows it
	rest  string // of the URL, after the base: path and query
	path  string // of rest, without the query
	query url.Values
	json  bool
	body  []byte
	form  params // of the body, of a form
	got   params // of the body, of a form or of JSON
}

// refusal is why a request changes nothing.
type refusal struct {
	status int
	why    string
}

func (r *refusal) Error() string { return r.why }

// read takes a request in. Whoever reads clears it.
func (h *Handler) read(w http.ResponseWriter, r *http.Request) (*request, error) {
	q := h.locate(r)
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return q, &refusal{http.StatusMethodNotAllowed, "only POST is served: parameters in a URL would be in every log"}
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if q.json = kind == "application/json"; err != nil || !q.json && kind != "application/x-www-form-urlencoded" {
		return q, &refusal{http.StatusUnsupportedMediaType, "the body is neither a form nor JSON"}
	}
	if q.query, err = url.ParseQuery(r.URL.RawQuery); err != nil {
		return q, &refusal{http.StatusBadRequest, "the query cannot be read"}
	}
	if err := q.readBody(w, r, h.cfg.MaxBody); err != nil {
		return q, err
	}
	// The body is decoded where it lies: JSON is hashed before that.
	if !q.json {
		if q.form, err = parseForm(q.body); err != nil {
			return q, &refusal{http.StatusBadRequest, err.Error()}
		}
		q.got = q.form
	}
	if !h.signed(q, r.Header.Get(signatureHeader)) {
		return q, &refusal{http.StatusForbidden,
			"the signature is missing or wrong: is BaseURL the one that the provider calls?"}
	}
	if q.json {
		if q.got, err = parseJSON(q.body); err != nil {
			return q, &refusal{http.StatusBadRequest, err.Error()}
		}
	}
	return q, nil
}

// locate finds out which URL was called. A proxy, or http.StripPrefix, may have cut the path of the base off.
func (h *Handler) locate(r *http.Request) *request {
	q := &request{base: h.base}
	q.path = r.URL.EscapedPath()
	if cut, ok := strings.CutPrefix(q.path, q.base.path); ok && (cut == "" || cut[0] == '/') {
		q.path = cut
	}
	q.rest = q.path
	if r.URL.RawQuery != "" || r.URL.ForceQuery {
		q.rest += "?" + r.URL.RawQuery
	}
	proto, host := r.Header.Get("X-Forwarded-Proto"), r.Header.Get("X-Forwarded-Host")
	if h.cfg.TrustForwarded && host != "" && (proto == "http" || proto == "https") {
		q.base.scheme = proto
		q.base.host, q.base.port = splitPort(host)
	}
	return q
}

func (q *request) readBody(w http.ResponseWriter, r *http.Request, most int) error {
	size := 2048
	if n := r.ContentLength; n >= 0 && n < int64(most) {
		size = int(n)
	}
	body := http.MaxBytesReader(w, r.Body, int64(most))
	q.body = make([]byte, 0, size+1)
	for {
		if len(q.body) == cap(q.body) {
			grown := append(make([]byte, 0, 2*cap(q.body)), q.body...)
			clear(q.body)
			q.body = grown
		}
		n, err := body.Read(q.body[len(q.body):cap(q.body)])
		q.body = q.body[:len(q.body)+n]
		switch tooLarge := (*http.MaxBytesError)(nil); {
		case errors.As(err, &tooLarge):
			return &refusal{http.StatusRequestEntityTooLarge, "the body is too large"}
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return &refusal{http.StatusBadRequest, "the body is cut short"}
		}
	}
}

// clear overwrites what the caller keyed.
func (q *request) clear() {
	clear(q.body[:cap(q.body)])
	if q.json {
		q.got.clear()
	}
}

// param is one parameter. Its bytes lie in the body.
type param struct{ key, value []byte }

type params []param

func (ps params) clear() {
	for _, p := range ps {
		clear(p.value)
	}
}

// get is the value of a parameter, which must not be there twice. It stays in the body.
func (ps params) get(key string) []byte {
	for i := range ps {
		if string(ps[i].key) == key {
			return ps[i].value
		}
	}
	return nil
}

// text is get for what is no secret.
func (ps params) text(key string) string { return string(ps.get(key)) }

// Of more parameters than a provider sends, no request is read.
const maxParams = 256

var (
	errParams = errors.New("the body has too many parameters")
	errForm   = errors.New("the body is no form")
	errJSON   = errors.New("the body is no JSON object of plain values")
	errTwice  = errors.New("a parameter is there twice, with two values")
)

// parseForm decodes a form where it lies, which never takes more room. So there is one copy of a secret to overwrite.
func parseForm(body []byte) (params, error) {
	ps := make(params, 0, 32)
	for len(body) > 0 {
		pair := body
		if i := bytes.IndexByte(body, '&'); i >= 0 {
			pair, body = body[:i], body[i+1:]
		} else {
			body = nil
		}
		if len(pair) == 0 {
			continue
		}
		if len(ps) == maxParams {
			return nil, errParams
		}
		key, value, _ := bytes.Cut(pair, []byte("="))
		key, ok1 := unescape(key)
		value, ok2 := unescape(value)
		if !ok1 || !ok2 {
			return nil, errForm
		}
		ps = append(ps, param{key, value})
	}
	return ps, ps.unique()
}

// unique makes sure that what is read here has one value: somebody else might read the other one.
func (ps params) unique() error {
	for i := range ps {
		for _, p := range ps[:i] {
			if bytes.Equal(p.key, ps[i].key) && !bytes.Equal(p.value, ps[i].value) && isRead(p.key) {
				return errTwice
			}
		}
	}
	return nil
}

// isRead tells whether it is a parameter that a Handler reads.
func isRead(key []byte) bool {
	switch string(key) {
	case keyCallSid, keyCallStatus, keyDirection, keyFrom, keyTo, keyVerstat, keyDigits, keyFinishedOn, keySpeech,
		keyConfidence, keyDialStatus, keyQueueResult, keyResult, keyToken, keyCardNumber, keyCardType, keyExpiry, keyErrorURL:
		return true
	}
	return false
}

// unescape decodes + and %XX in place.
func unescape(b []byte) ([]byte, bool) {
	n := 0
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch c {
		case '+':
			c = ' '
		case '%':
			if i+2 >= len(b) {
				return nil, false
			}
			high, ok1 := fromHex(b[i+1])
			low, ok2 := fromHex(b[i+2])
			if !ok1 || !ok2 {
				return nil, false
			}
			c = high<<4 | low
			i += 2
		}
		b[n] = c
		n++
	}
	clear(b[n:]) // what was decoded is shorter
	return b[:n], true
}

func fromHex(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

// parseJSON reads an object of strings, numbers and booleans, as a form would have them. Other values are left out.
func parseJSON(body []byte) (params, error) {
	var object map[string]plain
	if err := json.Unmarshal(body, &object); err != nil || len(object) > maxParams {
		return nil, errJSON
	}
	ps := make(params, 0, len(object))
	for key, value := range object {
		if value != nil {
			ps = append(ps, param{[]byte(key), value})
		}
	}
	return ps.sorted(), nil
}

// plain is a value of JSON as the bytes of a form.
type plain []byte

// UnmarshalJSON implements json.Unmarshaler, without a string of what may be a secret.
func (v *plain) UnmarshalJSON(b []byte) error {
	switch {
	case b[0] == '{', b[0] == '[', bytes.Equal(b, []byte("null")):
		*v = nil
	case b[0] != '"':
		*v = bytes.Clone(b)
	case bytes.IndexByte(b, '\\') < 0:
		*v = bytes.Clone(b[1 : len(b)-1])
	default:
		var s string // what has escapes is no entry of keys
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*v = []byte(s)
	}
	return nil
}
