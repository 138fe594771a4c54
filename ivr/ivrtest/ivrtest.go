package ivrtest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/dialpay/dialpay/ivr"
)

// Rig is a line under test and the caller at its other end. What the caller does must not wait until the line takes
// notice; the line may report it some time later.
type Rig struct {
	// Line has just been answered: nothing was performed yet.
	Line ivr.Line
	// Press has the caller press keys, one after the other. On a line with Entries they are one entry, and it ends.
	Press func(keys string)
	// HangUp has the caller hang up.
	HangUp func()
	// Say has the caller say words. Nil for a line that understands none.
	Say func(words string)
	// Shown is all that the line has put so far where somebody may see it: a screen, a log, a recording. Nil for a line
	// that shows nothing.
	Shown func() string
	// Entries tells that the line collects whole entries by itself, and may wait for one beyond a deadline.
	Entries bool
}

// Run runs every case as a subtest.
func Run(t *testing.T, newRig func(t *testing.T) Rig) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if err := c.run(newRig(t)); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestLine runs every case and returns all faults that were found, joined, or nil. Each error names the case and the
// rule that was broken.
func TestLine(newRig func() Rig) error {
	var faults []error
	for _, c := range cases {
		if err := c.run(newRig()); err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", c.name, err))
		}
	}
	return errors.Join(faults...)
}

// testCase is one thing that a line must do.
type testCase struct {
	name string
	// rule is the sentence that a line has broken when test returns an error.
	rule string
	test func(p *probe) error
}

func (c testCase) run(r Rig) error {
	if r.Line == nil || r.Press == nil || r.HangUp == nil {
		return errors.New("ivrtest: the Rig is not complete: set Line, Press and HangUp")
	}
	if err := c.test(&probe{Rig: r}); err != nil {
		return fmt.Errorf("%w\nThe rule: %s", err, c.rule)
	}
	return nil
}
