package ivr

import (
	"strings"
	"sync"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message/catalog"
)

// voice is a Locale that is ready to be spoken.
type voice struct {
	locale     Locale
	messages   map[string]*message
	builder    *catalog.Builder
	speakers   sync.Pool // of *speaker
	speakStart string    // <speak …>
}

// message is what is known of one message beforehand. Without values its words never change.
type message struct {
	text, ssml string // as spoken without values
	args       int    // how many values it takes; 0 makes it fixed
}

// speaker renders prompts of one voice. It is the catmsg.Renderer to which an x/text catalog gives the message that it
// picked. A message.Printer would do the same, but it makes its catalog context anew for each message, knows no XML,
// and shows mistakes as "%!s(BADINDEX)", which a caller must never hear.
type speaker struct {
	voice   *voice
	context *catalog.Context
	ssml    bool
	out     []byte
	scratch []byte
	args    []Arg
	next    int // the value of the next %s without a number
}

func (v *voice) begin(ssml bool) *speaker {
	s, ok := v.speakers.Get().(*speaker)
	if !ok {
		s = &speaker{voice: v}
		s.context = v.builder.Context(v.locale.Tag, s)
	}
	s.ssml, s.out = ssml, s.out[:0]
	return s
}

func (v *voice) end(s *speaker) {
	const most = 64 << 10 // one huge text must not stay in the pool
	if cap(s.out) > most || cap(s.scratch) > most {
		return
	}
	s.args = nil
	v.speakers.Put(s)
}

// promptOf renders one prompt in the given voice, which may be another than that of s.
func (s *speaker) promptOf(v *voice, p *Prompt) {
	if v == s.voice {
		s.prompt(p)
		return
	}
	other := v.begin(s.ssml)
	defer v.end(other)
	other.prompt(p)
	if s.ssml {
		s.out = append(append(append(s.out, `<lang xml:lang="`...), v.locale.Tag.String()...), `">`...)
		s.out = append(append(s.out, other.out...), `</lang>`...)
		return
	}
	s.out = append(s.out, other.out...)
}

// prompt renders one prompt.
func (s *speaker) prompt(p *Prompt) {
	m := s.voice.messages[p.Key]
	switch {
	case m == nil:
		s.words("[" + p.Key + "]")
	case m.args == 0:
		s.fixed(m)
	default:
		s.args, s.next = p.Args, 0
		// The error says that nothing matched, which newVoice has made sure of.
		_ = s.context.Execute(p.Key)
	}
}

func (s *speaker) fixed(m *message) {
	if s.ssml {
		s.out = append(s.out, m.ssml...)
	} else {
		s.out = append(s.out, m.text...)
	}
}

// words renders plain words that came from outside.
func (s *speaker) words(text string) {
	if s.ssml {
		s.out = appendXML(s.out, text)
	} else {
		s.out = appendPlain(s.out, text)
	}
}

// Arg implements catmsg.Renderer: x/text asks for the value that selects a plural form.
func (s *speaker) Arg(i int) any {
	if i < 1 || i > len(s.args) {
		return nil
	}
	return (*counted)(&s.args[i-1])
}

// Render implements catmsg.Renderer: x/text hands over the pattern that it picked.
func (s *speaker) Render(pattern string) {
	for {
		i := strings.IndexByte(pattern, '%')
		if i < 0 {
			s.words(pattern)
			return
		}
		s.words(pattern[:i])
		arg, n := verb(pattern[i:])
		letter := pattern[i+n-1]
		switch arg {
		case verbPercent, verbBad:
			s.words("%")
		case verbNext:
			s.next++
			s.value(s.next, letter)
		default:
			s.next = arg
			s.value(arg, letter)
		}
		pattern = pattern[i+n:]
	}
}

// value renders the value with this number, by the letter of its verb.
func (s *speaker) value(arg int, letter byte) {
	if arg > len(s.args) {
		return
	}
	a := &s.args[arg-1]
	say := sayings[a.Kind]
	if a.Kind == KindCount && letter != 's' {
		say = sayCountOf[letter]
	}
	switch {
	case say == nil:
	case s.ssml:
		s.markup(a, say)
	default:
		s.out = say(s.out, s.voice, a)
	}
}

// What verb found, where it is not the number of a value.
const (
	verbPercent = -1 - iota // %%
	verbNext                // %s
	verbBad                 // anything else
)

// verb reads the % at the start of a pattern: %[1]s, %s or %%. It returns the number of the value, or one of the
// constants above, and the length. The letter is s, m or f.
func verb(p string) (arg, n int) {
	if len(p) < 2 {
		return verbBad, len(p)
	}
	switch p[1] {
	case '%':
		return verbPercent, 2
	case 's', 'm', 'f':
		return verbNext, 2
	case '[':
	default:
		return verbBad, 1
	}
	i := 2
	for ; i < len(p) && i < 4 && '0' <= p[i] && p[i] <= '9'; i++ {
		arg = arg*10 + int(p[i]-'0')
	}
	if arg == 0 || i+1 >= len(p) || p[i] != ']' || strings.IndexByte("smf", p[i+1]) < 0 {
		return verbBad, 1
	}
	return arg, i + 2
}

// counted is an Arg as the x/text plural rules see it.
type counted Arg

// PluralForm implements plural.Interface.
func (c *counted) PluralForm(t language.Tag, _ int) (plural.Form, int) {
	const tooMany = 10_000_000 // beyond it, the rules ask for the number modulo this
	n := magnitude(c.N)
	i := int(n % tooMany)
	form := plural.Cardinal.MatchPlural(t, i, 0, 0, 0, 0)
	if n >= tooMany {
		i = tooMany // so that "=0" does not match ten million
	}
	return form, i
}

// magnitude is the absolute value, right for the least int64 too.
func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}
