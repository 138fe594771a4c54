package twiml

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/dialpay/dialpay/ivr"
)

// The parameters that are read, of https://www.twilio.com/docs/voice/twiml#request-parameters, /gather, /dial, /enqueue
// and /pay.
const (
	keyCallSid     = "CallSid"
	keyCallStatus  = "CallStatus"
	keyDirection   = "Direction"
	keyFrom        = "From"
	keyTo          = "To"
	keyVerstat     = "StirVerstat"
	keyDigits      = "Digits"
	keyFinishedOn  = "FinishedOnKey"
	keySpeech      = "SpeechResult"
	keyConfidence  = "Confidence"
	keyDialStatus  = "DialCallStatus"
	keyQueueResult = "QueueResult"
	keyResult      = "Result"
	keyToken       = "PaymentToken"
	keyCardNumber  = "PaymentCardNumber"
	keyCardType    = "PaymentCardType"
	keyExpiry      = "ExpirationDate"
	keyErrorURL    = "ErrorUrl"
)

// answered is the input of a call that comes in, or that we placed and somebody answered. It is also that of a call
// that goes on after a webhook which failed, of which the provider tells its fallback URL
// (https://www.twilio.com/docs/usage/security/availability-reliability): a call that was answered before gets its
// present turn again.
func (q *request) answered() ivr.Input {
	if strings.Contains(q.got.text(keyErrorURL), "/turn/") {
		return ivr.Input{Kind: ivr.Answered} // who rang is known, and perhaps told otherwise now
	}
	in := ivr.Input{Kind: ivr.Answered, Call: ivr.Call{To: q.got.text(keyTo)}}
	if direction := q.got.text(keyDirection); direction == "outbound-api" || direction == "outbound-dial" {
		return in // From is our own number
	}
	if from := q.got.text(keyFrom); isE164(from) && !withheld[from] {
		in.Call.From = from
		in.Call.Attestation = attestation(q.got.text(keyVerstat))
	}
	return in
}

// withheld are what From is where there is no number: words on a telephone's letters
// (https://help.twilio.com/articles/223179988).
var withheld = map[string]bool{
	"+266696687":   true, // anonymous
	"+7378742833":  true, // restricted
	"+2562533":     true, // blocked
	"+8656696":     true, // unknown
	"+86282452253": true, // unavailable
}

var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// isE164 tells whether s is a number with its country code: ITU-T E.164 allows 15 digits.
func isE164(s string) bool { return e164.MatchString(s) }

// attestation is the STIR/SHAKEN level of a StirVerstat that passed
// (https://www.twilio.com/docs/voice/trusted-calling-with-shakenstir). One of a call that was diverted or passed
// through attests what somebody else knows of the caller, and one that failed nothing: neither counts.
func attestation(verstat string) string {
	switch verstat {
	case "TN-Validation-Passed-A":
		return "A"
	case "TN-Validation-Passed-B":
		return "B"
	case "TN-Validation-Passed-C":
		return "C"
	}
	return ""
}

// ended tells whether the call is over by its CallStatus.
func (q *request) ended() (reason string, ended bool) {
	switch status := q.got.text(keyCallStatus); status {
	case "completed", "busy", "failed", "no-answer", "canceled":
		return status, true
	}
	return "", false
}

// heard is an input of <Gather>: keys, words, or nothing.
func (q *request) heard(secret, after bool) ivr.Input {
	in := ivr.Input{Kind: ivr.Silence, Heard: after}
	switch digits := q.got.get(keyDigits); {
	case len(digits) > 0 && secret:
		in.Kind = ivr.Keys
		// What is longer than any entry stays too long for every question.
		in.Secret, _ = ivr.NewSecret(digits[:min(len(digits), ivr.MaxEntry+1)])
	case len(digits) > 0:
		in.Kind, in.Keys = ivr.Keys, string(digits[:min(len(digits), 2*ivr.MaxEntry)])
	case len(q.got.get(keySpeech)) > 0:
		in.Kind, in.Speech, in.Confidence = ivr.Speech, q.got.text(keySpeech), q.confidence()
	case q.pound():
		in.Kind, in.Keys = ivr.Keys, "#"
	}
	return in
}

// finished tells whether the caller pressed the key that ends an entry; pound, that there was nothing before it.
func (q *request) finished() bool { return string(q.got.get(keyFinishedOn)) == "#" }
func (q *request) pound() bool    { return q.finished() && len(q.got.get(keyDigits)) == 0 }

// confidence is from 0 to 1. Providers need not send it: then what they understood counts.
func (q *request) confidence() float64 {
	text := q.got.text(keyConfidence)
	if text == "" {
		return 1
	}
	c, err := strconv.ParseFloat(text, 64)
	if err != nil || !(c >= 0) {
		return 0
	}
	return min(c, 1)
}

// dialled is an input of <Dial>. A call that was answered was taken over, and is over for us now.
func (q *request) dialled() ivr.Input {
	status := q.got.text(keyDialStatus)
	if status == "completed" || status == "answered" {
		return ivr.Input{Kind: ivr.HangUp, Reason: "transferred"}
	}
	return ivr.Input{Kind: ivr.TransferFailed, Reason: status}
}

// queued is an input of <Enqueue>: the caller has left the queue.
func (q *request) queued() ivr.Input {
	switch result := q.got.text(keyQueueResult); result {
	case "bridged", "bridging-in-process", "redirected-from-bridged":
		return ivr.Input{Kind: ivr.HangUp, Reason: "transferred"}
	case "hangup":
		return ivr.Input{Kind: ivr.HangUp, Reason: "hung up in the queue"}
	default:
		return ivr.Input{Kind: ivr.TransferFailed, Reason: result}
	}
}
