package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// options are what flags and environment say. Secrets are in the environment only: flags are seen by all processes.
type options struct {
	listen, url, data, postgres, agent, ann, pay string
	unsigned                                     bool
	drain                                        time.Duration
	tokens                                       []string // TWILIO_AUTH_TOKEN; two, with a comma, while it is changed
	account, number                              string   // TWILIO_ACCOUNT_SID, TWILIO_NUMBER: who calls customers back
	api                                          string   // the provider's API; empty: Twilio's
	connectorUser, connectorPassword             string   // CONNECTOR_USER, CONNECTOR_PASSWORD
}

var errHelp = flag.ErrHelp

func parse(args []string, env func(string) string, errs io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("webhook", flag.ContinueOnError)
	f.SetOutput(errs)
	f.StringVar(&o.listen, "listen", "127.0.0.1:8080", "the `address` to listen at")
	f.StringVar(&o.url, "url", "",
		"the `URL` under which the provider reaches this program, such as https://pay.example.com/calls;\n"+
			"with -unsigned it may be left out")
	f.StringVar(&o.data, "data", "", "the `folder` in which calls, keys and books are kept (default: one of your user's)")
	f.StringVar(&o.postgres, "postgres", "", "keep the calls in the PostgreSQL at this `URL` in place of a SQLite file")
	f.StringVar(&o.agent, "agent", "", "the `number` of the person to whom callers are transferred (default: nobody is in)")
	f.StringVar(&o.ann, "ann", ann.phone, "the `number` from which Ann calls: yours, to be known by it")
	f.StringVar(&o.pay, "pay", "",
		"the `name` of the Generic Pay Connector that captures cards; its endpoint is /connector here")
	f.DurationVar(&o.drain, "drain", 0, "how `long` to go on serving after SIGTERM, while /readyz says no")
	f.BoolVar(&o.unsigned, "unsigned", false, "do not check signatures: for tries on your own machine only")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	o.account, o.number, o.api = env("TWILIO_ACCOUNT_SID"), env("TWILIO_NUMBER"), env("TWILIO_API")
	o.connectorUser, o.connectorPassword = env("CONNECTOR_USER"), env("CONNECTOR_PASSWORD")
	for _, token := range strings.Split(env("TWILIO_AUTH_TOKEN"), ",") {
		if token != "" {
			o.tokens = append(o.tokens, token)
		}
	}
	if o.unsigned && o.url == "" {
		at := o.listen
		if strings.HasPrefix(at, ":") {
			at = "127.0.0.1" + at
		}
		o.url = "http://" + at + "/calls"
	}
	return o.check(f.Args())
}

// number is E.164.
var number = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

func (o options) check(rest []string) (options, error) {
	var faults []error
	for _, fault := range []struct {
		is   bool
		what string
	}{
		{len(rest) > 0, "flags only; -help lists them"},
		{o.url == "", "give -url, the URL under which the provider reaches this program"},
		{!o.unsigned && len(o.tokens) == 0, "set TWILIO_AUTH_TOKEN, or anybody could forge webhooks; -unsigned is for tries"},
		{o.unsigned && len(o.tokens) > 0, "-unsigned and TWILIO_AUTH_TOKEN: leave one of them out"},
		{o.agent != "" && !number.MatchString(o.agent), "-agent is no number such as +12125550111"},
		{!number.MatchString(o.ann), "-ann is no number such as " + ann.phone},
		{o.pay != "" && (o.connectorUser == "" || o.connectorPassword == ""), "-pay needs CONNECTOR_USER and CONNECTOR_PASSWORD"},
		{o.account != "" && (!number.MatchString(o.number) || len(o.tokens) == 0),
			"TWILIO_ACCOUNT_SID needs TWILIO_NUMBER, the number that calls customers back, and TWILIO_AUTH_TOKEN"},
	} {
		if fault.is {
			faults = append(faults, errors.New(fault.what))
		}
	}
	if o.data == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			faults = append(faults, fmt.Errorf("there is no place to keep the calls in: %w; give one with -data", err))
		}
		o.data = filepath.Join(cache, "dialpay-webhook")
	}
	return o, errors.Join(faults...)
}

// introduction is what the program says first.
func introduction(o options, at net.Addr) string {
	return fmt.Sprintf(`Serving calls at %s (health: /healthz, readiness: /readyz). At the provider, set with POST:
  voice webhook, and its fallback    %s
  status callback                    %s/status
Callers may be:
  %s
  %s
Cards that are keyed: 4242 4242 4242 4242 is approved, 4000 0000 0000 0002 declined; any expiry date to come, any code.
No money moves.
`, at, o.url, strings.TrimRight(o.url, "/"), ann.introduce(o.ann), ben.introduce(ben.phone))
}
