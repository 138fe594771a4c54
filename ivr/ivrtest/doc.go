// Package ivrtest has the tests that any [ivr.Line] must pass.
//
// A test of a line builds a [Rig]: the line, together with the caller at its other end. Each case has a rig of its own:
//
//	func TestLine(t *testing.T) {
//		ivrtest.Run(t, func(t *testing.T) ivrtest.Rig {
//			line, caller := dial(t) // whatever the line needs
//			return ivrtest.Rig{Line: line, Press: caller.Press, HangUp: caller.HangUp}
//		})
//	}
//
// [TestLine] does the same without a *testing.T and reports every fault at once.
package ivrtest
