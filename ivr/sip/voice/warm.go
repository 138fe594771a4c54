package voice

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/dialpay/dialpay/ivr"
)

// Warm renders everything that is fixed in these locales, at both rates of speech, or finds it on the disk: all
// messages, the words between values, and the keys. Without locales it takes all of the catalog. It is called at the
// start, so that no caller waits for it, but calls may go on meanwhile. espeak-ng takes some 20 s of one core for the two
// languages of the library, once if there is a Config.Dir. It stops at the first error.
func (v *Voice) Warm(ctx context.Context, locales ...string) error {
	if len(locales) == 0 {
		locales = v.cfg.Catalog.Locales()
	}
	pieces := make(map[string][]piece) // by locale
	for _, locale := range locales {
		known := v.cfg.Catalog.Locale(locale)
		if known == nil {
			return fmt.Errorf("voice: warm: the catalog has no locale %q", locale)
		}
		keys := slices.Sorted(maps.Keys(known.Messages))
		pieces[locale] = v.keypad(locale, keys)
		for _, key := range keys {
			pieces[locale] = append(pieces[locale], v.fixed(locale, key)...)
		}
	}
	for _, slow := range []bool{true, false} { // what is usual comes last, and stays in memory
		for _, locale := range slices.Backward(locales) {
			if err := v.warm(ctx, pieces[locale], slow); err != nil {
				return err
			}
		}
	}
	return nil
}

// warm renders pieces, a few at once.
func (v *Voice) warm(ctx context.Context, pieces []piece, slow bool) error {
	var parts []part
	for i, x := range pieces {
		parts = v.append(parts, x, slow)
		for last := i == len(pieces)-1; len(parts) > 0 && (last || len(parts) > 2*cap(v.busy)); parts = parts[1:] {
			select {
			case <-parts[0].sound.ready:
			case <-ctx.Done():
				return fmt.Errorf("voice: warm: %w", ctx.Err())
			}
			if err := parts[0].sound.err; err != nil {
				return fmt.Errorf("voice: warm: %w", err)
			}
		}
	}
	return nil
}

// fixed returns the pieces of a message that are the same in all calls.
func (v *Voice) fixed(locale, key string) []piece {
	var all []piece
	for _, form := range v.forms(locale, key) {
		for _, x := range form {
			if !x.value {
				all = append(all, x)
			}
		}
		if len(form) == 1 && form[0].end == 0 { // a word, such as the brand of a card: a value in other messages
			all = append(all, atEnd(form[0]))
		}
	}
	return all
}

// keypad returns the keys of a telephone, which are values of any message that has one.
func (v *Voice) keypad(locale string, messages []string) []piece {
	var all []piece
	for _, message := range messages {
		for _, key := range []byte("0123456789*#") {
			p := ivr.Prompt{Key: message, Args: slices.Repeat([]ivr.Arg{ivr.Key(key)}, mostArgs)}
			for _, x := range v.pieces(locale, p) {
				if x.value {
					x.end = 0
					all = append(all, x, atEnd(x))
					break
				}
			}
		}
		if len(all) > 0 {
			break
		}
	}
	return all
}

// atEnd is a piece at the end of a sentence.
func atEnd(x piece) piece {
	x.end = '.'
	return x
}
