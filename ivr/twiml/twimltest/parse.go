package twimltest

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Element is one element of TwiML.
type Element struct {
	Name string
	Attr map[string]string
	// Children are elements, and the text between them: elements without a name, with Text.
	Children []Element
	Text     string
}

// Verbs are the children that are elements.
func (e *Element) Verbs() (all []Element) {
	for _, c := range e.Children {
		if c.Name != "" {
			all = append(all, c)
		}
	}
	return all
}

// Content is all text in the element.
func (e *Element) Content() string {
	s := e.Text
	for i := range e.Children {
		s += e.Children[i].Content()
	}
	return s
}

// Int is an attribute that is a number; def where it is missing.
func (e *Element) Int(name string, def int) int {
	n, err := strconv.Atoi(e.Attr[name])
	if err != nil {
		return def
	}
	return n
}

// Parse reads a reply: the <Response>. The error names everything that Twilio's documentation does not allow.
func Parse(doc []byte) (*Element, error) {
	d := xml.NewDecoder(bytes.NewReader(doc))
	var root *Element
	for {
		tok, err := d.Token()
		switch t := tok.(type) {
		case xml.StartElement:
			if root != nil {
				return nil, errors.New("twimltest: more than one root element")
			}
			e, err := parseElement(d, t)
			if err != nil {
				return nil, err
			}
			root = &e
			continue
		case xml.CharData:
			if strings.TrimSpace(string(t)) != "" {
				return nil, errors.New("twimltest: text outside of the root element")
			}
		case xml.Directive:
			return nil, errors.New("twimltest: a DTD")
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("twimltest: %w", err)
		}
	}
	if root == nil || root.Name != "Response" {
		return nil, errors.New("twimltest: the root element is not <Response>")
	}
	var faults []error
	check(root, &faults)
	return root, errors.Join(faults...)
}

func parseElement(d *xml.Decoder, start xml.StartElement) (Element, error) {
	e := Element{Name: start.Name.Local, Attr: map[string]string{}}
	for _, a := range start.Attr {
		name := a.Name.Local
		if a.Name.Space != "" {
			name = a.Name.Space + ":" + name
		}
		e.Attr[strings.Replace(name, "http://www.w3.org/XML/1998/namespace:", "xml:", 1)] = a.Value
	}
	for {
		tok, err := d.Token()
		if err != nil {
			return e, fmt.Errorf("twimltest: in <%s>: %w", e.Name, err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			c, err := parseElement(d, t)
			if err != nil {
				return e, err
			}
			e.Children = append(e.Children, c)
		case xml.CharData:
			e.Children = append(e.Children, Element{Text: string(t)})
		case xml.EndElement:
			return e, nil
		}
	}
}

// attrs are attributes, each with its values.
type attrs map[string]*regexp.Regexp

// rule is what an element may have.
type rule struct {
	attr     attrs
	required []string
	children []string
	text     bool
}

func one(values string) *regexp.Regexp {
	return regexp.MustCompile("^(" + strings.Join(strings.Fields(values), "|") + ")$")
}

// some is a list of the values, with blanks between.
func some(values string) *regexp.Regexp {
	v := "(" + strings.Join(strings.Fields(values), "|") + ")"
	return regexp.MustCompile("^" + v + "( " + v + ")*$")
}

var (
	anything = regexp.MustCompile(`^[^\n]*$`)
	positive = regexp.MustCompile(`^[1-9][0-9]{0,3}$`)
	boolean  = one("true false")
	method   = one("GET POST")
	webURL   = regexp.MustCompile(`^(https?://[^/ ]+)?/[^ ]*$`)
	secure   = regexp.MustCompile(`^(https://[^/ ]+)?/[^ ]*$`)
	language = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z]{2,4})*$`)
	voice    = regexp.MustCompile(`^(man|woman|alice|Polly\.[A-Za-z]+(-(Neural|Generative))?|Google\.[A-Za-z0-9-]+)$`)
	seconds  = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?m?s$`)
	rate     = regexp.MustCompile(`^(x-slow|slow|medium|fast|x-fast|[0-9]+%)$`)
	cards    = some("visa mastercard amex maestro discover optima jcb diners-club enroute")
	spoken   = []string{"break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w"}
	voiced   = []string{"Say", "Play", "Pause"}
)

