package twiml

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"strings"

	"github.com/dialpay/dialpay/ivr"
)

// Pay has the card captured by the provider's <Pay>: it asks for number, expiry date, security code and postal code,
// and hands them to the payment connector that is installed there, which makes a token. No key of a card reaches this
// process. <Pay> only tokenises; the dialogue charges the token after the read-back, so that what it does not know of
// a charge it finds out by its own means. A token that was made and never heard of does no harm.
type Pay struct {
	// Connector is the unique name of the payment connector. Empty: the one that is named "Default".
	Connector string
	// OneTime asks for tokens of one use. Leave it out where cards are saved.
	OneTime bool
	// Postal asks for the postal code.
	Postal bool
	// Cards are the card types that are taken, as <Pay> names them. Nil: visa, mastercard, amex, discover, jcb,
	// diners-club.
	Cards []string
	// Attempts is how often a caller may try each entry, 1 to 3. 0: 3.
	Attempts int
	// Prompts are what is said. Nil: CardPrompts. One whose message a locale does not have is left out.
	Prompts []PayPrompt
}

// PayPrompt is what callers hear at one step of <Pay>.
type PayPrompt struct {
	// For is the step: one of the ivr.CaptureField of a card, or "payment-processing".
	For string
	// Attempts and Errors say when: at which attempts, after which errors. Empty is always.
	Attempts string
	Errors   string
	// Cards are the card types it is for. Empty is all.
	Cards string
	// Say are the prompts.
	Say []ivr.Prompt
}

// The steps and errors of <Prompt> (https://www.twilio.com/docs/voice/twiml/pay/prompt).
const (
	stepProcessing = "payment-processing"
	errTimeout     = "timeout"
	errNumber      = "invalid-card-number"
	errCardType    = "invalid-card-type"
	errDate        = "invalid-date"
	errCVV         = "invalid-security-code"
)

// CardPrompts are what the dialogue of package flow says when it asks for a card, for the steps of <Pay>: the same
// messages, tapered by attempt and by error.
var CardPrompts = cardPrompts()

func cardPrompts() []PayPrompt {
	three, four := ivr.Count(3), ivr.Count(4)
	cvv := func(key string, n ivr.Arg) []ivr.Prompt { return []ivr.Prompt{ivr.Say(key, n)} }
	and := func(fault, key string) []ivr.Prompt { return []ivr.Prompt{ivr.Say(fault), ivr.Say(key)} }
	const (
		number, expiry = string(ivr.CaptureNumber), string(ivr.CaptureExpiry)
		code, postal   = string(ivr.CaptureCVV), string(ivr.CapturePostal)
		others         = "visa mastercard discover jcb diners-club maestro"
	)
	return []PayPrompt{
		{For: number, Attempts: "1", Say: []ivr.Prompt{ivr.Say("card.ask")}},
		{For: number, Attempts: "2 3", Errors: errTimeout, Say: and("noinput", "card.ask.2")},
		{For: number, Attempts: "2 3", Errors: errNumber + " " + errCardType, Say: and("card.invalid.number", "card.ask.2")},
		{For: expiry, Attempts: "1", Say: []ivr.Prompt{ivr.Say("card.expiry.ask")}},
		{For: expiry, Attempts: "2 3", Errors: errTimeout, Say: and("noinput", "card.expiry.ask.2")},
		{For: expiry, Attempts: "2 3", Errors: errDate, Say: and("card.expiry.invalid.month", "card.expiry.ask.2")},
		{For: code, Attempts: "1", Cards: others, Say: cvv("card.cvv.ask", three)},
		{For: code, Attempts: "1", Cards: "amex", Say: cvv("card.cvv.ask", four)},
		{For: code, Attempts: "2 3", Errors: errTimeout + " " + errCVV, Cards: others, Say: cvv("card.cvv.ask.2", three)},
		{For: code, Attempts: "2 3", Errors: errTimeout + " " + errCVV, Cards: "amex", Say: cvv("card.cvv.ask.2", four)},
		{For: postal, Attempts: "1", Say: []ivr.Prompt{ivr.Say("card.postal.ask")}},
		{For: postal, Attempts: "2 3", Say: []ivr.Prompt{ivr.Say("card.postal.ask.2")}},
		{For: stepProcessing, Say: []ivr.Prompt{ivr.Say("card.hold")}},
	}
}

// mostAttempts is how often <Pay> lets a caller try an entry.
const mostAttempts = 3

func (p Pay) normal() Pay {
	if p.Cards == nil {
		p.Cards = []string{"visa", "mastercard", "amex", "discover", "jcb", "diners-club"}
	}
	if p.Attempts == 0 {
		p.Attempts = mostAttempts
	}
	if p.Prompts == nil {
		p.Prompts = CardPrompts
	}
	return p
}

// asks tells whether <Pay> says the message by itself.
func (p *Pay) asks(key string) bool {
	said := func(q ivr.Prompt) bool { return q.Key == key }
	return slices.ContainsFunc(p.Prompts, func(pp PayPrompt) bool {
		return pp.For == string(ivr.CaptureNumber) && slices.ContainsFunc(pp.Say, said)
	})
}

