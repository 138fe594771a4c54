package flow_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message/catalog"

	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
)

// A language is data and two functions: its tag, its words (frenchMessages, frenchPhrases) and its grammar. Build tells
// every message and phrase that is missing.
func ExampleDefinition_locale() {
	w := flowtest.NewWorld(&testing.T{}) // t, in a test
	w.Definition.Locales = append(w.Definition.Locales, french())
	w.Definition.Locales[0].Words["language.fr-FR"] = []string{"french", "francais"} // said to an English question
	w.Definition.Locales[1].Words["language.fr-FR"] = []string{"frances", "francais"}

	ann := w.DialAs(ivr.Call{From: flowtest.Ann, Attestation: "A", Locale: "fr-CA"})
	say := func(c *flowtest.Caller) { fmt.Println(c.Words()) }
	say(ann)
	say(ann.Press("1234#"))
	say(ann.Say("autre montant"))
	say(ann.Say("quatre-vingt-un dollars"))
	say(ann.Say("visa"))
	say(ann.Say("oui"))
	// Output:
	// Merci d'appeler City Water. Vous pouvez payer votre facture ici. Entrez votre code secret, puis appuyez sur dièse.
	// Votre solde pour City Water est de cent vingt-trois dollars et quarante-cinq cents. Il est à payer avant le vendredi six mars. Combien voulez-vous payer ? Pour payer le solde entier de cent vingt-trois dollars et quarante-cinq cents, appuyez sur le 1. Pour payer le minimum de vingt-cinq dollars, appuyez sur le 2. Pour payer un autre montant, appuyez sur le 3.
	// Entrez le montant en dollars entiers, sans les cents, puis appuyez sur dièse.
	// Comment voulez-vous payer ? Pour payer avec votre Visa qui finit par quatre deux quatre deux, appuyez sur le 1. Pour payer de votre compte chez First Bank qui finit par six sept huit neuf, appuyez sur le 2. Pour payer avec une nouvelle carte, appuyez sur le 3.
	// Vous allez payer quatre-vingt-un dollars à City Water, avec votre Visa qui finit par quatre deux quatre deux, aujourd'hui, lundi deux mars. Rien n'est débité avant que vous ne confirmiez. Pour réécouter, appuyez sur le 9. Pour confirmer et payer, appuyez sur le 1. Pour changer le montant, appuyez sur le 2. Pour payer autrement, appuyez sur le 3. Pour annuler, appuyez sur le 4.
	// Votre paiement de quatre-vingt-un dollars est accepté. Merci. Votre numéro de transaction est M 9 H, X 6 4, K M 2. Pour l'entendre encore, appuyez sur le 9. Pour un reçu par SMS, appuyez sur le 1. Pour un reçu par e-mail, appuyez sur le 2. Pour continuer sans reçu, appuyez sur le 3.
}

func french() ivr.Locale {
	l := ivr.Locale{Tag: language.MustParse("fr-FR"), Messages: map[string]catalog.Message{}, Words: frenchPhrases,
		Grammar: frenchGrammar}
	for key, words := range frenchMessages {
		l.Messages[key] = catalog.String(words)
	}
	maps.Copy(l.Messages, frenchPlurals)
	return l
}

var frenchGrammar = ivr.Grammar{
	Digits:   [10]string(frenchSmall[:10]),
	Quantity: frenchQuantity,
	Date:     frenchDate,
	Currencies: map[string]ivr.Currency{
		"EUR": {Unit: ivr.Noun{One: "euro", Many: "euros"}, Minor: ivr.Noun{One: "centime", Many: "centimes"}},
		"USD": {Unit: ivr.Noun{One: "dollar", Many: "dollars"}, Minor: ivr.Noun{One: "cent", Many: "cents"}},
	},
	And: "et", Minus: "moins", Point: "virgule", Plus: "plus", AsIn: "comme", Star: "étoile", Pound: "dièse",
	Spelling: [26]string(strings.Fields("Anatole Berthe Célestin Désiré Eugène François Gaston Henri Irma Joseph Kléber " +
		"Louis Marcel Nicolas Oscar Pierre Quintal Raoul Suzanne Thérèse Ursule Victor William Xavier Yvonne Zoé")),
	Scales: map[string]uint64{"cent": 100, "cents": 100, "mille": 1e3, "million": 1e6, "millions": 1e6,
		"milliard": 1e9, "milliards": 1e9},
	Decimal: ',',
}

var (
	frenchSmall = strings.Fields("zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze " +
		"seize dix-sept dix-huit dix-neuf")
	frenchTens   = []string{2: "vingt", 3: "trente", 4: "quarante", 5: "cinquante", 6: "soixante", 8: "quatre-vingt"}
	frenchDays   = strings.Fields("dimanche lundi mardi mercredi jeudi vendredi samedi")
	frenchMonths = strings.Fields("- janvier février mars avril mai juin juillet août septembre octobre novembre décembre")
)

func frenchDate(b []byte, day time.Time, near bool) []byte {
	if near {
		b = append(append(b, frenchDays[day.Weekday()]...), ' ')
	}
	if day.Day() == 1 {
		b = append(b, "premier"...)
	} else {
		b = append(b, frenchNumber(uint64(day.Day()))...)
	}
	b = append(append(b, ' '), frenchMonths[day.Month()]...)
	if near {
		return b
	}
	return append(append(b, ' '), frenchNumber(uint64(day.Year()))...)
}

// frenchQuantity says zéro euro, un euro, deux euros, vingt et une factures, un million de dollars, un million d'euros.
func frenchQuantity(b []byte, n uint64, of ivr.Noun) []byte {
	words, noun := frenchNumber(n), of.Many
	if of.Feminine && (words == "un" || strings.HasSuffix(words, " un")) {
		words += "e"
	}
	if n < 2 {
		noun = of.One
	}
	switch {
	case noun == "":
		return append(b, words...)
	case n == 0 || n%1_000_000 != 0:
		noun = " " + noun
	case strings.ContainsRune("aeiouyh", rune(noun[0])):
		noun = " d'" + noun
	default:
		noun = " de " + noun
	}
	return append(append(b, words...), noun...)
}

var frenchScales = []struct {
	value uint64
	name  string
}{{1e18, "trillion"}, {1e15, "billiard"}, {1e12, "billion"}, {1e9, "milliard"}, {1e6, "million"}, {1e3, "mille"}, {100, "cent"}}

func frenchNumber(n uint64) string {
	for _, scale := range frenchScales {
		count, rest := n/scale.value, n%scale.value
		if count == 0 {
			continue
		}
		words := scale.name
		if count > 1 && (scale.value > 1000 || scale.value == 100 && rest == 0) {
			words += "s"
		}
		if count > 1 || scale.value > 1000 {
			words = frenchNumber(count) + " " + words
		}
		if rest > 0 {
			words += " " + frenchNumber(rest)
		}
		return words
	}
	switch ten, one := n/10, n%10; {
	case n < 20:
		return frenchSmall[n]
	case n == 71:
		return "soixante et onze"
	case n == 80:
		return "quatre-vingts"
	case ten == 7 || ten == 9:
		return frenchTens[ten-1] + "-" + frenchSmall[10+one]
	case one == 0:
		return frenchTens[ten]
	case one == 1 && ten < 8:
		return frenchTens[ten] + " et un"
	default:
		return frenchTens[ten] + "-" + frenchSmall[one]
	}
}
