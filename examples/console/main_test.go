package main_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/internal/pgtest"
)

// expiry is a month to come, as it is keyed.
var expiry = time.Now().AddDate(2, 0, 0).Format("0106")

// program is the built console.
var program string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "console")
		if err != nil {
			panic(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		program = filepath.Join(dir, "console")
		if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
			panic(fmt.Sprintf("go build: %v\n%s", err, out))
		}
		return m.Run()
	}())
}

// play runs the program with the answers, one a line, as its input.
func play(t *testing.T, args []string, answers ...string) (out, errs string, code int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var stdout, stderr bytes.Buffer
	if !slices.ContainsFunc(args, func(a string) bool { return a == "-demo" || a == "-data" || a == "-ledger" }) {
		args = append([]string{"-data", t.TempDir()}, args...)
	}
	c := exec.CommandContext(ctx, program, args...)
	c.Stdin, c.Stdout, c.Stderr = strings.NewReader(strings.Join(answers, "\n")), &stdout, &stderr
	err := c.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		err = nil
	}
	require.NoError(t, err)
	return stdout.String(), stderr.String(), c.ProcessState.ExitCode()
}

func TestCalls(t *testing.T) {
	for _, tc := range []struct {
		rule    string
		args    []string
		answers []string
		want    []string // in this order
		never   []string
	}{
		{
			"The first screen has all that a caller needs.", nil, []string{"hangup"},
			[]string{"Ann Lee, calling from +12125550100", "10012345", "1234", "4242 4242 4242 4242", "4000 0000 0000 9995",
				"empty line is silence", "Thank you for calling City Water", "> (hang-up)", "Nothing: no charge"},
			nil,
		},
		{
			"A customer pays the full balance with the saved card and gets a text message.", nil,
			[]string{"1234", "1", "1", "1", "1", "1"},
			[]string{"> ••••", "\nTo pay the full balance of one hundred twenty-three dollars and forty-five cents, press 1.\n",
				"To pay the minimum of twenty-five dollars, press 2.\n", "Visa ending in four two four two",
				"You are about to pay", "was approved", "Your transaction ID is", "[text message to +12125550100]",
				"Transaction ID:", "Goodbye.", "charge     123.45 USD, captured", "bill paid  123.45 USD of bill w-1",
				"messages   1 sent"},
			[]string{"> 1234"},
		},
		{
			"Words are understood, and an empty line is silence.", []string{"-locale", "en-US"},
			[]string{"1234", "", "minimum", "visa", "confirm", "hangup"},
			[]string{"> (silence)", "did not hear anything", "> minimum", "twenty-five dollars", "> confirm", "was approved",
				"[text message to +12125550100, later]", "charge     25.00 USD, captured", "messages   1 sent"},
			nil,
		},
		{
			"Ben is known by his number and is spoken to in Spanish; a new card pays what is past due.",
			[]string{"-from", "+13055550101"},
			[]string{"9876", "1", "2", "3", "4242424242424242", expiry, "321", "2", "1", "2", "2"},
			[]string{"Ben Ruiz, calling from +13055550101", "Gracias por llamar a City Water", "Tiene dos facturas",
				"sesenta y un dólares", "fue aprobado", "charge     61.00 USD, captured"},
			[]string{"Thank you"},
		},
		{
			"The end of the input hangs up; nothing was charged.", []string{"-locale", "es-US"}, []string{"1234", "1"},
			[]string{"Gracias por llamar a City Water", "¿Cómo desea pagar?", "Nothing: no charge"}, nil,
		},
		{
			"From an unknown number the account is asked for, and a large amount needs a code, which is shown as a text message.",
			[]string{"-from", "withheld"}, []string{"1", "20023456", "9876", "1", "1", "1", "hangup"},
			[]string{"a withheld number", "choose your language", "account number", "[text message to +13055550101]",
				"es su código", "Please enter the code"},
			[]string{"was approved"},
		},
		{
			"A declined card is told in words for a caller, and another one pays.", nil,
			[]string{"1234", "2", "3", "4000000000009995", expiry, "123", "2", "1", "1", "1", "1", "hangup"},
			[]string{"Your bank declined the payment. Nothing was charged", "You are about to pay twenty-five dollars", "was approved",
				"25.00 USD, declined", "25.00 USD, captured"},
			nil,
		},
		{
			"Cat pays with her points, her gift cards, and her card for the rest; each part is read back.",
			[]string{"-from", "+16175550102"},
			[]string{"4321", "1", "1", "1", "2", "1"},
			[]string{"Cat Moss, calling from +16175550102", "12.00 USD on the one ending in 1234", "500, worth 5.00 USD", "7001200025",
				"five dollars with five hundred points", "gift card ending in one two three four", "and the rest, twenty-three dollars",
				"was approved", "5.00 USD, captured, with points", "12.00 USD, captured, with the gift card ending in 1234",
				"20.00 USD, captured, with the gift card ending in 5678", "23.00 USD, captured\n", "60.00 USD of bill w-4"},
			nil,
		},
		{
			"Her card is declined: what was held of the points and gift cards is free again, and another card pays the rest.",
			[]string{"-from", "+16175550102"},
			[]string{"4321", "1", "2", "2", "1", "1", "1", "1", "2", "1"},
			[]string{"Visa ending in zero zero zero two", "declined", "Nothing was charged", "and the rest, twenty-three dollars",
				"Visa ending in four two four two", "was approved", "5.00 USD, voided, with points", "12.00 USD, voided",
				"20.00 USD, voided", "23.00 USD, declined", "5.00 USD, captured", "12.00 USD, captured", "20.00 USD, captured", "23.00 USD, captured"},
			nil,
		},
		{
			"Who wants a person is given to one.", nil, []string{"0"},
			[]string{"I am connecting you", `transferred to "customer service"`}, nil,
		},
		{
			"When nobody is in, a call back is asked for, and answered; who says who they are pays.", []string{"-closed"},
			[]string{"0", "1", "", "1234", "1", "1", "1", "3", "1"},
			[]string{"We will call you", "(2 minutes later) The telephone rings", "the number of Ann Lee", "calling you back",
				"enter your PIN", "was approved", "123.45 USD, captured", "rang: 1 times, answered: 1"}, nil,
		},
		{
			"Cat is cut off at the read-back, and called back: she goes on there.", []string{"-from", "+16175550102"},
			[]string{"4321", "1", "1", "hangup", "", "4321", "1", "1", "1", "2", "1"},
			[]string{"You are about to pay", "> (hang-up)", "later) The telephone rings", "the number of Cat Moss",
				"enter your PIN", "you were about to pay sixty dollars", "You are about to pay sixty dollars", "was approved",
				"60.00 USD of bill w-4"}, nil,
		},
		{
			"Who does not answer is called three times, and then told by a message.", []string{"-from", "+16175550102"},
			[]string{"4321", "hangup", "not now"},
			[]string{"The telephone rings", "The telephone rings", "The telephone rings", "[text message to +16175550102, later]",
				"could not reach you", "messages   1 sent", "rang: 3 times, answered: 0"},
			nil,
		},
	} {
		t.Run(tc.rule, func(t *testing.T) {
			out, errs, code := play(t, tc.args, tc.answers...)
			assert.Zero(t, code)
			assert.Empty(t, errs)
			rest := out
			for _, want := range tc.want {
				_, after, found := strings.Cut(rest, want)
				require.True(t, found, "%q is missing, or comes too early, in:\n%s", want, out)
				rest = after
			}
			for _, never := range tc.never {
				assert.NotContains(t, out, never)
			}
		})
	}
}

