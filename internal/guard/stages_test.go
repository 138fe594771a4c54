package guard_test

import (
	"go/ast"
	"go/types"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// stageFiles are the files of flow in which the library's own stages stand: those with a function that returns one.
func stageFiles(flow source) (names []string) {
	for name, file := range flow.files {
		for _, decl := range file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Recv != nil || fn.Type.Results == nil || len(fn.Type.Results.List) != 1 {
				continue
			}
			if made, ok := fn.Type.Results.List[0].Type.(*ast.Ident); ok && made.Name == "Stage" {
				names = append(names, name)
				break
			}
		}
	}
	return names
}

// TestStagesAreMadeOfThePublicAPI: what the library's own stages touch of a Call, a Dialogue or an Engine is exported,
// so that an embedder can write every one of them. Methods that the stages declare themselves are only functions.
func TestStagesAreMadeOfThePublicAPI(t *testing.T) {
	all, err := core()
	require.NoError(t, err)
	at := slices.IndexFunc(all, func(s source) bool { return s.name == "flow" })
	flow := all[at]
	stages := stageFiles(flow)
	require.GreaterOrEqual(t, len(stages), 11)
	own := map[types.Object]bool{}
	for _, file := range stages {
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
