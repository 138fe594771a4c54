// Package canary finds secret digits where they must not be. A test keys a canary, a number that nothing else could
// have made, and then looks for it, in every shape that software gives to digits, in all that came out: logs, errors,
// stored sessions, transcripts.
package canary

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Window is how many digits in a row give a number away. Four may be shown (the last four of a card), and so may the
// eight that a reader could take for a date; a secret shorter than this is looked for as a whole.
const Window = 9

// Canary is a secret to look for. Make one with New.
type Canary struct {
	short   bool
	windows []string
	needles []needle
}

// needle is a window in one shape.
type needle struct{ shape, text string }

// New makes a Canary of decimal digits: a card number, or a code of at least three digits.
func New(digits string) Canary {
	c := Canary{short: len(digits) < Window}
	for i := 0; i == 0 || i+Window <= len(digits); i++ {
		w := digits[i:min(i+Window, len(digits))]
		c.windows = append(c.windows, w)
		for _, s := range shapes {
			for _, text := range s.of(w) {
				c.needles = append(c.needles, needle{s.name, text})
			}
		}
	}
	return c
}

// shapes are the encodings that are found as they stand. Hex is looked for in lower case, in a text in lower case.
var shapes = []struct {
	name string
	of   func(digits string) []string
}{
	{"hex", func(d string) []string { return []string{hex.EncodeToString([]byte(d))} }},
	{"bytes", func(d string) []string {
		return []string{eachOf(d, "%d", " "), eachOf(d, "%d", ", "), eachOf(d, "%d", ",")}
	}},
	{"bytes in hex", func(d string) []string {
		return []string{eachOf(d, "0x%x", ", "), eachOf(d, "%x", " "), eachOf(d, "%x", ":")}
	}},
	{"JSON escapes", func(d string) []string { return []string{eachOf(d, `\u%04x`, ""), eachOf(d, `\x%x`, "")} }},
	{"percent", func(d string) []string { return []string{eachOf(d, "%%%x", "")} }},
	{"HTML", func(d string) []string { return []string{eachOf(d, "&#%d;", ""), eachOf(d, "&#x%x;", "")} }},
	{"UTF-16 LE", func(d string) []string { return []string{eachOf(d, "%c\x00", "")} }},
	{"UTF-16 BE", func(d string) []string { return []string{eachOf(d, "\x00%c", "")} }},
	{"words", func(d string) []string { return []string{words(d, english), words(d, spanish)} }},
}

func eachOf(digits, format, between string) string {
	parts := make([]string, len(digits))
	for i := range len(digits) {
		parts[i] = fmt.Sprintf(format, digits[i])
	}
	return strings.Join(parts, between)
}

var (
	english = strings.Fields("zero one two three four five six seven eight nine")
	spanish = strings.Fields("cero uno dos tres cuatro cinco seis siete ocho nueve")
)

func words(digits string, names []string) string {
	var all []string
	for _, d := range digits {
		all = append(all, names[d-'0'])
	}
	return strings.Join(all, " ")
}

// In tells in which shapes the canary is in a text; nil when it is not there.
func (c Canary) In(text string) []string {
	found := map[string]bool{}
	lower := strings.ToLower(text)
	spoken := wordsOnly(lower)
	for _, n := range c.needles {
		if strings.Contains(lower, n.text) || n.shape == "words" && strings.Contains(spoken, n.text) {
			found[n.shape] = true
		}
	}
	c.plain(text, found)
	c.base64(text, found)
	c.packed(text, found)
	c.keys(text, found)
	return slices.Sorted(maps.Keys(found))
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

func isLetter(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '_' || b >= 0x80
}

// wordsOnly leaves one space between words, whatever was there.
func wordsOnly(text string) string {
	out := make([]byte, 0, len(text))
	for i := range len(text) {
		if isLetter(text[i]) || isDigit(text[i]) {
			out = append(out, text[i])
		} else if len(out) > 0 && out[len(out)-1] != ' ' {
			out = append(out, ' ')
		}
	}
	return string(out)
}

// ungrouped takes out what people put between groups of digits: one or two of space, dash, dot, underscore, slash.
func ungrouped(text string) string {
	out := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		out = append(out, text[i])
		if !isDigit(text[i]) {
			continue
		}
		for n := 1; n <= 2 && i+n+1 < len(text) && strings.IndexByte(" -._/", text[i+n]) >= 0; n++ {
			if isDigit(text[i+n+1]) {
				i += n
				break
			}
		}
	}
	return string(out)
}

