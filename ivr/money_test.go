package ivr_test

import (
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/ivr"
)

func TestMoneyInWords(t *testing.T) {
	c := speaking(t)
	for _, tc := range []struct {
		minor            int64
		code             string
		english, spanish string
	}{
		// two decimals
		{12345, "USD", "one hundred twenty-three dollars and forty-five cents", "ciento veintitrés dólares con cuarenta y cinco centavos"},
		{100, "USD", "one dollar", "un dólar"},
		{101, "USD", "one dollar and one cent", "un dólar con un centavo"},
		{45, "USD", "forty-five cents", "cuarenta y cinco centavos"},
		{0, "USD", "zero dollars", "cero dólares"},
		{2100, "USD", "twenty-one dollars", "veintiún dólares"},
		{2121, "USD", "twenty-one dollars and twenty-one cents", "veintiún dólares con veintiún centavos"},
		{3100, "USD", "thirty-one dollars", "treinta y un dólares"},
		{10000, "USD", "one hundred dollars", "cien dólares"},
		{10100, "USD", "one hundred one dollars", "ciento un dólares"},
		{100000, "USD", "one thousand dollars", "mil dólares"},
		{100100, "USD", "one thousand one dollars", "mil un dólares"},
		{2100000, "USD", "twenty-one thousand dollars", "veintiún mil dólares"},
		{1_00000000, "USD", "one million dollars", "un millón de dólares"},
		{2_00000000, "USD", "two million dollars", "dos millones de dólares"},
		{1_50000000, "USD", "one million five hundred thousand dollars", "un millón quinientos mil dólares"},
		{1000_000000_00, "USD", "one billion dollars", "mil millones de dólares"},
		{-1205, "USD", "minus twelve dollars and five cents", "menos doce dólares con cinco centavos"},
		{math.MaxInt64, "USD", "ninety-two quadrillion two hundred thirty-three trillion seven hundred twenty billion three hundred sixty-eight million five hundred forty-seven thousand seven hundred fifty-eight dollars and seven cents",
			"noventa y dos mil doscientos treinta y tres billones setecientos veinte mil trescientos sesenta y ocho millones quinientos cuarenta y siete mil setecientos cincuenta y ocho dólares con siete centavos"},
		{math.MinInt64, "JPY", "minus nine quintillion two hundred twenty-three quadrillion three hundred seventy-two trillion thirty-six billion eight hundred fifty-four million seven hundred seventy-five thousand eight hundred eight yen",
			"menos nueve trillones doscientos veintitrés mil trescientos setenta y dos billones treinta y seis mil ochocientos cincuenta y cuatro millones setecientos setenta y cinco mil ochocientos ocho yenes"},
		{2101, "GBP", "twenty-one pounds and one penny", "veintiuna libras con un penique"},
		{50002, "GBP", "five hundred pounds and two pence", "quinientas libras con dos peniques"},
		{10100, "GBP", "one hundred one pounds", "ciento una libras"},
		{20100000, "GBP", "two hundred one thousand pounds", "doscientas un mil libras"},
		{1_00000000, "GBP", "one million pounds", "un millón de libras"},
		{201_000000_00, "GBP", "two hundred one million pounds", "doscientos un millones de libras"},
		{121, "EUR", "one euro and twenty-one cents", "un euro con veintiún céntimos"},
		{221, "INR", "two rupees and twenty-one paise", "dos rupias con veintiuna paisas"},
		{101, "INR", "one rupee and one paisa", "una rupia con una paisa"},
		{150, "CHF", "one Swiss franc and fifty centimes", "un franco suizo con cincuenta céntimos"},
		{200, "CAD", "two Canadian dollars", "dos dólares canadienses"},
		{200, "AUD", "two Australian dollars", "dos dólares australianos"},
		{250, "MXN", "two Mexican pesos and fifty centavos", "dos pesos mexicanos con cincuenta centavos"},
		{250, "BRL", "two Brazilian reais and fifty centavos", "dos reales brasileños con cincuenta centavos"},
		{250, "COP", "two Colombian pesos and fifty centavos", "dos pesos colombianos con cincuenta centavos"},
		{250, "ARS", "two Argentine pesos and fifty centavos", "dos pesos argentinos con cincuenta centavos"},
		// no decimals
		{1205, "JPY", "one thousand two hundred five yen", "mil doscientos cinco yenes"},
		{1, "JPY", "one yen", "un yen"},
		{21, "KRW", "twenty-one won", "veintiún wones"},
		{700, "CLP", "seven hundred Chilean pesos", "setecientos pesos chilenos"},
		// three decimals
		{1250, "KWD", "one Kuwaiti dinar and two hundred fifty fils", "un dinar kuwaití con doscientos cincuenta fils"},
		{2001, "BHD", "two Bahraini dinars and one fils", "dos dinares bareiníes con un fils"},
		{5, "KWD", "five fils", "cinco fils"},
		// without a name in the language: letters, and decimals as ISO 4217 has them
		{1205, "SEK", "twelve point zero five, S E K", "doce punto cero cinco, S E K"},
		{1200, "SEK", "twelve, S E K", "doce, S E K"},
		{-5, "SEK", "minus zero point zero five, S E K", "menos cero punto cero cinco, S E K"},
		{1205, "VND", "one thousand two hundred five, V N D", "mil doscientos cinco, V N D"},
		{1205, "TND", "one point two zero five, T N D", "uno punto dos cero cinco, T N D"},
		{12051, "CLF", "one point two zero five one, C L F", "uno punto dos cero cinco uno, C L F"},
		{1250, "???", "twelve point five zero", "doce punto cinco cero"},
		{1250, "usd", "twelve point five zero, U S D", "doce punto cinco cero, U S D"},
	} {
		p := ivr.Say("v", ivr.Money(tc.minor, tc.code))
		assert.Equal(t, tc.english, c.Text("en-US", p), "%d %s", tc.minor, tc.code)
		assert.Equal(t, tc.spanish, c.Text("es-US", p), "%d %s", tc.minor, tc.code)
	}
}

