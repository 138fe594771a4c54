// Package pgtest is a PostgreSQL for tests: the one that DIALPAY_TEST_PG names, or one of its own from Debian's
// packages, in a temporary directory, that can be stopped as a crash would stop it.
package pgtest

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Env names a PostgreSQL for tests, as a URL. Everything in it may be changed.
const Env = "DIALPAY_TEST_PG"

// oldest is the first major version that the tests are for.
const oldest = 15

// ErrNone means that there is no PostgreSQL of the wanted version on this machine.
var ErrNone = errors.New("pgtest: no PostgreSQL 15 or newer below /usr/lib/postgresql: run make deps, or set " + Env)

// Server is a PostgreSQL of our own. It listens on a Unix socket in its directory, and trusts everybody who can reach it.
type Server struct {
	// URL is where it listens; its user may do everything.
	URL      string
	dir, bin string
	prefix   []string
}

// New starts a server with settings such as "synchronous_commit=off", and skips the test where there is none: where CI
// is set to true, it fails instead.
func New(t testing.TB, settings ...string) *Server {
	t.Helper()
	s, err := Start(settings...)
	if err != nil {
		Skip(t, err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Skip skips the test if the error is ErrNone and this is not the CI; otherwise the test fails.
func Skip(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, ErrNone) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	t.Fatal(err)
}

// Start makes a server and starts it.
func Start(settings ...string) (*Server, error) {
	return begin(settings, func(s *Server) error {
		return s.run("initdb", "-D", s.data(), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
	})
}

// Standby starts a second server, which follows this one. It is synchronous where this one was started with
// "synchronous_standby_names=*".
func (s *Server) Standby(t testing.TB) *Server {
	t.Helper()
	standby, err := begin([]string{"synchronous_standby_names="}, func(b *Server) error {
		return b.run("pg_basebackup", "-h", s.dir, "-U", "postgres", "-D", b.data(), "-R", "-X", "stream", "-c", "fast", "--no-sync")
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := standby.Close(); err != nil {
			t.Error(err)
		}
	})
	return standby
}

// Promote makes a standby one that can be written to.
func (s *Server) Promote() error {
	return s.run("pg_ctl", "promote", "-w", "-s", "-t", "120", "-D", s.data())
}

// begin starts a server in a directory of its own, which fill makes.
func begin(settings []string, fill func(*Server) error) (*Server, error) {
	bin, err := binaries("/usr/lib/postgresql")
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, bin: bin, URL: "postgres://postgres@/postgres?host=" + url.QueryEscape(dir)}
	if err = s.own(); err == nil {
		err = fill(s)
	}
	if err == nil {
		err = s.configure(append([]string{"listen_addresses=", "unix_socket_directories=" + dir}, settings...))
	}
	if err == nil {
		err = s.Start()
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// binaries finds the newest version that is installed.
func binaries(top string) (string, error) {
	found, _ := filepath.Glob(filepath.Join(top, "*", "bin", "initdb"))
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
		return n
	}
	found = slices.DeleteFunc(found, func(path string) bool { return version(path) < oldest })
	if len(found) == 0 {
		return "", ErrNone
	}
	return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })), nil
}

// own gives the directory to a user who may run a server: PostgreSQL refuses root.
func (s *Server) own() error {
	if os.Getuid() != 0 {
		return nil
	}
	who, err := user.Lookup("postgres")
	if err != nil {
		who, err = user.Lookup("nobody")
	}
	if err != nil {
		return err
	}
	uid, _ := strconv.Atoi(who.Uid)
	gid, _ := strconv.Atoi(who.Gid)
	s.prefix = []string{"setpriv", "--reuid", who.Uid, "--regid", who.Gid, "--clear-groups"}
	return os.Chown(s.dir, uid, gid)
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) configure(settings []string) error {
	f, err := os.OpenFile(filepath.Join(s.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		if _, err := fmt.Fprintf(f, "%s = '%s'\n", name, strings.ReplaceAll(value, "'", "''")); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	return f.Close()
}

// Start starts the server again, which recovers from its log if it was stopped at once.
func (s *Server) Start() error {
	return s.run("pg_ctl", "start", "-w", "-s", "-t", "120", "-D", s.data(), "-l", filepath.Join(s.dir, "log"))
}

// Stop stops the server as a crash would: at once, with nothing written any more ("immediate").
func (s *Server) Stop() error {
	return s.run("pg_ctl", "stop", "-w", "-s", "-t", "120", "-D", s.data(), "-m", "immediate")
}

// Close stops the server if it runs, and removes it.
func (s *Server) Close() error {
	var err error
	if _, missing := os.Stat(filepath.Join(s.data(), "postmaster.pid")); missing == nil {
		err = s.Stop()
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}

func (s *Server) run(program string, args ...string) error {
	line := append(slices.Clone(s.prefix), filepath.Join(s.bin, program))
	line = append(line, args...)
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	if err != nil {
		log, _ := os.ReadFile(filepath.Join(s.dir, "log"))
		return fmt.Errorf("pgtest: %s: %w\n%s\n%s", program, err, out, log[max(0, len(log)-2000):])
	}
	return nil
}
