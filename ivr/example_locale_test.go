package ivr_test

import (
	"fmt"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/message/catalog"

	"github.com/dialpay/dialpay/ivr"
)

// A catalog has the messages of a dialogue in every language that it speaks. Values come as typed arguments, and each
// locale puts them into its own words.
func ExampleNewCatalog() {
	english := ivr.English()
	english.Messages = map[string]catalog.Message{
		"greeting": catalog.String("Welcome to Acme & Sons."),
		"balance":  catalog.String("Your balance is %[1]s, due %[2]s."),
		"bills":    plural.Selectf(1, "", plural.One, "You have one bill.", plural.Other, "You have %[1]s bills."),
	}
	spanish := ivr.Spanish()
	spanish.Messages = map[string]catalog.Message{
		"greeting": catalog.String("Bienvenido a Acme & Sons."),
		"balance":  catalog.String("Su saldo es de %[1]s y vence el %[2]s."),
		"bills":    plural.Selectf(1, "", plural.One, "Tiene una factura.", plural.Other, "Tiene %[1]f facturas."),
	}
	c, err := ivr.NewCatalog(english, spanish)
	if err != nil {
		fmt.Println(err)
		return
	}

	due := ivr.Arg{Kind: ivr.KindDate, Text: "2026-12-01"}
	prompts := []ivr.Prompt{ivr.Say("bills", ivr.Count(21)), ivr.Say("balance", ivr.Money(2145, "USD"), due)}
	fmt.Println(c.Text("en-US", prompts...))
	fmt.Println(c.Text(c.Match("es-MX", "en"), prompts...))
	fmt.Println(c.SSML("en-US", true, ivr.Say("greeting")))
	// Output:
	// You have twenty-one bills. Your balance is twenty-one dollars and forty-five cents, due December first, twenty twenty-six.
	// Tiene veintiuna facturas. Su saldo es de veintiún dólares con cuarenta y cinco centavos y vence el primero de diciembre de dos mil veintiséis.
	// <speak version="1.1" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="en-US"><prosody rate="slow">Welcome to Acme &amp; Sons.</prosody></speak>
}

// What a caller says is heard by the locale, too.
func ExampleLocale_HearAmount() {
	l := ivr.English()
	units, minor, ok := l.HearAmount("I'd like to pay forty-two dollars and five cents, please")
	fmt.Println(units, minor, ok)
	_, _, ok = l.HearAmount("forty-two fifty")
	fmt.Println(ok)
	// Output:
	// 42 5 true
	// false
}
