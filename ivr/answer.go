package ivr

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

// Universal is a Command and the key that asks for it.
type Universal struct {
	Key     byte
	Command Command
}

// Universals are the keys that mean the same everywhere: in a menu, and alone in a Field with Least of 2 or more. In a
// Field that may have a single digit only 0 alone is one, and * on an empty entry. They are spoken by the words of
// Locale.HearCommand.
var Universals = [...]Universal{
	{'0', CommandAgent},
	{'6', CommandLanguage},
	{'7', CommandSlower},
	{'8', CommandHelp},
	{'9', CommandRepeat},
	{'*', CommandBack},
}

// universal is the command of a key, CommandNone if it has none.
func universal(key byte) Command {
	for _, u := range Universals {
		if u.Key == key {
			return u.Command
		}
	}
	return CommandNone
}

// Fault tells why an input is no answer.
type Fault string

// The faults. Each has prompts of its own.
const (
	FaultNone    Fault = ""
	FaultSilence Fault = "noinput" // nothing was keyed or said, or an entry was cleared and left so
	FaultNoMatch Fault = "nomatch" // a key that is no option, words that make no sense, too little confidence
	FaultEmpty   Fault = "empty"   // the terminator alone, or after an entry was cleared
	FaultShort   Fault = "short"   // fewer than Least digits
	FaultLong    Fault = "long"    // more than Most digits
	FaultEarly   Fault = "early"   // a read-back was answered before it was heard
)

// Answer is an input as the question understands it: exactly one of a command, a fault or a content.
type Answer struct {
	Command Command
	Fault   Fault
	// Option is the index of the chosen option of a Menu, Value its Value; only without command and fault.
	Option int
	Value  string
	// Digits is the entry of an ordinary Field: of FieldAmount, whole units, without leading zeros when spoken.
	Digits string
	// Minor is the minor units of a FieldAmount that was spoken with them, -1 when it had none.
	Minor int
	// Secret is the entry of a sensitive Field, without terminator and corrections.
	Secret Secret
	// Spoken tells that it came by speech.
	Spoken bool
}

// understood tells whether words can be read at all: by a locale, and with enough confidence.
func understood(in Input, l *Locale, t Timing) bool {
	return l != nil && in.Confidence >= t.Normal().Confidence
}
