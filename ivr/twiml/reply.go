package twiml

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dialpay/dialpay/ivr"
)

// reply writes the TwiML of a turn.
type reply struct {
	h    *Handler
	base base
	// call goes into the URLs of a call that has another ID than the provider's.
	call string
	// loose tells that the # of the entry before may still come.
	loose bool
	b     *[]byte
	x     []byte
}

func (r *reply) write(t *ivr.Turn) {
	r.x = append((*r.b)[:0], `<?xml version="1.0" encoding="UTF-8"?><Response>`...)
	switch t.Action {
	case ivr.ActionListen:
		r.gather(t)
	case ivr.ActionCapture:
		if t.Capture.Delegable && r.h.cfg.Pay != nil {
			r.pay(t)
		} else {
			r.gather(t)
		}
	case ivr.ActionWait:
		r.say(t, t.Prompts)
		if t.Wait > 0 {
			r.add(`<Pause length="`, seconds(t.Wait), `"/>`)
		}
		r.redirect(t.Seq, actWait)
	case ivr.ActionTransfer:
		r.say(t, t.Prompts)
		r.transfer(t)
	default:
		r.say(t, t.Prompts)
		r.add(`<Hangup/>`)
	}
	r.add(`</Response>`)
	*r.b = r.x
}

func (r *reply) add(parts ...string) {
	for _, s := range parts {
		r.x = append(r.x, s...)
	}
}

// attr adds an attribute, escaped.
func (r *reply) attr(name, value string) {
	r.add(` `, name, `="`)
	r.text(value)
	r.add(`"`)
}

// text adds words or a URL, escaped. What XML cannot hold is left out.
func (r *reply) text(s string) {
	for _, c := range s {
		switch {
		case c == '&':
			r.add("&amp;")
		case c == '<':
			r.add("&lt;")
		case c == '>':
			r.add("&gt;")
		case c == '"':
			r.add("&quot;")
		case c >= ' ' && c != 0x7f && c != 0xfffe && c != 0xffff:
			r.x = append(r.x, string(c)...)
		}
	}
}

// action adds the attributes that name where the answer to the turn goes.
func (r *reply) action(seq int, act string) {
	r.attr("action", r.url(seq, act))
	r.add(` method="POST"`)
}

func (r *reply) redirect(seq int, act string) {
	r.add(`<Redirect method="POST">`)
	r.text(r.url(seq, act))
	r.add(`</Redirect>`)
}

func (r *reply) url(seq int, act string) string {
	s := r.base.full() + "/turn/" + strconv.Itoa(seq) + "/" + act
	sign := "?"
	if r.call != "" {
		s += sign + "call=" + url.QueryEscape(r.call)
		sign = "&"
	}
	if r.loose && (act == actKeys || act == actSecret) {
		s += sign + "loose=1"
	}
	return s
}

// say adds prompts: those of one voice together, with a breath between.
func (r *reply) say(t *ivr.Turn, ps []ivr.Prompt) {
	for len(ps) > 0 {
		locale := localeOf(t, &ps[0])
		if file := r.recording(locale, ps[0]); file != "" {
			r.add(`<Play>`)
			r.text(file)
			r.add(`</Play>`)
			ps = ps[1:]
			continue
		}
		n := 1
		for n < len(ps) && localeOf(t, &ps[n]) == locale && r.recording(locale, ps[n]) == "" {
			n++
		}
		r.add(`<Say`)
		if voice := r.h.voice(locale); voice != "" {
			r.attr("voice", voice)
		}
		r.attr("language", locale)
		r.add(`>`, inner(r.h.cfg.Catalog.SSML(locale, t.Slow, ps[:n]...)), `</Say>`)
		ps = ps[n:]
	}
}

func localeOf(t *ivr.Turn, p *ivr.Prompt) string {
	if p.Locale != "" {
		return p.Locale
	}
	return t.Locale
}

func (r *reply) recording(locale string, p ivr.Prompt) string {
	if r.h.cfg.Recorded == nil {
		return ""
	}
	return r.h.cfg.Recorded(locale, p)
}

func (h *Handler) voice(locale string) string {
	if v, ok := h.cfg.Voices[locale]; ok {
		return v
	}
	return DefaultVoices[locale]
}

// inner is what stands in the <speak> element: <Say> takes its place.
func inner(ssml string) string {
	return strings.TrimSuffix(ssml[strings.IndexByte(ssml, '>')+1:], "</speak>")
}

