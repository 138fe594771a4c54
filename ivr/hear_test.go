package ivr_test

import (
	"fmt"
	"math/rand"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/quick"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/ivr"
)

// heardAmount shows what was heard as "units.minor", "no" if nothing was.
func heardAmount(l *ivr.Locale, text string) string {
	units, minor, ok := l.HearAmount(text)
	if !ok {
		return "no"
	}
	return fmt.Sprintf("%s.%02d", units, minor)
}

const no = "no"

func TestHearAmount(t *testing.T) {
	c := speaking(t)
	for _, tc := range []struct{ locale, text, want string }{
		// figures, as recognisers write them
		{"en-US", "120", "120.-1"}, {"en-US", "$120", "120.-1"}, {"en-US", "42.50", "42.50"}, {"en-US", "$42.5", "42.50"},
		{"en-US", "$1,200.05", "1200.05"}, {"en-US", "1,200", "1200.-1"}, {"en-US", "007", "7.-1"}, {"en-US", "0.00", "0.00"},
		{"en-US", "120 dollars and 5 cents", "120.05"}, {"en-US", "$5 50", "5.50"}, {"en-US", "2 thousand 500", "2500.-1"},
		{"en-US", "42.50 dollars.", "42.50"}, {"en-US", "1,20", no}, {"en-US", "1.200", no}, {"en-US", "12,345,67", no},
		{"en-US", "1.2.3", no}, {"en-US", "1200,000", no}, {"en-US", "5.", "5.-1"},
		// words
		{"en-US", "one hundred and twenty dollars and five cents", "120.05"},
		{"en-US", "One hundred twenty-three dollars and forty-five cents.", "123.45"},
		{"en-US", "a hundred", "100.-1"}, {"en-US", "hundred dollars", "100.-1"}, {"en-US", "twelve hundred", "1200.-1"},
		{"en-US", "twenty one hundred fifty", "2150.-1"}, {"en-US", "a dollar", "1.-1"}, {"en-US", "one hundred and five", "105.-1"},
		{"en-US", "one thousand and five dollars", "1005.-1"}, {"en-US", "a million bucks", "1000000.-1"},
		{"en-US", "fifty cents", "0.50"}, {"en-US", "two hundred fifty fils", "0.250"}, {"en-US", "zero dollars", "0.-1"},
		{"en-US", "five dollars fifty", "5.50"}, {"en-US", "five dollars and five", "5.05"}, {"en-US", "twelve point five", "12.50"},
		{"en-US", "twelve point oh five dollars", "12.05"}, {"en-US", "twelve point forty two", "12.42"},
		{"en-US", "uh, I'd like to pay forty-two dollars, please", "42.-1"},
		{"en-US", "nine hundred ninety-nine billion nine hundred ninety-nine million", "999999000000.-1"},
		// refused: more than one reading, or none
		{"en-US", "one twenty three fifty", no}, {"en-US", "one twenty-three", no}, {"en-US", "five fifty", no},
		{"en-US", "five and fifty", no}, {"en-US", "twenty and five cents", no}, {"en-US", "one hundred and five cents", no},
		{"en-US", "five dollars five", no}, {"en-US", "nineteen ninety-nine", no}, {"en-US", "one trillion", no},
		{"en-US", "1 thousand million million", no}, {"en-US", "two thousand hundred", no}, {"en-US", "thousand thousand", no},
		{"en-US", "minus five", no}, {"en-US", "-5", no}, {"en-US", "−5", no}, {"en-US", "$-5", no}, {"en-US", "50%", no},
		{"en-US", "5²", no}, {"en-US", "½", no}, {"en-US", "$", no}, {"en-US", "dollars", no}, {"en-US", "", no}, {"en-US", "and", no},
		{"en-US", "five dollars dollars", no}, {"en-US", "$5 dollars", no}, {"en-US", "five dollars or six", no}, {"en-US", "point five", no},
		{"en-US", "twelve point", no}, {"en-US", "twelve point five five five", no}, {"en-US", "12345678901234567890123", no},
		{"en-US", "five dollars and one hundred fifty", no}, {"en-US", "the full amount", no}, {"en-US", "four 20th", no},
		{"en-US", "100 five", no}, {"en-US", "twenty zero", no}, {"en-US", "zero five", no}, {"en-US", "two million three million", no},
		{"en-US", "nine hundred ninety-nine billion ninety-nine hundred million", no}, {"en-US", "5dollars", "5.-1"},

		{"es-US", "ciento veinte dólares con cinco", "120.05"}, {"es-US", "ciento veinte con cinco", "120.05"},
		{"es-US", "CIENTO VEINTE DOLARES", "120.-1"}, {"es-US", "veintiún dólares", "21.-1"}, {"es-US", "quinientas libras", "500.-1"},
		{"es-US", "mil", "1000.-1"}, {"es-US", "mil millones de dólares", "1000000000.-1"}, {"es-US", "un millón de dólares", "1000000.-1"},
		{"es-US", "un millón doscientos mil uno", "1200001.-1"}, {"es-US", "dos mil quinientos dólares y diez centavos", "2500.10"},
		{"es-US", "cincuenta centavos", "0.50"}, {"es-US", "$1,200.50", "1200.50"}, {"es-US", "doce punto cinco", "12.50"},
		{"es-US", "quiero pagar treinta y un pesos, por favor", "31.-1"},
		{"es-US", "treinta uno", no}, {"es-US", "uno veinte", no}, {"es-US", "cinco y cincuenta", "5.50"}, {"es-US", "menos cinco", no},
		{"es-US", "ciento", "100.-1"}, {"es-US", "mil mil", no},
	} {
		assert.Equal(t, tc.want, heardAmount(c.Locale(tc.locale), tc.text), "%s: %q", tc.locale, tc.text)
	}
}

