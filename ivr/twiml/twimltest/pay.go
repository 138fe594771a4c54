package twimltest

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dialpay/dialpay/ivr"
)

// payment is <Pay> under way: it asks for one entry after the other.
type payment struct {
	step    string // "" before and after
	attempt int
	fault   string // of the attempt before
	keyed   []byte
	last    time.Time
	card    map[string]string
	said    []Element // the prompts of the present step
}

var paySteps = []string{"payment-card-number", "expiration-date", "security-code", "postal-code"}

// Step is the step of <Pay> that the caller is at: payment-card-number, expiration-date, …; "" where there is none.
func (p *Phone) Step() string {
	if p.pay == nil {
		return ""
	}
	return p.pay.step
}

// StepWords are what <Pay> says at the present step, in the locale.
func (p *Phone) StepWords(l *ivr.Locale) string {
	var all []string
	if p.pay != nil {
		for i := range p.pay.said {
			all = append(all, Words(&Element{Name: "step", Children: p.pay.said[i].Children}, l))
		}
	}
	return strings.Join(all, " ")
}

func (y *payment) begin(p *Phone, v *Element) {
	y.card = map[string]string{}
	y.enter(p, v, 0)
}

// enter begins a step, or ends where there is none left.
func (y *payment) enter(p *Phone, v *Element, i int) {
	for i < len(paySteps) && (paySteps[i] == "security-code" && v.Attr["securityCode"] == "false" ||
		paySteps[i] == "postal-code" && v.Attr["postalCode"] == "false") {
		i++
	}
	if i == len(paySteps) {
		y.step = ""
		y.connect(p, v)
		return
	}
	y.step, y.attempt, y.fault = paySteps[i], 1, ""
	y.ask(p, v)
}

// ask finds the prompts for where the caller is: those that fit, by step, attempt, error and card.
func (y *payment) ask(p *Phone, v *Element) {
	y.keyed, y.last, y.said = nil, p.now, nil
	for _, prompt := range v.Verbs() {
		a := prompt.Attr
		if prompt.Name != "Prompt" || a["for"] != y.step || !listed(a["attempt"], strconv.Itoa(y.attempt)) ||
			!listed(a["cardType"], y.card["type"]) || !listed(a["errorType"], y.fault) {
			continue
		}
		y.said = append(y.said, prompt)
	}
}

// listed tells whether the value is in a list with blanks between. The empty list has everything.
func listed(list, value string) bool {
	return list == "" || slices.Contains(strings.Fields(list), value)
}

func (y *payment) deadline(v *Element) time.Time {
	if y == nil || y.step == "" {
		return time.Time{}
	}
	return y.last.Add(time.Duration(v.Int("timeout", 5)) * time.Second)
}

func (y *payment) key(p *Phone, v *Element, k byte) {
	y.last = p.now
	switch {
	case k == '*':
		y.end(p, v, url.Values{"Result": {"caller-interrupted-with-star"}})
	case k == '#':
		y.check(p, v)
	default:
		y.keyed = append(y.keyed, k)
		if len(y.keyed) == y.full() {
			y.check(p, v)
		}
	}
}

// full is the length at which an entry is complete.
func (y *payment) full() int {
	switch {
	case y.step == "payment-card-number" && bytes.HasPrefix(y.keyed, []byte("3")):
		return 15
	case y.step == "payment-card-number":
		return 16
	case y.step == "expiration-date":
		return 4
	case y.step == "security-code" && y.card["type"] == "amex":
		return 4
	case y.step == "security-code":
		return 3
	}
	return 5
}

func (y *payment) expire(p *Phone, v *Element) { y.check(p, v) }

// check looks at an entry, and asks again or goes on.
func (y *payment) check(p *Phone, v *Element) {
	if fault := y.wrong(v); fault != "" {
		if y.attempt++; y.attempt > v.Int("maxAttempts", 1) {
			y.end(p, v, url.Values{"Result": {"too-many-failed-attempts"}, "PaymentError": {fault}})
			return
		}
		y.fault = fault
		y.ask(p, v)
		return
	}
	y.card[y.step] = string(y.keyed)
	y.enter(p, v, slices.Index(paySteps, y.step)+1)
}