func TestDemo(t *testing.T) {
	for locale, transaction := range map[string]string{"en-US": "Your transaction ID is", "es-US": "Su número de transacción es"} {
		out, errs, code := play(t, []string{"-demo", "-locale", locale})
		assert.Zero(t, code, locale)
		assert.Empty(t, errs, locale)
		assert.Contains(t, out, transaction)
		assert.Contains(t, out, "charge     40.25 USD, captured", locale)
		assert.Regexp(t, `transaction ID [0-9A-Z]{9}\b`, out, locale)
	}
}

func TestGraph(t *testing.T) {
	out, errs, code := play(t, []string{"-graph"})
	assert.Zero(t, code)
	assert.Empty(t, errs)
	assert.True(t, strings.HasPrefix(out, "stateDiagram-v2\n"), out)
	assert.Contains(t, out, "confirm.readback --> charge: confirmed")
}

func TestBadFlags(t *testing.T) {
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"-x"}, "not defined: -x"},
		{[]string{"pay"}, `"pay" is no flag`},
		{[]string{"-from", "12"}, `-from "12" is no telephone number`},
		{[]string{"-locale", "fr-FR"}, "give one of en-US, es-US"},
		{[]string{"-demo", "-graph"}, "give one of them"},
		{[]string{"-demo", "-data", "x"}, "leave out -data"},
		{[]string{"-ledger", "127.0.0.1:0", "-finish"}, "-ledger makes no call"},
		{[]string{"-demo", "-closed"}, "leave out -from and -closed"},
	} {
		out, errs, code := play(t, tc.args)
		assert.Equal(t, 2, code, tc.args)
		assert.Empty(t, out, tc.args)
		assert.Contains(t, errs, tc.want)
	}
	_, errs, code := play(t, []string{"-help"})
	assert.Zero(t, code)
	assert.Contains(t, errs, "-demo")
}

