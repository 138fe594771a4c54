package flow_test

import (
	"context"
	"fmt"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
)

// network is a flow.Dialler. One that is connected to telephones places the call and returns at once. When it is answered,
// it serves it with ivr.Serve, under the call ID that it was given; otherwise it reports ivr.HangUp.
type network struct{ placed []flow.Dial }

func (n *network) Dial(_ context.Context, d flow.Dial) error {
	n.placed = append(n.placed, d)
	return nil
}

// A customer whom nobody can speak with asks to be called back. The sweeper calls when the time has come, and the customer
// goes on with what they called for.
func ExampleDialler() {
	definition := flow.Default("City Water")
	definition.Settings.TimeZone = "America/New_York"
	dialogue, err := definition.Build()
	if err != nil {
		panic(err)
	}
	now, ids, phones := flowtest.Start, 0, &network{}
	with := collaborators()
	with.Dialler = phones
	engine, err := flow.New(flow.Config{Dialogue: dialogue, Collaborators: with, Now: func() time.Time { return now },
		NewID: func() string { ids++; return fmt.Sprint("id-", ids) }})
	if err != nil {
		panic(err)
	}
	say := func(call string, in ivr.Input) {
		turn, err := engine.Handle(context.Background(), call, in)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%s: %s\n", call, dialogue.Catalog().Text(turn.Locale, turn.Prompts...))
	}

	say("call-1", ivr.Input{Kind: ivr.Answered, Call: ivr.Call{From: "+12125550100", Locale: "en-US"}})
	say("call-1", ivr.Input{Kind: ivr.Keys, Keys: "0"}) // a person, please
	say("call-1", ivr.Input{Kind: ivr.Keys, Keys: "1"}) // yes, call me

	now = now.Add(5 * time.Minute)
	if _, err := engine.Sweep(context.Background(), 100); err != nil {
		panic(err)
	}
	d := phones.placed[0]
	fmt.Println("dialled:", d.Number, "for at most", d.Ring)
	say(d.Call, ivr.Input{Kind: ivr.Answered, Call: ivr.Call{To: d.Number}})
	say(d.Call, ivr.Input{Kind: ivr.Keys, Secret: secret("1234")})
	// Output:
	// call-1: Thank you for calling City Water. You can pay your bill here. Please enter your PIN, then press pound.
	// call-1: Nobody is available at the moment. We can call you back at two one two, five five five, zero one zero zero. Would you like us to call you back? To be called back at this number, press 1. To be called at another number, press 2. If you do not want a call, press 3.
	// call-1: We will call you at two one two, five five five, zero one zero zero. It will be in a few minutes, so please hang up now. Thank you for calling City Water. Goodbye.
	// dialled: +12125550100 for at most 45s
	// id-4: This is City Water, calling you back about your bill. Please enter your PIN, then press pound.
	// id-4: Your balance for City Water is forty-nine dollars and ninety-nine cents. How much would you like to pay? To pay the full balance of forty-nine dollars and ninety-nine cents, press 1. To pay another amount, press 2.
}
