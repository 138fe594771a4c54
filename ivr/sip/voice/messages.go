package voice

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/dialpay/dialpay/ivr"
)

// forms returns the pieces of a message, once for each plural form that it has for the counts that tell those of all
// languages apart, with words of no meaning for its values.
func (v *Voice) forms(locale, key string) [][]piece {
	var all [][]piece
	var seen []string
	for n := range int64(133) {
		if n == 132 {
			n = 1_000_000 // a form of its own in Spanish
		}
		p := ivr.Prompt{Key: key, Args: make([]ivr.Arg, mostArgs)}
		for i := range p.Args {
			p.Args[i] = ivr.Arg{Kind: ivr.KindText, Text: "value", N: n}
		}
		if text := v.text(locale, p); !slices.Contains(seen, text) {
			seen = append(seen, text)
			all = append(all, v.pieces(locale, p))
		}
	}
	return all
}

// partName names the recording of a part of a message, counted from 1.
func partName(key string, part int) string { return key + "-" + strconv.Itoa(part) }

// checkRecordings holds the names of the recordings against the catalog.
func (v *Voice) checkRecordings() error {
	if v.cfg.Recordings == nil {
		return nil
	}
	var faults []error
	checked := make(map[string]bool) // parts of messages, by locale and key
	for _, file := range slices.Sorted(maps.Keys(v.cfg.Recordings.sounds)) {
		locale, name, _ := strings.Cut(file, "/")
		key, part := v.keyOf(locale, name)
		var err error
		switch {
		case v.cfg.Catalog.Locale(locale) == nil:
			err = fmt.Errorf("the catalog has no locale %s", locale)
		case strings.HasPrefix(name, "words/"):
		case !v.cfg.Catalog.Has(locale, key):
			err = fmt.Errorf("the catalog has no message %q", key)
		case part > 0 && checked[locale+"/"+key]:
		default:
			checked[locale+"/"+key] = part > 0
			err = v.checkRecording(locale, key, part)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("voice: recording %s.wav: %w", file, err))
		}
	}
	return errors.Join(faults...)
}

// keyOf splits the name of a recording into the key of a message, and the number of the part, 0 for the whole.
func (v *Voice) keyOf(locale, name string) (key string, part int) {
	if v.cfg.Catalog.Has(locale, name) {
		return name, 0
	}
	if at := strings.LastIndexByte(name, '-'); at > 0 {
		if n, err := strconv.Atoi(name[at+1:]); err == nil && n > 0 {
			return name[:at], n
		}
	}
	return name, 0
}

// checkRecording checks the recording of a whole message, or those of all its parts at once.
func (v *Voice) checkRecording(locale, key string, part int) error {
	forms := v.forms(locale, key)
	if len(forms) > 1 {
		return fmt.Errorf("message %q is said in %d forms, by a number: it can only be spoken", key, len(forms))
	}
	var parts []piece
	values := false
	for _, x := range forms[0] {
		if values = values || x.value; !x.value {
			parts = append(parts, x)
		}
	}
	switch {
	case values && len(parts) == 0 && part == 0:
		return fmt.Errorf("message %q is a value and no more: record its words, in words/", key)
	case values && part == 0:
		first := parts[0]
		return fmt.Errorf("message %q has values: record its parts, as %s.wav: %q …", key, first.recording, first.text)
	case !values && part > 0:
		return fmt.Errorf("message %q has no values, and so no parts: record %s.wav", key, key)
	case !values:
		return nil
	}
	for _, x := range parts {
		if v.cfg.Recordings.sounds[locale+"/"+x.recording] == nil {
			return fmt.Errorf("message %q lacks the recording %s.wav: %q", key, x.recording, x.text)
		}
	}
	for file := range v.cfg.Recordings.sounds {
		at, name, _ := strings.Cut(file, "/")
		if k, n := v.keyOf(at, name); at == locale && k == key && n > len(parts) {
			return fmt.Errorf("message %q has %d parts, and %s.wav is none", key, len(parts), name)
		}
	}
	return nil
}
