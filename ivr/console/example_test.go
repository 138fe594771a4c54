package console_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"golang.org/x/text/message/catalog"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/console"
)

// pinpad is a Handler that asks for a PIN until there is one.
type pinpad struct{ turn int }

func (p *pinpad) Handle(_ context.Context, _ string, in ivr.Input) (ivr.Turn, error) {
	p.turn++
	field := ivr.Field{Least: 4, Most: 6, Capture: ivr.Capture{Field: ivr.CapturePIN}}
	t := ivr.Turn{Seq: p.turn, Locale: "en-US", Action: ivr.ActionCapture, Capture: field.Capture,
		Prompts: []ivr.Prompt{ivr.Say("pin.ask")}, Listen: field.Listen(ivr.Timing{})}
	if in.Kind == ivr.Answered {
		return t, nil
	}
	a := field.Read(in, nil, ivr.Timing{})
	defer a.Secret.Clear()
	if a.Secret.Len() > 0 {
		t.Action, t.Prompts = ivr.ActionHangUp, []ivr.Prompt{ivr.Say("pin.thanks", ivr.Count(a.Secret.Len()))}
	}
	return t, nil
}

// Each line of the input is an answer. A real program has os.Stdin there.
func Example() {
	english := ivr.English()
	english.Messages = map[string]catalog.Message{
		"pin.ask":    catalog.String("Please enter your PIN."),
		"pin.thanks": catalog.String("Thank you for all %[1]s digits."),
	}
	words, err := ivr.NewCatalog(english)
	if err != nil {
		fmt.Println(err)
		return
	}
	line, err := console.New(console.Config{In: strings.NewReader("12\n\n4321#\n"), Out: os.Stdout, Catalog: words})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer line.Close()
	if err := ivr.Serve(context.Background(), "call-1", ivr.Input{Kind: ivr.Answered}, line, &pinpad{}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Please enter your PIN.
	// > ••
	// Please enter your PIN.
	// > (silence)
	// Please enter your PIN.
	// > •••••
	// Thank you for all four digits.
}
