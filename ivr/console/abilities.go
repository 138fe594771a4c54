package console

import "github.com/dialpay/dialpay/ivr"

// Abilities declares in what a call on a console with Config.Keys differs from those on other lines; LineAbilities, one
// whose answers are lines.
var (
	Abilities = ivr.Abilities{Line: "console", Lacks: map[ivr.Ability]string{
		ivr.Unclear:       "Typed words are certain.",
		ivr.CardElsewhere: "Keys of a card come to this process.",
	}}
	LineAbilities = ivr.Abilities{Line: "console, answers in lines", Lacks: map[ivr.Ability]string{
		ivr.TypeAhead:     "A line is read when a question waits for an answer, and its prompts have ended.",
		ivr.TwoTimes:      "Nobody is timed while a line is typed: only an empty one is silence.",
		ivr.Unclear:       Abilities.Lacks[ivr.Unclear],
		ivr.CardElsewhere: Abilities.Lacks[ivr.CardElsewhere],
	}}
)
