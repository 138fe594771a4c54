package main_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheProgramIsShort(t *testing.T) {
	source, err := os.ReadFile("main.go")
	require.NoError(t, err)
	assert.Less(t, bytes.Count(source, []byte("\n")), 60, "the README shows it whole")
	for line := range bytes.Lines(source) {
		assert.LessOrEqual(t, len(bytes.TrimRight(line, "\n")), 120, "and without a scroll bar: %s", line)
	}
}

func TestACallPaysTheBill(t *testing.T) {
	const card = "4242424242424242"
	expiry := time.Now().AddDate(2, 0, 0).Format("0106")
	program := filepath.Join(t.TempDir(), "embed")
	out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	for _, tc := range []struct {
		rule    string
		answers []string
		want    []string
		never   []string
	}{
		{
			"The full balance is paid once, and the bill is gone when it is looked at again.",
			[]string{"1", "10012345", "1234", "1", card, expiry, "123", "1", "1", "1", "hangup"},
			[]string{"Your balance for City Water is forty-nine dollars and ninety-nine cents.",
				"was approved", "Your transaction ID is", "To end the call, press 1", "Goodbye"},
			[]string{"> 1234", card, "> 123"},
		},
		{
			"A part is taken off the balance.",
			[]string{"2", "10012345", "1234", "2", "10", "", "", "#", card, expiry, "123", "1", "1", "1", "hangup"},
			[]string{"diez dólares", "Su saldo de City Water es de treinta y nueve dólares con noventa y nueve centavos."},
			nil,
		},
		{
			"Nothing is paid without the caller's yes.",
			[]string{"1", "10012345", "1234", "1", card, expiry, "123"},
			[]string{"You are about to pay"},
			[]string{"approved"},
		},
		{
			"A wrong PIN does not get to the bill.",
			[]string{"1", "10012345", "4321", "hangup"},
			[]string{"does not match"},
			[]string{"Your balance"},
		},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			c := exec.CommandContext(ctx, program)
			c.Stdin = strings.NewReader(strings.Join(tc.answers, "\n") + "\n")
			out, err := c.CombinedOutput()
			require.NoError(t, err, "%s", out)
			for _, want := range tc.want {
				assert.Contains(t, string(out), want)
			}
			for _, never := range tc.never {
				assert.NotContains(t, string(out), never)
			}
		})
	}
}
