package guard_test

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// outside are packages that reach the world, or chance.
var outside = []string{"math/rand", "crypto/rand", "os", "net", "syscall", "unsafe", "runtime", "plugin", "log", "testing",
	"database/sql"}

// forbidden are functions that read a clock, wait, or start goroutines.
var forbidden = map[string]string{
	"time.Now": "a clock", "time.Since": "a clock", "time.Until": "a clock", "time.After": "a timer", "time.AfterFunc": "a timer",
	"time.Tick": "a timer", "time.NewTimer": "a timer", "time.NewTicker": "a timer", "time.Sleep": "a timer",
	"context.WithTimeout": "a timer", "context.WithTimeoutCause": "a timer", "context.WithDeadline": "a timer",
	"context.WithDeadlineCause": "a timer", "context.AfterFunc": "a goroutine", "(*sync.WaitGroup).Go": "a goroutine",
	"time.LoadLocation": "files of the machine", "time.Local": "the machine's time zone",
	"(time.Time).Local": "the machine's time zone",
}

func TestCoreImportsNothingOutside(t *testing.T) {
	all, err := core()
	require.NoError(t, err)
	require.Greater(t, len(all), len(roots), "the internal packages belong to it")
	for _, s := range all {
		for file, f := range s.files {
			for _, spec := range f.Imports {
				path := strings.Trim(spec.Path.Value, `"`)
				if slices.ContainsFunc(outside, func(p string) bool { return path == p || strings.HasPrefix(path, p+"/") }) &&
					path != "log/slog" {
					t.Errorf("%s/%s imports %s", s.name, file, path)
				}
			}
		}
	}
}

func TestCoreReadsNoClockAndStartsNoGoroutine(t *testing.T) {
	found := map[string][]string{}
	each(t, func(s source, where string, n ast.Node) {
		switch n := n.(type) {
		case *ast.GoStmt:
			found[where] = append(found[where], "go statement")
		case *ast.SelectStmt:
			if len(n.Body.List) > 1 {
				found[where] = append(found[where], "select, which chooses by chance")
			}
		case *ast.Ident:
			if name := fullName(s.info.Uses[n]); forbidden[name] != "" {
				found[where] = append(found[where], name+", "+forbidden[name])
			}
		}
	})
	except(t, found, map[string]string{
		"flow/engine.go do":                  "bounds a collaborator; what it comes to is an input like any other",
		"flow/callback_request.go callHours": "bounds a collaborator, so that one that is slow loses no callback",
		"flow/sweep.go goForward":            "bounds a collaborator after the call",
		"flow/sweep.go sweepItem":            "bounds a collaborator after the call",
		"flow/callback_hours.go zone":        "where the customer is, by its IANA name: nobody is called at night",
	})
}

// fullName is "time.Now", "(*sync.WaitGroup).Go", or empty for what belongs to no package.
func fullName(o types.Object) string {
	switch o := o.(type) {
	case *types.Func:
		return o.FullName()
	case *types.Var:
		if o.Pkg() != nil && !o.IsField() && o.Parent() == o.Pkg().Scope() {
			return o.Pkg().Path() + "." + o.Name()
		}
	}
	return ""
}

func TestCoreLetsNoMapOrderShow(t *testing.T) {
	found := map[string][]string{}
	each(t, func(s source, where string, n ast.Node) {
		fn, ok := n.(*ast.FuncDecl)
		if !ok || fn.Body == nil {
			return
		}
		sorts := sortsResult(s.info, fn)
		ast.Inspect(fn, func(n ast.Node) bool {
			if loop, ok := n.(*ast.RangeStmt); ok && isMap(s.info, loop.X) && !sorts && !harmless(s.info, loop, loop.Body.List) {
				found[where] = append(found[where], "range over a map")
			}
			if call, ok := n.(*ast.CallExpr); ok && !sorts && iterates(s.info, call) {
				found[where] = append(found[where], "iterator over a map")
			}
			return true
		})
	})
	except(t, found, map[string]string{
		"ivr/hear.go newHearing": "each word list fills only the map of its own name",
		"flow/memory.go Clone":   "each entry is copied to its own place",
	})
}

func isMap(info *types.Info, x ast.Expr) bool {
	_, ok := info.TypeOf(x).Underlying().(*types.Map)
	return ok
}

// callee is the function that is called, by its full name.
func callee(info *types.Info, call *ast.CallExpr) string {
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.SelectorExpr:
		return fullName(info.Uses[f.Sel])
	case *ast.Ident:
		if b, ok := info.Uses[f].(*types.Builtin); ok {
			return b.Name()
		}
	}
	return ""
}

// iterates tells that a call yields a map's entries in its order. maps.Copy, Clone and DeleteFunc write to maps only.
func iterates(info *types.Info, call *ast.CallExpr) bool {
	return slices.Contains([]string{"maps.Keys", "maps.Values", "maps.All", "(*sync.Map).Range"}, callee(info, call))
}

// sortsResult tells that the function sorts something: then it is taken to be what it made of the map.
func sortsResult(info *types.Info, fn *ast.FuncDecl) (sorts bool) {
	ast.Inspect(fn, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			name := callee(info, call)
			sorts = sorts || strings.HasPrefix(name, "slices.Sort") || strings.HasPrefix(name, "sort.")
		}
		return true
	})
	return sorts
}

// harmless tells that the order of a loop cannot show, because each round only sets the map entry of its own key,
// deletes, clears, or counts.
func harmless(info *types.Info, loop *ast.RangeStmt, body []ast.Stmt) bool {
	for _, stmt := range body {
		ok := false
		switch stmt := stmt.(type) {
		case *ast.AssignStmt:
			ok = len(stmt.Lhs) == 1 && (ownEntry(info, loop, stmt.Lhs[0]) || stmt.Tok.String() == "+=" && isInteger(info, stmt.Lhs[0]))
		case *ast.IncDecStmt:
			ok = isInteger(info, stmt.X)
		case *ast.ExprStmt:
			call, isCall := stmt.X.(*ast.CallExpr)
			ok = isCall && clears(info, call)
		case *ast.IfStmt:
			ok = stmt.Init == nil && stmt.Else == nil && harmless(info, loop, stmt.Body.List)
		case *ast.BranchStmt:
			ok = stmt.Tok.String() == "continue"
		case *ast.TypeSwitchStmt:
			ok = !slices.ContainsFunc(stmt.Body.List, func(c ast.Stmt) bool { return !harmless(info, loop, c.(*ast.CaseClause).Body) })
		}
		if !ok {
			return false
		}
	}
	return true
}

func ownEntry(info *types.Info, loop *ast.RangeStmt, x ast.Expr) bool {
	at, ok := x.(*ast.IndexExpr)
	if !ok || !isMap(info, at.X) {
		return false
	}
	index, ok := at.Index.(*ast.Ident)
	key, named := loop.Key.(*ast.Ident)
	return ok && named && info.Uses[index] != nil && info.Uses[index] == info.Defs[key]
}

func isInteger(info *types.Info, x ast.Expr) bool {
	b, ok := info.TypeOf(x).Underlying().(*types.Basic)
	return ok && b.Info()&types.IsInteger != 0
}

func clears(info *types.Info, call *ast.CallExpr) bool {
	name := callee(info, call)
	return name == "delete" || name == "clear" || strings.HasSuffix(strings.ToLower(name), ".clear")
}
