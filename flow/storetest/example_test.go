package storetest_test

import (
	"fmt"
	"testing"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/flow/storetest"
)

// In the tests of your own store it is one line; here the test runs by itself:
//
//	func TestMine(t *testing.T) { storetest.TestStore(t, mine) }
func Example() {
	mine := func(*testing.T) storetest.Fixtures {
		clock := &flowtest.Clock{}
		return storetest.Fixtures{Store: flow.NewMemory(clock.Now), Now: clock.Now, Advance: clock.Advance}
	}
	test := testing.InternalTest{Name: "TestMine", F: func(t *testing.T) { storetest.TestStore(t, mine) }}
	ok := testing.RunTests(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{test})
	fmt.Println(ok)
	// Output: true
}
