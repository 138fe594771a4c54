package ivr

// Menu is a question that is answered by choosing one of at most five options.
type Menu struct {
	// Intro is said before the options.
	Intro []Prompt
	// Options are said in order, "for X, press 1".
	Options []Option
	// MustHear makes it a read-back: no barge-in, type-ahead flushed, and an answer counts only when the prompts were
	// heard to their end.
	MustHear bool
}

// Option is one choice of a Menu.
type Option struct {
	// Key is the telephone key, '1' to '5'.
	Key byte
	// Prompt says the option. The key is appended to its Args.
	Prompt Prompt
	// Words is the key of the word list in the locale by which the option can be spoken. Empty: the Prompt's key.
	Words string
	// Value is what choosing it means to the asker.
	Value string
}

// Field is a question that is answered with an entry of digits.
type Field struct {
	// Kind tells how keys and words are read.
	Kind FieldKind
	// Least and Most bound the number of digits.
	Least, Most int
	// Capture names a sensitive entry; empty is an ordinary one.
	Capture Capture
	// Fetch allows more time to the first key, where the caller must get something first: a card, a letter.
	Fetch bool
}

// FieldKind tells how a Field reads keys and words.
type FieldKind string

// The kinds of fields.
const (
	FieldDigits FieldKind = "digits" // digits as they are: an account number
	FieldAmount FieldKind = "amount" // whole currency units by keys; speech may add minor units
)

// Command is a universal: something a caller may ask for at any question.
type Command string

// The universals. In a menu each has a key of its own; in an entry of more than one digit, the same key alone.
const (
	CommandNone     Command = ""
	CommandBack     Command = "back"     // * on an empty entry
	CommandAgent    Command = "agent"    // 0
	CommandLanguage Command = "language" // 6
	CommandSlower   Command = "slower"   // 7
	CommandHelp     Command = "help"     // 8
	CommandRepeat   Command = "repeat"   // 9
)

// Fault tells why an input is no answer.
type Fault string

// The faults. Each has prompts of its own.
const (
	FaultNone    Fault = ""
	FaultSilence Fault = "noinput" // nothing was keyed or said
	FaultNoMatch Fault = "nomatch" // a key that is no option, words that make no sense, too little confidence
	FaultEmpty   Fault = "empty"   // the terminator alone
	FaultShort   Fault = "short"   // fewer than Least digits
	FaultLong    Fault = "long"    // more than Most digits
	FaultEarly   Fault = "early"   // a read-back was answered before it was heard
)

// Answer is an input as the question understands it: exactly one of a command, a fault or a content.
type Answer struct {
	Command Command
	Fault   Fault
	// Option is the index of the chosen option of a Menu; only without command and fault.
	Option int
	// Digits is the entry of an ordinary Field: of FieldAmount, whole units.
	Digits string
	// Minor is the minor units of a FieldAmount that was spoken with them, -1 when it had none.
	Minor int
	// Secret is the entry of a sensitive Field, without terminator and corrections.
	Secret Secret
	// Spoken tells that it came by speech.
	Spoken bool
}
