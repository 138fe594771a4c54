// Package storetest has the rules that every flow.Store must keep, as tests: [TestStore], and [TestCalls], which
// plays whole calls at two processes on a store that several share. Call them in the tests of a store of your own,
// for one that is empty each time:
//
//	func TestMine(t *testing.T) {
//		storetest.TestStore(t, func(t *testing.T) storetest.Fixtures {
//			return storetest.Fixtures{Store: openMine(t)}
//		})
//	}
//
// What a store is beside a flow.Store (Leaser, Finder, Purger, Shelf) is tested where it is. Each rule has the
// sentence that a store breaks; it is shown beside what was found. Many commit at once in some rules, and their
// history is checked to be linearizable, so run the tests with the race detector, too.
package storetest
