package flow_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/ivr"
	"github.com/stretchr/testify/require"
)

// TestStatesPage keeps docs/states.md what the machine is. `make docs` writes it anew.
func TestStatesPage(t *testing.T) {
	d, err := flow.Default("City Water").Build()
	require.NoError(t, err)
	page, err := statesPage(d)
	require.NoError(t, err)
	path := filepath.Join("..", "docs", "states.md")
	if flag.Lookup("update").Value.String() == "true" {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(page), 0o644))
	}
	written, err := os.ReadFile(path)
	require.NoError(t, err, "run `make docs`")
	require.Equal(t, string(written), page, "the machine has changed: run `make docs`, and look at what it did")
}

const statesHead = `# Every state of a call

This page is drawn from the transition table of the default dialogue, and a test keeps it true.

An **ask** state says something and waits for the caller. A **work** state calls a collaborator: a directory, a biller, a
processor. A **leave** state gives the caller to a person, or hangs up. A stage begins with the state of its name.

The diagrams leave out what every state has: from any question, *agent* (the 0 key) and *give up* (too many failed
attempts) lead to **agent**; any work that *failed* leads to **agent**; a call that goes on for ever has an *end* and comes
to **goodbye**; and whoever *hangs up* leaves the session **hung up**, with a note of where it was. Where a stage leads
elsewhere on one of these, it is drawn.

## The way of a call

`

func statesPage(d *flow.Dialogue) (string, error) {
	drawn, err := d.Mermaid()
	if err != nil {
		return "", err
	}
	table := d.Table()
	stageOf := map[string]string{}
	var stages []string
	for _, st := range table {
		stageOf[st.Name] = st.Stage
		if st.Stage != "" && !slices.Contains(stages, st.Stage) {
			stages = append(stages, st.Stage)
		}
	}
	var b strings.Builder
	b.WriteString(statesHead)
	draw(&b, overview(edges(drawn), stageOf, stages))
	for _, stage := range stages {
		fmt.Fprintf(&b, "## %s\n\n| state | kind | the question |\n|---|---|---|\n", stage)
		for _, st := range table {
			if st.Stage == stage {
				fmt.Fprintf(&b, "| %s | %s | %s |\n", st.Name, st.Kind, question(d, st))
			}
		}
		b.WriteString("\n")
		var own []edge
		for _, e := range edges(drawn) {
			if stageOf[e.from] == stage {
				own = append(own, e)
			}
		}
		draw(&b, own)
	}
	return b.String(), nil
}

// question is the first sentence of what a state asks in English.
func question(d *flow.Dialogue, st flow.StateInfo) string {
	if st.Kind != "ask" {
		return ""
	}
	some := ivr.Text("…")
	words := d.Catalog().Text("en-US", ivr.Say(st.Name+".ask", some, some, some, some, some, some))
	if end := strings.IndexAny(words, ".?:"); end > 0 {
		words = words[:end+1]
	}
	return words
}

type edge struct{ from, to, on string }

// edges are the transitions of a Mermaid diagram.
func edges(mermaid string) (all []edge) {
	for _, line := range strings.Split(mermaid, "\n") {
		from, rest, found := strings.Cut(strings.TrimSpace(line), " --> ")
		to, on, labelled := strings.Cut(rest, ": ")
		if found && labelled {
			all = append(all, edge{from, to, on})
		}
	}
	return all
}

// overview are the ways between the stages, each once and without a label.
func overview(all []edge, stageOf map[string]string, stages []string) (ways []edge) {
	for _, stage := range stages {
		for _, e := range all {
			way := edge{from: stage, to: stageOf[e.to]}
			if stageOf[e.from] == stage && way.to != stage && !slices.Contains(ways, way) {
				ways = append(ways, way)
			}
		}
	}
	return ways
}

// draw writes a diagram, and nothing where there is nothing to draw.
func draw(b *strings.Builder, all []edge) {
	if len(all) == 0 {
		return
	}
	b.WriteString("```mermaid\nstateDiagram-v2\n")
	for _, e := range all {
		fmt.Fprintf(b, "    %s --> %s", e.from, e.to)
		if e.on != "" {
			fmt.Fprintf(b, ": %s", e.on)
		}
		b.WriteString("\n")
	}
	b.WriteString("```\n\n")
}
