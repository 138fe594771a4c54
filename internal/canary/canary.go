// Package canary finds secret digits where they must not be. A test keys a canary, a number that nothing else could
// have made, and then looks for it, in every shape that software gives to digits, in all that came out: logs, errors,
// stored sessions, transcripts.
package canary

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
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
	spoken := punctuation.ReplaceAllString(lower, " ")
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

var (
	punctuation = regexp.MustCompile(`[^\pL\d]+`)
	digitRuns   = regexp.MustCompile(`\d+`)
	grouping    = regexp.MustCompile(`(\d)[ \-._/]{1,2}(\d)`)
)

// plain looks for the digits themselves, forwards, backwards, and in groups. A short secret must stand alone: three
// digits are in every time of day.
func (c Canary) plain(text string, found map[string]bool) {
	joined := grouping.ReplaceAllString(grouping.ReplaceAllString(text, "$1$2"), "$1$2")
	var runs []string
	if c.short {
		runs = digitRuns.FindAllString(text, -1)
	}
	for _, w := range c.windows {
		there := func(digits string) bool {
			if c.short {
				return slices.Contains(runs, digits)
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

// single is one digit, or the code of one, that stands alone, after a word or none: key=4, "key":52.
var single = regexp.MustCompile(`([A-Za-z_]*)[^A-Za-z_\d]*(\d+)`)

// keys looks for digits that were written one at a time, whatever stands between them, under one name or as they come.
func (c Canary) keys(text string, found map[string]bool) {
	sequences := map[string]*strings.Builder{"": {}}
	for _, m := range single.FindAllStringSubmatch(text, -1) {
		digit := m[2]
		if len(digit) == 2 && digit >= "48" && digit <= "57" {
			digit = string(rune('0' + (digit[0]-'4')*10 + digit[1] - '8'))
		}
		names := []string{m[1]}
		if m[1] != "" {
			names = append(names, "")
		}
		for _, name := range names {
			if sequences[name] == nil {
				sequences[name] = &strings.Builder{}
			}
			if len(digit) == 1 {
				sequences[name].WriteString(digit)
			} else if name != "" {
				sequences[name].WriteByte('.')
			}
		}
	}
	for _, sequence := range sequences {
		for _, w := range c.windows {
			if !c.short && strings.Contains(sequence.String(), w) {
				found["one by one"] = true
			}
		}
	}
}
