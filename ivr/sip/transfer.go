package sip

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/emiago/sipgo/sip"

	"github.com/dialpay/dialpay/ivr"
)

// transferTime is how long a transfer may take to succeed.
const transferTime = time.Minute

// isURI tells whether a call can be transferred there.
func isURI(to string) bool {
	scheme, rest, ok := strings.Cut(to, ":")
	return ok && rest != "" && (scheme == "sip" || scheme == "sips" || scheme == "tel") && !strings.ContainsAny(to,
		" <>\r\n")
}

// transfer has the peer call a person, and put the caller through to them (REFER, RFC 3515). It returns nil when they
// have answered. What the person should know goes along as User-to-User (RFC 7433): the JSON of Transfer.Reason and
// Transfer.Context, in hexadecimal. It is in the REFER, and in the URI to call, from where the peer puts it into its
// INVITE.
func (c *call) transfer(ctx context.Context, t ivr.Transfer) error {
	uri, ok := c.server.cfg.Transfer(t.To)
	if !ok {
		return fmt.Errorf("sip: transfer to %q: Config.Transfer has no address for it", t.To)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, transferTime, errors.New("sip: nobody answered in time"))
	defer cancel()
	c.refer.begin()
	defer c.refer.end()
	to, headers := referTo(uri, t)
	headers = append(headers, sip.NewHeader("Refer-To", "<"+to+">"),
		sip.NewHeader("Referred-By", fmt.Sprintf("<sip:%v>", c.dialog.here)))
	res, _, err := c.dialog.request(ctx, sip.REFER, nil, headers...)
	switch {
	case err != nil:
		return err
	case res.StatusCode >= 300:
		return fmt.Errorf("sip: transfer refused: %d %s", res.StatusCode, res.Reason)
	}
	select {
	case status := <-c.refer.final:
		if !strings.HasPrefix(status, "2") {
			return fmt.Errorf("sip: transfer failed: %s", status)
		}
		c.because("transferred")
		c.report("transferred", "")
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// mostContext is how much context there may be: a REFER must fit into a UDP packet.
const mostContext = 300

// referTo adds the context of a transfer to the URI to call, and as a header.
func referTo(uri string, t ivr.Transfer) (string, []sip.Header) {
	about := map[string]string{}
	for k, v := range t.Context {
		about[k] = v
	}
	if t.Reason != "" {
		about["reason"] = t.Reason
	}
	b, err := json.Marshal(about)
	if err != nil || len(about) == 0 || len(b) > mostContext {
		return uri, nil
	}
	data := hex.EncodeToString(b)
	if !strings.HasPrefix(uri, "tel:") {
		separator := "?"
		if strings.Contains(uri, "?") {
			separator = "&"
		}
		if len(b) <= mostContext/2 {
			uri += separator + "User-to-User=" + data + "%3Bencoding%3Dhex"
		}
	}
	return uri, []sip.Header{sip.NewHeader("User-to-User", data+";encoding=hex")}
}

// notify takes what the peer tells of a transfer (RFC 3515, section 2.4.4): the first line of the answer that it got.
func (s *Server) notify(req *sip.Request, tx sip.ServerTransaction) {
	c, done := s.inOrder(req, tx)
	if c == nil {
		return
	}
	defer done()
	event := ""
	if h := req.GetHeader("Event"); h != nil {
		event, _, _ = strings.Cut(h.Value(), ";")
	}
	if !strings.EqualFold(strings.TrimSpace(event), "refer") || !c.refer.going() {
		s.respond(req, tx, 481, "Subscription Does Not Exist")
		return
	}
	s.respond(req, tx, 200, "OK")
	status := fragment(string(req.Body()))
	over := false
	if h := req.GetHeader("Subscription-State"); h != nil {
		over = strings.HasPrefix(strings.ToLower(h.Value()), "terminated")
	}
	if code, _, _ := strings.Cut(status, " "); code >= "200" || over {
		c.refer.tell(status)
	}
}

// fragment is the status of a message/sipfrag (RFC 3420), such as "486 Busy Here".
func fragment(body string) string {
	line, _, _ := strings.Cut(body, "\n")
	status, ok := strings.CutPrefix(strings.TrimSpace(line), "SIP/2.0 ")
	if code, _, _ := strings.Cut(status, " "); !ok || len(code) != 3 {
		return ""
	} else if _, err := strconv.Atoi(code); err != nil {
		return ""
	}
	return status[:min(len(status), 60)]
}
