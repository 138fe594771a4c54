package ivr

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maxHeard bounds what is listened to, in bytes. No answer is longer; a caller who talks on is not understood.
const maxHeard = 512

// utterance is text as it is compared: words in lower case without accents, with one blank between.
type utterance struct {
	text string
	at   []span
}

// span is the place of one word in the text.
type span struct {
	from, to int
	glued    bool // a hyphen joined it to the word before
}

// phrase returns n words from word i.
func (u *utterance) phrase(i, n int) string { return u.text[u.at[i].from:u.at[i+n-1].to] }

func (u *utterance) word(i int) string { return u.phrase(i, 1) }

// part returns the words from i to before j as an utterance.
func (u *utterance) part(i, j int) utterance { return u.only(u.at[i:j]) }

// only returns these words as an utterance.
func (u *utterance) only(at []span) utterance {
	var s splitter
	for _, w := range at {
		s.glued = w.glued
		for _, r := range u.text[w.from:w.to] {
			s.add(r)
		}
		s.end()
	}
	return s.utterance()
}

// split makes an utterance of text. A word is a run of letters, or of digits with the separators between them
// ("1,200.50"), or a sign that means something ("$", "%", a minus). Other punctuation separates words, apostrophes too.
func split(text string) utterance {
	if len(text) > maxHeard {
		return utterance{}
	}
	rs := fold(text)
	var s splitter
	for i, r := range rs {
		last, next := ' ', ' '
		if i > 0 {
			last = rs[i-1]
		}
		if i+1 < len(rs) {
			next = rs[i+1]
		}
		switch {
		case unicode.IsLetter(r), isDigit(r):
			if s.open && isDigit(r) != isDigit(last) && !isPoint(last) {
				s.end()
			}
			s.add(r)
		case isPoint(r) && isDigit(last) && isDigit(next):
			s.add(r)
		case isHyphen(r) && !isWord(last) && isDigit(next):
			s.sign('-')
		case isHyphen(r):
			s.end()
			s.glued = isWord(last) && isWord(next)
		case separates(r):
			s.end()
		default:
			s.sign(r)
		}
	}
	s.end()
	return s.utterance()
}

// fold makes text comparable: lower case, no accents.
func fold(text string) []rune {
	rs := make([]rune, 0, len(text))
	for _, r := range norm.NFD.String(text) {
		if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r) {
			continue
		}
		rs = append(rs, unicode.ToLower(r))
	}
	return rs
}

func isDigit(r rune) bool  { return '0' <= r && r <= '9' }
func isPoint(r rune) bool  { return r == '.' || r == ',' }
func isHyphen(r rune) bool { return r == '-' || r == '‐' || r == '‑' || r == '–' }
func isWord(r rune) bool   { return unicode.IsLetter(r) || isDigit(r) }

func separates(r rune) bool {
	return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(".,;:!?¿¡'’\"“”«»()—…", r)
}

// splitter collects words.
type splitter struct {
	text  []byte
	at    []span
	from  int
	open  bool // a word has begun
	glued bool // the next word
}

func (s *splitter) add(r rune) {
	if !s.open {
		if len(s.text) > 0 {
			s.text = append(s.text, ' ')
		}
		s.open, s.from = true, len(s.text)
	}
	s.text = utf8.AppendRune(s.text, r)
}

func (s *splitter) end() {
	if s.open {
		s.at = append(s.at, span{from: s.from, to: len(s.text), glued: s.glued})
	}
	s.open, s.glued = false, false
}

// sign is a word of one rune.
func (s *splitter) sign(r rune) {
	s.end()
	s.add(r)
	s.end()
}

func (s *splitter) utterance() utterance { return utterance{text: string(s.text), at: s.at} }