func TestHearAmountGivesSpokenMoneyBack(t *testing.T) {
	c := speaking(t)
	for _, locale := range c.Locales() {
		for currency, scale := range map[string]int64{"USD": 100, "GBP": 100, "INR": 100, "KWD": 1000, "JPY": 1, "CHF": 100} {
			back := func(seed int64) bool {
				r := rand.New(rand.NewSource(seed))
				minor := r.Int63n(pow(10, 1+r.Int63n(12)) * scale)
				words := c.Text(locale, ivr.Say("v", ivr.Money(minor, currency)))
				units, cents, ok := c.Locale(locale).HearAmount(words)
				n, err := strconv.ParseInt(units, 10, 64)
				return assert.True(t, ok && err == nil && n*scale+int64(max(cents, 0)) == minor, "%s: %d %s: %q: %s %d", locale, minor, currency, words, units, cents)
			}
			require.NoError(t, quick.Check(back, &quick.Config{MaxCount: 300}))
		}
	}
}

func pow(base, n int64) int64 {
	p := int64(1)
	for range n {
		p *= base
	}
	return p
}

func TestHearDigits(t *testing.T) {
	c := speaking(t)
	for _, tc := range []struct{ locale, text, want string }{
		{"en-US", "four two double one", "4211"}, {"en-US", "4211", "4211"}, {"en-US", "4111-1111 22", "4111111122"},
		{"en-US", "oh oh seven", "007"}, {"en-US", "triple five o", "5550"}, {"en-US", "double 4", "44"}, {"en-US", "Four, 2, ONE.", "421"},
		{"en-US", "eleven twelve", "1112"}, {"en-US", "twenty oh six", no}, {"en-US", "ten four", "104"}, {"en-US", "twenty 6", no}, {"en-US", "forty", "40"}, {"en-US", "forty-two eleven", "4211"}, {"en-US", "twenty twenty", "2020"},
		{"en-US", "my account number is one two three", "123"}, {"en-US", "zero", "0"},
		{"en-US", "forty two eleven", no}, {"en-US", "double forty", no}, {"en-US", "double", no}, {"en-US", "nine hundred", no},
		{"en-US", "one hundred", no}, {"en-US", "4.2", no}, {"en-US", "4,211", no}, {"en-US", "-4", no}, {"en-US", "four people", no},
		{"en-US", "a", no}, {"en-US", "", no}, {"en-US", "please", no}, {"en-US", "٤", no},
		{"es-US", "cuatro dos doble uno", "4211"}, {"es-US", "cuarenta y dos once", "4211"}, {"es-US", "un dos tres", "123"},
		{"es-US", "dieciséis VEINTIDOS", "1622"}, {"es-US", "cien", no}, {"es-US", "cuarenta dos", no},
	} {
		got, ok := c.Locale(tc.locale).HearDigits(tc.text)
		if !ok {
			assert.Empty(t, got, tc.text)
			got = no
		}
		assert.Equal(t, tc.want, got, "%s: %q", tc.locale, tc.text)
	}
}

