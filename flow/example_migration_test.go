package flow_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
)

// A new version of the dialogue takes over a call that an old one began. The stage that asked for the amount was named
// "howmuch" there; a migration says so, and the question is put again. Without the migration the call would begin anew.
func ExampleMigration() {
	w := flowtest.NewWorld(&testing.T{}) // t, in a test
	w.Config.Store = flow.NewMemory(w.Clock.Now)
	w.Dial(flowtest.Ann).Press("1234#")
	old := w.Config

	w.Definition.Version += " ours 2" // behind the library's own
	w.Definition.Migrations = []flow.Migration{{From: "1", To: w.Definition.Version, Do: func(s *flow.Session) error {
		if s.State == "howmuch" {
			s.State = "amount"
		}
		return nil
	}}}
	dialogue, err := w.Definition.Build()
	if err != nil {
		panic(err)
	}
	config := old
	config.Dialogue = dialogue
	engine, err := flow.New(config)
	if err != nil {
		panic(err)
	}
	turn, err := engine.Handle(context.Background(), "call-1", ivr.Input{Kind: ivr.Keys, Keys: "1", Turn: 2, Heard: true})
	if err != nil {
		panic(err)
	}
	fmt.Println(dialogue.Catalog().Text(turn.Locale, turn.Prompts[0]))
	// Output:
	// Your balance for City Water is one hundred twenty-three dollars and forty-five cents.
}
