package ivr

import "strings"

// Field is a question that is answered with an entry of digits.
type Field struct {
	// Kind tells how keys and words are read. Empty is FieldDigits.
	Kind FieldKind
	// Least and Most bound the number of digits: 0 ≤ Least ≤ Most ≤ MaxEntry. With a Least of 0 the terminator alone is an
	// answer without digits, and 0 is a digit: who wants to add nothing presses one or the other.
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

// sensitive tells whether the digits must go into a Secret.
func (f Field) sensitive() bool { return f.Capture.Field != "" }

// Listen returns how a line listens for the entry. The terminator is taken also where Least and Most are the same and
// nobody needs it: callers press it out of habit. Zero fields of t take their defaults.
func (f Field) Listen(t Timing) Listen {
	t = t.Normal()
	l := Listen{
		Least: f.Least, Most: f.Most, Terminator: terminator, First: t.Field, Between: t.Between,
		BargeIn: true, Sensitive: f.sensitive(), Speech: !f.sensitive(),
	}
	if f.Fetch {
		l.First = t.Fetch
	}
	return l
}

// Read tells what an input means as the answer to the field. It takes Keys, Speech and Silence; any other kind is
// FaultNoMatch. A nil Locale understands no words.
//
// A sensitive field takes keys from in.Secret, or from in.Keys of a careless line, and never speech. Its answer has a
// Secret of its own, which the caller clears; in.Secret is cleared here in every case. An ordinary field takes in.Keys
// only: a Secret here answers some other question, and its digits must not come into the open.
func (f Field) Read(in Input, l *Locale, t Timing) Answer {
	defer in.Secret.Clear()
	switch {
	case in.Kind == Silence:
		return Answer{Fault: FaultSilence}
	case in.Kind == Speech && !f.sensitive():
		a := f.readSpeech(in, l, t)
		a.Spoken = true
		return a
	case in.Kind != Keys:
		return Answer{Fault: FaultNoMatch, Spoken: in.Kind == Speech}
	case f.sensitive():
		return f.readSecret(in)
	case in.Secret.Len() > 0:
		return Answer{Fault: FaultNoMatch}
	}
	digits, a := readEntry(f, in.Keys)
	if a.Fault == FaultNone && a.Command == CommandNone {
		a.Digits = digits
		if f.Kind == FieldAmount {
			a.Minor = -1
		}
	}
	return a
}

// readEntry reads keys as they were pressed. Without command and fault, digits are the answer.
func readEntry[T string | []byte](f Field, keys T) (digits T, a Answer) {
	digits, command, fault := entry(keys)
	if fault == FaultEmpty && f.Least == 0 {
		return digits, Answer{}
	}
	if command != CommandNone || fault != FaultNone {
		return digits, Answer{Command: command, Fault: fault}
	}
	return digits, judge(f, digits)
}

// judge tells whether there are as many digits as there must be. A single one may be a universal.
func judge[T string | []byte](f Field, digits T) Answer {
	if len(digits) == 1 && f.Least > 0 {
		c := universal(digits[0])
		if c == CommandAgent || c != CommandNone && f.Least > 1 {
			return Answer{Command: c}
		}
	}
	switch n := len(digits); {
	case n < f.Least:
		return Answer{Fault: FaultShort}
	case n > f.Most || n > MaxEntry:
		return Answer{Fault: FaultLong}
	}
	return Answer{}
}

// readSecret reads the entry on copies of fixed size that are overwritten afterwards.
func (f Field) readSecret(in Input) (a Answer) {
	read := func(keys []byte) {
		var digits []byte
		digits, a = readEntry(f, keys)
		if a.Fault == FaultNone && a.Command == CommandNone && len(digits) > 0 {
			a.Secret, _ = NewSecret(digits) // judge has seen that they fit
		}
	}
	if in.Secret.Len() > 0 {
		in.Secret.Open(read)
		return a
	}
	var b [2 * MaxEntry]byte // room for corrections
	if len(in.Keys) > len(b) {
		return Answer{Fault: FaultLong}
	}
	n := copy(b[:], in.Keys)
	read(b[:n])
	clear(b[:])
	return a
}

func (f Field) readSpeech(in Input, l *Locale, t Timing) Answer {
	if !understood(in, l, t) {
		return Answer{Fault: FaultNoMatch}
	}
	if c := l.HearCommand(in.Speech); c != CommandNone {
		return Answer{Command: c}
	}
	if f.Kind == FieldAmount {
		return f.readAmount(in.Speech, l)
	}
	digits, ok := l.HearDigits(in.Speech)
	if !ok {
		return Answer{Fault: FaultNoMatch}
	}
	a := judge(f, digits)
	if a.Fault == FaultNone && a.Command == CommandNone {
		a.Digits = digits
	}
	return a
}

// readAmount reads a spoken amount. Its single digits are amounts, not universals: who says "nine dollars" wants to pay.
func (f Field) readAmount(speech string, l *Locale) Answer {
	units, minor, ok := l.HearAmount(speech)
	if !ok {
		return Answer{Fault: FaultNoMatch}
	}
	if units = strings.TrimLeft(units, "0"); units == "" {
		units = "0"
	}
	// Least counts keys, against slips; words are whole as they are.
	if len(units) > f.Most || len(units) > MaxEntry {
		return Answer{Fault: FaultLong}
	}
	return Answer{Digits: units, Minor: minor}
}
