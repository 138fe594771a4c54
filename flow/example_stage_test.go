package flow_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
)

// survey asks everybody who has paid for a score from 1 to 5, once a call, and hands it to keep. Session.Vars takes it
// from the answer, which does no I/O, to the work.
func survey(keep func(call, score string) error) flow.Stage {
	return flow.Stage{Name: "survey", States: []flow.State{
		{
			Name: "survey",
			Work: &flow.Work{Do: func(_ context.Context, c *flow.Call) (flow.Event, error) {
				if c.Receipt == nil || c.Vars["score"] != "" {
					return "skip", nil
				}
				return "ask", nil
			}},
			On: []flow.Go{{On: "skip", To: flow.Next}, {On: "ask", To: "survey.score"}},
		},
		{
			Name: "survey.score",
			Ask: &flow.Ask{
				Field: func(*flow.Call) ivr.Field { return ivr.Field{Kind: ivr.FieldDigits, Least: 1, Most: 1} },
				Answer: func(c *flow.Call, a ivr.Answer) flow.Event {
					if a.Digits < "1" || a.Digits > "5" {
						return c.Invalid("range")
					}
					c.SetVar("score", a.Digits)
					return "given"
				},
				Reasons: []string{"range"},
			},
			On: []flow.Go{{On: "given", To: "survey.keep"}, {On: flow.EventGiveUp, To: flow.Next}},
		},
		{
			Name: "survey.keep",
			Work: &flow.Work{Do: func(_ context.Context, c *flow.Call) (flow.Event, error) {
				if err := keep(c.ID, c.Vars["score"]); err != nil {
					return "", err
				}
				c.Notice(ivr.Say("survey.thanks"))
				return "kept", nil
			}},
			On:   []flow.Go{{On: "kept", To: flow.Next}, {On: flow.EventFailed, To: flow.Next}},
			Says: []string{"survey.thanks"},
		},
	}}
}

// A question is found by the name of its state. What is missing in a language is found by Build.
var surveyWords = []struct{ key, english, spanish string }{
	{"survey.score.ask", "How was this call, from 1 for bad to 5 for good?",
		"¿Qué le pareció esta llamada, de 1 si fue mala a 5 si fue buena?"},
	{"survey.score.ask.2", "Please press a key from 1 to 5.", "Por favor oprima una tecla del 1 al 5."},
	{"survey.score.help", "Your answer helps us to make these calls better.", "Su respuesta nos ayuda a mejorar."},
	{"survey.score.invalid.range", "Only 1 to 5 will do.", "Solo sirven del 1 al 5."},
	{"survey.thanks", "Thank you for telling us.", "Gracias por su respuesta."},
}

// A stage is inserted in front of another one: here a survey, before the caller is asked whether there is anything else.
func ExampleDefinition_Insert() {
	w := flowtest.NewWorld(&testing.T{}) // t, in a test
	err := w.Definition.Insert("more", survey(func(call, score string) error {
		_, err := fmt.Println(call, "scores", score)
		return err
	}))
	for _, m := range surveyWords {
		err = errors.Join(err, w.Definition.Say("en-US", m.key, m.english), w.Definition.Say("es-US", m.key, m.spanish))
	}
	if err != nil {
		panic(err)
	}

	ann := w.Dial(flowtest.Ann)
	ann.Press("1234#").Press("1").Press("1").Press("1")
	ann.Hear("receipt.approved").Press("3")
	fmt.Println(ann.Words())
	fmt.Println(ann.Press("7").Words())
	fmt.Println(ann.Press("5").Words())
	// Output:
	// How was this call, from 1 for bad to 5 for good?
	// Only 1 to 5 will do. Please press a key from 1 to 5.
	// call-1 scores 5
	// Thank you for telling us. Is there anything else? To end the call, press 1, or hang up.
}

// A stage is replaced by one of the same name: here the transaction ID is only said, and nothing is asked after it.
func ExampleDefinition_Replace() {
	w := flowtest.NewWorld(&testing.T{}) // t, in a test
	err := w.Definition.Replace(flow.Stage{Name: "receipt", States: []flow.State{{
		Name: "receipt",
		Work: &flow.Work{Do: func(_ context.Context, c *flow.Call) (flow.Event, error) {
			c.Notice(ivr.Say("receipt.id.slow", ivr.IDSlow(c.Receipt.Transaction)))
			return "said", nil
		}},
		On:   []flow.Go{{On: "said", To: flow.Next}},
		Says: []string{"receipt.id.slow"},
	}}})
	if err != nil {
		panic(err)
	}

	ann := w.Dial(flowtest.Ann)
	ann.Press("1234#").Press("1").Press("1").Press("1")
	fmt.Println(ann.Words())
	// Output:
	// Your transaction ID, slowly: M as in mike, 9, H as in hotel; X as in x-ray, 6, 4; K as in kilo, M as in mike, 2. Is there anything else? To end the call, press 1, or hang up.
}

// A stage is removed: here nobody is asked for a language or for anything else to do.
func ExampleDefinition_Remove() {
	w := flowtest.NewWorld(&testing.T{}) // t, in a test
	if err := errors.Join(w.Definition.Remove("language"), w.Definition.Remove("more")); err != nil {
		panic(err)
	}

	fmt.Println(w.Dial(flowtest.Stranger).Words())
	ann := w.Dial(flowtest.Ann)
	ann.Press("1234#").Press("1").Press("1").Press("1")
	ann.Hear("receipt.approved").Press("3")
	fmt.Println(ann.Words())
	ann.Over()
	// Output:
	// Thank you for calling City Water. You can pay your bill here. Please enter your account number, then press pound.
	// Thank you for calling City Water. Goodbye.
}
