package mutants

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// edit is a change of one place in the source.
type edit struct{ file, old, new string }

// mutants break one rule each. within is how many runs by chance the simulator may need to see it; search, that it is seen
// by the search for all calls of one card with at most two faults.
var mutants = []struct {
	rule, name string
	within     int
	edits      []edit
}{
	{"R1", "the amount that is charged is not the one that was read back", 3000, []edit{
		{"flow/drive.go", "	if err := p.Confirm(c.Now); err != nil {", "	p.Legs[0].Amount.Minor--\n	if err := p.Confirm(c.Now); err != nil {"},
	}},
	{"R2", "a yes that comes again makes another payment", 30000, []edit{
		{"flow/drive.go", "	c.Draft, c.Payment = nil, p.ID\n", "	c.Payment = p.ID\n"},
		{"flow/drive.go", "	p := *draft\n", "	p := *draft\n	p.ID = c.NewID()\n"},
		{"flow/drive.go", "Bill), Owner: p.ID}", "Bill), Owner: p.Account}"},
		{"flow/drive.go", "	if owed {\n", "	if owed || len(bills) > 0 {\n"},
	}},
	{"R3", "the claim is not taken", 30000, []edit{
		{"flow/drive.go", "	c.tx.Claim = append(slices.Clip(tx.Claim), claimOf(p))\n", ""},
	}},
	{"R4", "a leg is not stored as sent before it is sent", 30000, []edit{
		{"flow/drive.go", "		if err := c.Save(store); err != nil {", "		if step.Kind == payment.StepAuthorise {\n			open = true\n		} else if err := c.Save(store); err != nil {"},
	}},
	{"R5", "a try again has a new key", 30000, []edit{
		{"payment/do.go", "Charge{Key: l.Key,", "Charge{Key: Key(product, p.Tenant, p.ID, s.Leg, \"authorise\", 1+l.Tries),"},
	}},
	{"R6", "a leg is sent again when its key may be forgotten", 30000, []edit{
		{"payment/protocol.go", "l.FirstSent.Add(can.KeyRetention - keyMargin)", "l.FirstSent.Add(100*can.KeyRetention - keyMargin)"},
	}},
	{"R7", "what is not found is taken to be absent for good", 30000, []edit{
		{"payment/protocol.go", "Final: now.After(final)}", "Final: true}"},
	}},
	{"R8", "a commit does not compare the version", 30000, []edit{
		{"flow/memory.go", "p.version() != tx.Expect {", "p.version() > tx.Expect+1000 {"},
	}},
	{"R9", "the payment is decided before all legs are known", 30000, []edit{
		{"payment/protocol.go", "	if _, declined := p.Declined(); declined {\n		return Step{Kind: StepMove, State: StateAbort}",
			"	if _, declined := p.Declined(); declined {\n		return Step{Kind: StepMove, State: StateFailed}"},
		{"payment/state.go", "{StateCommit, StateAbort, StateReview}", "{StateCommit, StateAbort, StateReview, StateFailed}"},
		{"payment/apply.go", "{LegNone, LegDeclined, LegVoided}", "{LegNone, LegDeclined, LegVoided, LegHeld}"},
	}},
	{"R10", "a leg is captured before the decision", 30000, []edit{
		{"payment/protocol.go", "	i := p.unsent(profile)\n", `	for i := range p.Legs {
		if p.Legs[i].State == LegHeld {
			return Step{Kind: StepCapture, Leg: i, Processor: p.Legs[i].Processor}
		}
	}
	i := p.unsent(profile)
`},
		{"payment/apply.go", "{[]State{StateCommit}, LegHeld", "{[]State{StateCommit, StateConfirmed}, LegHeld"},
	}},
	{"R11", "the direct leg is sent first", 30000, []edit{
		{"payment/protocol.go", "	next, best := -1, 3\n", "	for i, l := range p.Legs {\n		if l.Direct && l.State == LegNone {\n			return i\n		}\n	}\n	next, best := -1, 3\n"},
	}},
	{"R12", "the receipt and the posting are not in the commit that ends the payment", 30000, []edit{
		{"flow/drive.go", "	return c.putOutbox(p)\n}", "	return nil\n}"},
	}},
	{"R13", "each try to send a receipt has a key of its own", 30000, []edit{
		{"flow/sweep.go", `what := "receipt"`, `what := "receipt " + e.now().String()`},
	}},
	{"told", "a payment that failed has no notice", 30000, []edit{
		{"flow/drive.go", "	n := c.noticeOf(p)\n", "	n := c.noticeOf(p)\n	if p.State == payment.StateFailed {\n		return nil\n	}\n"},
	}},
	{"heard", "a payment counts as told before it is known that the turn was heard", search, []edit{
		{"flow/charge.go", "		c.Telling = p.ID\n		c.nothingChosen()\n", "		c.Told(p.ID)\n		c.nothingChosen()\n"},
	}},
	{"cancel", "a customer who calls is called back all the same", 30000, []edit{
		{"flow/callback_request.go", "		} else if cb.move(CallbackCancelled) != nil {", "		} else if o != nil || cb.move(CallbackCancelled) != nil {"},
	}},
	{"leak", "a card number is put into the session", 30000, []edit{
		{"flow/card.go", "	c.Keep(keptNumber, a.Secret)\n", "	a.Secret.Open(func(b []byte) { c.SetVar(\"card\", string(b)) })\n	c.Keep(keptNumber, a.Secret)\n"},
	}},
}