func (y *payment) wrong(v *Element) string {
	if len(y.keyed) == 0 {
		return "timeout"
	}
	if y.step == "payment-card-number" {
		y.card["type"] = cardType(y.keyed)
	}
	switch bad := len(y.keyed) != y.full(); {
	case y.step == "payment-card-number" && (bad || !luhn(y.keyed)):
		return "invalid-card-number"
	case y.step == "payment-card-number" && !slices.Contains(strings.Fields(v.Attr["validCardTypes"]), y.card["type"]):
		return "invalid-card-type"
	case y.step == "expiration-date" && (bad || string(y.keyed[:2]) > "12" || string(y.keyed[:2]) == "00"):
		return "invalid-date"
	case y.step == "security-code" && bad:
		return "invalid-security-code"
	case y.step == "postal-code" && bad:
		return "invalid-postal-code"
	}
	return ""
}

func cardType(number []byte) string {
	switch {
	case number[0] == '4':
		return "visa"
	case number[0] == '5', number[0] == '2':
		return "mastercard"
	case bytes.HasPrefix(number, []byte("34")), bytes.HasPrefix(number, []byte("37")):
		return "amex"
	case bytes.HasPrefix(number, []byte("6011")), bytes.HasPrefix(number, []byte("65")):
		return "discover"
	case bytes.HasPrefix(number, []byte("35")):
		return "jcb"
	}
	return "diners-club"
}

func luhn(number []byte) bool {
	sum := 0
	for i, c := range number {
		d := int(c - '0')
		if (len(number)-i)%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

// connect hands the card to the connector, and tells the action what came of it.
func (y *payment) connect(p *Phone, v *Element) {
	if p.cfg.Connector == nil {
		p.fail(errors.New("<Pay> has a card, but Config.Connector is nil"))
		return
	}
	body, _ := json.Marshal(map[string]any{"method": "tokenize",
		"transaction_id": p.cfg.CallSid + "-" + strconv.FormatInt(p.now.UnixNano(), 36),
		"cardnumber":     y.card["payment-card-number"], "cvv": y.card["security-code"], "postal_code": y.card["postal-code"],
		"expiry_month": y.card["expiration-date"][:2], "expiry_year": y.card["expiration-date"][2:],
		"parameters": map[string]any{}})
	r := httptest.NewRequest(http.MethodPost, "https://connector.example.com/", bytes.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.SetBasicAuth(p.cfg.User, p.cfg.Password)
	w := httptest.NewRecorder()
	p.cfg.Connector.ServeHTTP(w, r)
	var got struct {
		Token string `json:"token_id"`
		Code  string `json:"error_code"`
	}
	err := json.Unmarshal(w.Body.Bytes(), &got)
	form := url.Values{"Result": {"payment-connector-error"}, "ConnectorError": {got.Code}}
	if err == nil && w.Code == http.StatusOK && got.Code == "" {
		number := y.card["payment-card-number"]
		form = url.Values{"Result": {"success"}, "PaymentToken": {got.Token}, "PaymentCardType": {y.card["type"]},
			"PaymentCardNumber": {strings.Repeat("x", len(number)-4) + number[len(number)-4:]},
			"ExpirationDate":    {y.card["expiration-date"]}, "SecurityCode": {"***"}}
	}
	y.end(p, v, form)
}

func (y *payment) end(p *Phone, v *Element, form url.Values) {
	y.step, y.keyed, y.card = "", nil, nil
	form.Set("PaymentMethod", "credit-card")
	p.post(v.Attr["action"], form)
}

// capture answers <Pay> as a whole.
func (p *Phone) capture(got ivr.Captured) {
	v := p.verb()
	if v == nil || v.Name != "Pay" {
		p.fail(errors.New("a card was captured, but the TwiML has no <Pay>"))
		return
	}
	form := url.Values{"Result": {got.Result}}
	if got.Result == "success" {
		month := ""
		if len(got.Expiry) == len("2029-12") {
			month = got.Expiry[5:] + got.Expiry[2:4]
		}
		form = url.Values{"Result": {"success"}, "PaymentToken": {got.Token}, "PaymentCardType": {strings.Replace(got.Brand,
			"diners", "diners-club", 1)}, "PaymentCardNumber": {"xxxxxxxxxxxx" + got.Last4}, "ExpirationDate": {month}}
	}
	p.pay.end(p, v, form)
}
