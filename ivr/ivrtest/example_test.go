package ivrtest_test

import (
	"fmt"

	"github.com/dialpay/dialpay/ivr/ivrtest"
)

// A line with a fault is told which rule it breaks.
func ExampleTestLine() {
	broken := func() ivrtest.Rig { return rig("is too sure", false) }
	fmt.Println(ivrtest.TestLine(broken))
	// Output:
	// speech: the confidence is 80
	// The rule: Words are reported as Speech, with a confidence from 0 to 1, and Heard when the prompts had ended.
}
