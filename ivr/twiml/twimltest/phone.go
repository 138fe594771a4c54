package twimltest

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/twiml"
)

// Config says what a Phone calls.
type Config struct {
	// Handler is the webhook under test, BaseURL and AuthToken are those of its twiml.Config.
	Handler            http.Handler
	BaseURL, AuthToken string
	// CallSid is the provider's ID of the call. CallURL is the URL of the voice webhook for a call that was placed;
	// empty: the BaseURL, for a call that came in. StatusURL is the status callback; empty: that of the BaseURL.
	CallSid, CallURL, StatusURL string
	// FallbackURL is asked when a webhook fails. Empty: the call fails then.
	FallbackURL string
	// Connector captures cards for <Pay>. Nil: only Phone.Capture can answer it.
	Connector http.Handler
	// User and Password are those of the Connector.
	User, Password string
	// Twice sends every request twice, and takes it for a fault if the replies differ.
	Twice bool
	// Reply gets each document that is performed. May be nil.
	Reply func(doc *Element)
	// Latency is how long a reply takes. Nobody listens meanwhile.
	Latency time.Duration
	// Character is how long it takes to say one. 0: 65 ms.
	Character time.Duration
}

// Phone is a call at a provider, with the caller. It is not safe for several goroutines.
type Phone struct {
	cfg    Config
	call   ivr.Call
	now    time.Time
	verbs  []Element // of the present document, from the one that is performed
	began  time.Time // the document
	ended  time.Time // everything was said; zero until then
	digits []byte
	last   time.Time // the last key
	pay    *payment
	status string // the CallStatus
	err    error
	reply  []byte
	doc    *Element
}

// NewPhone makes a Phone on the hook.
func NewPhone(c Config) *Phone {
	if c.CallURL == "" {
		c.CallURL = c.BaseURL
	}
	if c.StatusURL == "" {
		c.StatusURL = c.BaseURL + "/status"
	}
	if c.Character == 0 {
		c.Character = 65 * time.Millisecond
	}
	return &Phone{cfg: c, status: "ringing"}
}

// Err is the first fault that was found: TwiML that is not allowed, a status that is no success, an event that the
// provider has no way to report. After it the Phone does nothing.
func (p *Phone) Err() error { return p.err }

// Over tells that the call has ended.
func (p *Phone) Over() bool { return p.err != nil || p.status == "completed" }

// Document is the present one, Reply its bytes.
func (p *Phone) Document() *Element { return p.doc }
func (p *Phone) Reply() []byte      { return p.reply }

// Entry tells whether a <Gather> is under way that a single key does not end, and nothing was keyed yet.
func (p *Phone) Entry() bool {
	v := p.verb()
	return v != nil && v.Name == "Gather" && v.Int("numDigits", 0) != 1 && len(p.digits) == 0
}

// Words are what is said in the present document, in the locale.
func (p *Phone) Words(l *ivr.Locale) string {
	if p.doc == nil {
		return ""
	}
	return Words(p.doc, l)
}

// Dial rings.
func (p *Phone) Dial(call ivr.Call) {
	p.call = call
	form := url.Values{}
	if call.Attestation != "" {
		form.Set("StirVerstat", "TN-Validation-Passed-"+call.Attestation)
	}
	p.status = "in-progress"
	p.post(p.cfg.CallURL, form)
}

// Listen hears everything that is said to its end.
func (p *Phone) Listen() {
	said := p.before()
	if v := p.verb(); v != nil && v.Name == "Gather" {
		said += time.Duration(len(Words(v, nil))) * p.cfg.Character
	}
	p.Feed(ivr.Event{At: p.now.Add(said), Input: ivr.Input{Kind: ivr.PromptEnded}})
}

// Press presses keys, one after the other, 300 ms apart.
func (p *Phone) Press(keys string) {
	for i := range len(keys) {
		p.Feed(ivr.Event{At: p.now.Add(300 * time.Millisecond), Key: keys[i]})
	}
}

// Wait lets the time pass until the provider gives up waiting.
func (p *Phone) Wait() { p.Feed(ivr.Event{At: p.Deadline()}) }

