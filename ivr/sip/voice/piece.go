package voice

import (
	"slices"
	"strings"
	"unicode"

	"github.com/dialpay/dialpay/ivr"
)

// piece is a part of a prompt that is spoken by itself: the words between two values, or a value.
type piece struct {
	locale  string
	message string // the key of the message that it is a part of
	text    string // the words
	ssml    string // the same, marked up; a part of a document
	end     byte   // the punctuation after it: one of .?!,;: or 0
	// fixed tells that the words come from the catalog alone. Only such pieces may lie on a disk: a value tells what
	// somebody owes, or who they are.
	fixed bool
	value bool // it is a value
	// recording names the recording of just this, "" if there cannot be one: a message, or a part of one.
	recording string
}

// mostArgs is how many values a message can name.
const mostArgs = 99

// hidden stands for a value while a prompt is cut: a character of the last private plane of Unicode, which no language
// uses, by the number of the value.
func hidden(arg int) string { return string(rune(0x10ff00 + arg)) }

// isHidden returns the number of the value for which a character stands.
func isHidden(c rune) (arg int, ok bool) {
	return int(c - 0x10ff00), c >= 0x10ff00 && c < 0x10ff00+mostArgs
}

// pieces cuts a prompt at its values. It knows the words between them by what stays when other words are put in their
// place; so it needs nothing of the catalog but what everybody has.
func (v *Voice) pieces(locale string, p ivr.Prompt) []piece {
	if p.Locale != "" && v.cfg.Catalog.Locale(p.Locale) != nil {
		locale = p.Locale
	}
	p.Locale = ""
	p.Args = slices.Clone(p.Args[:min(len(p.Args), mostArgs)])
	for i := range p.Args {
		p.Args[i].Text = strings.Map(func(c rune) rune {
			if _, ok := isHidden(c); ok {
				return -1
			}
			return c
		}, p.Args[i].Text)
	}
	masked := p
	masked.Args = slices.Clone(p.Args)
	for i, a := range p.Args {
		masked.Args[i] = ivr.Arg{Kind: ivr.KindText, Text: hidden(i), N: a.N} // N still selects the plural form
	}
	texts, args := cut(v.text(locale, masked))
	ssmls, _ := cut(v.ssml(locale, masked))
	if len(args) == 0 {
		return punctuated(locale, p.Key, piece{text: texts[0], ssml: ssmls[0], fixed: true, recording: p.Key})
	}
	var all []piece
	part := 0
	for i := range texts {
		if hasWords(texts[i]) {
			part++
			all = append(all, piece{text: texts[i], ssml: ssmls[i], fixed: true, recording: partName(p.Key, part)})
		} else {
			all = append(all, piece{text: texts[i], ssml: ssmls[i]})
		}
		if i == len(args) {
			break
		}
		value, ok := v.value(locale, p, masked, args[i])
		if !ok { // one value, said in two ways: this sentence is spoken in one
			return punctuated(locale, p.Key, piece{text: v.text(locale, p), ssml: v.ssml(locale, p)})
		}
		all = append(all, value)
	}
	return punctuated(locale, p.Key, all...)
}

func (v *Voice) text(locale string, p ivr.Prompt) string { return v.cfg.Catalog.Text(locale, p) }

// ssml returns what is within <speak>.
func (v *Voice) ssml(locale string, p ivr.Prompt) string {
	_, inner, _ := strings.Cut(v.cfg.Catalog.SSML(locale, false, p), ">")
	return strings.TrimSuffix(inner, "</speak>")
}

// value returns the piece of one value: what takes its place when the others are masked.
func (v *Voice) value(locale string, p, masked ivr.Prompt, arg int) (piece, bool) {
	a := p.Args[arg]
	one := masked
	one.Args = slices.Clone(masked.Args)
	one.Args[arg] = a
	text, ok := inPlaceOf(hidden(arg), v.text(locale, masked), v.text(locale, one))
	ssml, also := inPlaceOf(hidden(arg), v.ssml(locale, masked), v.ssml(locale, one))
	x := piece{text: text, ssml: ssml, value: true}
	switch a.Kind {
	case ivr.KindKey:
		x.fixed = true
	case ivr.KindPrompt:
		x.fixed, x.recording = true, a.Text
	}
	return x, ok && also
}

// inPlaceOf returns what stands in full where mask stands in masked, if it is the same everywhere.
func inPlaceOf(mask, masked, full string) (string, bool) {
	n := strings.Count(masked, mask)
	from := strings.Index(masked, mask)
	if n == 0 {
		return "", false
	}
	length := (len(full) - len(masked) + n*len(mask)) / n
	if length < 0 || from+length > len(full) {
		return "", false
	}
	value := full[from : from+length]
	return value, strings.ReplaceAll(masked, mask, value) == full
}

// cut cuts a text at what is hidden: n+1 texts around n numbers of values.
func cut(s string) (texts []string, args []int) {
	from := 0
	for i, c := range s {
		if arg, ok := isHidden(c); ok {
			texts, args = append(texts, s[from:i]), append(args, arg)
			from = i + len(string(c))
		}
	}
	return append(texts, s[from:]), args
}

// punctuated gives each piece the punctuation that follows it, and leaves out those without words.
func punctuated(locale, message string, all ...piece) []piece {
	const marks = ".?!,;:"
	kept := all[:0]
	for _, p := range all {
		p.locale, p.message = locale, message
		p.text, p.ssml = strings.TrimSpace(p.text), strings.TrimSpace(p.ssml)
		for p.text != "" && p.ssml != "" && p.text[0] == p.ssml[0] && strings.IndexByte(marks, p.text[0]) >= 0 {
			if len(kept) > 0 {
				kept[len(kept)-1].end = p.text[0]
			}
			p.text, p.ssml = strings.TrimSpace(p.text[1:]), strings.TrimSpace(p.ssml[1:])
		}
		if !hasWords(p.text) {
			continue
		}
		if last := p.text[len(p.text)-1]; strings.IndexByte(marks, last) >= 0 {
			p.end = last
		}
		kept = append(kept, p)
	}
	return kept
}

func hasWords(s string) bool {
	return strings.ContainsFunc(s, func(c rune) bool { return unicode.IsLetter(c) || unicode.IsNumber(c) })
}

// utterance is a piece as it is spoken by itself. Where the sentence goes on, it has a comma, so that the voice does
// too.
func (p *piece) utterance(slow bool) Utterance {
	goesOn := ""
	if p.end == 0 || p.end == ',' && !strings.HasSuffix(p.text, ",") {
		goesOn = ","
	}
	return Utterance{
		Locale: p.locale,
		Text:   p.text + goesOn,
		SSML: `<speak version="1.1" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="` + p.locale + `">` +
			p.ssml + goesOn + `</speak>`,
		Slow: slow,
	}
}
