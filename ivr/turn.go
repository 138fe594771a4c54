package ivr

import "time"

// Action is what the line does once the prompts of a Turn are under way.
type Action string

// The actions. A Turn has exactly one.
const (
	// ActionListen waits for keys or speech, as Turn.Listen says.
	ActionListen Action = "listen"
	// ActionCapture waits for a sensitive entry, as Turn.Listen says: keys go into a Secret, recordings pause. A line
	// that can let somebody else capture the card (Turn.Capture.Delegable) may answer with Input.Captured instead.
	ActionCapture Action = "capture"
	// ActionWait lets work go on: say the prompts, wait for Turn.Wait, then report PromptEnded.
	ActionWait Action = "wait"
	// ActionTransfer connects the caller to a person, as Turn.Transfer says. Report TransferFailed if nobody answers.
	ActionTransfer Action = "transfer"
	// ActionHangUp ends the call after the prompts.
	ActionHangUp Action = "hang up"
)

// Turn is what a line must do next: say the prompts, then do one action.
type Turn struct {
	// Seq numbers the turns of a call from 1. A line puts it into the Input that answers the turn, so that an answer
	// that comes twice or too late has no second effect.
	Seq int `json:"seq"`
	// Locale is the BCP 47 tag of the language to speak.
	Locale string `json:"locale"`
	// Slow asks for slower speech: the caller chose more time.
	Slow bool `json:"slow,omitempty"`
	// Prompts are said one after the other, with a short breath between.
	Prompts []Prompt `json:"prompts"`
	// Action is the one thing to do.
	Action Action `json:"action"`
	// Listen says how, for ActionListen and ActionCapture.
	Listen Listen `json:"listen,omitzero"`
	// Capture says what, for ActionCapture.
	Capture Capture `json:"capture,omitzero"`
	// Wait is how long to wait after the prompts, for ActionWait. 0 is no time.
	Wait time.Duration `json:"wait,omitempty"`
	// Transfer says where to, for ActionTransfer.
	Transfer Transfer `json:"transfer,omitzero"`
}

// Listen says what a line listens for.
type Listen struct {
	// Least and Most bound the number of keys, without the terminator. Where they are equal, or Least is 0, an entry of
	// Most keys is complete at once; else it waits for the terminator or the time between keys. Most is at least 1 and
	// at most MaxEntry.
	Least int `json:"least"`
	Most  int `json:"most"`
	// Terminator ends an entry early, '#' as a rule; 0 is none. The key * always clears an entry.
	Terminator byte `json:"terminator,omitempty"`
	// First is the time to the first key or word, counted from the end of the prompts; Between, the time between keys.
	// One that is not set is that of DefaultTiming: a call never waits for ever.
	First   time.Duration `json:"first"`
	Between time.Duration `json:"between"`
	// BargeIn lets keys and words cut the prompts short. Without it they are heard only after the prompts ended.
	BargeIn bool `json:"bargeIn,omitempty"`
	// Flush drops keys pressed before the prompts ended (type-ahead). A read-back has it, so that no key pressed
	// before the amount was heard can confirm.
	Flush bool `json:"flush,omitempty"`
	// Fresh tells that the last answer was refused. What the caller goes on keying without a pause belongs to it and is
	// dropped: an amount that is keyed at a menu must not choose options one digit after the other.
	Fresh bool `json:"fresh,omitempty"`
	// Sensitive keys go into a Secret, are masked in every log and recording, and are never spoken back.
	Sensitive bool `json:"sensitive,omitempty"`
	// Speech tells whether words are understood here too. Never together with Sensitive.
	Speech bool `json:"speech,omitempty"`
	// Hints are keys of word lists in the locale (Locale.Words) that are likely to be said here.
	Hints []string `json:"hints,omitempty"`
}

// CaptureField names the part of a card that an ActionCapture asks for.
type CaptureField string

// The parts of a card, named as the <Pay> verbs of the telephony providers do.
const (
	CaptureNumber CaptureField = "payment-card-number"
	CaptureExpiry CaptureField = "expiration-date"
	CaptureCVV    CaptureField = "security-code"
	CapturePostal CaptureField = "postal-code"
	// CapturePIN is a secret that is not part of a card: a PIN, a one-time code.
	CapturePIN CaptureField = "pin"
)

// Capture says what a sensitive entry is.
type Capture struct {
	Field CaptureField `json:"field,omitempty"`
	// Delegable tells that the line may have a whole card captured and tokenised elsewhere, and answer with
	// Input.Captured.
	Delegable bool `json:"delegable,omitempty"`
}

// Transfer says which person the caller is given to, and what that person should know.
type Transfer struct {
	// To is a queue or address that the embedder configured.
	To string `json:"to,omitempty"`
	// Reason is one word for statistics and routing: "asked", "failures", "declined", "lockout", "technical" …
	Reason string `json:"reason,omitempty"`
	// Context is for the person's screen: account, bill, amount, payment. Never a secret.
	Context map[string]string `json:"context,omitempty"`
}
