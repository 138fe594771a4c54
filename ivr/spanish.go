package ivr

import (
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message/catalog"
)

// Spanish is US Spanish: its grammar, and the words for commands, yes, no and digits. It has no messages yet. Numbers
// follow the Real Academia Española (Libro de estilo de la Justicia, 14.3.1): the long scale, apocope before masculine
// nouns, agreement of the hundreds.
func Spanish() Locale {
	return Locale{
		Messages: map[string]catalog.Message{},
		Tag:      language.MustParse("es-US"),
		Words:    spanishWords(),
		Grammar: Grammar{
			Digits:     [10]string(spanishSmall[:10]),
			Quantity:   spanishQuantity,
			Date:       spanishDate,
			Currencies: spanishCurrencies(),
			And:        "con",
			Minus:      "menos",
			Point:      "punto",
			Plus:       "más",
			AsIn:       "de",
			Star:       "asterisco",
			Pound:      "numeral",
			Spelling:   spanishSpelling,
			Scales:     map[string]uint64{"mil": 1e3, "millón": 1e6, "millones": 1e6, "billón": 1e12, "billones": 1e12},
			Numerals:   map[string]uint64{"ciento": 100},
			Decimal:    '.', // es-US writes numbers as en-US does
		},
	}
}

// gender is what a Spanish number agrees with.
type gender int

const (
	alone     gender = iota // veintiuno, treinta y uno
	masculine               // veintiún, treinta y un
	feminine                // veintiuna, treinta y una
)

func spanishQuantity(b []byte, n uint64, of Noun) []byte {
	switch {
	case of == Noun{}:
		return spanishNumber(b, n, alone)
	case of.Feminine:
		b = spanishNumber(b, n, feminine)
	default:
		b = spanishNumber(b, n, masculine)
	}
	if n > 0 && n%1_000_000 == 0 {
		b = append(b, " de"...)
	}
	if n == 1 {
		return append(append(b, ' '), of.One...)
	}
	return append(append(b, ' '), of.Many...)
}

// spanishNumber says a cardinal number.
func spanishNumber(b []byte, n uint64, g gender) []byte {
	start := len(b)
	for _, scale := range spanishScales {
		if n < scale.value {
			continue
		}
		count := n / scale.value
		b = spanishThousands(spaced(b, start), count, masculine)
		b = append(append(b, ' '), scale.name...)
		if count > 1 {
			b = append(b[:len(b)-len("ón")], "ones"...)
		}
		n %= scale.value
	}
	if n > 0 || len(b) == start {
		b = spanishThousands(spaced(b, start), n, g)
	}
	return b
}

// spanishThousands says 0 to 999,999. Before mil, hundreds agree with the noun, but un stays as it is: "doscientas un mil
// libras". The RAE demands the first and leaves the second open; CLDR keeps both masculine.
func spanishThousands(b []byte, n uint64, g gender) []byte {
	start := len(b)
	if n >= 1000 {
		if n >= 2000 {
			b = spanishHundreds(b, n/1000, g, masculine)
			b = append(b, ' ')
		}
		b = append(b, "mil"...)
		n %= 1000
	}
	if n > 0 || len(b) == start {
		b = spanishHundreds(spaced(b, start), n, g, g)
	}
	return b
}

// spanishHundreds says 0 to 999; hundreds and the rest can differ in gender.
func spanishHundreds(b []byte, n uint64, hundreds, rest gender) []byte {
	if n == 100 {
		return append(b, "cien"...)
	}
	if n > 100 {
		b = append(b, spanishHundred[n/100]...)
		if n >= 200 && hundreds == feminine {
			b = append(b[:len(b)-len("os")], "as"...)
		}
		if n %= 100; n == 0 {
			return b
		}
		b = append(b, ' ')
	}
	if n >= 30 {
		b = append(b, spanishTens[n/10]...)
		if n %= 10; n == 0 {
			return b
		}
		b = append(b, " y "...)
	}
	if n == 1 || n == 21 {
		return append(b, spanishOne[n == 21][rest]...)
	}
	return append(b, spanishSmall[n]...)
}

func spanishDate(b []byte, day time.Time, near bool) []byte {
	if near {
		b = append(append(b, spanishWeekdays[day.Weekday()]...), ' ')
	}
	if day.Day() == 1 {
		b = append(b, "primero"...)
	} else {
		b = spanishNumber(b, uint64(day.Day()), alone)
	}
	b = append(append(b, " de "...), spanishMonths[day.Month()]...)
	if near {
		return b
	}
	return spanishNumber(append(b, " de "...), uint64(day.Year()), alone)
}
