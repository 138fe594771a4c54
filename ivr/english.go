package ivr

import (
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message/catalog"
)

// English is US English: its grammar, and the words for commands, yes, no and digits. It has no messages yet.
func English() Locale {
	return Locale{
		Messages: map[string]catalog.Message{},
		Tag:      language.AmericanEnglish,
		Words:    englishWords(),
		Grammar: Grammar{
			Digits:     [10]string(englishSmall[:10]),
			Quantity:   englishQuantity,
			Date:       englishDate,
			Currencies: englishCurrencies(),
			And:        "and",
			Minus:      "minus",
			Point:      "point",
			Plus:       "plus",
			AsIn:       "as in",
			Star:       "star",
			Pound:      "pound",
			Spelling:   englishSpelling,
			Scales:     map[string]uint64{"hundred": 100, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12},
			Numerals:   map[string]uint64{"a": 1, "an": 1},
			Decimal:    '.',
		},
	}
}

func englishQuantity(b []byte, n uint64, of Noun) []byte {
	b = englishNumber(b, n)
	switch {
	case of == Noun{}:
		return b
	case n == 1:
		return append(append(b, ' '), of.One...)
	default:
		return append(append(b, ' '), of.Many...)
	}
}

// englishNumber says a cardinal number the American way, without "and".
func englishNumber(b []byte, n uint64) []byte {
	if n < 1000 {
		return englishHundreds(b, n)
	}
	start := len(b)
	for _, scale := range englishScales {
		if n >= scale.value {
			b = englishHundreds(spaced(b, start), n/scale.value)
			b = append(append(b, ' '), scale.name...)
			n %= scale.value
		}
	}
	if n > 0 {
		b = englishHundreds(spaced(b, start), n)
	}
	return b
}

// englishHundreds says 0 to 999.
func englishHundreds(b []byte, n uint64) []byte {
	if n >= 100 {
		b = append(append(b, englishSmall[n/100]...), " hundred"...)
		if n %= 100; n == 0 {
			return b
		}
		b = append(b, ' ')
	}
	if n < 20 {
		return append(b, englishSmall[n]...)
	}
	b = append(b, englishTens[n/10]...)
	if n %= 10; n > 0 {
		b = append(append(b, '-'), englishSmall[n]...)
	}
	return b
}

// spaced adds a blank between words, none at the start.
func spaced(b []byte, start int) []byte {
	if len(b) > start {
		b = append(b, ' ')
	}
	return b
}

func englishDate(b []byte, day time.Time, near bool) []byte {
	if near {
		b = append(append(b, day.Weekday().String()...), ", "...)
	}
	b = append(append(b, day.Month().String()...), ' ')
	b = append(b, englishOrdinals[day.Day()]...)
	if near {
		return b
	}
	return englishYear(append(b, ", "...), uint64(day.Year()))
}

// englishYear says a year by its two halves, but the first decade of a millennium as a number.
func englishYear(b []byte, year uint64) []byte {
	if year < 1000 || year >= 10000 || year%1000 < 10 {
		return englishNumber(b, year)
	}
	b = englishHundreds(b, year/100)
	switch rest := year % 100; {
	case rest == 0:
		return append(b, " hundred"...)
	case rest < 10:
		return append(append(b, " oh "...), englishSmall[rest]...)
	default:
		return englishHundreds(append(b, ' '), rest)
	}
}
