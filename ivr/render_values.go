package ivr

import (
	"bytes"
	"time"
	"unicode"
	"unicode/utf8"
)

// saying appends the words of a value.
type saying func(b []byte, v *voice, a *Arg) []byte

// sayings has the words of each kind of value.
var sayings = map[ArgKind]saying{
	KindText:   func(b []byte, _ *voice, a *Arg) []byte { return appendPlain(b, a.Text) },
	KindMoney:  func(b []byte, v *voice, a *Arg) []byte { return v.locale.Grammar.appendMoney(b, a.N, a.Text) },
	KindDigits: func(b []byte, v *voice, a *Arg) []byte { return v.locale.Grammar.appendSpelled(b, a.Text) },
	KindPhone:  func(b []byte, v *voice, a *Arg) []byte { return v.locale.Grammar.appendPhone(b, a.Text) },
	KindLast4:  func(b []byte, v *voice, a *Arg) []byte { return v.locale.Grammar.appendSpelled(b, Last4(a.Text).Text) },
	KindDate:   func(b []byte, v *voice, a *Arg) []byte { return v.locale.Grammar.appendDate(b, a) },
	KindCount:  func(b []byte, v *voice, a *Arg) []byte { return v.locale.Grammar.appendCount(b, a.N) },
	KindKey:    func(b []byte, v *voice, a *Arg) []byte { return v.locale.Grammar.appendKey(b, a.N) },
	KindID:     func(b []byte, _ *voice, a *Arg) []byte { return appendID(b, a.Text) },
	KindIDSlow: func(b []byte, v *voice, a *Arg) []byte { return v.locale.Grammar.appendIDSlow(b, a.Text) },
	KindPrompt: func(b []byte, v *voice, a *Arg) []byte { return appendPlain(b, v.other(a.Text)) },
}

// sayCountOf has the words of a count that stands before a noun, by the letter of the verb: masculine or feminine.
var sayCountOf = map[byte]saying{
	'm': func(b []byte, v *voice, a *Arg) []byte { return v.locale.Grammar.appendCountOf(b, a.N, false) },
	'f': func(b []byte, v *voice, a *Arg) []byte { return v.locale.Grammar.appendCountOf(b, a.N, true) },
}

// other is the text of another message, without values.
func (v *voice) other(key string) string {
	if m := v.messages[key]; m != nil {
		return m.text
	}
	return "[" + key + "]"
}

func (g *Grammar) appendCount(b []byte, n int64) []byte {
	if n < 0 {
		b = append(append(b, g.Minus...), ' ')
	}
	return g.Quantity(b, magnitude(n), Noun{})
}

// appendCountOf says a count as before a noun, which the message itself names: "veintiuna" facturas, "un millón de"
// facturas.
func (g *Grammar) appendCountOf(b []byte, n int64, feminine bool) []byte {
	const noun = "x"
	if n < 0 {
		b = append(append(b, g.Minus...), ' ')
	}
	b = g.Quantity(b, magnitude(n), Noun{One: noun, Many: noun, Feminine: feminine})
	return bytes.TrimSuffix(bytes.TrimSuffix(b, []byte(noun)), []byte(" "))
}

func (g *Grammar) appendDate(b []byte, a *Arg) []byte {
	day, err := time.Parse(time.DateOnly, a.Text)
	if err != nil {
		return appendPlain(b, a.Text)
	}
	return g.Date(b, day, a.N == 1)
}

// appendKey says a telephone key as people read it off the pad: the digit itself, or the name of * or #.
func (g *Grammar) appendKey(b []byte, key int64) []byte {
	switch {
	case key == '*':
		return append(b, g.Star...)
	case key == '#':
		return append(b, g.Pound...)
	case key > ' ' && key < unicode.MaxASCII:
		return append(b, byte(key))
	}
	return b
}

// appendSpelled says digits by their words and letters by themselves. Anything else in an account number, hyphens and
// blanks, is for the eye only.
func (g *Grammar) appendSpelled(b []byte, s string) []byte {
	start := len(b)
	for i := range len(s) {
		c := spellable(s[i])
		if c == 0 {
			continue
		}
		if len(b) > start {
			b = append(b, ' ')
		}
		if c <= '9' {
			b = append(b, g.Digits[c-'0']...)
		} else {
			b = append(b, c)
		}
	}
	return b
}

