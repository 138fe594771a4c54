package flowtest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dialpay/dialpay/ivr"
)

// Transcript is a call in writing: what was said, what the caller did, and when. Sensitive keys are dots.
type Transcript struct {
	start time.Time
	lines strings.Builder
}

// String is the transcript.
func (tr *Transcript) String() string { return tr.lines.String() }

// Note adds a line of the test's own: a charge, a receipt.
func (tr *Transcript) Note(format string, args ...any) {
	fmt.Fprintf(&tr.lines, "       * %s\n", fmt.Sprintf(format, args...))
}

func (tr *Transcript) caller(at time.Time, what string) {
	fmt.Fprintf(&tr.lines, "%s  > caller %s\n", tr.stamp(at), what)
}

func (tr *Transcript) keys(at time.Time, keys string, sensitive bool) {
	if sensitive {
		keys = strings.Map(func(k rune) rune {
			if k >= '0' && k <= '9' {
				return '•'
			}
			return k
		}, keys)
	}
	tr.caller(at, "presses "+keys)
}

func (tr *Transcript) system(at time.Time, catalog *ivr.Catalog, t ivr.Turn) {
	stamp := tr.stamp(at)
	for _, p := range t.Prompts {
		fmt.Fprintf(&tr.lines, "%s  %s\n", stamp, catalog.Text(t.Locale, p))
		stamp = "     "
	}
	switch t.Action {
	case ivr.ActionTransfer:
		fmt.Fprintf(&tr.lines, "       (transfer to %s: %s)\n", t.Transfer.To, t.Transfer.Reason)
	case ivr.ActionHangUp:
		fmt.Fprintln(&tr.lines, "       (the line hangs up)")
	case ivr.ActionWait:
		if len(t.Prompts) == 0 {
			return // it goes on as before
		}
		fmt.Fprintln(&tr.lines, "       (work goes on)")
	case ivr.ActionCapture:
		fmt.Fprintln(&tr.lines, "       (keys are secret)")
	}
}

func (tr *Transcript) stamp(at time.Time) string {
	s := int(at.Sub(tr.start).Seconds())
	return fmt.Sprintf("%02d:%02d", s/60, s%60)
}

var update = flag.Bool("update", false, "write the golden transcripts instead of comparing with them")

// Golden compares the transcript with the file testdata/NAME.txt of the test's package, or writes it there when the
// test is run with -update.
func (tr *Transcript) Golden(t testing.TB, name string) {
	t.Helper()
	Golden(t, name, tr.String())
}

// Golden is Transcript.Golden for a text of several transcripts, or one with a title.
func Golden(t testing.TB, name, text string) {
	t.Helper()
	path := filepath.Join("testdata", name+".txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v: run the test with -update to write it", err)
	}
	if string(want) != text {
		t.Errorf("the call differs from %s; if the new one is right, run the test with -update\n%s", path,
			firstDifference(string(want), text))
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range max(len(w), len(g)) {
		if i >= len(w) || i >= len(g) || w[i] != g[i] {
			return fmt.Sprintf("line %d\n  want %s\n  got  %s", i+1, at(w, i), at(g, i))
		}
	}
	return ""
}

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(nothing)"
}
