package twimltest

import (
	"strings"
	"unicode"

	"github.com/dialpay/dialpay/ivr"
)

// Words are what an element says, as Plain makes them of a text: characters that are spelled are words of their own;
// the alias of a <sub> is spoken in place of what it stands for.
func Words(e *Element, l *ivr.Locale) string {
	var b strings.Builder
	speak(&b, e)
	return Plain(b.String(), l)
}

func speak(b *strings.Builder, e *Element) {
	switch e.Name {
	case "":
		b.WriteString(e.Text)
		return
	case "sub":
		b.WriteString(e.Attr["alias"])
		return
	case "Play", "Redirect", "Number", "Sip", "Task", "Enqueue":
		return // a URL, an address
	case "break", "Say":
		b.WriteByte(' ')
	case "Prompt":
		if e.Attr["for"] != paySteps[0] || e.Attr["errorType"] != "" || !listed(e.Attr["attempt"], "1") {
			return // <Pay> says that later, or never
		}
	case "say-as":
		for _, c := range e.Content() {
			b.WriteString(" " + string(c) + " ")
		}
		return
	}
	for i := range e.Children {
		speak(b, &e.Children[i])
	}
}

// Plain is a text in lower case, with a blank for each run of what is neither letter nor digit, and a word of the
// locale for a digit that stands alone. So the text of a prompt and its SSML come to the same.
func Plain(text string, l *ivr.Locale) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	for i, w := range words {
		if l != nil && len(w) == 1 && w[0] >= '0' && w[0] <= '9' {
			words[i] = l.Grammar.Digits[w[0]-'0']
		}
	}
	return strings.Join(words, " ")
}
