// Package guard_test reads the source of the core packages and checks what no ordinary test can see: that they depend on
// nothing but what they are given, so that the same inputs give the same call, byte for byte, in any process.
package guard_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/dialpay/dialpay/"

// roots are the core packages. What they import of the module is core, too.
var roots = []string{"./ivr", "./auth", "./payment", "./wallet", "./flow"}

// source is one core package, with types.
type source struct {
	name  string // "flow", "internal/secret"
	files map[string]*ast.File
	info  *types.Info
}

var core = sync.OnceValues(func() ([]source, error) {
	listed, err := list()
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	exports := map[string]string{}
	for _, p := range listed {
		exports[p.ImportPath] = p.Export
	}
	imports := importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	var all []source
	for _, p := range listed {
		name, ours := strings.CutPrefix(p.ImportPath, module)
		if !ours {
			continue
		}
		s := source{name: name, files: map[string]*ast.File{}, info: &types.Info{Uses: map[*ast.Ident]types.Object{},
			Defs: map[*ast.Ident]types.Object{}, Types: map[ast.Expr]types.TypeAndValue{},
			Selections: map[*ast.SelectorExpr]*types.Selection{}}}
		// The go command's test cache must know that a new file matters.
		if _, err := os.ReadDir(p.Dir); err != nil {
			return nil, err
		}
		var files []*ast.File
		for _, file := range p.GoFiles {
			f, err := parser.ParseFile(fset, filepath.Join(p.Dir, file), nil, 0)
			if err != nil {
				return nil, err
			}
			s.files[file] = f
			files = append(files, f)
		}
		if _, err := (&types.Config{Importer: imports}).Check(p.ImportPath, fset, files, s.info); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
})

type listedPackage struct {
	ImportPath, Dir, Export string
	GoFiles                 []string
}

// list asks the go command for the core packages and all that they depend on, with the types that they export.
func list() ([]listedPackage, error) {
	cmd := exec.Command("go", append([]string{"list", "-export", "-deps", "-json=ImportPath,Dir,Export,GoFiles"}, roots...)...)
	cmd.Dir = filepath.Join("..", "..")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	var all []listedPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listedPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all, nil
		} else if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
}

// each visits every node of every core package, with the function that it is in: "flow/keeper.go expire".
func each(t *testing.T, visit func(s source, where string, n ast.Node)) {
	t.Helper()
	all, err := core()
	require.NoError(t, err)
	for _, s := range all {
		for file, f := range s.files {
			for _, decl := range f.Decls {
				where := s.name + "/" + file
				if fn, ok := decl.(*ast.FuncDecl); ok {
					where += " " + fn.Name.Name
				}
				ast.Inspect(decl, func(n ast.Node) bool {
					visit(s, where, n)
					return true
				})
			}
		}
	}
}

// except compares what was found with what may be there, and why: both what is too much and what is allowed in vain.
func except(t *testing.T, found map[string][]string, allowed map[string]string) {
	t.Helper()
	for where, what := range found {
		if allowed[where] == "" {
			t.Errorf("%s: %s", where, strings.Join(what, ", "))
		}
	}
	for where, reason := range allowed {
		if found[where] == nil {
			t.Errorf("%s is allowed (%s), but has nothing of the kind: take it off the list", where, reason)
		}
	}
}
