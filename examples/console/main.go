// Console is a telephone call in a terminal: a customer of a pretend company hears their bill and pays it with pretend
// money, from the first ring to the receipt.
//
//	go run ./examples/console               a call that you make
//	go run ./examples/console -demo         a call that plays by itself
//	go run ./examples/console < answers     a call whose answers are the lines of a file
//
// Calls are kept in a folder, in a SQLite file: a console that is killed in a call, by whatever means, finds at its next
// start what the caller was about to do, and what became of a payment. Several consoles may use a folder at a time.
//
// With -postgres the calls are in a PostgreSQL. It may stop at any instant, and so may a console: no bill is paid twice.
//
// Who is called back hears the telephone ring in the terminal. The clock of the demonstration goes forward then: nobody
// waits for the minutes in between.
//
// The company is made up in world.go, with its customers in customers.go, its books in books.go, its bills in biller.go,
// its processor in processor.go, what customers pay with in wallet.go, its people in people.go and its messages in
// phone.go: that is the part to replace by your own.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"golang.org/x/term"

	"github.com/dialpay/dialpay/flow"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// The exit codes. interrupted is what shells give a program that Ctrl-C ended.
const (
	failed      = 1
	badUsage    = 2
	interrupted = 130
)

// run is the program without the process around it.
func run(ctx context.Context, args []string, in *os.File, out, errs *os.File) int {
	o, err := parse(args, errs)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return badUsage
	}
	dialogue, err := definition().Build()
	if err == nil {
		err = o.checkLocale(dialogue.Catalog().Locales())
	}
	if err != nil {
		fmt.Fprintln(errs, "console:", err)
		return badUsage
	}
	switch {
	case o.graph:
		err = printGraph(out, dialogue)
	case o.ledger != "":
		return ended(serveLedger(ctx, o.ledger, func(url string) { fmt.Fprintln(out, url) }), errs)
	default:
		err = call(ctx, o, dialogue, in, out, errs)
	}
	switch {
	case ctx.Err() != nil:
		return interrupted
	}
	return ended(err, errs)
}

func ended(err error, errs io.Writer) int {
	if err != nil {
		fmt.Fprintln(errs, "console:", err)
		return failed
	}
	return 0
}

func printGraph(out io.Writer, d *flow.Dialogue) error {
	graph, err := d.Mermaid()
	if err == nil {
		_, err = fmt.Fprintln(out, strings.TrimSpace(graph))
	}
	return err
}

// call makes one call, and tells what came of it.
func call(ctx context.Context, o options, d *flow.Dialogue, in, out, errs *os.File) (err error) {
	if o.demo {
		if o.data, err = os.MkdirTemp("", "dialpay-demo"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.data)) }()
	}
	typed := io.Reader(in)
	s, err := openScreen(in, out, !o.demo)
	if err != nil {
		return err
	}
	defer s.restore()
	log := io.Writer(errs)
	if s.raw && term.IsTerminal(int(errs.Fd())) {
		log = beside{s}
	}
	speak, err := speaker(o.speak, log)
	if err != nil {
		return err
	}
	w, err := newWorld(ctx, d, s, worldConfig{
		data: o.data, postgres: o.postgres, processor: o.processor, closed: o.closed,
		log:   slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn})),
		trace: tracer(o.trace, log),
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.folder.close()) }()
	if o.finish {
		err = w.finish(ctx)
	} else {
		if o.demo {
			typed = strings.NewReader(script(o.locale))
		}
		err = w.live(ctx, terminal{s, newKeyboard(typed), speak}, o)
	}
	text, paid, late := w.summary(context.WithoutCancel(ctx))
	if !o.finish {
		text = "\nThe call is over. " + text
	}
	s.print(text)
	if err = errors.Join(err, late); o.demo && err == nil && !paid {
		err = errors.New("the demo came to its end without a payment")
	}
	return err
}

// live makes a call, or answers one, and plays the hour after it.
func (w *world) live(ctx context.Context, t terminal, o options) error {
	who, _ := caller(o.from)
	balances, err := w.balances(ctx, who)
	t.print(introduction(o, w.folder.dir, balances, t.raw))
	if err = errors.Join(err, w.before(ctx)); err != nil {
		return err
	}
	answered, err := w.pending(ctx, &t)
	if !answered && err == nil {
		err = w.serve(ctx, t, o)
	}
	if errors.Is(err, errLeave) {
		w.folder.calls.quiet, err = true, nil
	}
	return errors.Join(err, w.later(ctx, &t, lateBy))
}

// tracer shows the transitions. They hold nothing that the caller said.
func tracer(on bool, to io.Writer) func(flow.Transition) {
	if !on {
		return nil
	}
	return func(t flow.Transition) {
		fmt.Fprintf(to, "trace: turn %d: %s -> %s (%s)\n", t.Seq, t.From, t.To, t.On)
	}
}
