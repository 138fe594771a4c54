package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSimulate(t *testing.T) {
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"-calls", "300", "-seed", "3"}, 0, "Nobody was charged twice"},
		{[]string{"-exhaustive", "0"}, 0, "card+bank"},
		{[]string{"-calls", "30", "-complete"}, 1, "it never happened: "},
		{[]string{"-calls", "many"}, 2, "invalid value"},
		{[]string{"-help"}, 0, "-faults"},
		{[]string{"-calls", "-1"}, 2, "not negative"},
		{[]string{"-faults", "2"}, 2, "from 0 to 1"},
		{[]string{"-faults", "NaN"}, 2, "from 0 to 1"},
		{[]string{"-exhaustive", "-2"}, 2, "not negative"},
		{[]string{"-tender", "cheque"}, 2, "not one of those"},
		{[]string{"more"}, 2, "is no flag"},
		{[]string{"-replay", "card:40.3"}, 0, "was approved"},
		{[]string{"-replay", "cheque:1.1"}, 2, "begins with the tender"},
		{[]string{"-replay", "card:x"}, 2, "such as 12.3"},
	} {
		var out bytes.Buffer
		assert.Equal(t, c.code, run(c.args, &out), "%v: %s", c.args, &out)
		assert.Contains(t, out.String(), c.says)
	}
}