func TestSpeakNeedsEspeak(t *testing.T) {
	t.Setenv("PATH", "")
	out, errs, code := play(t, []string{"-speak"})
	assert.Equal(t, 1, code)
	assert.Empty(t, out)
	assert.Contains(t, errs, "install it")
}

// The trace tells every step, and neither it nor the screen ever shows what was keyed in secret.
func TestNoSecretIsShown(t *testing.T) {
	const number, cvv, pin = "5555555555554444", "987", "1234"
	out, errs, code := play(t, []string{"-trace", "-locale", "en-US"},
		pin, "2", "3", "5555 5555 5555 4444", expiry, cvv, "2", "1", "3", "2")
	assert.Zero(t, code)
	assert.Contains(t, out, "was approved")
	for _, step := range []string{"greeting -> language (greeted)", "card.expiry -> card.cvv (given)", "confirm.readback -> charge (confirmed)"} {
		assert.Contains(t, errs, step)
	}
	_, call, found := strings.Cut(out, "\n\nThank you for calling") // the first screen shows the PIN
	require.True(t, found)
	for _, secret := range []string{number, "5555 5555", "55555555", cvv, pin, expiry} {
		assert.NotContains(t, call, secret)
		assert.NotContains(t, errs, secret)
	}
}

// What a call left is there for the next one: the bill is smaller, the card that was saved is offered, and nothing that
// is secret lies in the folder.
func TestFolder(t *testing.T) {
	dir := t.TempDir()
	out, _, code := play(t, []string{"-data", dir}, "1234", "2", "3", "5555555555554444", expiry, "987", "1", "1", "3", "1")
	require.Zero(t, code)
	require.Contains(t, out, "bill paid  25.00 USD")
	out, _, code = play(t, []string{"-data", dir}, "1234", "1", "hangup")
	require.Zero(t, code)
	assert.Contains(t, out, "Your balance for City Water is ninety-eight dollars and forty-five cents.")
	assert.Contains(t, out, "Mastercard ending in four four four four")
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	require.Len(t, files, 7)
	for _, f := range files {
		data, err := os.ReadFile(f)
		require.NoError(t, err)
		assert.NotContains(t, string(data), "5555555555554444", f)
		if filepath.Base(f) == "calls.db" {
			assert.NotContains(t, string(data), "acc-ann")
			assert.NotContains(t, string(data), "Ann Lee")
		}
	}
}

// begin starts a console that is typed into and read while it runs.
func begin(t *testing.T, args ...string) (keys io.WriteCloser, screen *bufio.Scanner, wait func() error) {
	t.Helper()
	c := exec.CommandContext(t.Context(), program, args...)
	keys, err := c.StdinPipe()
	require.NoError(t, err)
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, c.Start())
	return keys, bufio.NewScanner(out), c.Wait
}

// see reads the screen up to a text, and returns what was there.
func see(t *testing.T, screen *bufio.Scanner, text string) string {
	t.Helper()
	var seen strings.Builder
	for screen.Scan() {
		seen.WriteString(screen.Text() + "\n")
		if strings.Contains(screen.Text(), text) {
			return seen.String()
		}
	}
	require.Fail(t, "not on the screen", "%q is not in:\n%s", text, seen.String())
	return ""
}

// Two consoles may have a folder at a time. Of two calls that pay one bill, one wins, and the other is told.
func TestTwoConsolesPayOneBill(t *testing.T) {
	t.Run("SQLite", func(t *testing.T) { twoConsoles(t, "-data", t.TempDir()) })
	t.Run("PostgreSQL", func(t *testing.T) { twoConsoles(t, "-data", t.TempDir(), "-postgres", pgtest.New(t).URL) })
}

func twoConsoles(t *testing.T, flags ...string) {
	keys, screen, wait := begin(t, flags...)
	_, err := io.WriteString(keys, "1234\n1\n1\n")
	require.NoError(t, err)
	see(t, screen, "To cancel, press 4.")
	out, errs, code := play(t, flags, "1234", "1", "1", "1", "3", "hangup")
	assert.Zero(t, code)
	assert.Empty(t, errs)
	assert.Contains(t, out, "charge     123.45 USD, captured")
	_, err = io.WriteString(keys, "1\n2\n")
	require.NoError(t, err)
	rest := see(t, screen, "Nothing: no charge")
	assert.Contains(t, rest, "Nothing was charged")
	require.NoError(t, keys.Close())
	require.NoError(t, wait())
}