// Feed takes what happens at a time: a key, words, the end of all that is said (ivr.PromptEnded), a transfer that
// failed, a card that <Pay> captured, a hang-up; or only that time has passed.
func (p *Phone) Feed(ev ivr.Event) {
	if p.Over() {
		return
	}
	if ev.At.After(p.now) {
		p.now = ev.At
	}
	if ev.Input.Kind == ivr.HangUp {
		p.hangUp()
		return
	}
	if d := p.Deadline(); !d.IsZero() && !p.now.Before(d) {
		p.expire()
	}
	switch in := ev.Input; {
	case ev.Key != 0:
		p.key(ev.Key)
	case in.Kind == ivr.PromptEnded:
		p.spoken()
	case in.Kind == ivr.Speech:
		p.say(in.Speech, in.Confidence)
	case in.Kind == ivr.TransferFailed:
		p.transferFailed()
	case in.Kind == ivr.WorkDone && in.Captured != nil:
		p.capture(*in.Captured)
	}
}

// Deadline is when the provider gives up waiting for the caller; zero for never.
func (p *Phone) Deadline() time.Time {
	v := p.verb()
	if v == nil {
		return time.Time{}
	}
	switch v.Name {
	case "Gather":
		timeout := time.Duration(v.Int("timeout", 5)) * time.Second
		if len(p.digits) > 0 {
			return p.last.Add(timeout)
		}
		if !p.ended.IsZero() {
			return p.ended.Add(timeout)
		}
	case "Pause":
		if !p.ended.IsZero() {
			return p.ended.Add(time.Duration(v.Int("length", 1)) * time.Second)
		}
	case "Pay":
		return p.pay.deadline(v)
	}
	return time.Time{}
}

// verb is the one that is performed once all was said that comes before; nil for none.
func (p *Phone) verb() *Element {
	for i := range p.verbs {
		if n := p.verbs[i].Name; n != "Say" && n != "Play" {
			return &p.verbs[i]
		}
	}
	return nil
}

// before is how long it takes to say what comes before the verb, when nobody listens.
func (p *Phone) before() (d time.Duration) {
	for i := range p.verbs {
		if n := p.verbs[i].Name; n != "Say" && n != "Play" {
			break
		}
		d += time.Duration(len(Words(&p.verbs[i], nil))) * p.cfg.Character
	}
	return d
}

// spoken performs what comes after all that is said.
func (p *Phone) spoken() {
	if !p.ended.IsZero() {
		return
	}
	p.ended = p.now
	v := p.verb()
	switch {
	case v == nil, v.Name == "Hangup":
		p.complete()
	case v.Name == "Redirect":
		p.post(strings.TrimSpace(v.Content()), url.Values{})
	case v.Name == "Pay":
		p.pay.begin(p, v)
	}
}

// expire is what happens at the Deadline.
func (p *Phone) expire() {
	switch v := p.verb(); v.Name {
	case "Gather":
		p.gathered(v, "")
	case "Pause":
		p.next()
	case "Pay":
		p.pay.expire(p, v)
	}
}

// next goes on with the document.
func (p *Phone) next() {
	for len(p.verbs) > 0 {
		n := p.verbs[0].Name
		p.verbs = p.verbs[1:]
		if n != "Say" && n != "Play" {
			break
		}
	}
	p.ended = time.Time{}
	p.spoken()
}

func (p *Phone) key(k byte) {
	v := p.verb()
	switch {
	case v == nil, p.now.Before(p.began.Add(p.cfg.Latency)):
	case v.Name == "Pay" && p.pay.step != "":
		p.pay.key(p, v, k)
	case v.Name != "Gather", !strings.Contains(orDTMF(v), "dtmf"):
		// Nobody listens.
	case p.ended.IsZero() && p.now.Before(p.began.Add(p.before())):
		// What comes before the <Gather> is still being said.
	default:
		p.gather(v, k)
	}
}

func orDTMF(gather *Element) string {
	if in := gather.Attr["input"]; in != "" {
		return in
	}
	return "dtmf"
}

func (p *Phone) gather(v *Element, k byte) {
	finish, given := v.Attr["finishOnKey"]
	if !given {
		finish = "#"
	}
	p.last = p.now
	if string(k) == finish {
		p.gathered(v, finish)
		return
	}
	if p.digits = append(p.digits, k); len(p.digits) == v.Int("numDigits", -1) {
		p.gathered(v, "")
	}
}

// gathered reports what was keyed: nothing only where the action wants to know.
func (p *Phone) gathered(v *Element, finish string) {
	if len(p.digits) == 0 && v.Attr["actionOnEmptyResult"] != "true" {
		p.next()
		return
	}
	p.post(v.Attr["action"], url.Values{"Digits": {string(p.digits)}, "FinishedOnKey": {finish}, "msg": {"Gather End"}})
}

