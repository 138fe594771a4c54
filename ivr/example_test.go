package ivr_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/text/message/catalog"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/console"
)

// pizzeria is a Handler: it says what to do after each Input. This one keeps one call in a struct; package flow keeps
// any number of them in a store.
type pizzeria struct {
	seq   int
	order ivr.Menu
}

func (p *pizzeria) Handle(_ context.Context, _ string, in ivr.Input) (ivr.Turn, error) {
	p.seq++
	t := ivr.Turn{Seq: p.seq, Locale: "en-US", Action: ivr.ActionListen, Prompts: p.order.Prompts(), Listen: p.order.Listen(ivr.Timing{})}
	if in.Kind == ivr.Answered {
		return t, nil
	}
	a := p.order.Read(in, nil, ivr.Timing{})
	switch {
	case a.Fault != ivr.FaultNone:
		t.Prompts = append([]ivr.Prompt{ivr.Say("sorry")}, t.Prompts...)
	case a.Command == ivr.CommandNone:
		t.Action = ivr.ActionHangUp
		t.Prompts = []ivr.Prompt{ivr.Say("thanks", ivr.Money(1250, "USD"))}
	}
	return t, nil
}

// A call needs a Handler, a Line and the words. This line is a console, whose caller is silent, mistypes, and orders.
func Example() {
	english := ivr.English()
	english.Messages = map[string]catalog.Message{
		"welcome": catalog.String("Welcome."),
		"cheese":  catalog.String("For cheese, press %[1]s."),
		"salami":  catalog.String("For salami, press %[1]s."),
		"sorry":   catalog.String("Sorry?"),
		"thanks":  catalog.String("That is %[1]s. Goodbye."),
	}
	words, err := ivr.NewCatalog(english)
	if err != nil {
		fmt.Println(err)
		return
	}
	line, err := console.New(console.Config{In: strings.NewReader("\n5\n2\n"), Out: os.Stdout, Catalog: words})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer line.Close()
	handler := &pizzeria{order: ivr.Menu{
		Intro: []ivr.Prompt{ivr.Say("welcome")},
		Options: []ivr.Option{
			{Key: '1', Prompt: ivr.Say("cheese"), Value: "cheese"},
			{Key: '2', Prompt: ivr.Say("salami"), Value: "salami"},
		},
	}}
	err = ivr.Serve(context.Background(), "call-1", ivr.Input{Kind: ivr.Answered}, line, handler)
	fmt.Println("error:", err)
	// Output:
	// Welcome.
	// For cheese, press 1.
	// For salami, press 2.
	// > (silence)
	// Sorry?
	// Welcome.
	// For cheese, press 1.
	// For salami, press 2.
	// > 5
	// Sorry?
	// Welcome.
	// For cheese, press 1.
	// For salami, press 2.
	// > 2
	// That is twelve dollars and fifty cents. Goodbye.
	// error: <nil>
}

// An entry is made of single keys and times. The time comes with the events, so a test of ten minutes takes none.
func ExampleExchange() {
	account := ivr.Field{Least: 4, Most: 10}
	var x ivr.Exchange
	now := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC)
	x.Begin(ivr.Turn{Seq: 1, Action: ivr.ActionListen, Listen: account.Listen(ivr.Timing{})}, now)
	x.Feed(ivr.Event{At: now, Input: ivr.Input{Kind: ivr.PromptEnded}})
	fmt.Println("waits for a key:", x.Deadline().Sub(now))
	for _, key := range []byte("9*4211") {
		x.Feed(ivr.Event{At: now, Key: key})
	}
	fmt.Println("waits for the next:", x.Deadline().Sub(now))
	x.Feed(ivr.Event{At: x.Deadline()})
	in, _ := x.Input()
	fmt.Println("entry:", in.Keys, "after all prompts:", in.Heard)
	fmt.Println("answer:", account.Read(in, nil, ivr.Timing{}).Digits)
	// Output:
	// waits for a key: 10s
	// waits for the next: 5s
	// entry: 4211 after all prompts: true
	// answer: 4211
}
