package twiml

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
)

// signatureHeader carries the signature of a request.
const signatureHeader = "X-Twilio-Signature"

// Sign makes the X-Twilio-Signature of a form: base64 of the HMAC-SHA1, keyed with the auth token, of the URL and all
// parameters, sorted by name, each name with its value right after it
// (https://www.twilio.com/docs/usage/security#validating-requests). It is for tests and tools; a Handler checks by
// itself.
func Sign(authToken, url string, form map[string][]string) string {
	var ps params
	for key, values := range form {
		for _, v := range values {
			ps = append(ps, param{[]byte(key), []byte(v)})
		}
	}
	return string(signature(nil, []byte(authToken), ps.sorted(), url))
}

// signature appends the signature of a URL, given in parts, and parameters, sorted.
func signature(b, token []byte, sorted params, url ...string) []byte {
	mac := hmac.New(sha1.New, token)
	for _, part := range url {
		mac.Write([]byte(part))
	}
	for i, p := range sorted {
		if i > 0 && bytes.Equal(p.key, sorted[i-1].key) && bytes.Equal(p.value, sorted[i-1].value) {
			continue // The same value twice is signed once.
		}
		mac.Write(p.key)
		mac.Write(p.value)
	}
	return base64.StdEncoding.AppendEncode(b, mac.Sum(nil))
}

// sorted are the parameters by name, and by value where a name is there more than once.
func (ps params) sorted() params {
	sorted := slices.Clone(ps)
	slices.SortFunc(sorted, func(a, b param) int {
		if c := bytes.Compare(a.key, b.key); c != 0 {
			return c
		}
		return bytes.Compare(a.value, b.value)
	})
	return sorted
}

// signed tells whether the request was signed with one of the tokens. Providers leave the usual port out of the URL or
// not, and proxies make "/" of an empty path, so either is tried. All are compared, each in constant time.
func (h *Handler) signed(q *request, header string) bool {
	if h.cfg.Unsigned {
		return true
	}
	if q.json && !q.hashed() {
		return false
	}
	signed := q.form.sorted()
	port := q.base.port
	if port == "" {
		port = q.base.usualPort()
	}
	rests := []string{q.rest}
	if query, empty := strings.CutPrefix(q.rest, q.path); empty && strings.Trim(q.path, "/") == "" {
		rests = []string{query, "/" + query}
	}
	good := 0
	var buf [64]byte
	for _, token := range h.cfg.AuthTokens {
		for _, port := range [2]string{"", port} {
			for _, rest := range rests {
				want := signature(buf[:0], []byte(token), signed,
					q.base.scheme, "://", q.base.user, q.base.host, port, q.base.path, rest)
				good |= subtle.ConstantTimeCompare(want, []byte(header))
			}
		}
	}
	return good == 1
}

// hashed tells whether the body of JSON is the one that was signed: its SHA-256 is the parameter bodySHA256 of the URL.
func (q *request) hashed() bool {
	sum := sha256.Sum256(q.body)
	return subtle.ConstantTimeCompare(hex.AppendEncode(nil, sum[:]), []byte(q.query.Get("bodySHA256"))) == 1
}