// gather asks for keys, and words where they are understood. What must be heard to its end is said before.
func (r *reply) gather(t *ivr.Turn) {
	l := &t.Listen
	act, prompts := actKeys, t.Prompts
	switch {
	case l.Sensitive:
		act = actSecret
	case l.Flush:
		act = actRead
	}
	switch {
	case l.Flush || !l.BargeIn:
		r.say(t, prompts)
		prompts = nil
	case l.Fresh && len(prompts) > 1:
		// What the caller goes on keying belongs to the answer that was refused: nobody listens while they are told.
		r.say(t, prompts[:1])
		prompts = prompts[1:]
	}
	r.add(`<Gather`)
	r.action(t.Seq, act)
	r.listen(t)
	r.add(` actionOnEmptyResult="true">`)
	r.say(t, prompts)
	r.add(`</Gather>`)
}

// listen adds the attributes that say what to listen for. There is one time for the first key and between keys: the
// longer one, so that nobody is cut short.
func (r *reply) listen(t *ivr.Turn) {
	l := &t.Listen
	r.add(` timeout="`, seconds(max(l.First, l.Between)), `"`)
	if l.Terminator == 0 {
		r.add(` finishOnKey=""`)
	} else {
		r.attr("finishOnKey", string(l.Terminator))
	}
	// An entry whose length may vary waits for its end, as that of ivr.Exchange does: see there.
	if l.Most > 0 && (l.Least >= l.Most || l.Least == 0 || l.Terminator == 0) {
		r.add(` numDigits="`, strconv.Itoa(l.Most), `"`)
	}
	if !l.Speech || l.Sensitive {
		r.add(` input="dtmf"`)
		return
	}
	r.add(` input="dtmf speech" speechTimeout="auto"`)
	r.attr("language", t.Locale)
	if hints := r.h.hints(t.Locale, l.Hints); hints != "" {
		r.attr("hints", hints)
	}
}

// hints are the phrases that are likely to be said: at most 500, of at most 100 characters.
func (h *Handler) hints(locale string, lists []string) string {
	l := h.cfg.Catalog.Locale(locale)
	if l == nil {
		return ""
	}
	var phrases []string
	for _, list := range lists {
		for _, phrase := range l.Words[list] {
			if len(phrases) < 500 && len(phrase) <= 100 && !strings.ContainsAny(phrase, ",$") {
				phrases = append(phrases, phrase)
			}
		}
	}
	return strings.Join(phrases, ", ")
}

// seconds rounds up to whole seconds, at least one.
func seconds(d time.Duration) string {
	return strconv.Itoa(int(max(1, (d+time.Second-1)/time.Second)))
}

// transfer connects the caller to a person.
func (r *reply) transfer(t *ivr.Turn) {
	d := r.h.cfg.Transfer(t.Transfer)
	ring := d.Ring
	if ring <= 0 {
		ring = 30 * time.Second
	}
	switch {
	case d.Number != "" || d.SIP != "":
		r.add(`<Dial`)
		r.action(t.Seq, actDial)
		r.add(` timeout="`, seconds(ring), `"`)
		if d.CallerID != "" && d.Number != "" {
			r.attr("callerId", d.CallerID)
		}
		if d.Number != "" {
			r.add(`><Number>`)
			r.text(d.Number)
			r.add(`</Number></Dial>`)
			return
		}
		r.add(`><Sip>`)
		r.text(d.SIP + sipHeaders(d.SIP, t.Transfer))
		r.add(`</Sip></Dial>`)
	case d.Workflow != "":
		r.add(`<Enqueue`)
		r.action(t.Seq, actQueue)
		r.attr("workflowSid", d.Workflow)
		r.add(`><Task>`)
		r.text(task(t.Transfer))
		r.add(`</Task></Enqueue>`)
	case d.Queue != "":
		r.add(`<Enqueue`)
		r.action(t.Seq, actQueue)
		r.add(`>`)
		r.text(d.Queue)
		r.add(`</Enqueue>`)
	default:
		r.redirect(t.Seq, actNowhere)
	}
}

// sipHeaders are the reason and the context as headers of a SIP URI (https://www.twilio.com/docs/voice/twiml/sip: they
// begin with X-, and are at most 1024 characters).
func sipHeaders(uri string, t ivr.Transfer) string {
	s, sign := "", "?"
	if strings.Contains(uri, "?") {
		sign = "&"
	}
	add := func(name, value string) {
		h := sign + "X-Dialpay-" + url.QueryEscape(name) + "=" + url.QueryEscape(value)
		if len(s)+len(h) <= 1024 {
			s, sign = s+h, "&"
		}
	}
	add("Reason", t.Reason)
	for _, name := range slices.Sorted(maps.Keys(t.Context)) {
		add(name, t.Context[name])
	}
	return s
}

// task are the attributes of a TaskRouter task.
func task(t ivr.Transfer) string {
	attributes := maps.Clone(t.Context)
	if attributes == nil {
		attributes = map[string]string{}
	}
	attributes["reason"] = t.Reason
	b, _ := json.Marshal(attributes) // a map of strings
	return string(b)
}
