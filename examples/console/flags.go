package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// options are what the flags say.
type options struct {
	demo, graph, trace, speak, closed, finish bool
	locale, from, data, processor, ledger     string
	postgres                                  string
}

func parse(args []string, errs io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("console", flag.ContinueOnError)
	f.SetOutput(errs)
	f.BoolVar(&o.demo, "demo", false, "play a complete call, and end")
	f.BoolVar(&o.graph, "graph", false, "print the dialogue as a Mermaid state diagram, and end")
	f.BoolVar(&o.trace, "trace", false, "print each transition to standard error; no secret is in them")
	f.BoolVar(&o.speak, "speak", false, "speak through espeak-ng")
	f.BoolVar(&o.closed, "closed", false, "call when nobody is in: in place of a person, 0 offers a call back, and the\n"+
		"telephone rings")
	f.BoolVar(&o.finish, "finish", false, "make no call: finish what calls left open, as a day later, and end")
	f.StringVar(&o.data, "data", "", "the `folder` in which calls and books are kept (default: one of your user's)")
	f.StringVar(&o.postgres, "postgres", "", "keep the calls in the PostgreSQL at this `URL`, in place of a file, such as\n"+
		"postgres://me@/calls?host=/run/postgresql; consoles that share it have one -data\nfolder, with the keys and the books")
	f.StringVar(&o.processor, "processor", "", "the `address` of a processor that another console serves with -ledger")
	f.StringVar(&o.ledger, "ledger", "", "make no call: serve a processor to other consoles at this `address`, such as\n"+
		"127.0.0.1:8421")
	f.StringVar(&o.locale, "locale", "", "the `language` of the call: en-US, es-US (default: the customer's)")
	f.StringVar(&o.from, "from", ann.phone, "the `number` that calls: "+ben.phone+" is Ben, "+cat.phone+" Cat;\n"+
		"or \"withheld\"")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if o.processor != "" && !strings.Contains(o.processor, "://") {
		o.processor = "http://" + o.processor
	}
	err := o.check(f.Args())
	if err != nil {
		fmt.Fprintf(errs, "console: %v; -help lists the flags\n", err)
	}
	return o, err
}

// number is E.164.
var number = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

func (o *options) check(rest []string) error {
	switch {
	case len(rest) > 0:
		return fmt.Errorf("%q is no flag: leave it out", rest[0])
	case o.demo && o.graph:
		return errors.New("-demo and -graph: give one of them")
	case o.demo && (o.data != "" || o.postgres != "" || o.processor != "" || o.finish || o.ledger != ""):
		return errors.New("-demo is a call of its own: leave out -data, -postgres, -processor, -finish and -ledger")
	case o.ledger != "" && (o.graph || o.finish || o.data != "" || o.postgres != "" || o.processor != ""):
		return errors.New("-ledger makes no call: leave out the other flags")
	case o.demo && (o.from != ann.phone || o.closed):
		return errors.New("-demo is the call of " + ann.name + ": leave out -from and -closed")
	case o.from == "withheld":
		o.from = ""
	case !number.MatchString(o.from):
		return fmt.Errorf("-from %q is no telephone number: give one such as %s, or \"withheld\"", o.from, ann.phone)
	}
	return nil
}

func (o *options) checkLocale(known []string) error {
	if o.locale == "" || slices.Contains(known, o.locale) {
		return nil
	}
	return fmt.Errorf("-locale %q is not a language of this dialogue: give one of %s", o.locale,
		strings.Join(known, ", "))
}
