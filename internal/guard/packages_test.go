package guard_test

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Every package that others can import has a comment to start from, and an example that runs and is checked.
func TestPackagesHaveACommentAndAnExample(t *testing.T) {
	seen := 0
	for _, top := range []string{"ivr", "auth", "payment", "wallet", "flow"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(dir string, e fs.DirEntry, err error) error {
			if err != nil || !e.IsDir() {
				return err
			}
			if e.Name() == "internal" || e.Name() == "testdata" {
				return fs.SkipDir
			}
			seen++
			comment, examples := readPackage(t, dir)
			assert.GreaterOrEqual(t, len(strings.Fields(comment)), 30, "%s: no package comment to start from", dir)
			if inBubble := filepath.Join(root, "ivr", "sip", "siptest"); dir == inBubble {
				return nil // Only a test can make a bubble: TestPhone runs the example of the comment.
			}
			assert.True(t, slices.ContainsFunc(examples, func(x *doc.Example) bool { return x.Output != "" }),
				"%s: no example with an output", dir)
			return nil
		})
		require.NoError(t, err)
	}
	assert.GreaterOrEqual(t, seen, 9)
}

func readPackage(t *testing.T, dir string) (comment string, examples []*doc.Example) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	var tests []*ast.File
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		require.NoError(t, err)
		if strings.HasSuffix(path, "_test.go") {
			tests = append(tests, file)
		} else {
			comment += file.Doc.Text()
		}
	}
	return comment, doc.Examples(tests...)
}