// rules are from https://www.twilio.com/docs/voice/twiml and the pages of the verbs below it.
var rules = map[string]rule{
	"Response": {children: []string{"Say", "Play", "Pause", "Gather", "Redirect", "Dial", "Enqueue", "Hangup", "Pay"}},
	"Say": {attr: attrs{"voice": voice, "language": language, "loop": positive}, children: spoken,
		text: true},
	"Play":     {attr: attrs{"loop": positive}, text: true},
	"Pause":    {attr: attrs{"length": positive}},
	"Redirect": {attr: attrs{"method": method}, text: true},
	"Hangup":   {},
	"Gather": {attr: attrs{"action": webURL, "method": method, "timeout": positive, "numDigits": positive,
		"finishOnKey": regexp.MustCompile(`^[0-9#*]?$`), "actionOnEmptyResult": boolean,
		"input": regexp.MustCompile(`^(dtmf|speech|dtmf speech|speech dtmf)$`), "language": language, "hints": anything,
		"speechTimeout": regexp.MustCompile(`^(auto|[1-9][0-9]*)$`), "speechModel": anything, "profanityFilter": boolean,
		"bargeIn": boolean}, children: voiced},
	"Dial": {attr: attrs{"action": webURL, "method": method, "timeout": positive,
		"callerId": regexp.MustCompile(`^\+[0-9]{7,15}$`), "answerOnBridge": boolean, "timeLimit": positive,
		"hangupOnStar": boolean}, children: []string{"Number", "Sip"}},
	"Number": {text: true},
	"Sip":    {text: true},
	"Enqueue": {attr: attrs{"action": webURL, "method": method, "waitUrl": webURL, "waitUrlMethod": method,
		"workflowSid": regexp.MustCompile(`^WW[0-9a-f]{32}$`)}, children: []string{"Task"}, text: true},
	"Task": {attr: attrs{"priority": positive, "timeout": positive}, text: true},
	"Pay": {attr: attrs{"input": one("dtmf"), "action": secure, "statusCallback": webURL,
		"paymentMethod": one("ach-debit credit-card"), "timeout": positive, "maxAttempts": one("1 2 3"), "securityCode": boolean,
		"postalCode": anything, "minPostalCodeLength": positive, "paymentConnector": anything,
		"tokenType": one("one-time reusable payment-method"), "chargeAmount": regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`),
		"currency": anything, "language": one("en-AU en-CA en-GB en-IN en-US es-ES es-MX fr-CA fr-FR de-DE it-IT"),
		"description": anything, "validCardTypes": cards}, children: []string{"Prompt", "Parameter"}},
	"Prompt": {attr: attrs{"for": one("payment-card-number expiration-date security-code postal-code " +
		"bank-routing-number bank-account-number payment-processing"), "cardType": cards,
		"attempt": some("1 2 3 4 5 6 7 8 9 10"), "requireMatchingInputs": boolean, "errorType": some("timeout invalid-card-number " +
			"invalid-card-type invalid-date invalid-security-code invalid-postal-code invalid-bank-routing-number " +
			"invalid-bank-account-number input-matching-failed")}, required: []string{"for"}, children: voiced},
	"Parameter": {attr: attrs{"name": anything, "value": anything}, required: []string{"name", "value"}},

	// SSML, as <Say> takes it.
	"break":    {attr: attrs{"strength": one("none x-weak weak medium strong x-strong"), "time": seconds}},
	"emphasis": {attr: attrs{"level": one("strong moderate reduced")}, children: spoken, text: true},
	"lang":     {attr: attrs{"xml:lang": language}, required: []string{"xml:lang"}, children: spoken, text: true},
	"p":        {children: spoken, text: true},
	"phoneme":  {attr: attrs{"alphabet": one("ipa x-sampa"), "ph": anything}, required: []string{"ph"}, text: true},
	"prosody": {attr: attrs{"volume": anything, "rate": rate,
		"pitch": anything}, children: spoken, text: true},
	"s": {children: spoken, text: true},
	"say-as": {attr: attrs{"interpret-as": one("characters spell-out cardinal number ordinal digits fraction " +
		"unit date time address expletive telephone"), "format": anything}, required: []string{"interpret-as"}, text: true},
	"sub": {attr: attrs{"alias": anything}, required: []string{"alias"}, text: true},
	"w":   {attr: attrs{"role": anything}, text: true},
}

func check(e *Element, faults *[]error) {
	fault := func(format string, args ...any) {
		*faults = append(*faults, fmt.Errorf("twimltest: <%s> "+format, append([]any{e.Name}, args...)...))
	}
	r := rules[e.Name]
	for name, value := range e.Attr {
		if pattern := r.attr[name]; pattern == nil {
			fault("has no attribute %q", name)
		} else if !pattern.MatchString(value) {
			fault("may not have %s=%q", name, value)
		}
	}
	for _, name := range r.required {
		if _, ok := e.Attr[name]; !ok {
			fault("needs the attribute %q", name)
		}
	}
	for i := range e.Children {
		c := &e.Children[i]
		switch {
		case c.Name == "" && !r.text && strings.TrimSpace(c.Text) != "":
			fault("may not have text: %q", c.Text)
		case c.Name != "" && !slices.Contains(r.children, c.Name):
			fault("may not have <%s> in it", c.Name)
		case c.Name != "":
			check(c, faults)
		}
	}
	checkMore(e, fault)
}

// checkMore checks what attributes alone do not show.
func checkMore(e *Element, fault func(string, ...any)) {
	content := strings.TrimSpace(e.Content())
	switch e.Name {
	case "Response":
		verbs := e.Verbs()
		for i, v := range verbs {
			if last := i == len(verbs)-1; !last && (v.Name == "Hangup" || v.Name == "Redirect") {
				fault("has verbs after <%s>, which are never reached", v.Name)
			}
		}
	case "Say":
		if content == "" && len(e.Verbs()) == 0 {
			fault("says nothing")
		}
		if len(content) > 4096 {
			fault("says more than 4096 characters")
		}
	case "Play", "Redirect":
		if !webURL.MatchString(content) {
			fault("needs a URL, not %q", content)
		}
	case "Number":
		if !regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`).MatchString(content) {
			fault("needs a number, not %q", content)
		}
	case "Sip":
		if !strings.HasPrefix(content, "sip:") && !strings.HasPrefix(content, "sips:") {
			fault("needs a SIP URI, not %q", content)
		}
	case "Gather":
		for _, hint := range strings.Split(e.Attr["hints"], ",") {
			if len(strings.TrimSpace(hint)) > 100 {
				fault("has a hint of more than 100 characters")
			}
		}
		if strings.Count(e.Attr["hints"], ",") >= 500 {
			fault("has more than 500 hints")
		}
		if e.Attr["action"] == "" {
			fault("has no action: it would call the same document for ever")
		}
	case "Dial":
		if len(e.Verbs()) == 0 {
			fault("dials nobody")
		}
	case "Enqueue":
		if (e.Attr["workflowSid"] == "") != (len(e.Verbs()) == 0) || e.Attr["workflowSid"] == "" && content == "" {
			fault("needs the name of a queue, or a workflow with its task")
		}
	}
}
