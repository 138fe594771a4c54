package pgtest

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"testing"
)

// errMain is why Main has no server.
var errMain = errors.New("pgtest: call Main in TestMain")

// Main runs the tests of a package with one server for those that only need a database: the one that Env names, or one of
// its own, which Env names from then on. Examples are skipped where there is none.
func Main(m *testing.M) int {
	flag.Parse()
	if errMain = nil; os.Getenv(Env) != "" {
		return m.Run()
	}
	var server *Server
	if server, errMain = Start(); errMain != nil {
		flag.Set("test.skip", "^Example") // an example cannot skip itself
		return m.Run()
	}
	defer func() {
		if err := server.Close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}()
	os.Setenv(Env, server.URL)
	return m.Run()
}

// URL is that of the server of Main. The test is skipped where there is none.
func URL(t testing.TB) string {
	t.Helper()
	if errMain != nil {
		Skip(t, errMain)
	}
	return os.Getenv(Env)
}
