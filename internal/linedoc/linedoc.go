// Package linedoc keeps docs/lines.md true: each kind of line declares what it lacks (ivr.Abilities), and a test of its
// package holds its section of the page against that. With UPDATE_DOCS=1 the test writes it.
package linedoc

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dialpay/dialpay/ivr"
)

// Check compares the page with the declarations: the table of all abilities, and a section for each line.
func Check(t testing.TB, lines ...ivr.Abilities) {
	t.Helper()
	path := page(t)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := part(t, string(text), "abilities", table())
	for _, l := range lines {
		want = part(t, want, "line "+l.Line, section(t, l))
	}
	if want == string(text) {
		return
	}
	if os.Getenv("UPDATE_DOCS") == "" {
		t.Errorf("%s is not what the lines declare: run the test with UPDATE_DOCS=1", path)
		return
	}
	if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// page is docs/lines.md, in the directory that has go.work.
func page(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil && dir != filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.work")); err == nil {
			return filepath.Join(dir, "docs", "lines.md")
		}
		dir = filepath.Dir(dir)
	}
	t.Fatal("linedoc: no go.work above the test")
	return ""
}

// part replaces what stands between the comments with this name, or adds it at the end.
func part(t testing.TB, text, name, body string) string {
	t.Helper()
	begin, end := "<!-- "+name+" -->\n", "<!-- end of "+name+" -->\n"
	before, rest, found := strings.Cut(text, begin)
	if !found {
		return strings.TrimRight(text, "\n") + "\n\n" + begin + body + end
	}
	_, after, found := strings.Cut(rest, end)
	if !found {
		t.Fatalf("docs/lines.md has no %q", end)
	}
	return before + begin + body + end + after
}

func table() string {
	var b strings.Builder
	b.WriteString("| ability | what it means |\n|---|---|\n")
	for _, a := range ivr.AllAbilities {
		fmt.Fprintf(&b, "| %s | %s |\n", a.Ability, a.Means)
	}
	return b.String()
}

func section(t testing.TB, l ivr.Abilities) string {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n", l.Line)
	lacks := maps.Clone(l.Lacks)
	if len(lacks) == 0 {
		b.WriteString("Everything.\n")
		return b.String()
	}
	b.WriteString("Everything but:\n\n| ability | why not, and what happens |\n|---|---|\n")
	for _, a := range ivr.AllAbilities {
		if why, ok := lacks[a.Ability]; ok {
			fmt.Fprintf(&b, "| %s | %s |\n", a.Ability, why)
			delete(lacks, a.Ability)
		}
	}
	if len(lacks) > 0 {
		t.Errorf("line %s lacks what is no ability: %v", l.Line, slices.Sorted(maps.Keys(lacks)))
	}
	return b.String()
}
