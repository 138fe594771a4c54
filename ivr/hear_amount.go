package ivr

import (
	"strconv"
	"unicode"
	"unicode/utf8"
)

// HearAmount returns the whole units that text says, in decimal digits without leading zeros, and the minor units: -1
// when none were said. "$42.50", "forty-two dollars and fifty cents" and "forty-two fifty" … the last is refused: what
// is not clear is no amount, as money hangs on it. So is more than 999,999,999,999 units, and a negative amount.
//
// A minor unit that is named counts as it is, up to 999: "two hundred fifty fils" is 250. Decimals, "42.5" and "twelve
// point five", are hundredths, as in most currencies. The currency is not checked: a read-back has to name it.
func (l *Locale) HearAmount(text string) (units string, minor int, ok bool) {
	h := l.hearing()
	a := amountHeard{h: h, u: h.answer(text), minor: -1}
	if !a.parse() || a.i != len(a.u.at) {
		return "", -1, false
	}
	return strconv.FormatUint(a.units, 10), a.minor, true
}

// amountHeard is an amount that is being heard.
type amountHeard struct {
	h       *hearing
	u       utterance
	i       int // the word where we are
	units   uint64
	minor   int
	hasUnit bool // a whole unit was named
}

// take steps over a phrase of the lexicon, if one is here.
func (a *amountHeard) take(x *lexicon[bool]) bool {
	_, n := x.find(a.u, a.i)
	a.i += n
	return n > 0
}

func (a *amountHeard) atEnd() bool { return a.i == len(a.u.at) }

func (a *amountHeard) parse() bool {
	a.symbol()
	if a.atEnd() {
		return false
	}
	if w := a.u.word(a.i); isDigit(rune(w[0])) {
		if units, minor, ok := figures(w, a.h.decimal); ok && minor >= 0 {
			a.i++
			a.units, a.minor = units, minor
			_ = a.hasUnit || a.take(&a.h.units)
			return true
		}
	}
	x := a.h.number(a.u, a.i)
	if x.words == 0 {
		return false
	}
	a.i += x.words
	a.units = x.value()
	a.link()
	switch {
	case a.atEnd():
		return true
	case !a.hasUnit && a.take(&a.h.minors):
		a.units, a.minor = 0, int(min(x.value(), 1000))
		return a.minor < 1000 && (a.minor < 100 || !x.linked)
	case a.take(&a.h.units):
		if a.hasUnit {
			return false
		}
		a.hasUnit = true
	}
	if a.atEnd() {
		return true
	}
	if a.take(&a.h.points) {
		return a.decimals()
	}
	return a.rest()
}

// symbol takes a currency sign before the number. A name does not stand there.
func (a *amountHeard) symbol() {
	if a.atEnd() {
		return
	}
	if r, _ := utf8.DecodeRuneInString(a.u.word(0)); unicode.Is(unicode.Sc, r) {
		a.hasUnit = a.take(&a.h.units)
	}
}

// link steps over "de" in "un millón de dólares".
func (a *amountHeard) link() {
	_, n := a.h.links.find(a.u, a.i)
	if _, unit := a.h.units.find(a.u, a.i+n); n > 0 && unit > 0 {
		a.i += n
	}
}

// decimals hears what follows "point": digits, or a number of two digits. "twelve point five dollars".
func (a *amountHeard) decimals() bool {
	var digits []byte
	for !a.atEnd() && len(digits) < 2 {
		var n int
		if digits, n = a.h.decimal1(digits, a.u, a.i); n == 0 {
			break
		}
		a.i += n
	}
	var ok bool
	a.minor, ok = hundredths(string(digits))
	_ = a.hasUnit || a.take(&a.h.units)
	return ok
}

// decimal1 is as digit, with "forty two" taken for what it can only be after a point.
func (h *hearing) decimal1(b []byte, u utterance, i int) (digits []byte, words int) {
	if v, n := h.numbers.find(u, i); n > 0 && len(b) == 0 && 10 <= v && v < 100 {
		return append(b, byte('0'+v/10), byte('0'+v%10)), n
	}
	return h.digit(b, u, i)
}

// rest hears the minor units after the whole ones.
func (a *amountHeard) rest() bool {
	_, links := a.h.links.find(a.u, a.i)
	and := a.take(&a.h.ands)
	if !a.hasUnit && (!and || links > 0) {
		return false // "five fifty", "five and fifty"
	}
	x := a.h.number(a.u, a.i)
	if x.words == 0 {
		return false
	}
	a.i += x.words
	least, most := uint64(0), uint64(99)
	if a.take(&a.h.minors) {
		most = 999
	} else if !and {
		least = 10 // "five dollars five" may be five cents or fifty
	}
	if x.value() < least || x.value() > most {
		return false
	}
	a.minor = int(x.value())
	return true
}
