package flowtest

import (
	"strings"

	"github.com/dialpay/dialpay/ivr"
)

// act is something that happens on the line.
type act struct {
	name string
	in   ivr.Input
	// keys become Input.Keys, or Input.Secret where the question is sensitive.
	keys string
}

// input makes the Input afresh: a handler clears secrets.
func (a act) input(t ivr.Turn) ivr.Input {
	in := a.in
	in.Turn = t.Seq
	if a.keys == "" {
		return in
	}
	in.Kind = ivr.Keys
	if !t.Listen.Sensitive {
		in.Keys = a.keys
		return in
	}
	in.Secret, _ = ivr.NewSecret([]byte(a.keys))
	return in
}

// always are the acts that can come at any time, whether they fit or not.
var always = []act{
	{name: "hangs up", in: ivr.Input{Kind: ivr.HangUp}},
	{name: "hears the end", in: ivr.Input{Kind: ivr.PromptEnded}},
	{name: "says nothing", in: ivr.Input{Kind: ivr.Silence, Heard: true}},
	{name: "is not connected", in: ivr.Input{Kind: ivr.TransferFailed}},
	{name: "has nothing captured", in: ivr.Input{Kind: ivr.WorkDone}},
	{name: "is answered again", in: ivr.Input{Kind: ivr.Answered}},
	{name: "presses 1", in: ivr.Input{Kind: ivr.Keys, Keys: "1", Heard: true}},
}

// keypad are the keys of a telephone.
const keypad = "0123456789*#"

// acts are what a caller can do at a turn, the wrong things included.
func acts(catalog *ivr.Catalog, t ivr.Turn, entries []string) []act {
	all := append([]act(nil), always...)
	if t.Action != ivr.ActionListen && t.Action != ivr.ActionCapture {
		return all
	}
	l := t.Listen
	for _, k := range keypad {
		all = append(all, act{name: "presses " + string(k), keys: string(k), in: ivr.Input{Heard: true}})
		all = append(all, act{name: "presses " + string(k) + " too early", keys: string(k)})
	}
	words := []string{"one", "one two three four", "agent", "repeat", "help", "go back", "slower", "colourless green"}
	for _, n := range []int{l.Least - 1, l.Least, l.Most, l.Most + 1} {
		if n > 1 {
			entries = append(entries, strings.Repeat("1", min(n, ivr.MaxEntry+1))+"#")
		}
	}
	for _, entry := range append(entries, "12*", "12*34#5") {
		if strings.Trim(entry, keypad) != "" {
			words = append(words, entry)
			continue
		}
		all = append(all, act{name: "keys " + entry, keys: entry, in: ivr.Input{Heard: true}})
	}
	for _, hint := range l.Hints {
		words = append(words, catalog.Locale(t.Locale).Words[hint]...)
	}
	for _, w := range words {
		all = append(all, act{name: "says " + w, in: ivr.Input{Kind: ivr.Speech, Speech: w, Confidence: 1, Heard: true}})
	}
	all = append(all, act{name: "mumbles one", in: ivr.Input{Kind: ivr.Speech, Speech: "one", Confidence: 0.1, Heard: true}})
	card := ivr.Captured{Result: "success", Token: "tok_line", Brand: "visa", Last4: "4242", Expiry: "2030-12"}
	for _, result := range []string{"success", "internal-error"} {
		captured := card
		captured.Result = result
		all = append(all, act{name: "has a card captured: " + result, in: ivr.Input{Kind: ivr.WorkDone, Captured: &captured}})
	}
	return all
}

// asksForPerson tells that an act asks for a person: with the key for it or, where that key is a digit like any other,
// in words.
func asksForPerson(a act) bool { return a.in.Heard && (a.keys == "0" || a.in.Speech == "agent") }
