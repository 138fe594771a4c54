package ivr_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/ivr"
)

func TestValuesInWords(t *testing.T) {
	c := speaking(t)
	day := time.Date(2026, time.December, 1, 23, 59, 0, 0, time.FixedZone("", -9*3600))
	later := day.AddDate(0, 1, 0)
	for _, tc := range []struct {
		english, spanish string
		arg              ivr.Arg
	}{
		{"Tuesday, December first", "martes primero de diciembre", ivr.Date(day, day)},
		{"Tuesday, December first", "martes primero de diciembre", ivr.Date(day, day.AddDate(0, 0, -6))},
		{"Friday, January fifth", "viernes cinco de enero", ivr.Date(time.Date(2029, 1, 5, 0, 0, 0, 0, time.UTC), time.Date(2029, 1, 3, 0, 0, 0, 0, time.UTC))},
		{"December first, twenty twenty-six", "primero de diciembre de dos mil veintiséis", ivr.Date(day, day.AddDate(0, 0, -7))},
		{"January first, twenty twenty-seven", "primero de enero de dos mil veintisiete", ivr.Date(later, day)},
		{"February twenty-ninth, two thousand", "veintinueve de febrero de dos mil", date("2000-02-29")},
		{"May thirty-first, two thousand nine", "treinta y uno de mayo de dos mil nueve", date("2009-05-31")},
		{"May second, nineteen hundred", "dos de mayo de mil novecientos", date("1900-05-02")},
		{"May third, nineteen oh five", "tres de mayo de mil novecientos cinco", date("1905-05-03")},
		{"May twelfth, twenty-one hundred", "doce de mayo de dos mil cien", date("2100-05-12")},
		{"tomorrow", "tomorrow", date("tomorrow")},

		{"four two four two", "cuatro dos cuatro dos", ivr.Digits("4242")},
		{"one two A three", "uno dos A tres", ivr.Digits("12-a 3")},
		{"", "", ivr.Digits("")},
		{"five six seven eight", "cinco seis siete ocho", ivr.Last4("12345678")},
		{"five six seven eight", "cinco seis siete ocho", ivr.Arg{Kind: ivr.KindLast4, Text: "12345678"}},
		{"five five five, zero one zero, zero one two three", "cinco cinco cinco, cero uno cero, cero uno dos tres", ivr.Phone("+15550100123")},
		{"five five five, zero one zero, zero one two three", "cinco cinco cinco, cero uno cero, cero uno dos tres", ivr.Phone("(555) 010-0123")},
		{"plus four four two, zero seven one, eight three eight, seven five zero", "más cuatro cuatro dos, cero siete uno, ocho tres ocho, siete cinco cero", ivr.Phone("+442071838750")},
		{"plus four seven two, one two three, four five, six seven", "más cuatro siete dos, uno dos tres, cuatro cinco, seis siete", ivr.Phone("+4721234567")},
		{"nine one one", "nueve uno uno", ivr.Phone("911")},
		{"one two, three four", "uno dos, tres cuatro", ivr.Phone("1234")},
		{"one", "uno", ivr.Phone("1")},

		{"1", "1", ivr.Key('1')},
		{"star", "asterisco", ivr.Key('*')},
		{"pound", "numeral", ivr.Key('#')},
		{"", "", ivr.Arg{Kind: ivr.KindKey, N: -1}},

		{"7 K 4, 9 Q 2, M B X", "7 K 4, 9 Q 2, M B X", ivr.ID("7K49-Q2MBX")},
		{"7 K 4, 9", "7 K 4, 9", ivr.ID("7k49")},
		{"7, K as in kilo, 4; 9, X as in x-ray", "7, K de kilo, 4; 9, X de xilófono", ivr.IDSlow("7k49x")},

		{"Visa", "[visa]", ivr.Message("visa")},
		{"[none]", "[none]", ivr.Message("none")},
		{"Señor O'Brien & co", "Señor O'Brien & co", ivr.Text("Señor\tO'Brien & co")},
		{"a[31mb", "a[31mb", ivr.Text("\x1b\x00a\x1b[31m\x7f\u0085\u202e\xffb\ufffe")},
	} {
		assert.Equal(t, tc.english, c.Text("en-US", ivr.Say("v", tc.arg)))
		assert.Equal(t, tc.spanish, c.Text("es-US", ivr.Say("v", tc.arg)))
	}
}

// date is a far day.
func date(s string) ivr.Arg { return ivr.Arg{Kind: ivr.KindDate, Text: s} }