// spellable returns the digit or the letter in upper case, 0 for anything else.
func spellable(c byte) byte {
	switch {
	case '0' <= c && c <= '9', 'A' <= c && c <= 'Z':
		return c
	case 'a' <= c && c <= 'z':
		return c - 'a' + 'A'
	}
	return 0
}

// appendPhone says the groups of a number with a comma between.
func (g *Grammar) appendPhone(b []byte, number string) []byte {
	p := splitPhone(number)
	if p.foreign {
		b = append(append(b, g.Plus...), ' ')
	}
	for i := range p.groups {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = g.appendSpelled(b, p.group(i))
	}
	return b
}

// phone is a telephone number in the groups in which it is spoken.
type phone struct {
	digits  string
	foreign bool // to be said with its country code
	groups  int
}

// splitPhone knows the North American plan, where numbers are written 3-3-4. Elsewhere it makes groups of three, and of
// two at the end.
func splitPhone(s string) phone {
	kept := make([]byte, 0, 24)
	for i := range len(s) {
		if '0' <= s[i] && s[i] <= '9' {
			kept = append(kept, s[i])
		}
	}
	p := phone{digits: string(kept), foreign: len(s) > 0 && s[0] == '+'}
	if len(kept) == 11 && kept[0] == '1' {
		p.digits, p.foreign = p.digits[1:], false
	}
	p.groups = (len(p.digits) + 2) / 3
	if p.northAmerican() {
		p.groups = 3
	}
	return p
}

func (p *phone) northAmerican() bool { return len(p.digits) == 10 && !p.foreign }

// group returns the i-th group of digits.
func (p *phone) group(i int) string {
	from, to, n := 3*i, 3*i+3, len(p.digits)
	switch {
	case p.northAmerican():
		if i == 2 {
			to = n
		}
	case n%3 == 1 && n > 3: // the last four are two and two
		if i == p.groups-2 {
			to--
		}
		if i == p.groups-1 {
			from--
		}
	}
	return p.digits[from:min(to, n)]
}

// appendID says the characters of a transaction ID in groups of three: "7 K 4, 9 Q 2, M B X".
func appendID(b []byte, id string) []byte {
	return appendThrees(b, id, " ", ", ", func(b []byte, c byte) []byte { return append(b, c) })
}

// appendIDSlow says the same to write down: "7, K as in kilo, 4; 9, …".
func (g *Grammar) appendIDSlow(b []byte, id string) []byte {
	return appendThrees(b, id, ", ", "; ", func(b []byte, c byte) []byte { return g.appendLetter(b, c) })
}

// appendThrees says each character in its words, with one sign between two of them and another between groups of three.
func appendThrees(b []byte, id, between, groups string, say func(b []byte, c byte) []byte) []byte {
	n := 0
	for i := range len(id) {
		c := spellable(id[i])
		if c == 0 {
			continue
		}
		switch {
		case n == 0:
		case n%3 == 0:
			b = append(b, groups...)
		default:
			b = append(b, between...)
		}
		b = say(b, c)
		n++
	}
	return b
}

// appendLetter says a digit as it is and a letter with its spelling word.
func (g *Grammar) appendLetter(b []byte, c byte) []byte {
	b = append(b, c)
	if c <= '9' {
		return b
	}
	b = append(append(append(b, ' '), g.AsIn...), ' ')
	return append(b, g.Spelling[c-'A']...)
}

// appendPlain adds words from outside without control characters, which could steer a terminal, and without bytes that
// are no UTF-8. White space of any kind is a blank.
func appendPlain(b []byte, s string) []byte {
	for i, c := range s {
		switch {
		case c < utf8.RuneSelf && c >= ' ' && c != 0x7f:
			b = append(b, byte(c))
		case c == '\t' || c == '\n' || c == '\r':
			b = append(b, ' ')
		case c == utf8.RuneError && s[i] != 0xef, unicode.IsControl(c), c == 0xfffe, c == 0xffff,
			unicode.Is(unicode.Bidi_Control, c):
		default:
			b = utf8.AppendRune(b, c)
		}
	}
	return b
}
