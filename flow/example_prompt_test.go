package flow_test

import (
	"fmt"
	"testing"

	"github.com/dialpay/dialpay/flow/flowtest"
)

// Any message can be said in other words, in each language. The keys are in the messages of the Definition's Locales;
// %[1]s, %[2]s … are the values, already in words.
func ExampleDefinition_Say() {
	w := flowtest.NewWorld(&testing.T{}) // t, in a test
	for _, m := range []struct{ locale, key, words string }{
		{"en-US", "greeting.welcome", "Hello, this is %[1]s."},
		{"en-US", "amount.balance", "You owe %[2]s for %[1]s."},
		{"es-US", "greeting.welcome", "Hola, habla %[1]s."},
	} {
		if err := w.Definition.Say(m.locale, m.key, m.words); err != nil {
			panic(err)
		}
	}

	ann := w.Dial(flowtest.Ann)
	fmt.Println(ann.Words())
	fmt.Println(ann.Press("1234#").Words())
	fmt.Println(w.Dial(flowtest.Ben).Words())
	// Output:
	// Hello, this is City Water. Please enter your PIN, then press pound.
	// You owe one hundred twenty-three dollars and forty-five cents for City Water. It is due on Friday, March sixth. How much would you like to pay? To pay the full balance of one hundred twenty-three dollars and forty-five cents, press 1. To pay the minimum of twenty-five dollars, press 2. To pay another amount, press 3.
	// Hola, habla City Water. Por favor ingrese su PIN y oprima la tecla numeral.
}
