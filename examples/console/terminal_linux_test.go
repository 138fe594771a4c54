package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// terminal is a pseudo-terminal with the program in it, and somebody who reads and types.
type terminal struct {
	t       *testing.T
	master  *os.File
	slave   *os.File
	program *exec.Cmd

	mu     sync.Mutex
	screen strings.Builder
	read   int // what of the screen was read
}

func openTerminal(t *testing.T, args ...string) *terminal {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminals here: %v", err)
	}
	require.NoError(t, unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0))
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	require.NoError(t, err)
	slave, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	require.NoError(t, unix.IoctlSetWinsize(int(slave.Fd()), unix.TIOCSWINSZ, &unix.Winsize{Col: 60, Row: 25}))
	x := &terminal{t: t, master: master, slave: slave, program: exec.Command(program, append([]string{"-data", t.TempDir()}, args...)...)}
	x.program.Stdin, x.program.Stdout, x.program.Stderr = slave, slave, slave
	x.program.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	require.NoError(t, x.program.Start())
	go x.show()
	t.Cleanup(func() {
		_ = x.program.Process.Kill()
		_ = slave.Close()
		_ = master.Close()
	})
	return x
}

func (x *terminal) show() {
	b := make([]byte, 4096)
	for {
		n, err := x.master.Read(b)
		x.mu.Lock()
		x.screen.Write(b[:n])
		x.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// see waits until the screen shows the words after those that were seen before, whatever the line breaks, and returns
// what it shows up to them.
func (x *terminal) see(words string) string {
	x.t.Helper()
	pattern := regexp.MustCompile(strings.ReplaceAll(regexp.QuoteMeta(words), " ", `\s+`))
	var seen string
	require.Eventually(x.t, func() bool {
		x.mu.Lock()
		defer x.mu.Unlock()
		all := x.screen.String()
		at := pattern.FindStringIndex(all[x.read:])
		if at != nil {
			seen = all[x.read : x.read+at[1]]
			x.read += at[1]
		}
		return at != nil
	}, 20*time.Second, 10*time.Millisecond, "%q is not on the screen", words)
	return seen
}

func (x *terminal) typeIn(keys string) {
	x.t.Helper()
	_, err := x.master.WriteString(keys)
	require.NoError(x.t, err)
}

// ends waits for the program to end and checks that the terminal is as it was: with lines, echo and signals.
func (x *terminal) ends(code int) {
	x.t.Helper()
	_ = x.program.Wait()
	assert.Equal(x.t, code, x.program.ProcessState.ExitCode())
	settings, err := unix.IoctlGetTermios(int(x.slave.Fd()), unix.TCGETS)
	require.NoError(x.t, err)
	const cooked = unix.ICANON | unix.ECHO | unix.ISIG
	assert.EqualValues(x.t, cooked, settings.Lflag&cooked)
}

func TestSingleKeys(t *testing.T) {
	x := openTerminal(t)
	x.see("Press 0-9, * and # as on a telephone")
	x.see("enter your PIN")
	x.typeIn("1234\r")
	assert.NotContains(t, x.see("How much would you like to pay?"), "1234")
	x.typeIn("minimum\r")
	x.see("> minimum")
	x.see("How would you like to pay?")
	x.typeIn("3")
	x.see("enter your card number")
	x.typeIn("5555 5555 5555 4444#")
	x.see("> ••••••••••••••••")
	assert.NotContains(t, x.see("Enter the expiration date"), "5")
	x.typeIn(expiry)
	x.see("security code")
	x.typeIn("987")
	assert.NotContains(t, x.see("can be kept for the next time"), "987")
	x.typeIn("2")
	x.see("To cancel, press 4.")
	x.confirm()
	x.see("Your transaction ID is")
	x.typeIn("\x04")
	x.see("charge 25.00 USD, captured")
	x.ends(0)
}

// confirm presses 1 until the read-back was up for long enough to be read: earlier keys do not count.
func (x *terminal) confirm() {
	x.t.Helper()
	require.Eventually(x.t, func() bool {
		x.typeIn("1")
		x.mu.Lock()
		defer x.mu.Unlock()
		return strings.Contains(x.screen.String(), "Please hold while I make the payment")
	}, 20*time.Second, 200*time.Millisecond, "the payment is not made")
}

func TestControlKeysEndTheCall(t *testing.T) {
	for name, key := range map[string]string{"Ctrl-D": "\x04", "Ctrl-C": "\x03"} {
		t.Run(name, func(t *testing.T) {
			x := openTerminal(t)
			x.see("enter your PIN")
			x.typeIn("12" + key)
			x.see("(hang-up)")
			x.see("Nothing: no charge")
			x.ends(0)
		})
	}
}

func TestASignalEndsTheCall(t *testing.T) {
	x := openTerminal(t)
	x.see("enter your PIN")
	require.NoError(t, x.program.Process.Signal(syscall.SIGTERM))
	x.see("The call is over.")
	x.ends(130)
}

// The caller reads a one-time code on the telephone and keys it.
func TestACodeComesByTextMessage(t *testing.T) {
	x := openTerminal(t, "-from", "withheld", "-locale", "en-US")
	for _, step := range [][2]string{{"account number, then press pound", "20023456#"}, {"PIN, then press pound", "9876#"},
		{"press 2.", "1"}, {"another amount, press 3.", "1"}, {"new card, press 3.", "1"}} {
		x.see(step[0])
		x.typeIn(step[1])
	}
	shown := x.see("enter the code, then press pound.")
	code := regexp.MustCompile(`\b[0-9]{6}\b`).FindString(shown)
	require.NotEmpty(t, code, shown)
	x.typeIn(code + "#")
	assert.NotContains(t, x.see("You are about to pay six hundred twelve dollars"), code)
	x.typeIn("\x04")
	x.ends(0)
}

// A telephone that rings waits for a key. Who leaves is called again at the next start.
func TestTheTelephoneRings(t *testing.T) {
	dir := t.TempDir()
	x := openTerminal(t, "-closed", "-data", dir)
	x.see("enter your PIN")
	x.typeIn("0")
	x.see("press 3.")
	x.typeIn("1")
	x.see("The telephone rings")
	x.typeIn("5")
	x.see("(12 minutes later) The telephone rings")
	x.typeIn("\x04")
	x.see("rang: 2 times, answered: 0")
	x.ends(0)

	x = openTerminal(t, "-data", dir)
	x.see("The telephone rings")
	x.typeIn("\r")
	x.see("calling you back")
	x.typeIn("1234#")
	x.see("How much would you like to pay?")
	x.typeIn("\x04")
	x.see("rang: 1 times, answered: 1")
	x.ends(0)
}
