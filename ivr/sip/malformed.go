package sip

import (
	"bytes"
	"strings"
)

// badRequest is the answer to a request that the library cannot read: what must be in one, copied as it stands (RFC
// 3261, section 8.2.6.2). It is nil where there is nobody to answer, or no answer is due: for a response, and for
// ACK.
func badRequest(b []byte) []byte {
	head, _, _ := bytes.Cut(b, []byte("\r\n\r\n"))
	lines := strings.Split(string(head), "\r\n")
	method, uri, _ := strings.Cut(lines[0], " ")
	if len(lines) > 200 || len(head) > 8192 || strings.HasPrefix(lines[0], "SIP/") || method == "ACK" || method == "" {
		return nil
	}
	out, copied := "SIP/2.0 400 Bad Request\r\n", map[string]bool{}
	if scheme, _, ok := strings.Cut(uri, "://"); ok && !strings.ContainsAny(scheme, " <:") {
		out = "SIP/2.0 416 Unsupported URI Scheme\r\n"
	}
	on := false // the line before is copied, and so is what continues it
	for _, line := range lines[1:] {
		if line != "" && (line[0] == ' ' || line[0] == '\t') {
			if on {
				out += line + "\r\n"
			}
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		full := echoed[strings.ToLower(strings.TrimSpace(name))]
		on = full != "" && (full == "Via" || !copied[full])
		if !on {
			continue
		}
		copied[full] = true
		if full == "To" && !strings.Contains(value, "tag=") {
			value += ";tag=malformed"
		}
		out += full + ":" + value + "\r\n"
	}
	if !copied["Via"] {
		return nil
	}
	return []byte(out + "Content-Length: 0\r\n\r\n")
}

// echoed are the headers that an answer has of its request, by both their names.
var echoed = map[string]string{"via": "Via", "v": "Via", "from": "From", "f": "From", "to": "To", "t": "To",
	"call-id": "Call-ID",
	"i":       "Call-ID", "cseq": "CSeq"}
