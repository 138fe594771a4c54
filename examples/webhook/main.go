// Webhook serves the telephone calls of a pretend company to a TwiML provider such as Twilio: one binary, with a SQLite
// file, that is ready for a real telephone number. README.md tells how to get from a number to a first payment.
//
//	TWILIO_AUTH_TOKEN=… go run ./examples/webhook -url https://pay.example.com/calls
//
// The calls are real, the company and its money are made up: company.go and books.go are the part to replace by your
// own.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/ivr/twiml"
	"github.com/dialpay/dialpay/ivr/twiml/payconnector"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o, err := parse(os.Args[1:], os.Getenv, os.Stderr)
	if err == nil {
		err = run(ctx, o, os.Stdout)
	}
	if err != nil && !errors.Is(err, errHelp) {
		fmt.Fprintln(os.Stderr, "webhook:", err)
		os.Exit(1)
	}
}

const (
	// sweepEvery is how often what calls left open is looked at.
	sweepEvery = 5 * time.Second
	// shutdown is how long a webhook that is being answered may still take. Providers wait for 15 s.
	shutdown = 15 * time.Second
)

// run serves until the context ends, and then until every webhook that came is answered. Calls that are under way go on
// in the next process: everything about them is in the store.
func run(ctx context.Context, o options, out io.Writer) (err error) {
	log := newLog(out)
	store, err := openStore(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	engine, c, err := newEngine(o, store, log)
	if err != nil {
		return err
	}
	s := &server{store: store}
	handler, err := s.handler(o, engine, c, log)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", o.listen)
	if err != nil {
		return err
	}
	fmt.Fprint(out, introduction(o, l.Addr()))
	sweeping, stop := context.WithCancel(context.WithoutCancel(ctx))
	var sweeper sync.WaitGroup
	sweeper.Go(func() { sweep(sweeping, engine, log) })
	defer func() { stop(); sweeper.Wait() }()
	return s.serve(ctx, l, handler, o.drain, log)
}

func newLog(out io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(out, nil)) }

// server is what is served over HTTP.
type server struct {
	store store
	// leaving tells the balancer to send calls elsewhere.
	leaving atomic.Bool
}

func (s *server) handler(o options, e *flow.Engine, c *company, log *slog.Logger) (http.Handler, error) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /readyz", s.ready)
	config := twiml.Config{Handler: e, Catalog: e.Catalog(), BaseURL: o.url, AuthTokens: o.tokens, Unsigned: o.unsigned,
		Log: log}
	if o.pay != "" {
		config.Pay = &twiml.Pay{Connector: o.pay}
		connector, err := payconnector.New(payconnector.Config{Vault: c.processor, User: o.connectorUser,
			Password: o.connectorPassword, Now: c.now, Log: log})
		if err != nil {
			return nil, err
		}
		mux.Handle("/connector", connector)
	}
	calls, err := twiml.New(config)
	if err != nil {
		return nil, err
	}
	if c.dialler != nil {
		c.dialler.calls = calls
	}
	mux.Handle("/", calls)
	return mux, nil
}

// ready tells whether calls can be served: not while this process is going, and not without the store.
func (s *server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	_, err := s.store.Due(ctx, 1)
	switch {
	case s.leaving.Load():
		http.Error(w, "going", http.StatusServiceUnavailable)
	case err != nil:
		http.Error(w, "no store", http.StatusServiceUnavailable)
	}
}

// serve serves until the context ends, for drain longer in which the balancer can see that this process goes, and until
// every webhook that came is answered.
func (s *server) serve(ctx context.Context, l net.Listener, h http.Handler, drain time.Duration, log *slog.Logger) error {
	web := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: 30 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	failed := make(chan error, 1)
	go func() { failed <- web.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	s.leaving.Store(true)
	log.Info("going: webhooks that are being answered are finished, calls go on in the next process")
	time.Sleep(drain)
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdown)
	defer cancel()
	return web.Shutdown(bounded)
}

// sweep finishes what calls left open: payments whose outcome nobody knew, receipts, callbacks.
func sweep(ctx context.Context, e *flow.Engine, log *slog.Logger) {
	for {
		if _, err := e.Sweep(ctx, 100); err != nil && ctx.Err() == nil {
			log.ErrorContext(ctx, "sweep", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(sweepEvery):
		}
	}
}