// pay writes <Pay>, after what the turn has to say besides its question.
func (r *reply) pay(t *ivr.Turn) {
	p := r.h.cfg.Pay
	before := slices.DeleteFunc(slices.Clone(t.Prompts), func(q ivr.Prompt) bool { return p.asks(q.Key) })
	r.say(t, before)
	r.add(`<Pay`)
	r.attr("action", r.url(t.Seq, actPay))
	if p.Connector != "" {
		r.attr("paymentConnector", p.Connector)
	}
	token := "reusable"
	if p.OneTime {
		token = "one-time"
	}
	r.attr("tokenType", token)
	r.attr("maxAttempts", strconv.Itoa(p.Attempts))
	r.attr("timeout", seconds(max(t.Listen.First, t.Listen.Between)))
	r.attr("postalCode", strconv.FormatBool(p.Postal))
	r.attr("validCardTypes", strings.Join(p.Cards, " "))
	r.attr("language", payLanguage(t.Locale))
	r.add(`>`)
	for i := range p.Prompts {
		r.prompt(t, &p.Prompts[i])
	}
	r.add(`</Pay>`)
	// After the last attempt, or where it could not begin, some providers go on here in place of the action.
	r.redirect(t.Seq, actPay)
}

// prompt writes one <Prompt>, of what is taken and of what the locale can say.
func (r *reply) prompt(t *ivr.Turn, pp *PayPrompt) {
	p := r.h.cfg.Pay
	says := slices.DeleteFunc(slices.Clone(pp.Say), func(q ivr.Prompt) bool {
		return !r.h.cfg.Catalog.Has(localeOf(t, &q), q.Key)
	})
	cards := slices.DeleteFunc(strings.Fields(pp.Cards), func(c string) bool { return !slices.Contains(p.Cards, c) })
	if len(says) == 0 || pp.For == string(ivr.CapturePostal) && !p.Postal || pp.Cards != "" && len(cards) == 0 {
		return
	}
	r.add(`<Prompt`)
	r.attr("for", pp.For)
	for _, a := range []struct{ name, value string }{
		{"attempt", pp.Attempts}, {"errorType", pp.Errors}, {"cardType", strings.Join(cards, " ")},
	} {
		if a.value != "" {
			r.attr(a.name, a.value)
		}
	}
	r.add(`>`)
	r.say(t, says)
	r.add(`</Prompt>`)
}

// payLanguage is the language of what <Pay> says where no prompt of ours is for it. It knows few.
func payLanguage(locale string) string {
	switch locale {
	case "de-DE", "en-AU", "en-CA", "en-GB", "en-IN", "en-US", "es-ES", "fr-CA", "fr-FR", "it-IT":
		return locale
	}
	if strings.HasPrefix(locale, "es") {
		return "es-ES"
	}
	return "en-US"
}

// The results of <Pay>.
const (
	resultSuccess = "success"
	resultStar    = "caller-interrupted-with-star"
	resultGone    = "caller-hung-up"
	resultTries   = "too-many-failed-attempts"
	resultConnect = "payment-connector-error"
	resultInvalid = "validation-error"
	resultError   = "internal-error"
)

// paid is an input of <Pay>. Star leads back, as it does on an empty entry. Whatever is not known is an error of the
// provider: nothing was charged in any case, because <Pay> charges nothing.
func (q *request) paid() ivr.Input {
	got := ivr.Captured{Result: q.got.text(keyResult)}
	switch got.Result {
	case resultStar:
		return ivr.Input{Kind: ivr.Keys, Keys: "*"}
	case resultGone:
		return ivr.Input{Kind: ivr.HangUp, Reason: resultGone}
	case resultTries, resultConnect, resultInvalid, resultError:
	case "":
		got.Result = resultTries
	case resultSuccess:
		got.Token, got.Brand = q.got.text(keyToken), brand(q.got.text(keyCardType))
		got.Last4, got.Expiry = last4(q.got.get(keyCardNumber)), expiry(q.got.get(keyExpiry))
	default:
		got.Result = resultError
	}
	return ivr.Input{Kind: ivr.WorkDone, Captured: &got}
}

// brand is the name of a card type in package payment.
func brand(cardType string) string {
	if cardType == "diners-club" {
		return "diners"
	}
	return cardType
}

// last4 are the last four characters of a masked card number, "xxxx-xxxxxx-x4001". No more of it is ever read.
func last4(masked []byte) string {
	if len(masked) < 4 {
		return ""
	}
	return string(masked[len(masked)-4:])
}

// expiry makes "2029-12" of "1229".
func expiry(mmyy []byte) string {
	if len(mmyy) != 4 {
		return ""
	}
	return "20" + string(mmyy[2:]) + "-" + string(mmyy[:2])
}

// logPay notes a card that was not captured because of a fault: the connector, the attributes, the provider.
func (h *Handler) logPay(ctx context.Context, it what, q *request, in ivr.Input) {
	switch in.Captured.Result {
	case resultConnect, resultInvalid, resultError:
		h.cfg.Log.LogAttrs(ctx, slog.LevelError, "card not captured by <Pay>", slog.String("call", it.call),
			slog.String("result", in.Captured.Result), slog.String("code", q.got.text("PayErrorCode")))
	}
}
