package sip

import (
	"regexp"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// e164 is a telephone number as the whole world writes it (ITU-T E.164).
var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// number is the telephone number of a URI: in E.164, or as it was dialled.
func number(u sip.Uri) string {
	user := u.User
	if strings.EqualFold(u.Scheme, "tel") {
		user = u.Raw()
	}
	user, _, _ = strings.Cut(user, ";")                                           // parameters of the number
	bare := strings.NewReplacer("-", "", ".", "", "(", "", ")", "").Replace(user) // visual separators (RFC 3966)
	if e164.MatchString(bare) {
		return bare
	}
	return user
}

// dialled is what a number or a name to call looks like.
var dialled = regexp.MustCompile(`^[+*#\w-][+*#\w.-]{0,63}$`)

// called is the number that was called. Whoever may call writes it: what might be a path, or a line of a log, is none.
func called(u sip.Uri) string {
	if n := number(u); dialled.MatchString(n) {
		return n
	}
	return ""
}

// identity is the caller's number and how far the carrier vouches for it, as a trusted peer tells them: by
// P-Asserted-Identity (RFC 3325), or else by From. A caller who wants to stay private (RFC 3323) has none.
func identity(req *sip.Request) (from, attestation string) {
	if private(req) {
		return "", ""
	}
	who, verdict := callerOf(req)
	if !e164.MatchString(who) {
		return "", ""
	}
	return who, attested(req, verdict)
}

// private tells whether the caller's number is withheld.
func private(req *sip.Request) bool {
	for _, h := range req.GetHeaders("Privacy") {
		for _, p := range strings.FieldsFunc(h.Value(), func(c rune) bool { return c == ';' || c == ',' || c == ' ' }) {
			if p = strings.ToLower(p); p == "id" || p == "user" || p == "header" || p == "session" || p == "critical" {
				return true
			}
		}
	}
	return strings.EqualFold(req.From().Address.User, "anonymous") && len(req.GetHeaders("P-Asserted-Identity")) == 0
}

// callerOf finds a number, and the verstat parameter beside it (ATIS-1000082; 3GPP TS 24.229, section 7.2A.20).
func callerOf(req *sip.Request) (who, verdict string) {
	asserted := req.GetHeaders("P-Asserted-Identity")
	for _, h := range asserted {
		for _, one := range addresses(h.Value()) {
			var u sip.Uri
			var params sip.HeaderParams
			if _, err := sip.ParseAddressValue(one, &u, &params); err != nil {
				continue
			}
			if n := number(u); e164.MatchString(n) {
				return n, verstat(u, params)
			}
		}
	}
	f := req.From()
	if len(asserted) > 0 {
		return number(f.Address), "" // the carrier vouches for somebody, but not for this number
	}
	return number(f.Address), verstat(f.Address, f.Params)
}

// addresses are the values of a header that may have several: a comma within quotes or <> is none between them.
func addresses(value string) (all []string) {
	quoted, angle, from := false, false, 0
	for i := range len(value) {
		switch c := value[i]; {
		case c == '"' && (i == 0 || value[i-1] != '\\'):
			quoted = !quoted
		case quoted:
		case c == '<' || c == '>':
			angle = c == '<'
		case c == ',' && !angle:
			all, from = append(all, strings.TrimSpace(value[from:i])), i+1
		}
	}
	return append(all, strings.TrimSpace(value[from:]))
}

// verstat looks for that parameter in all the places in which carriers put it: of the number, the URI or the header.
func verstat(u sip.Uri, params sip.HeaderParams) string {
	user := u.User
	if strings.EqualFold(u.Scheme, "tel") {
		user = u.Raw()
	}
	for _, p := range strings.Split(user, ";")[1:] {
		if name, value, _ := strings.Cut(p, "="); strings.EqualFold(name, "verstat") {
			return value
		}
	}
	for _, list := range []sip.HeaderParams{u.UriParams, params} {
		for _, p := range list {
			if strings.EqualFold(p.K, "verstat") {
				return p.V
			}
		}
	}
	return ""
}

// attested is the level of attestation: "A" unless the carrier says another, and none where the number was not
// verified. Telnyx puts the level behind the verdict, Bandwidth into P-Attestation-Indicator, and Twilio's trunks
// have X-Twilio-VerStat in place of the parameter.
func attested(req *sip.Request, verdict string) string {
	if h := req.GetHeader("X-Twilio-VerStat"); h != nil && verdict == "" {
		verdict = h.Value()
	}
	level, ok := strings.CutPrefix(strings.ToUpper(strings.TrimSpace(verdict)), "TN-VALIDATION-PASSED")
	if !ok {
		return ""
	}
	level = strings.TrimPrefix(level, "-")
	if h := req.GetHeader("P-Attestation-Indicator"); h != nil && level == "" {
		level = strings.ToUpper(strings.TrimSpace(h.Value()))
	}
	switch level {
	case "":
		return "A"
	case "A", "B", "C":
		return level
	}
	return "" // such as -Diverted, which says nothing of this call
}
