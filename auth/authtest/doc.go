// Package authtest checks that what counts wrong answers and used codes keeps the rules that lockout and one-time codes
// stand on, also when several processes work on it at once. Run it on your own auth.Attempts and auth.Once:
//
//	func TestMine(t *testing.T) {
//		authtest.TestAttempts(t, func(t *testing.T) (first, second auth.Attempts) { … })
//		authtest.TestOnce(t, func(t *testing.T) (first, second auth.Once) { … })
//	}
//
// Each rule is a test of its own, and says what it is for when it is broken. The two that a rule gets are two processes:
// two connections to one database. Where there is one process, it is the same twice.
package authtest
