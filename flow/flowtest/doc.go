// Package flowtest drives whole calls in unit tests. A scripted Caller dials, hears, presses, says, waits and hangs up;
// time is virtual, so ten minutes of silence take a millisecond.
//
//	w := flowtest.NewWorld(t)
//	call := w.Dial(flowtest.Ann)
//	call.Hear("identify.pin.ask").Press("1234#")
//	call.Hear("amount.ask").Press("1")
//	call.Hear("funding.choose.ask").Press("1")
//	call.Hear("confirm.readback.ask").Press("1")
//	call.Hear("approved").HangUp()
//	require.Len(t, w.Charges(), 1)
//
// World is a company with three customers, a sandbox processor and fakes for everything else; change what a test is
// about and leave the rest. To test with a biller, a processor or stages of your own, put them into World.Config, or
// make a Caller for an engine of your own with Dial.
//
// Walk proves a dialogue that you changed: it goes to every place that a call can come to, and looks that there is a way
// on, a way out and a way to a person.
//
// Simulation proves the money: calls in which processes crash, answers get lost and callers hang up anywhere, and judges
// that compare the books afterwards. Give it your Definition.
package flowtest