// standsAlone tells that digits are in the text without a digit on either side.
func standsAlone(text, digits string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], digits)
		if i < 0 {
			return false
		}
		start, end := from+i, from+i+len(digits)
		if (start == 0 || !isDigit(text[start-1])) && (end == len(text) || !isDigit(text[end])) {
			return true
		}
		from = start + 1
	}
}

// plain looks for the digits themselves, forwards, backwards, and in groups. A short secret must stand alone: three
// digits are in every time of day.
func (c Canary) plain(text string, found map[string]bool) {
	joined := ungrouped(text)
	for _, w := range c.windows {
		there := func(digits string) bool {
			if c.short {
				return standsAlone(text, digits)
			}
			return strings.Contains(text, digits)
		}
		back := []byte(w)
		slices.Reverse(back)
		found["plain"] = found["plain"] || there(w)
		found["reversed"] = found["reversed"] || !c.short && there(string(back))
		found["grouped"] = found["grouped"] || !c.short && !there(w) && strings.Contains(joined, w)
	}
	for shape, yes := range found {
		if !yes {
			delete(found, shape)
		}
	}
}

// base64 looks for the digits at each of the three places that they can have in a group of three bytes. Of the
// characters at the ends, those that also hold other bytes are left out.
func (c Canary) base64(text string, found map[string]bool) {
	if c.short {
		return // three characters say nothing
	}
	for _, w := range c.windows {
		for before := range 3 {
			padded := strings.Repeat("x", before) + w
			whole := base64.RawStdEncoding.EncodeToString([]byte(padded))
			from, to := (before*8+5)/6, len(padded)*8/6
			if strings.Contains(text, whole[from:to]) {
				found["base64"] = true
			}
		}
	}
}

// packed looks for two digits a byte (BCD), whichever of them is the first of its byte.
func (c Canary) packed(text string, found map[string]bool) {
	if c.short {
		return
	}
	for _, w := range c.windows {
		for from := range 2 {
			var bcd []byte
			for i := from; i+1 < len(w); i += 2 {
				bcd = append(bcd, (w[i]-'0')<<4|(w[i+1]-'0'))
			}
			if strings.Contains(text, string(bcd)) {
				found["BCD"] = true
			}
		}
	}
}

// keys looks for digits that were written one at a time, or their codes, whatever stands between them: under one name
// (key=4, "key":52), or as they come.
func (c Canary) keys(text string, found map[string]bool) {
	if c.short {
		return // three keys are in every log
	}
	sequences := map[string][]byte{}
	name := ""
	for i := 0; i < len(text); {
		from := i
		switch {
		case isLetter(text[i]):
			for i < len(text) && isLetter(text[i]) {
				i++
			}
			name = text[from:i]
		case isDigit(text[i]):
			for i < len(text) && isDigit(text[i]) {
				i++
			}
			digit, single := oneDigit(text[from:i])
			if single {
				sequences[""] = append(sequences[""], digit)
			}
			if name != "" {
				sequences[name] = append(sequences[name], digit)
			}
			name = ""
		default:
			i++
		}
	}
	for _, sequence := range sequences {
		for _, w := range c.windows {
			if bytes.Contains(sequence, []byte(w)) {
				found["one by one"] = true
			}
		}
	}
}

// oneDigit is a digit that was written alone, or as its code; '.' for any other number.
func oneDigit(run string) (digit byte, single bool) {
	if len(run) == 1 {
		return run[0], true
	}
	if len(run) == 2 && run >= "48" && run <= "57" {
		return '0' + (run[0]-'4')*10 + run[1] - '8', true
	}
	return '.', false
}