func TestHearWords(t *testing.T) {
	english := ivr.English()
	english.Words["bye"] = []string{"thank you", "pay my bill"}
	c, err := ivr.NewCatalog(english, ivr.Spanish())
	require.NoError(t, err)
	for _, tc := range []struct {
		locale, text, words string
		want                bool
	}{
		{"en-US", "Yes.", "yes", true}, {"en-US", "uh yes please", "yes", true}, {"en-US", "that’s RIGHT!", "yes", true},
		{"en-US", "yes but not today", "yes", false}, {"en-US", "please", "yes", false}, {"en-US", "", "yes", false},
		{"en-US", "no", "yes", false}, {"en-US", "yes", "no such list", false}, {"en-US", "", "no such list", false},
		{"en-US", "thank you", "bye", true}, {"en-US", "Pay my bill, please", "bye", true}, {"en-US", "oh", "digit.0", true},
		{"es-US", "Sí", "yes", true}, {"es-US", "si, por favor", "yes", true}, {"es-US", "¡Claro que sí!", "yes", true},
		{"es-US", "no gracias", "no", true},
	} {
		assert.Equal(t, tc.want, c.Locale(tc.locale).HearWords(tc.text, tc.words), "%s: %q as %q", tc.locale, tc.text, tc.words)
	}
}

func TestHearCommand(t *testing.T) {
	c := speaking(t)
	for text, want := range map[string]ivr.Command{
		"say that again please": ivr.CommandRepeat, "Help!": ivr.CommandHelp, "go back": ivr.CommandBack,
		"um, talk to a person": ivr.CommandAgent, "slow down": ivr.CommandSlower, "en español, please": ivr.CommandLanguage,
		"yes": ivr.CommandNone, "": ivr.CommandNone, "please": ivr.CommandNone, "don't help me": ivr.CommandNone,
	} {
		assert.Equal(t, want, c.Locale("en-US").HearCommand(text), text)
	}
	for text, want := range map[string]ivr.Command{
		"¿Me lo repite?": ivr.CommandRepeat, "AYUDA": ivr.CommandHelp, "volver atras": ivr.CommandBack,
		"quiero hablar con una persona, por favor": ivr.CommandAgent, "más despacio": ivr.CommandSlower,
		"in English please": ivr.CommandNone, "in English": ivr.CommandLanguage,
	} {
		assert.Equal(t, want, c.Locale("es-US").HearCommand(text), text)
	}
}

// A phrase with two meanings would make the first list win by accident.
func TestNoPhraseHasTwoMeanings(t *testing.T) {
	for _, l := range []ivr.Locale{ivr.English(), ivr.Spanish()} {
		lists := []string{"yes", "no"}
		for _, command := range []ivr.Command{ivr.CommandBack, ivr.CommandAgent, ivr.CommandLanguage, ivr.CommandSlower,
			ivr.CommandHelp, ivr.CommandRepeat} {
			lists = append(lists, "command."+string(command))
		}
		c, err := ivr.NewCatalog(l)
		require.NoError(t, err)
		for _, list := range lists {
			require.GreaterOrEqual(t, len(l.Words[list]), 4, "%s %s", l.Tag, list)
			for _, phrase := range l.Words[list] {
				for _, other := range lists {
					heard := c.Locale(l.Tag.String()).HearWords(phrase, other)
					assert.Equal(t, list == other, heard, "%s: %q of %q as %q", l.Tag, phrase, list, other)
				}
			}
		}
	}
}

