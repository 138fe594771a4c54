package ivr

import (
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message/catalog"
)

// Locale is how one language is spoken and understood: plain data and a few functions. English and Spanish return fresh
// ones, whose maps may be changed and added to before they go into NewCatalog. After that they must not change.
type Locale struct {
	// Tag is the language, en-US.
	Tag language.Tag
	// Messages are what is said, by prompt key: catalog.String("Your balance is %[1]s.") or plural.Selectf. %[1]s is the
	// first Arg of the Prompt, already in words; %% is a per cent sign. Any Arg can select a plural form, by its N. A Count
	// before a noun can be %[1]m or %[1]f, where the language has genders: "%[1]f facturas" is "veintiuna facturas".
	Messages map[string]catalog.Message
	// Words are the phrases by which options and commands are spoken: "yes": {"yes", "yeah", "correct"}. Case, accents
	// and punctuation do not matter. Lists with a meaning of their own:
	//
	//	command.back, .agent, .language, .slower, .help, .repeat   the universals, for HearCommand
	//	digit.0 … digit.9             further words for a digit: "oh"
	//	digit.double, digit.triple    words that repeat the digit after them
	//	amount.units, amount.minor    further words for whole and minor units: "bucks", "pennies"
	//	amount.and, amount.point      words between whole and minor units
	//	number.link                   words without a value inside a number: "and", "de"
	//	filler                        words without meaning anywhere: "please", "uh"
	//	answer.filler                 the same around digits and amounts: "I'd like to pay"
	Words map[string][]string
	// Grammar is how values are said and heard.
	Grammar Grammar

	// heard is made of Words and Grammar by NewCatalog.
	heard *hearing
}

// Grammar is how values are put into words in a language. Only the maps may be empty.
type Grammar struct {
	// Digits are the words for 0 to 9 where they are spelled one by one.
	Digits [10]string
	// Quantity appends a number and what it counts, in words: "twenty-one dollars", "veintiuna libras", "un millón de
	// dólares". With the zero Noun it is the number alone: "twenty-one", "veintiuno". It must know every uint64.
	Quantity func(b []byte, n uint64, of Noun) []byte
	// Date appends a calendar day in words. A day within a week of today is near: it has its weekday and no year.
	Date func(b []byte, day time.Time, near bool) []byte
	// Currencies names the currencies, by ISO 4217 code. Others are said with their letters: "five, S E K".
	Currencies map[string]Currency
	// And stands between whole and minor units, Minus before a negative amount, Point before decimals, Plus before the
	// country code of a foreign telephone number, AsIn between a letter and its spelling word.
	And, Minus, Point, Plus, AsIn string
	// Star and Pound are the names of the keys * and #.
	Star, Pound string
	// Spelling are the spelling words of A to Z: "alpha".
	Spelling [26]string

	// Scales are the words that multiply what stands before them: "hundred": 100, "thousand": 1000.
	Scales map[string]uint64
	// Numerals are further number words, beside those that Quantity says for 0 to 99 and the hundreds: "a": 1.
	Numerals map[string]uint64
	// Decimal is the decimal sign of numbers in figures, '.' or ','. The other one groups thousands.
	Decimal byte
}

// Noun is a thing that can be counted.
type Noun struct {
	// One and Many are its forms: "dollar", "dollars".
	One, Many string
	// Feminine is its gender, for the languages where a number follows it.
	Feminine bool
}

// Currency names the whole unit of a currency and its minor unit. A currency without decimals needs no Minor; one with a
// minor unit that nobody says has an empty Minor and is said with decimal digits.
type Currency struct{ Unit, Minor Noun }
