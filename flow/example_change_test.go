package flow_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
)

// half is half of the bill that is paid.
func half(c *flow.Call) payment.Money {
	m := c.CurrentBill().Balance
	m.Minor /= 2
	return m
}

// offerHalf adds an option to the question for the amount. All else of the question stays as it is.
func offerHalf(d *flow.Definition) error {
	ask := d.Stage("amount").States[0].Ask
	menu, answer := ask.Menu, ask.Answer
	ask.Menu = func(c *flow.Call) ivr.Menu {
		return c.Choose(append(menu(c).Options, flow.Option("half", "amount.half", flow.Money(half(c))))...)
	}
	ask.Answer = func(c *flow.Call, a ivr.Answer) flow.Event {
		if a.Value != "half" {
			return answer(c, a)
		}
		c.Amount = half(c)
		return "chosen"
	}
	ask.Options = append(ask.Options, "amount.half")
	return errors.Join( // the key comes last
		d.Say("en-US", "amount.half", "To pay half of it, %[1]s, press %[2]s."),
		d.Say("es-US", "amount.half", "Para pagar la mitad, %[1]s, oprima %[2]s."),
		d.Hear("en-US", "amount.half", "half", "half of it"),
		d.Hear("es-US", "amount.half", "la mitad"))
}

// A question of the library is changed where it stands.
func ExampleDefinition_Stage() {
	w := flowtest.NewWorld(&testing.T{}) // t, in a test
	if err := offerHalf(&w.Definition); err != nil {
		panic(err)
	}
	call := w.Dial(flowtest.Ann).Press("1234#")
	fmt.Println(call.Words())
	call.Say("half of it").Press("1").Press("1").Hear("receipt.approved").HangUp()
	fmt.Println(w.Charges()[0].Amount)
	// Output:
	// Your balance for City Water is one hundred twenty-three dollars and forty-five cents. It is due on Friday, March sixth. How much would you like to pay? To pay the full balance of one hundred twenty-three dollars and forty-five cents, press 1. To pay the minimum of twenty-five dollars, press 2. To pay another amount, press 3. To pay half of it, sixty-one dollars and seventy-two cents, press 4.
	// 61.72 USD
}
