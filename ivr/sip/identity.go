package sip

import (
	"regexp"
	"strings"

	"github.com/emiago/sipgo/sip"
)

// e164 is a telephone number as the whole world writes it.
var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// number is the telephone number of a URI, in E.164; of any other, what was called.
func number(u sip.Uri) string {
	user := u.User
	if strings.EqualFold(u.Scheme, "tel") {
		user = u.Raw()
	}
	user, _, _ = strings.Cut(user, ";") // parameters of a number
	bare := strings.NewReplacer("-", "", ".", "", "(", "", ")", "").Replace(user)
	if e164.MatchString(bare) {
		return bare
	}
	return user
}

func identity(*sip.Request) (from, attestation string) { return "", "" }
