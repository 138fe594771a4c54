package ivr

import (
	"strings"

	"github.com/dialpay/dialpay/internal/iso4217"
)

// markup renders a value as SSML.
//
// Money and dates are <sub>: the written form, for logs and displays, with the words of this package as the alias that
// the engine speaks. <say-as interpret-as="currency"> and "date" would leave the words to the engine, which gets them
// wrong ("$4,000" as "four zero zero zero", 1.009 € as "1 9 €"), and take figures only. Digits have one reading, so they
// are say-as, and the engine brings its own rhythm.
func (s *speaker) markup(a *Arg, say saying) {
	switch a.Kind {
	case KindMoney:
		s.scratch = say(s.scratch[:0], s.voice, a)
		s.sub(string(appendWritten(nil, a.N, a.Text)))
	case KindDate:
		s.scratch = say(s.scratch[:0], s.voice, a)
		s.sub(a.Text)
	case KindDigits:
		s.sayAs(spelled(a.Text))
	case KindLast4:
		s.sayAs(spelled(Last4(a.Text).Text))
	case KindPhone:
		s.phone(a.Text)
	case KindID, KindIDSlow:
		s.id(spelled(a.Text), a.Kind == KindIDSlow)
	default:
		s.scratch = say(s.scratch[:0], s.voice, a)
		s.out = appendXML(s.out, string(s.scratch))
	}
}

// sub writes the written form with the words in scratch as its alias.
func (s *speaker) sub(written string) {
	s.out = append(s.out, `<sub alias="`...)
	s.out = appendXML(s.out, string(s.scratch))
	s.out = append(s.out, `">`...)
	s.out = appendXML(s.out, written)
	s.out = append(s.out, `</sub>`...)
}

// sayAs writes characters one by one: as digits where there is nothing else. Not every engine knows "digits" (the W3C
// Note "SSML 1.0 say-as attribute values" of 2005 has only "characters"), so blanks keep the digits apart even then.
func (s *speaker) sayAs(text string) {
	if text == "" {
		return
	}
	if strings.Trim(text, "0123456789") != "" {
		s.out = append(append(append(s.out, `<say-as interpret-as="characters">`...), text...), `</say-as>`...)
		return
	}
	s.out = append(s.out, `<say-as interpret-as="digits">`...)
	for i := range len(text) {
		if i > 0 {
			s.out = append(s.out, ' ')
		}
		s.out = append(s.out, text[i])
	}
	s.out = append(s.out, `</say-as>`...)
}

func (s *speaker) phone(number string) {
	p := splitPhone(number)
	if p.foreign {
		s.out = appendXML(s.out, s.voice.locale.Grammar.Plus+" ")
	}
	for i := range p.groups {
		if i > 0 {
			s.out = append(s.out, `<break time="200ms"/>`...)
		}
		s.sayAs(p.group(i))
	}
}

// id writes a transaction ID in groups of three; slowly, with a spelling word after each letter and time to write.
func (s *speaker) id(id string, slow bool) {
	g := &s.voice.locale.Grammar
	for i := 0; i < len(id); i++ {
		switch {
		case i == 0:
		case i%3 == 0 && slow:
			s.out = append(s.out, `<break time="1s"/>`...)
		case i%3 == 0:
			s.out = append(s.out, `<break time="400ms"/>`...)
		case slow:
			s.out = append(s.out, `<break time="400ms"/>`...)
		}
		if !slow {
			s.sayAs(id[i:min(i+3, len(id))])
			i += 2
			continue
		}
		s.sayAs(id[i : i+1])
		if id[i] > '9' {
			s.out = appendXML(s.out, " "+g.AsIn+" "+g.Spelling[id[i]-'A'])
		}
	}
}

// spelled keeps the characters that are said.
func spelled(s string) string {
	b := make([]byte, 0, len(s))
	for i := range len(s) {
		if c := spellable(s[i]); c != 0 {
			b = append(b, c)
		}
	}
	return string(b)
}

// appendWritten adds an amount as it is written in any locale: USD 12.05.
func appendWritten(b []byte, minor int64, currency string) []byte {
	places, ok := iso4217.Digits(currency)
	if !ok {
		places = 2
	}
	b = append(append(b, currency...), ' ')
	if minor < 0 {
		b = append(b, '-')
	}
	whole, rest := splitAmount(magnitude(minor), places)
	b = appendUint(b, whole)
	if places > 0 {
		b = appendDecimals(append(b, '.'), rest, places)
	}
	return b
}

// appendXML escapes words for XML 1.0, in content and in attributes, and drops what XML cannot hold.
func appendXML(b []byte, s string) []byte {
	plain := true
	for i := range len(s) {
		c := s[i]
		plain = plain && c >= ' ' && c < 0x7f && c != '&' && c != '<' && c != '>' && c != '"' && c != '\''
	}
	if plain {
		return append(b, s...)
	}
	for _, c := range appendPlain(nil, s) {
		switch c {
		case '&':
			b = append(b, "&amp;"...)
		case '<':
			b = append(b, "&lt;"...)
		case '>':
			b = append(b, "&gt;"...)
		case '"':
			b = append(b, "&quot;"...)
		case '\'':
			b = append(b, "&apos;"...)
		default:
			b = append(b, c)
		}
	}
	return b
}
