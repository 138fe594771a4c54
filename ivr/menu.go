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

// words is the word list by which the option can be spoken.
func (o *Option) words() string {
	if o.Words == "" {
		return o.Prompt.Key
	}
	return o.Words
}

// Prompts returns what is said: the Intro, then the options in order, each with its key as the last argument.
func (m Menu) Prompts() []Prompt {
	return m.AppendPrompts(make([]Prompt, 0, len(m.Intro)+len(m.Options)))
}

// AppendPrompts appends what Prompts returns.
func (m Menu) AppendPrompts(ps []Prompt) []Prompt {
	n := len(m.Options)
	for i := range m.Options {
		n += len(m.Options[i].Prompt.Args)
	}
	ps = append(ps, m.Intro...)
	args := make([]Arg, 0, n) // one array for all options
	for i := range m.Options {
		p, from := m.Options[i].Prompt, len(args)
		args = append(append(args, p.Args...), Key(m.Options[i].Key))
		p.Args = args[from:len(args):len(args)]
		ps = append(ps, p)
	}
	return ps
}

// Listen returns how a line listens for an option: one key, or words. Zero fields of t take their defaults.
func (m Menu) Listen(t Timing) Listen {
	t = t.Normal()
	hints := make([]string, len(m.Options))
	for i := range m.Options {
		hints[i] = m.Options[i].words()
	}
	return Listen{
		Least: 1, Most: 1, Terminator: terminator, First: t.Menu, Between: t.Between,
		BargeIn: !m.MustHear, Flush: m.MustHear, Speech: true, Hints: hints,
	}
}

// Read tells what an input means as the answer to the menu. It takes Keys, Speech and Silence; any other kind is
// FaultNoMatch, and so is a Secret, which no menu asks for and which is cleared. A nil Locale understands no words. An
// option wins over a universal with the same key.
func (m Menu) Read(in Input, l *Locale, t Timing) Answer {
	defer in.Secret.Clear()
	switch {
	case in.Kind == Silence:
		return Answer{Fault: FaultSilence}
	case in.Kind != Keys && in.Kind != Speech:
		return Answer{Fault: FaultNoMatch}
	case m.MustHear && !in.Heard:
		return Answer{Fault: FaultEarly, Spoken: in.Kind == Speech}
	case in.Kind == Speech:
		a := m.readSpeech(in, l, t)
		a.Spoken = true
		return a
	case in.Secret.Len() > 0:
		return Answer{Fault: FaultNoMatch}
	}
	digits, command, fault := entry(in.Keys)
	if command != CommandNone || fault != FaultNone {
		return Answer{Command: command, Fault: fault}
	}
	return m.pressed(digits)
}

// pressed is the answer of a single key.
func (m Menu) pressed(digits string) Answer {
	if len(digits) != 1 {
		return Answer{Fault: FaultNoMatch}
	}
	for i := range m.Options {
		if m.Options[i].Key == digits[0] {
			return m.chosen(i)
		}
	}
	if c := universal(digits[0]); c != CommandNone {
		return Answer{Command: c}
	}
	return Answer{Fault: FaultNoMatch}
}

func (m Menu) chosen(i int) Answer { return Answer{Option: i, Value: m.Options[i].Value} }

func (m Menu) readSpeech(in Input, l *Locale, t Timing) Answer {
	if !understood(in, l, t) {
		return Answer{Fault: FaultNoMatch}
	}
	found := -1
	for i := range m.Options {
		if !l.HearWords(in.Speech, m.Options[i].words()) {
			continue
		}
		if found >= 0 { // words that fit two options are no choice
			return Answer{Fault: FaultNoMatch}
		}
		found = i
	}
	if found >= 0 {
		return m.chosen(found)
	}
	if c := l.HearCommand(in.Speech); c != CommandNone {
		return Answer{Command: c}
	}
	if digits, ok := l.HearDigits(in.Speech); ok {
		return m.pressed(digits)
	}
	return Answer{Fault: FaultNoMatch}
}