func TestSSML(t *testing.T) {
	c := speaking(t)
	for _, tc := range []struct {
		why, want string
		arg       ivr.Arg
	}{
		{"money has its words as alias", `<sub alias="twelve dollars and five cents">USD 12.05</sub>`, ivr.Money(1205, "USD")},
		{"money without decimals", `<sub alias="five yen">JPY 5</sub>`, ivr.Money(5, "JPY")},
		{"money with three decimals, negative", `<sub alias="minus five fils">KWD -0.005</sub>`, ivr.Money(-5, "KWD")},
		{"dates have their words as alias", `<sub alias="December first, twenty twenty-six">2026-12-01</sub>`, date("2026-12-01")},
		{"digits", `<say-as interpret-as="digits">4 2 4 2</say-as>`, ivr.Digits("42-42")},
		{"digits with a letter", `<say-as interpret-as="characters">4A</say-as>`, ivr.Digits("4a")},
		{"last four", `<say-as interpret-as="digits">5 6 7 8</say-as>`, ivr.Last4("12345678")},
		{"telephone numbers have a break between groups", `plus <say-as interpret-as="digits">4 7 1</say-as><break time="200ms"/><say-as interpret-as="digits">2 3 4</say-as>`, ivr.Phone("+471234")},
		{"an ID has a break between groups", `<say-as interpret-as="characters">7K4</say-as><break time="400ms"/><say-as interpret-as="digits">9</say-as>`, ivr.ID("7k49")},
		{"a slow ID has spelling words and long breaks", `<say-as interpret-as="digits">7</say-as><break time="400ms"/><say-as interpret-as="characters">K</say-as> as in kilo` +
			`<break time="400ms"/><say-as interpret-as="digits">4</say-as><break time="1s"/><say-as interpret-as="digits">9</say-as>`, ivr.IDSlow("7k49")},
		{"text is escaped", `&lt;&amp;&quot;&apos;&gt;`, ivr.Text("<&\"'>")},
		{"what XML cannot hold is dropped", `ab`, ivr.Text("a\x00\x0b\ufffe\xffb")},
		{"a hostile currency is escaped", `<sub alias="zero point zero one, X">&lt;x&gt; 0.01</sub>`, ivr.Money(1, "<x>")},
		{"a hostile date is escaped", `<sub alias="&quot;&gt;">&quot;&gt;</sub>`, date("\">")},
		{"a count is words", `twenty-one`, ivr.Count(21)},
	} {
		doc := c.SSML("en-US", false, ivr.Say("v", tc.arg))
		wellFormed(t, doc)
		assert.Equal(t, speak+tc.want+"</speak>", doc, tc.why)
	}
	assert.Equal(t, speak+`<prosody rate="slow">Visa<break time="300ms"/>Thank you &amp; goodbye.</prosody></speak>`,
		c.SSML("en-US", true, ivr.Say("visa"), ivr.Say("fixed")))
	assert.Equal(t, speak+`Visa<break time="300ms"/><lang xml:lang="es-US">Gracias y adiós.</lang></speak>`,
		c.SSML("en-US", false, ivr.Say("visa"), ivr.Prompt{Key: "fixed", Locale: "es-US"}))
	assert.Equal(t, speak+"[&lt;]</speak>", c.SSML("en-US", false, ivr.Say("<")))
	assert.Equal(t, speak+"</speak>", c.SSML("en-US", false))
	assert.Contains(t, c.SSML("es-US", false, ivr.Say("fixed")), `xml:lang="es-US">Gracias y adiós.`)
}

const speak = `<speak version="1.1" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="en-US">`

// wellFormed reads the document to its end and checks that it has no element but those of SSML 1.1 that are used.
func wellFormed(t testing.TB, doc string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(doc))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err, doc)
		if e, ok := token.(xml.StartElement); ok {
			require.Contains(t, []string{"speak", "prosody", "break", "sub", "say-as", "lang"}, e.Name.Local, doc)
		}
	}
}

func FuzzSSML(f *testing.F) {
	for kind := range strings.FieldsSeq("text money digits phone last4 date count key id idslow prompt") {
		f.Add(kind, "<&\"'>\x00\x1b\ufffe\xff]]>", int64(-1205), true)
	}
	f.Add("money", "USD", int64(12345), false)
	f.Add("phone", "+442071838750", int64(0), false)
	f.Add("date", "2026-12-01", int64(1), false)
	c := speaking(f)
	f.Fuzz(func(t *testing.T, kind, text string, n int64, slow bool) {
		a := ivr.Arg{Kind: ivr.ArgKind(kind), Text: text, N: n}
		for _, tag := range c.Locales() {
			ps := []ivr.Prompt{ivr.Say("balance", a), ivr.Say(text, a), ivr.Say("bills", a)}
			wellFormed(t, c.SSML(tag, slow, ps...))
			plain := c.Text(tag, ps...)
			require.True(t, json.Valid([]byte(`"`+strings.NewReplacer(`\`, "", `"`, "").Replace(plain)+`"`)), "control characters in %q", plain)
		}
	})
}
