// Package ivr is what is said and heard on a call: prompts, questions, keys and words. It knows neither money nor
// accounts, and no telephone system.
//
// # The idea
//
//	Input  ->  Handler.Handle  ->  Turn
//
// An [Input] is what the line reports: the call was answered, an entry was keyed, words were said, nobody said
// anything, the caller hung up. A [Turn] is what the line must do next: say some [Prompt]s, then do one [Action]:
// listen, capture a secret, wait, transfer, hang up. In between, nothing blocks on the caller. So the same [Handler]
// serves a goroutine that holds a call for minutes, a webhook that sees one request for each answer, a console and a
// test.
//
// # Asking
//
// A question is a [Menu] (choose one of at most five options) or a [Field] (an entry of digits). Both do the same three
// things: tell what is said, tell how the line must listen, and read what came back:
//
//	turn.Prompts, turn.Listen = menu.Prompts(), menu.Listen(timing)   // ask
//	answer := menu.Read(input, locale, timing)                        // read: a Command, a Fault or a content
//
// The keys in [Universals] mean the same at every question where they cannot be part of the answer: a person, help,
// repeat, and so on. # ends an entry, * clears it, and * on an empty entry goes back. A read-back (Menu.MustHear)
// counts only answers that were begun after all of it had been spoken.
//
// # Speaking
//
// A [Prompt] holds no words, only the key of a message and typed values. A [Catalog] of [Locale]s turns it into text or
// SSML, and reads spoken digits, amounts and commands. [English] and [Spanish] are complete.
//
// # Lines
//
// A [Line] is one call on some telephone system: it performs turns and reports raw events. [Serve] drives it against a
// Handler. An [Exchange] makes Inputs of events: it collects keys, keeps type-ahead, and watches the time, without a
// clock of its own. Package ivrtest has the tests that any Line must pass; package console is a Line on a terminal.
//
// # Secrets
//
// The keys of a card number, a security code or a PIN exist only in a [Secret], which nothing prints, logs or stores.
package ivr