func TestALocaleOutsideACatalogHears(t *testing.T) {
	l := ivr.English()
	assert.Equal(t, "42.05", heardAmount(&l, "forty-two dollars and five cents"))
	assert.True(t, l.HearWords("yes", "yes"))
	zero := ivr.Locale{}
	assert.Equal(t, no, heardAmount(&zero, "five"))
}

func TestHugeInputIsNotListenedTo(t *testing.T) {
	l := speaking(t).Locale("en-US")
	for _, text := range []string{strings.Repeat("one ", 1<<18), strings.Repeat("\u0301", 1<<19), strings.Repeat("9", 1<<20)} {
		allocs := testing.AllocsPerRun(1, func() {
			_, ok := l.HearDigits(text)
			assert.False(t, ok)
			assert.Equal(t, no, heardAmount(l, text))
			assert.Equal(t, ivr.CommandNone, l.HearCommand(text))
			assert.False(t, l.HearWords(text, "yes"))
		})
		assert.Less(t, allocs, 40.0)
	}
}

func FuzzHearAmount(f *testing.F) {
	for _, s := range []string{"$1,200.50", "one hundred and twenty dollars and five cents", "un millón de dólares con cinco", "-5", "½", "a\xff", "1.", ",1", "hundred thousand million"} {
		f.Add(s)
	}
	c := speaking(f)
	f.Fuzz(func(t *testing.T, text string) {
		for _, tag := range c.Locales() {
			units, minor, ok := c.Locale(tag).HearAmount(text)
			if !ok {
				require.Equal(t, "", units)
				require.Equal(t, -1, minor)
				continue
			}
			require.Regexp(t, regexp.MustCompile(`^(0|[1-9][0-9]{0,11})$`), units)
			require.True(t, -1 <= minor && minor <= 999, "minor %d", minor)
		}
	})
}

func FuzzHearDigits(f *testing.F) {
	for _, s := range []string{"four two double one", "forty-two", "cuarenta y dos", "4-2", "triple", "double double one", "٤", "\xff1"} {
		f.Add(s)
	}
	c := speaking(f)
	f.Fuzz(func(t *testing.T, text string) {
		for _, tag := range c.Locales() {
			digits, ok := c.Locale(tag).HearDigits(text)
			require.Equal(t, ok, digits != "")
			require.Empty(t, strings.Trim(digits, "0123456789"))
		}
	})
}

func FuzzHearWords(f *testing.F) {
	for _, s := range []string{"yes please", "¡Sí!", "that’s right", "-", "a-b", "\u0301", "\xff"} {
		f.Add(s, "yes")
	}
	c := speaking(f)
	f.Fuzz(func(t *testing.T, text, list string) {
		for _, tag := range c.Locales() {
			l := c.Locale(tag)
			got := l.HearWords(text, list)
			if len(text) < 500 && isASCII(text) { // beyond ASCII, upper and lower case are no pairs
				require.Equal(t, got, l.HearWords(" "+strings.ToUpper(text)+" . ", list))
			}
			require.False(t, l.HearWords(text, "yes") && l.HearCommand(text) != ivr.CommandNone)
		}
	})
}

func isASCII(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) < 0
}

func BenchmarkHear(b *testing.B) {
	l := speaking(b).Locale("en-US")
	b.Run("amount", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			l.HearAmount("one hundred and twenty dollars and five cents")
		}
	})
	b.Run("command", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			l.HearCommand("yes please")
		}
	})
}
