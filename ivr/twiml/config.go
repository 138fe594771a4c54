package twiml

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"time"

	"github.com/dialpay/dialpay/ivr"
)

// Config says what a Handler is made of. Handler, Catalog, BaseURL, and AuthTokens or Unsigned must be set.
type Config struct {
	// Handler answers the calls: a flow.Engine. Catalog has its words.
	Handler ivr.Handler
	Catalog *ivr.Catalog
	// BaseURL is the URL of this Handler as the provider knows it, whatever proxies are between: signatures are made for
	// it, and replies name it. Its path may be there when a request comes here, or be cut off as a whole.
	BaseURL string
	// TrustForwarded takes scheme and host from X-Forwarded-Proto and X-Forwarded-Host in place of those of BaseURL. Only
	// for a proxy that sets both itself.
	TrustForwarded bool
	// AuthTokens are the keys that requests are signed with: more than one while a token is changed. Unsigned takes
	// requests without looking: only where something else has made sure that they are the provider's.
	AuthTokens []string
	Unsigned   bool
	// Locales are the languages of numbers that are called, in E.164: a number for each language, say. A call to another
	// one begins in the default locale.
	Locales map[string]string
	// Voices are the voices of <Say> by locale. What is not there is DefaultVoices', or the provider's own choice. A voice
	// must know SSML: those of Amazon Polly and Google do, "man" and "woman" do not.
	Voices map[string]string
	// Recorded is the URL of a recording of this prompt, with all its values; "" for none. Nil: nothing is recorded.
	Recorded func(locale string, p ivr.Prompt) string
	// Transfer tells where a transfer goes. Nil: Reach.
	Transfer func(ivr.Transfer) Destination
	// Pay has new cards captured by <Pay>, which tokenises them. Nil: their keys come here, and go to the Vault.
	Pay *Pay
	// MaxBody is the greatest body of a request in bytes. 0: 64 KiB.
	MaxBody int
	// Log gets what goes wrong: never anything that a caller keyed or said. Nil: nothing is logged.
	Log *slog.Logger
}

// DefaultVoices are the voices that Config.Voices need not name.
var DefaultVoices = map[string]string{"en-US": "Polly.Joanna", "en-GB": "Polly.Amy", "es-US": "Polly.Lupe-Neural",
	"es-MX": "Polly.Mia", "es-ES": "Polly.Lucia", "fr-FR": "Polly.Lea", "fr-CA": "Polly.Chantal", "de-DE": "Polly.Vicki"}

// Destination is where a transfer goes: to the first of these that is set. None of them is a transfer that failed.
type Destination struct {
	// Number is an E.164 number.
	Number string
	// SIP is a SIP URI. The reason and the context go with it, as headers "X-Dialpay-…".
	SIP string
	// Workflow is the SID of a TaskRouter workflow. The reason and the context are attributes of its task.
	Workflow string
	// Queue is the name of a queue at the provider.
	Queue string
	// CallerID is the number to show, for Number. Empty: the caller's.
	CallerID string
	// Ring is how long a Number or SIP may ring. 0: 30 s.
	Ring time.Duration
}

// Reach is a Destination by the form of Transfer.To: an E.164 number, a SIP URI, else a queue.
func Reach(t ivr.Transfer) Destination {
	switch {
	case t.To == "":
		return Destination{}
	case isE164(t.To):
		return Destination{Number: t.To}
	case strings.HasPrefix(t.To, "sip:"), strings.HasPrefix(t.To, "sips:"):
		return Destination{SIP: t.To}
	}
	return Destination{Queue: t.To}
}

// Handler serves calls over HTTP. It may be used by any number of goroutines, and holds nothing of a call.
type Handler struct {
	cfg  Config
	base base
}

// New makes a Handler. The error has every fault of the Config.
func New(c Config) (*Handler, error) {
	base, err := parseBase(c.BaseURL)
	errs := []error{err}
	for _, need := range []struct {
		missing bool
		what    string
	}{
		{c.Handler == nil, "Handler is required: a flow.Engine"},
		{c.Catalog == nil, "Catalog is required: that of the Handler"},
		{len(c.AuthTokens) == 0 && !c.Unsigned,
			"AuthTokens is empty: anybody could forge requests; give the account's token"},
		{len(c.AuthTokens) > 0 && c.Unsigned, "Unsigned does not look at AuthTokens: leave one of them out"},
		{c.MaxBody < 0, "MaxBody is negative"},
		{c.Pay != nil && (c.Pay.Attempts < 0 || c.Pay.Attempts > mostAttempts),
			"Pay.Attempts must be from 1 to 3, or 0 for 3"},
	} {
		if need.missing {
			errs = append(errs, errors.New("twiml: Config."+need.what))
		}
	}
	for _, token := range c.AuthTokens {
		if token == "" {
			errs = append(errs, errors.New("twiml: Config.AuthTokens has an empty one: anybody could sign with it"))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if c.Transfer == nil {
		c.Transfer = Reach
	}
	if c.MaxBody == 0 {
		c.MaxBody = 64 << 10
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Pay != nil {
		pay := c.Pay.normal()
		c.Pay = &pay
	}
	return &Handler{cfg: c, base: base}, nil
}

// CallURL is the URL of the voice webhook for a call that we place: give it to the provider with POST, and StatusURL as
// the status callback. The call is served under this ID, that of flow.Dial, and not under the provider's.
func (h *Handler) CallURL(id string) string { return h.base.full() + "/?call=" + url.QueryEscape(id) }

// StatusURL is the URL of the status callback for a call that we place.
func (h *Handler) StatusURL(id string) string {
	return h.base.full() + "/status?call=" + url.QueryEscape(id)
}

// base is a BaseURL in the parts that signatures and replies need.
type base struct {
	scheme, user, host, port string // "https", "user:pass@" or "", "pay.example.com", ":8443" or ""
	path                     string // "/calls", without a slash at its end
}

func parseBase(s string) (base, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || u.RawQuery != "" || u.Fragment != "" {
		return base{}, fmt.Errorf("twiml: Config.BaseURL %q is no URL of a handler: give one such as "+
			"https://pay.example.com/calls", s)
	}
	b := base{scheme: u.Scheme, path: strings.TrimRight(u.EscapedPath(), "/")}
	if u.User != nil {
		b.user = u.User.String() + "@"
	}
	b.host, b.port = splitPort(u.Host)
	return b, nil
}

// splitPort cuts the port off, with its colon. That of an IPv6 address comes after the bracket.
func splitPort(hostport string) (host, port string) {
	if i := strings.LastIndexByte(hostport, ':'); i > strings.LastIndexByte(hostport, ']') {
		return hostport[:i], hostport[i:]
	}
	return hostport, ""
}

// full is the BaseURL.
func (b base) full() string { return b.scheme + "://" + b.user + b.host + b.port + b.path }

// usualPort is the port that the scheme stands for.
func (b base) usualPort() string {
	if b.scheme == "https" {
		return ":443"
	}
	return ":80"
}
