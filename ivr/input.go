package ivr

// InputKind tells what happened on the line.
type InputKind string

// The kinds of input.
const (
	Answered       InputKind = "answered"        // the call began: Input.Call
	Keys           InputKind = "keys"            // an entry was keyed: Input.Keys or Input.Secret
	Speech         InputKind = "speech"          // words were recognised: Input.Speech, Input.Confidence
	Silence        InputKind = "silence"         // the first-key time passed
	PromptEnded    InputKind = "prompt ended"    // an ActionWait is over: go on with the work
	HangUp         InputKind = "hang up"         // the caller has gone; nothing more can be said
	TransferFailed InputKind = "transfer failed" // the person could not be reached: Input.Reason
	WorkDone       InputKind = "work done"       // work that the line did itself is over: Input.Captured
)

// Input is one thing that the line reports. It answers a Turn.
type Input struct {
	Kind InputKind
	// Turn is the Seq of the turn that this answers. An Input for an earlier turn is a duplicate: it gets the present
	// turn again and changes nothing. 0 means that the line does not count.
	Turn int
	// Keys is an entry as it was pressed, 0–9, * and #; a terminator may be there or not.
	Keys string
	// Secret is the same for a turn with Listen.Sensitive. The handler clears it.
	Secret Secret
	// Heard tells that every prompt of the turn had been spoken to its end before the first key or word. Only then
	// can a read-back be confirmed.
	Heard bool
	// Speech is what was recognised, with a confidence from 0 to 1.
	Speech     string
	Confidence float64
	// Call is who rang, for Answered.
	Call Call
	// Captured is a card that the line had captured elsewhere, for WorkDone.
	Captured *Captured
	// Reason is a word for logs, for HangUp and TransferFailed.
	Reason string
}

// Call is what the line knows of a call when it is answered.
type Call struct {
	// From is the caller's number in E.164 ("+15550100"), or empty where withheld.
	From string `json:"from,omitempty"`
	// Attestation is the STIR/SHAKEN level that the carrier verified: "A", "B", "C"; empty is none or failed.
	Attestation string `json:"att,omitempty"`
	// To is the number that was called.
	To string `json:"to,omitempty"`
	// Locale is the language that the line asks for, a BCP 47 tag; empty is the default.
	Locale string `json:"locale,omitempty"`
}

// Captured is the result of a card capture that the line delegated.
type Captured struct {
	// Result is "success", or why there is no token: "too-many-failed-attempts", "caller-interrupted-with-star",
	// "payment-connector-error", "validation-error", "internal-error", "caller-hung-up".
	Result string
	// Token, Brand, Last4 and Expiry ("2029-12") describe the card on success.
	Token, Brand, Last4, Expiry string
}
