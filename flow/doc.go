// Package flow is the dialogue of a call that pays a bill: a finite-state machine that does no I/O of its own, and the
// Engine that lets it work with a directory, a biller, a processor and a store.
//
//	dialogue, err := flow.Default("City Water").Build()
//	engine, err := flow.New(flow.Config{Dialogue: dialogue, Now: time.Now, NewID: rand.Text, Collaborators: …})
//	turn, err := engine.Handle(ctx, "call-1", ivr.Input{Kind: ivr.Answered})
//
// Handle takes one ivr.Input and returns one ivr.Turn: what to say, and what to do next. A line with events of its own is
// served by ivr.Serve, which calls Handle. Between two inputs nothing runs: all that is known of a call is its Session,
// in the Store. Run Engine.Sweep every few seconds: it goes on with what calls left open.
//
// # The dialogue
//
// A Definition has Stages, a Stage has States. An ask state says something and waits for the caller; a work state calls
// a collaborator; a leave state ends the dialogue. What an answer or the work came to is an Event, and the table of
// transitions tells where it leads. Repeat, help, back, a person, more time, another language, silence and mistakes are
// handled once, for all questions. Definition.Build finds what is wrong before a call does: a transition that leads
// nowhere, a state that nothing leads to, a message that is missing in a language.
//
// To change the dialogue, change the Definition that Default returns: Say sets the words of a message, Insert, Replace
// and Remove change the stages, Settings the timers and limits. The library's own stages use nothing that a stage of
// yours could not use. The examples show each.
//
// # The money
//
// What is read back is stored as a draft before the caller hears it, and that draft is what is charged. The caller's yes
// makes it a confirmed payment, which goes forward whatever happens to the call: package payment has the protocol,
// Call.Confirm and Call.Drive store each step of it before it is made. A payment whose outcome is not known is looked up
// and sent again with the same key, in the call while the caller waits, and by Sweep afterwards.
//
// # What it does not do
//
// Without Config.Store calls are in memory, and a process that dies takes them with it: packages sqlitestore and pgstore
// keep them, sealed with Config.Seal. Wrong PINs and one-time codes are counted in each process for itself unless package
// auth is given a store, such as the Attempts and Once of these two. Gift cards and points are used in the order of the customer's preferences, or not at all.
package flow