const search = 0

// TestSimulatorSeesEveryMutant builds the simulator with each rule broken, and requires that it tells.
func TestSimulatorSeesEveryMutant(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds the program once for each mutant")
	}
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	for _, m := range mutants {
		t.Run(m.rule, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			program := filepath.Join(dir, "simulate")
			build := exec.Command("go", "build", "-overlay", overlay(t, root, dir, m.edits), "-o", program, "./examples/simulate")
			build.Dir = root
			out, err := build.CombinedOutput()
			require.NoError(t, err, "the mutant does not compile: %s", out)
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
			defer cancel()
			args := []string{"-calls", fmt.Sprint(m.within), "-faults", "0.02"}
			if m.within == search {
				args = []string{"-exhaustive", "2", "-tender", "card"}
			}
			out, err = exec.CommandContext(ctx, program, args...).CombinedOutput()
			var exit *exec.ExitError
			require.True(t, errors.As(err, &exit) && exit.ExitCode() == 1, "%s: not seen in %d runs:\n%s", m.name, m.within, out)
			require.Contains(t, string(out), "-replay ")
			t.Logf("%s: %s", m.name, strings.TrimSpace(string(out[strings.Index(string(out), "\n\n")+2:])))
		})
	}
}

// The table of docs/model names each mutant of the code, and each of the model that check.sh runs.
func TestModelTableIsTrue(t *testing.T) {
	table, err := os.ReadFile("../../docs/model/README.md")
	require.NoError(t, err)
	check, err := os.ReadFile("../../docs/model/check.sh")
	require.NoError(t, err)
	for _, m := range mutants {
		if strings.HasPrefix(m.rule, "R") {
			require.Contains(t, string(table), " | "+m.rule+" |\n")
		}
	}
	for _, m := range callbackMutants {
		require.Contains(t, string(table), " | "+m.rule+" |\n")
	}
	found := regexp.MustCompile(`(?m)^mutant ([A-Z]+)`).FindAllStringSubmatch(string(check), -1)
	require.Len(t, found, 16)
	for _, name := range found {
		require.Contains(t, string(table), "| "+name[1]+" |")
	}
}

// overlay writes the changed files, and the JSON that puts them in place of the true ones (go help build, -overlay).
func overlay(t *testing.T, root, dir string, edits []edit) string {
	t.Helper()
	changed, sources := map[string]string{}, map[string]string{}
	for _, e := range edits {
		path := filepath.Join(root, e.file)
		if sources[path] == "" {
			source, err := os.ReadFile(path)
			require.NoError(t, err)
			sources[path] = string(source)
		}
		require.Equal(t, 1, strings.Count(sources[path], e.old), "%s does not have this once any more; mend the table:\n%s", e.file, e.old)
		sources[path] = strings.Replace(sources[path], e.old, e.new, 1)
	}
	for path, source := range sources {
		changed[path] = filepath.Join(dir, fmt.Sprintf("%d.go", len(changed)))
		require.NoError(t, os.WriteFile(changed[path], []byte(source), 0o600))
	}
	text, err := json.Marshal(map[string]any{"Replace": changed})
	require.NoError(t, err)
	file := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	return file
}
