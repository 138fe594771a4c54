package authtest_test

import (
	"fmt"
	"testing"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/auth/authtest"
)

// In the tests of your own store it is one line; here the test runs by itself:
//
//	func TestMine(t *testing.T) { authtest.TestAttempts(t, mine) }
func Example() {
	mine := func(*testing.T) (first, second auth.Attempts) {
		m := &auth.MemoryAttempts{} // two connections, where there is a database
		return m, m
	}
	test := testing.InternalTest{Name: "TestMine", F: func(t *testing.T) { authtest.TestAttempts(t, mine) }}
	ok := testing.RunTests(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{test})
	fmt.Println(ok)
	// Output: true
}
