package ivr_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message/catalog"

	"github.com/dialpay/dialpay/ivr"
)

// speaking is a catalog of both locales with messages for these tests; "v" is a value alone.
func speaking(t testing.TB) *ivr.Catalog {
	t.Helper()
	en, es := ivr.English(), ivr.Spanish()
	en.Messages = map[string]catalog.Message{
		"v":         catalog.String("%[1]s"),
		"fixed":     catalog.String("Thank you & goodbye."),
		"balance":   catalog.String("Your balance is %[1]s."),
		"option":    catalog.String("For %[1]s, press %[2]s."),
		"turned":    catalog.String("%[2]s before %[1]s, 100%% sure"),
		"unnumber":  catalog.String("%s and %s"),
		"bills":     plural.Selectf(1, "", "=0", "No bills.", plural.One, "%[1]s bill.", plural.Other, "%[1]s bills."),
		"visa":      catalog.String("Visa"),
		"only here": catalog.String("English only"),
	}
	es.Messages = map[string]catalog.Message{
		"v":       catalog.String("%[1]s"),
		"fixed":   catalog.String("Gracias y adiós."),
		"balance": catalog.String("Su saldo es de %[1]s."),
		"bills":   plural.Selectf(1, "", plural.One, "%[1]f factura.", plural.Other, "%[1]f facturas."),
		"days":    catalog.String("%[1]m días"),
	}
	c, err := ivr.NewCatalog(en, es)
	require.NoError(t, err)
	return c
}

func TestNewCatalogReturnsEveryFaultAtOnce(t *testing.T) {
	bad := ivr.English()
	bad.Messages = map[string]catalog.Message{
		"nil":      nil,
		"blank":    catalog.String("  "),
		"percent":  catalog.String("100% sure"),
		"verb":     catalog.String("%[1]x"),
		"noindex":  catalog.String("%[0]s"),
		"cut":      catalog.String("%[1"),
		"variable": catalog.String("${who}"),
		"form":     plural.Selectf(1, "", plural.Few, "few", plural.Other, "other"),
		"other":    plural.Selectf(1, "", plural.One, "one"),
		"hidden":   plural.Selectf(1, "", "=12", "a doz% en", plural.Other, "%[1]s"),
		"zeroth":   plural.Selectf(0, "", plural.Other, "other"),
		"good":     plural.Selectf(2, "", plural.One, "%[1]s", plural.Other, "%[2]s"),
	}
	bad.Words = map[string][]string{"yes": {"yes", "…"}}
	bare := ivr.Locale{Tag: language.German}
	_, err := ivr.NewCatalog(bad, ivr.English(), ivr.Locale{}, bare)
	require.Error(t, err)
	for _, part := range []string{
		`locale en-US: message "nil"`, `message "blank"`, `message "percent"`, `message "verb"`, `message "noindex"`,
		`message "cut"`, `message "variable"`, `message "form"`, `message "other"`, `message "hidden"`, `message "zeroth"`,
		"locale en-US is in the catalog twice", "locale 3 of the catalog has no Tag", "locale de: the Grammar lacks Digits",
		"lacks Quantity", "lacks Spelling", "lacks Decimal",
	} {
		assert.ErrorContains(t, err, part)
	}
	assert.NotContains(t, err.Error(), `"good"`)

	bad.Messages = nil
	_, err = ivr.NewCatalog(bad)
	require.ErrorContains(t, err, `word list "yes": phrase 2, "…", has no words`)
	_, err = ivr.NewCatalog()
	require.ErrorContains(t, err, "at least one locale")
}

func TestCatalogFindsLocales(t *testing.T) {
	c := speaking(t)
	assert.Equal(t, []string{"en-US", "es-US"}, c.Locales())
	assert.Equal(t, "es-US", c.Locale("es-US").Tag.String())
	assert.Nil(t, c.Locale("es"), "only the exact tag")
	for _, tc := range []struct {
		want   string
		wanted []string
	}{
		{"es-US", []string{"es-MX"}},
		{"en-US", []string{"en-GB", "es"}},
		{"es-US", []string{"fr", "es"}},
		{"es-US", []string{"fr-CH, es;q=0.8, en;q=0.5"}},
		{"en-US", []string{"ja"}},
		{"en-US", []string{"", "!?", "-"}},
		{"en-US", nil},
	} {
		assert.Equal(t, tc.want, c.Match(tc.wanted...), "wanted %q", tc.wanted)
	}
	assert.True(t, c.Has("en-US", "only here"))
	assert.False(t, c.Has("es-US", "only here"), "another locale does not stand in")
	assert.False(t, c.Has("fr", "v"))
}