// Wrong PINs count across consoles: five in a row lock the account, whoever keys them, and also for who knows it.
func TestConsolesCountWrongPINs(t *testing.T) {
	dir := t.TempDir()
	out := ""
	for range 2 {
		out, _, _ = play(t, []string{"-data", dir}, "1111", "2222", "3333", "hangup")
	}
	assert.NotContains(t, out, "Your balance")
	out, _, code := play(t, []string{"-data", dir}, "1234", "hangup")
	assert.Zero(t, code)
	assert.NotContains(t, out, "Your balance", "it is locked")
	out, _, _ = play(t, []string{"-data", t.TempDir()}, "1234", "hangup")
	assert.Contains(t, out, "Your balance")
}

// A claim code that was redeemed in a call is a gift card from then on, also for the next console; what was spent is gone.
func TestClaimCode(t *testing.T) {
	cat := []string{"-from", "+16175550102", "-data", t.TempDir()}
	out, _, code := play(t, cat, "4321", "1", "4", "7001200201", "7001200025", "1", "1", "2", "1")
	require.Zero(t, code)
	assert.Contains(t, out, "25.00 USD, captured, with the gift card ending in 0025")
	out, _, code = play(t, cat, "4321", "1", "4", "7001200025", "hangup")
	require.Zero(t, code)
	for _, left := range []string{"  0.00 USD on the one ending in 1234", "  0.00 USD on the one ending in 0025",
		"  0, worth 0.00 USD", "Claim codes 7001200200", "has been redeemed before"} {
		assert.Contains(t, out, left)
	}
}

// A console that is killed when a callback is asked for, or rings, leaves it to the next one, which rings first.
func TestKilledConsoleOwesACall(t *testing.T) {
	for _, at := range []string{"We will call you", "telephone rings", "calling you back"} {
		t.Run(at, func(t *testing.T) {
			dir := t.TempDir()
			first := exec.Command(program, "-data", dir, "-closed")
			keys, err := first.StdinPipe()
			require.NoError(t, err)
			screen, err := first.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, first.Start())
			_, err = io.WriteString(keys, "0\n1\n")
			require.NoError(t, err)
			if at == "calling you back" {
				_, err = io.WriteString(keys, "\n")
				require.NoError(t, err)
			}
			see(t, bufio.NewScanner(screen), at)
			require.NoError(t, first.Process.Kill())
			_ = first.Wait()
			out, errs, code := play(t, []string{"-data", dir}, "", "1234", "1", "1", "1", "3", "1")
			assert.Zero(t, code)
			assert.Empty(t, errs)
			assert.Regexp(t, `(?s)The telephone rings.*calling you back.*was approved`, out)
			assert.NotContains(t, out, "Thank you for calling City Water. You can", "the call that was answered is the only one")
			out, _, _ = play(t, []string{"-data", dir}, "hangup")
			assert.NotContains(t, out, "telephone rings", "it is done")
		})
	}
}

func TestFolderThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "books.json"), []byte("{"), 0o600))
	_, errs, code := play(t, []string{"-data", dir})
	assert.Equal(t, 1, code)
	assert.Contains(t, errs, "books.json to begin anew")
	_, errs, code = play(t, []string{"-data", filepath.Join(dir, "books.json", "x")})
	assert.Equal(t, 1, code)
	assert.Contains(t, errs, "give another folder with -data")
}

// A console that is killed at the read-back leaves a call that the next one goes on with.
func TestKilledCallGoesOn(t *testing.T) {
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	first := exec.CommandContext(ctx, program, "-data", dir)
	keys, err := first.StdinPipe()
	require.NoError(t, err)
	screen, err := first.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, first.Start())
	_, err = io.WriteString(keys, "1234\n2\n1\n")
	require.NoError(t, err)
	for heard := bufio.NewScanner(screen); heard.Scan() && !strings.Contains(heard.Text(), "To cancel, press 4."); {
	}
	cancel() // SIGKILL
	_ = first.Wait()
	out, errs, code := play(t, []string{"-data", dir}, "1234", "1", "1", "3", "hangup")
	assert.Zero(t, code)
	assert.Empty(t, errs)
	assert.Contains(t, out, "When we were cut off, you were about to pay twenty-five dollars to City Water.")
	assert.Contains(t, out, "charge     25.00 USD, captured")
}
