package ivr

import (
	"maps"
	"slices"
	"strconv"
)

// Word lists with a meaning of their own, as Locale.Words documents.
const (
	wordsCommand = "command."
	wordsDigit   = "digit."
	wordsDouble  = "digit.double"
	wordsTriple  = "digit.triple"
	wordsUnits   = "amount.units"
	wordsMinor   = "amount.minor"
	wordsAnd     = "amount.and"
	wordsPoint   = "amount.point"
	wordsLink    = "number.link"
	wordsFiller  = "filler"
	wordsAround  = "answer.filler"
)

// HearWords tells whether text is one of the phrases of a list of Locale.Words. Case, accents, punctuation and fillers
// do not matter; every other word does: "yes but not today" is no "yes".
func (l *Locale) HearWords(text, words string) bool {
	h := l.hearing()
	u := split(text)
	return h.isPhrase(u, u.without(&h.fillers), words)
}

// commandsHeard is the order in which the word lists are asked.
var commandsHeard = []Command{CommandRepeat, CommandHelp, CommandBack, CommandAgent, CommandSlower, CommandLanguage}

// HearCommand returns the universal that text asks for, by the word lists "command.repeat" and so on; CommandNone if it
// is none.
func (l *Locale) HearCommand(text string) Command {
	h := l.hearing()
	u := split(text)
	plain := u.without(&h.fillers)
	for _, c := range commandsHeard {
		if h.isPhrase(u, plain, wordsCommand+string(c)) {
			return c
		}
	}
	return CommandNone
}

// isPhrase takes the whole words first, so that a list can have a filler as a phrase: "thank you".
func (h *hearing) isPhrase(whole, plain utterance, list string) bool {
	phrases := h.phrases[list]
	return phrases[whole.text] || phrases[plain.text]
}

// hearing is what a locale understands, made of its Words and its Grammar.
type hearing struct {
	decimal byte
	phrases map[string]map[string]bool // by list
	fillers lexicon[bool]
	around  lexicon[bool]   // fillers of answers
	digits  lexicon[byte]   // '0' to '9'
	repeats lexicon[int]    // 2 and 3: double and triple
	numbers lexicon[uint64] // 0 to 99 and the hundreds
	extras  lexicon[uint64] // Grammar.Numerals
	scales  lexicon[uint64]
	links   lexicon[bool]
	units   lexicon[bool]
	minors  lexicon[bool]
	ands    lexicon[bool]
	points  lexicon[bool]
}

// hearing returns what NewCatalog has made. A locale that is in no catalog makes it for each call, which is slow.
func (l *Locale) hearing() *hearing {
	if l.heard != nil {
		return l.heard
	}
	return newHearing(l)
}

func newHearing(l *Locale) *hearing {
	g := &l.Grammar
	h := &hearing{decimal: g.Decimal, phrases: make(map[string]map[string]bool, len(l.Words))}
	h.fillers.addAll(l.Words[wordsFiller], true)
	h.around.addAll(l.Words[wordsAround], true)
	for list, phrases := range l.Words {
		h.phrases[list] = make(map[string]bool, len(phrases))
		for _, p := range phrases {
			u := split(p)
			h.phrases[list][u.text] = true
			h.phrases[list][u.without(&h.fillers).text] = true
		}
		delete(h.phrases[list], "") // of a phrase that is nothing but fillers
	}
	for d := range byte(10) {
		h.digits.add(g.Digits[d], '0'+d)
		h.digits.addAll(l.Words[wordsDigit+strconv.Itoa(int(d))], '0'+d)
	}
	h.repeats.addAll(l.Words[wordsDouble], 2)
	h.repeats.addAll(l.Words[wordsTriple], 3)
	h.addNumbers(g)
	h.links.addAll(l.Words[wordsLink], true)
	h.ands.addAll(l.Words[wordsAnd], true)
	h.ands.add(g.And, true)
	h.points.addAll(l.Words[wordsPoint], true)
	h.points.add(g.Point, true)
	h.units.addAll(l.Words[wordsUnits], true)
	h.minors.addAll(l.Words[wordsMinor], true)
	for _, c := range g.Currencies {
		h.units.addAll([]string{c.Unit.One, c.Unit.Many}, true)
		h.minors.addAll([]string{c.Minor.One, c.Minor.Many}, true)
	}
	return h
}

// addNumbers learns the numbers from how the Grammar says them: alone, and before a noun of either gender.
func (h *hearing) addNumbers(g *Grammar) {
	for _, word := range slices.Sorted(maps.Keys(g.Numerals)) {
		h.extras.add(word, g.Numerals[word])
	}
	for _, word := range slices.Sorted(maps.Keys(g.Scales)) {
		h.scales.add(word, g.Scales[word])
	}
	if g.Quantity == nil {
		return
	}
	const mark = "x" // stands for a noun
	nouns := []Noun{{}, {One: mark, Many: mark}, {One: mark, Many: mark, Feminine: true}}
	for n := range uint64(100) {
		h.addNumber(g, n, nouns)
	}
	for n := uint64(100); n < 1000; n += 100 {
		h.addNumber(g, n, nouns)
	}
}

func (h *hearing) addNumber(g *Grammar, n uint64, nouns []Noun) {
	for _, noun := range nouns {
		u := split(string(g.Quantity(nil, n, noun)))
		if noun.One != "" && len(u.at) > 0 {
			u = u.part(0, len(u.at)-1)
		}
		h.numbers.add(u.text, n)
	}
}

// answer splits text into words and leaves out what is no part of digits or an amount.
func (h *hearing) answer(text string) utterance {
	u := split(text)
	u = u.without(&h.fillers)
	return u.without(&h.around)
}

// without leaves the phrases of a lexicon out.
func (u *utterance) without(fillers *lexicon[bool]) utterance {
	kept := make([]span, 0, len(u.at))
	for i := 0; i < len(u.at); {
		if _, n := fillers.find(*u, i); n > 0 {
			i += n
			continue
		}
		kept = append(kept, u.at[i])
		i++
	}
	if len(kept) == len(u.at) {
		return *u
	}
	return u.only(kept)
}

// lexicon finds phrases of one or more words in an utterance.
type lexicon[V any] struct {
	of      map[string]V
	longest int // in words
}

func (x *lexicon[V]) add(phrase string, v V) {
	u := split(phrase)
	if len(u.at) == 0 {
		return
	}
	if x.of == nil {
		x.of = make(map[string]V)
	}
	x.of[u.text] = v
	x.longest = max(x.longest, len(u.at))
}

func (x *lexicon[V]) addAll(phrases []string, v V) {
	for _, p := range phrases {
		x.add(p, v)
	}
}

// find returns the longest phrase that begins at word i, and how many words it has; 0 if there is none.
func (x *lexicon[V]) find(u utterance, i int) (v V, n int) {
	for n = min(x.longest, len(u.at)-i); n > 0; n-- {
		if v, ok := x.of[u.phrase(i, n)]; ok {
			return v, n
		}
	}
	return v, 0
}
