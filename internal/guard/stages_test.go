package guard_test

import (
	"go/ast"
	"go/types"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// stages are the files of flow in which the library's own stages stand.
var stages = []string{"greeting.go", "identify.go", "bill.go", "amount.go", "funding.go", "card.go", "confirm.go", "charge.go",
	"receipt.go", "more.go", "agent.go"}

// TestStagesAreMadeOfThePublicAPI: what the library's own stages touch of a Call, a Dialogue or an Engine is exported,
// so that an embedder can write every one of them. Methods that the stages declare themselves are only functions.
func TestStagesAreMadeOfThePublicAPI(t *testing.T) {
	all, err := core()
	require.NoError(t, err)
	at := slices.IndexFunc(all, func(s source) bool { return s.name == "flow" })
	flow := all[at]
	own := map[types.Object]bool{}
	for _, file := range stages {
		require.Contains(t, flow.files, file)
		for _, decl := range flow.files[file].Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok {
				own[flow.info.Defs[fn.Name]] = true
			}
		}
	}
	used := 0
	for _, file := range stages {
		ast.Inspect(flow.files[file], func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok || flow.info.Selections[sel] == nil {
				return true
			}
			selection := flow.info.Selections[sel]
			owner := typeName(selection.Recv())
			if slices.Contains([]string{"Call", "Dialogue", "Engine", "Session", "Settings", "Collaborators"}, owner) {
				used++
				if !selection.Obj().Exported() && !own[selection.Obj()] {
					t.Errorf("%s touches %s.%s, which no embedder can", file, owner, sel.Sel.Name)
				}
			}
			return true
		})
	}
	require.Greater(t, used, 100, "the stages do use the API")
}

func typeName(t types.Type) string {
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	if named, ok := t.(*types.Named); ok {
		return named.Obj().Name()
	}
	return ""
}
