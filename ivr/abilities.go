package ivr

// Ability is something that dialogues count on and that lines differ in. What is not here, every Line can do.
type Ability string

// The abilities.
const (
	TypeAhead     Ability = "type-ahead"
	KeysAtOnce    Ability = "keys in a row"
	TwoTimes      Ability = "two times"
	Correction    Ability = "correction"
	BackAtOnce    Ability = "back at once"
	CommandInCard Ability = "commands in a card"
	Words         Ability = "words"
	Unclear       Ability = "unclear words"
	HeardOrNot    Ability = "heard or not"
	CardElsewhere Ability = "card elsewhere"
)

// AllAbilities are the abilities, each with what it means.
var AllAbilities = []struct {
	Ability Ability
	Means   string
}{
	{TypeAhead, "keys that are pressed before a question is asked are kept for it (ivr.Exchange)"},
	{KeysAtOnce, "keys that go on after a complete or a refused answer are told from new ones (Listen.Fresh)"},
	{TwoTimes, "the time to the first key and the time between keys are two (Listen.First, Listen.Between)"},
	{Correction, "`*` in the middle of an entry of a fixed length clears it"},
	{BackAtOnce, "`*` on an empty entry goes back at once"},
	{CommandInCard, "the keys of the Universals work while a card is entered"},
	{Words, "callers can answer with words (Listen.Speech)"},
	{Unclear, "words that were hard to understand are told from clear ones (Input.Confidence)"},
	{HeardOrNot, "an answer that interrupted the prompts is told from one that came after them (Input.Heard)"},
	{CardElsewhere, "a whole card can be captured by somebody else (Capture.Delegable)"},
}

// Abilities declares what a kind of line can do: everything in AllAbilities but what it Lacks.
type Abilities struct {
	// Line names the kind of line.
	Line string
	// Lacks are the abilities that it has not, each with the reason: a sentence for docs/lines.md.
	Lacks map[Ability]string
}
