package mutants

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// callbackMutants break the rules of docs/model/callback.pml. within is how many customers TestCallbackEverywhere may need
// to see it, and says what it tells then.
var callbackMutants = []struct {
	rule, name string
	within     int
	says       string
	edits      []edit
}{
	{"NOWAIT", "the next attempt follows while the last may be live", 200, "a second call at", []edit{
		{"flow/callback_drive.go", "	if err := c.putCallback(cb, until.Add(lastTurn)); err != nil {", "	if err := c.putCallback(cb, now); err != nil {"},
		{"flow/callback_drive.go", "now.Add(max(c.Settings.RetryGap, lastTurn))", "now"},
	}},
	{"QUIET", "quiet hours are looked at only when the call is scheduled", 200, "a telephone rings in", []edit{
		{"flow/callback_drive.go", "	if !hours.allow(now, c.ringing(), where) {", "	if cb.When.After(now) && !hours.allow(now, c.ringing(), where) {"},
	}},
	{"RESEND", "an attempt that may be lost is dialled again", 200, "is dialled twice", []edit{
		{"flow/callback_drive.go", "		return c.spent(cb)\n	}\n	hours, where", "		_ = e.with.Dialler.Dial(ctx, Dial{Key: fmt.Sprintf(\"%s/%d\", cb.Key, cb.Attempt), Call: cb.Call, Number: cb.Number, Ring: c.Settings.Ring, Limit: c.Settings.CallLimit})\n" +
			"		return c.spent(cb)\n	}\n	hours, where"},
	}},
	{"TRIES", "there is a fourth attempt", 200, "\"4\" is not less than or equal to \"3\"", []edit{
		{"flow/callback_drive.go", "	if cb.Attempt < c.Settings.CallAttempts {", "	if cb.Attempt <= c.Settings.CallAttempts {"},
	}},
}

// TestCallbackTestSeesEveryMutant builds the test of callbacks with each rule broken, and requires that it tells.
func TestCallbackTestSeesEveryMutant(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the test once for each mutant")
	}
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	for _, m := range callbackMutants {
		t.Run(m.rule, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			program := filepath.Join(dir, "flow.test")
			build := exec.Command("go", "test", "-c", "-overlay", overlay(t, root, dir, m.edits), "-o", program, "./flow")
			build.Dir = root
			out, err := build.CombinedOutput()
			require.NoError(t, err, "the mutant does not compile: %s", out)
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
			defer cancel()
			test := exec.CommandContext(ctx, program, "-test.run", "^TestCallbackEverywhere$", "-customers", fmt.Sprint(m.within))
			test.Dir = filepath.Join(root, "flow")
			out, err = test.CombinedOutput()
			require.Error(t, err, "%s: not seen with %d customers:\n%s", m.name, m.within, out)
			require.Contains(t, string(out), m.says)
		})
	}
}
