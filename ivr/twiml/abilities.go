package twiml

import "github.com/dialpay/dialpay/ivr"

// Abilities declares in what calls over TwiML differ from those on other lines; PayAbilities, those whose cards <Pay>
// captures.
var (
	Abilities = ivr.Abilities{Line: "twiml", Lacks: lacks(ivr.CardElsewhere,
		"Without `<Pay>`, keys of a card come to this process.")}
	PayAbilities = ivr.Abilities{Line: "twiml with <Pay>", Lacks: lacks(ivr.CommandInCard,
		"`<Pay>` knows one key, `*`, which ends it: the dialogue goes back a question. A person, help and repeat can be "+
			"asked for before and after.")}
)

func lacks(more ivr.Ability, why string) map[ivr.Ability]string {
	return map[ivr.Ability]string{
		more: why,
		ivr.TypeAhead: "The provider listens only while a `<Gather>` is under way. Keys that come while the next reply is " +
			"fetched, or before a `<Gather>` whose prompts may not be interrupted, are lost; the question is asked all " +
			"the same.",
		ivr.KeysAtOnce: "A `#` that is pressed by habit after an entry that needs none comes to the next `<Gather>`. So a " +
			"lone `#` there, after such an entry, has the question said again; it is not held against the caller.",
		ivr.TwoTimes: "`<Gather>` has one timeout. It is the longer of the two, so an entry without `#` waits for longer.",
		ivr.Correction: "`<Gather>` counts `*` like a digit towards `numDigits`, so a security code that is corrected in " +
			"its middle is short, and asked for again. Entries that end with `#` are not affected.",
		ivr.BackAtOnce: "`<Gather>` ends with `#` or after its timeout: `*` alone needs one of them, but for menus.",
		ivr.HeardOrNot: "The provider does not tell when the prompts of a `<Gather>` ended. A read-back is said before its " +
			"`<Gather>`, so what answers it came after it; of other answers Heard is false.",
	}
}