func (p *Phone) say(words string, confidence float64) {
	v := p.verb()
	if v == nil || v.Name != "Gather" || !strings.Contains(v.Attr["input"], "speech") {
		return
	}
	if p.ended.IsZero() && p.now.Before(p.began.Add(p.before())) {
		return
	}
	p.post(v.Attr["action"], url.Values{"SpeechResult": {words},
		"Confidence": {strconv.FormatFloat(confidence, 'f', -1, 64)}})
}

func (p *Phone) transferFailed() {
	switch v := p.verb(); {
	case v != nil && v.Name == "Dial":
		p.post(v.Attr["action"], url.Values{"DialCallStatus": {"no-answer"}})
	case v != nil && v.Name == "Enqueue":
		p.post(v.Attr["action"], url.Values{"QueueResult": {"queue-full"}})
	default:
		p.fail(errors.New("a transfer failed, but the TwiML has none"))
	}
}

// hangUp is the caller's. The provider tells of it to the action that was under way, where that has one for it, and to
// the status callback.
func (p *Phone) hangUp() {
	v := p.verb()
	p.status = "completed"
	switch {
	case v != nil && v.Name == "Dial":
		p.request(v.Attr["action"], url.Values{"DialCallStatus": {"completed"}})
	case v != nil && v.Name == "Enqueue":
		p.request(v.Attr["action"], url.Values{"QueueResult": {"hangup"}})
	case v != nil && v.Name == "Pay":
		p.request(v.Attr["action"], url.Values{"Result": {"caller-hung-up"}})
	}
	p.complete()
}

// complete is the end of the call.
func (p *Phone) complete() {
	p.status = "completed"
	p.verbs = nil
	code, _ := p.request(p.cfg.StatusURL, url.Values{"CallDuration": {"60"}})
	if code/100 != 2 {
		p.fail(fmt.Errorf("the status callback was answered with %d", code))
	}
}

func (p *Phone) fail(err error) {
	if p.err == nil {
		p.err = fmt.Errorf("twimltest: call %s: %w", p.cfg.CallSid, err)
	}
}

// post makes a request and performs the reply.
func (p *Phone) post(target string, form url.Values) {
	code, body := p.request(target, form)
	if code != http.StatusOK && p.cfg.FallbackURL != "" {
		form = url.Values{"ErrorCode": {"11200"}, "ErrorUrl": {target}}
		target = p.cfg.FallbackURL
		code, body = p.request(target, form)
	}
	if code != http.StatusOK {
		p.fail(fmt.Errorf("%s was answered with %d: %s", target, code, body))
		return
	}
	if p.cfg.Twice {
		if _, again := p.request(target, form); string(again) != string(body) {
			p.fail(fmt.Errorf("%s was sent twice, and answered with\n%s\nand\n%s", target, body, again))
			return
		}
	}
	doc, err := Parse(body)
	if err != nil {
		p.fail(fmt.Errorf("%w in the reply\n%s", err, body))
		return
	}
	p.perform(doc, body)
}

func (p *Phone) perform(doc *Element, body []byte) {
	p.doc, p.reply, p.verbs = doc, body, doc.Verbs()
	p.began, p.ended, p.digits, p.pay = p.now, time.Time{}, nil, &payment{}
	if p.cfg.Reply != nil {
		p.cfg.Reply(doc)
	}
}

// request sends one signed webhook, with the parameters that each has.
func (p *Phone) request(target string, form url.Values) (code int, body []byte) {
	at, err := url.Parse(target)
	base, err2 := url.Parse(p.cfg.BaseURL)
	if err = errors.Join(err, err2); err != nil {
		p.fail(err)
		return 0, nil
	}
	full := base.ResolveReference(at).String()
	for key, value := range map[string]string{"CallSid": p.cfg.CallSid, "AccountSid": "AC00000000000000000000000000000000",
		"ApiVersion": "2010-04-01", "CallStatus": p.status, "Direction": p.direction(), "From": p.from(), "To": p.call.To} {
		if !form.Has(key) {
			form.Set(key, value)
		}
	}
	r := httptest.NewRequest(http.MethodPost, full, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	r.Header.Set("X-Twilio-Signature", twiml.Sign(p.cfg.AuthToken, full, form))
	w := httptest.NewRecorder()
	p.cfg.Handler.ServeHTTP(w, r)
	return w.Code, w.Body.Bytes()
}

func (p *Phone) direction() string {
	if p.cfg.CallURL != p.cfg.BaseURL {
		return "outbound-api"
	}
	return "inbound"
}

// from is the caller's number, as the provider has it; that of anonymous callers is a word.
func (p *Phone) from() string {
	switch {
	case p.direction() == "outbound-api":
		return "+12125550199"
	case p.call.From == "":
		return "+266696687"
	}
	return p.call.From
}
