package ivr_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message/catalog"

	"github.com/dialpay/dialpay/ivr"
)

// french is a locale as an embedder would write it, with another way to count, elision and a decimal comma.
func french() ivr.Locale {
	return ivr.Locale{
		Tag: language.MustParse("fr-FR"),
		Words: map[string][]string{
			"yes": {"oui", "d'accord"}, "no": {"non"}, "command.repeat": {"répétez", "encore une fois"},
			"digit.double": {"double"}, "amount.units": {"€"}, "amount.and": {"et"}, "amount.point": {"virgule"},
			"number.link": {"de", "d"}, "filler": {"s'il vous plaît", "euh"},
		},
		Grammar: ivr.Grammar{
			Digits:   [10]string(frenchSmall[:10]),
			Quantity: frenchQuantity,
			Date: func(b []byte, day time.Time, near bool) []byte {
				if near {
					b = append(append(b, frenchDays[day.Weekday()]...), ' ')
				}
				if day.Day() == 1 {
					b = append(b, "premier"...)
				} else {
					b = frenchQuantity(b, uint64(day.Day()), ivr.Noun{})
				}
				b = append(append(b, ' '), frenchMonths[day.Month()]...)
				if near {
					return b
				}
				return frenchQuantity(append(b, ' '), uint64(day.Year()), ivr.Noun{})
			},
			Currencies: map[string]ivr.Currency{
				"EUR": {Unit: ivr.Noun{One: "euro", Many: "euros"}, Minor: ivr.Noun{One: "centime", Many: "centimes"}},
				"GBP": {Unit: ivr.Noun{One: "livre", Many: "livres", Feminine: true}, Minor: ivr.Noun{One: "penny", Many: "pence"}},
			},
			And: "et", Minus: "moins", Point: "virgule", Plus: "plus", AsIn: "comme", Star: "étoile", Pound: "dièse",
			Spelling: [26]string(strings.Fields("Anatole Berthe Célestin Désiré Eugène François Gaston Henri Irma Joseph Kléber " +
				"Louis Marcel Nicolas Oscar Pierre Quintal Raoul Suzanne Thérèse Ursule Victor William Xavier Yvonne Zoé")),
			Scales: map[string]uint64{"mille": 1e3, "million": 1e6, "millions": 1e6, "milliard": 1e9, "milliards": 1e9,
				"cent": 100, "cents": 100},
			Decimal: ',',
		},
	}
}

var (
	frenchSmall = strings.Fields("zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize " +
		"dix-sept dix-huit dix-neuf")
	frenchTens   = []string{2: "vingt", 3: "trente", 4: "quarante", 5: "cinquante", 6: "soixante", 8: "quatre-vingt"}
	frenchDays   = strings.Fields("dimanche lundi mardi mercredi jeudi vendredi samedi")
	frenchMonths = strings.Fields("- janvier février mars avril mai juin juillet août septembre octobre novembre décembre")
)

func frenchQuantity(b []byte, n uint64, of ivr.Noun) []byte {
	s := frenchNumber(n)
	if of.Feminine && (n == 1 || n > 20 && n%10 == 1 && n%100/10 != 7 && n%100 > 20) {
		s += "e"
	}
	noun := of.Many
	if n < 2 { // zéro euro
		noun = of.One
	}
	if noun != "" && n > 0 && n%1_000_000 == 0 {
		noun = "de " + noun
		if strings.ContainsAny(noun[3:4], "aeiouh") {
			noun = "d'" + noun[3:]
		}
	}
	return append(b, strings.TrimSpace(s+" "+noun)...)
}

func frenchNumber(n uint64) string {
	for _, scale := range []struct {
		value uint64
		name  string
	}{{1e18, " trillion"}, {1e15, " billiard"}, {1e12, " billion"}, {1e9, " milliard"}, {1e6, " million"}, {1e3, " mille"}, {100, " cent"}} {
		if n < scale.value {
			continue
		}
		s, count, rest := "", n/scale.value, n%scale.value
		if count > 1 || scale.value > 1000 {
			s = frenchNumber(count)
		}
		s += scale.name
		if count > 1 && (scale.value > 1000 || scale.value == 100 && rest == 0) {
			s += "s"
		}
		if rest > 0 {
			s += " " + frenchNumber(rest)
		}
		return strings.TrimSpace(s)
	}
	switch ten, one := n/10, n%10; {
	case n < 20:
		return frenchSmall[n]
	case n == 80:
		return "quatre-vingts"
	case ten == 7 && one == 1:
		return "soixante et onze"
	case ten == 7 || ten == 9:
		return frenchTens[ten-1] + "-" + frenchSmall[10+one]
	case one == 1 && ten < 8:
		return frenchTens[ten] + " et un"
	case one == 0:
		return frenchTens[ten]
	default:
		return frenchTens[ten] + "-" + frenchSmall[one]
	}
}

func TestALocaleFromOutside(t *testing.T) {
	l := french()
	l.Messages = map[string]catalog.Message{
		"v":     catalog.String("%[1]s"),
		"bills": plural.Selectf(1, "", plural.One, "%[1]f facture", plural.Other, "%[1]f factures"),
	}
	c, err := ivr.NewCatalog(ivr.English(), l)
	require.NoError(t, err)
	assert.Equal(t, "fr-FR", c.Match("fr-CA"))
	for _, tc := range []struct {
		want string
		arg  ivr.Arg
	}{
		{"quatre-vingt-dix-sept euros et un centime", ivr.Money(9701, "EUR")},
		{"un million d'euros", ivr.Money(100_000_000, "EUR")},
		{"vingt et une livres", ivr.Money(2100, "GBP")},
		{"douze virgule zéro cinq, U S D", ivr.Money(1205, "USD")},
		{"premier décembre deux mille vingt-six", ivr.Arg{Kind: ivr.KindDate, Text: "2026-12-01"}},
		{"K comme Kléber", ivr.IDSlow("K")},
	} {
		assert.Equal(t, tc.want, c.Text("fr-FR", ivr.Say("v", tc.arg)))
	}
	assert.Equal(t, "zéro facture", c.Text("fr-FR", ivr.Say("bills", ivr.Count(0))), "French counts zero as one")
	assert.Equal(t, "vingt et une factures", c.Text("fr-FR", ivr.Say("bills", ivr.Count(21))))
	assert.NotEmpty(t, c.Text("fr-FR", ivr.Say("v", ivr.Money(math.MinInt64, "EUR"))))

	fr := c.Locale("fr-FR")
	for text, want := range map[string]string{
		"mille deux cent trente-quatre euros et cinquante centimes, s'il vous plaît": "1234.50",
		"1.234,50 €":               "1234.50",
		"quatre-vingts":            "80.-1",
		"soixante et onze euros":   "71.-1",
		"deux cents euros":         "200.-1",
		"un million d'euros":       "1000000.-1",
		"douze virgule cinq euros": "12.50",
	} {
		assert.Equal(t, want, heardAmount(fr, text), text)
	}
	assert.Equal(t, ivr.CommandRepeat, fr.HearCommand("Répétez, s'il vous plaît !"))
}