// Every number to 999 must have words of its own, made of the right parts.
func TestSmallNumbers(t *testing.T) {
	c := speaking(t)
	seen := map[string]int{}
	for n := range 1000 {
		en, es := c.Text("en-US", ivr.Say("v", ivr.Count(n))), c.Text("es-US", ivr.Say("v", ivr.Count(n)))
		for _, words := range []string{en, es} {
			before, twice := seen[words]
			require.False(t, twice, "%q is both %d and %d", words, before, n)
			seen[words] = n
		}
		require.Regexp(t, `^([a-z]+ hundred( |$))?([a-z]+(-[a-z]+)?)?$`, en)
		require.Equal(t, n >= 100, strings.Contains(en, " hundred"), en)
		require.Equal(t, n%100 > 20 && n%10 > 0, strings.Contains(en, "-"), en)
		require.Regexp(t, `^(cien|ciento|[a-zé]*cientos|quinientos|novecientos)?( |$|^)([a-zéó]+( y [a-zéó]+)?)?$`, es)
		require.Equal(t, n%100 > 30 && n%10 > 0, strings.Contains(es, " y "), es)
		require.Equal(t, n >= 100, strings.HasPrefix(es, "cien") || strings.Contains(es, "cientos") || strings.HasPrefix(es, "quinientos"), es)
		require.Equal(t, strings.TrimSpace(en), en)
		require.Equal(t, strings.TrimSpace(es), es)
	}
}

// testdata/spellout.txt was made by another implementation.
func TestNumbersAgreeWithCLDR(t *testing.T) {
	en, es := ivr.English().Grammar, ivr.Spanish().Grammar
	file, err := os.ReadFile("testdata/spellout.txt")
	require.NoError(t, err)
	checked := 0
	for line := range strings.Lines(string(file)) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		cell := strings.Split(strings.TrimSpace(line), " | ")
		n, err := strconv.ParseUint(cell[0], 10, 64)
		require.NoError(t, err)
		assert.Equal(t, cell[1], string(en.Quantity(nil, n, ivr.Noun{})))
		assert.Equal(t, cell[2], string(es.Quantity(nil, n, ivr.Noun{})))
		days := strings.Replace(string(es.Quantity(nil, n, ivr.Noun{One: "día", Many: "días"})), " de días", " días", 1)
		assert.Equal(t, cell[3], strings.TrimSuffix(strings.TrimSuffix(days, " día"), " días"))
		checked++
	}
	assert.Equal(t, 300, checked)
}

func TestNumbersAlone(t *testing.T) {
	c := speaking(t)
	for _, tc := range []struct {
		n                int
		english, spanish string
	}{
		{0, "zero", "cero"}, {1, "one", "uno"}, {12, "twelve", "doce"}, {15, "fifteen", "quince"}, {16, "sixteen", "dieciséis"},
		{20, "twenty", "veinte"}, {21, "twenty-one", "veintiuno"}, {22, "twenty-two", "veintidós"}, {31, "thirty-one", "treinta y uno"},
		{40, "forty", "cuarenta"}, {100, "one hundred", "cien"}, {101, "one hundred one", "ciento uno"}, {500, "five hundred", "quinientos"},
		{700, "seven hundred", "setecientos"}, {900, "nine hundred", "novecientos"}, {999, "nine hundred ninety-nine", "novecientos noventa y nueve"},
		{1000, "one thousand", "mil"}, {1001, "one thousand one", "mil uno"}, {21_001, "twenty-one thousand one", "veintiún mil uno"},
		{100_000, "one hundred thousand", "cien mil"}, {1_000_001, "one million one", "un millón uno"},
		{21_000_000, "twenty-one million", "veintiún millones"}, {-3, "minus three", "menos tres"},
	} {
		assert.Equal(t, tc.english, c.Text("en-US", ivr.Say("v", ivr.Count(tc.n))))
		assert.Equal(t, tc.spanish, c.Text("es-US", ivr.Say("v", ivr.Count(tc.n))))
	}
}

func FuzzMoneyWords(f *testing.F) {
	for _, code := range []string{"USD", "JPY", "KWD", "SEK", "CLF", "", "usd", "<&>", "\x00\xff"} {
		f.Add(int64(12345), code)
		f.Add(int64(math.MinInt64), code)
		f.Add(int64(0), code)
	}
	c := speaking(f)
	f.Fuzz(func(t *testing.T, minor int64, code string) {
		for _, tag := range c.Locales() {
			words := c.Text(tag, ivr.Say("v", ivr.Money(minor, code)))
			require.NotEmpty(t, words)
			require.True(t, utf8.ValidString(words))
			require.NotContains(t, words, "  ")
			require.Empty(t, strings.Trim(strings.ToLower(words), "abcdefghijklmnopqrstuvwxyzáéíóúñ ,-0123456789"))
			wellFormed(t, c.SSML(tag, false, ivr.Say("v", ivr.Money(minor, code))))
		}
	})
}