func TestText(t *testing.T) {
	c := speaking(t)
	for _, tc := range []struct {
		why, locale, want string
		say               []ivr.Prompt
	}{
		{"prompts are joined by a space", "en-US", "Visa Thank you & goodbye.", []ivr.Prompt{ivr.Say("visa"), ivr.Say("fixed")}},
		{"no prompt is no text", "en-US", "", nil},
		{"an unknown locale gets the default", "fr", "Visa", []ivr.Prompt{ivr.Say("visa")}},
		{"a missing message is its key, not another locale's words", "es-US", "[only here]", []ivr.Prompt{ivr.Say("only here")}},
		{"values go by number, and %% is a sign", "en-US", "b before a, 100% sure", []ivr.Prompt{ivr.Say("turned", ivr.Text("a"), ivr.Text("b"))}},
		{"values without numbers go in order", "en-US", "a and b", []ivr.Prompt{ivr.Say("unnumber", ivr.Text("a"), ivr.Text("b"))}},
		{"a missing value is left out", "en-US", "For a, press .", []ivr.Prompt{ivr.Say("option", ivr.Text("a"))}},
		{"too many values change nothing", "en-US", "Visa", []ivr.Prompt{ivr.Say("visa", ivr.Text("a"))}},
		{"a key is shown as it is on the pad", "en-US", "For a, press 1.", []ivr.Prompt{ivr.Say("option", ivr.Text("a"), ivr.Key('1'))}},
		{"a per cent sign in a value is no verb", "en-US", "Your balance is 5%[1]s %d.", []ivr.Prompt{ivr.Say("balance", ivr.Text("5%[1]s %d"))}},
		{"a count selects an exact form", "en-US", "No bills.", []ivr.Prompt{ivr.Say("bills", ivr.Count(0))}},
		{"ten million is not taken for zero", "en-US", "ten million bills.", []ivr.Prompt{ivr.Say("bills", ivr.Count(10_000_000))}},
		{"a count selects the singular", "en-US", "one bill.", []ivr.Prompt{ivr.Say("bills", ivr.Count(1))}},
		{"a count selects the plural", "en-US", "two bills.", []ivr.Prompt{ivr.Say("bills", ivr.Count(2))}},
		{"a missing count is the plural", "en-US", " bills.", []ivr.Prompt{ivr.Say("bills")}},
		{"a count before a feminine noun", "es-US", "una factura.", []ivr.Prompt{ivr.Say("bills", ivr.Count(1))}},
		{"a greater one", "es-US", "veintiuna facturas.", []ivr.Prompt{ivr.Say("bills", ivr.Count(21))}},
		{"millions need their de", "es-US", "un millón de facturas.", []ivr.Prompt{ivr.Say("bills", ivr.Count(1_000_000))}},
		{"a count before a masculine noun", "es-US", "treinta y un días", []ivr.Prompt{ivr.Say("days", ivr.Count(31))}},
		{"a prompt can have a language of its own", "en-US", "Visa Gracias y adiós.", []ivr.Prompt{ivr.Say("visa"), {Key: "fixed", Locale: "es-US"}}},
		{"also alone", "en-US", "Gracias y adiós.", []ivr.Prompt{{Key: "fixed", Locale: "es-US"}}},
		{"with values in its words", "en-US", "Su saldo es de un dólar.", []ivr.Prompt{{Key: "balance", Args: []ivr.Arg{ivr.Money(100, "USD")}, Locale: "es-US"}}},
		{"one that is not there is the turn's", "es-US", "Gracias y adiós.", []ivr.Prompt{{Key: "fixed", Locale: "fr"}}},
		{"an unknown kind is left out", "en-US", "Your balance is .", []ivr.Prompt{ivr.Say("balance", ivr.Arg{Kind: "?"})}},
	} {
		assert.Equal(t, tc.want, c.Text(tc.locale, tc.say...), tc.why)
	}
}

// The race detector watches this one.
func TestCatalogIsSafeForConcurrentUse(t *testing.T) {
	c := speaking(t)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 200 {
				want := fmt.Sprintf("Your balance is %d.", g*1000+i)
				p := ivr.Say("balance", ivr.Text(fmt.Sprint(g*1000+i)))
				assert.Equal(t, want, c.Text("en-US", p))
				assert.Contains(t, c.SSML("en-US", false, p), want)
			}
		})
	}
	wg.Wait()
}

func BenchmarkText(b *testing.B) {
	c := speaking(b)
	for _, bench := range []struct {
		name   string
		prompt ivr.Prompt
	}{
		{"fixed", ivr.Say("fixed")},
		{"money", ivr.Say("balance", ivr.Money(12345, "USD"))},
		{"plural", ivr.Say("bills", ivr.Count(21))},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.Text("en-US", bench.prompt)
			}
		})
		b.Run(bench.name+"/SSML", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.SSML("en-US", false, bench.prompt)
			}
		})
	}
}
