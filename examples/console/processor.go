package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
)

// service is a processor, with what a company sees of its books.
type service interface {
	payment.Processor
	payment.Capturer
	payment.Refunder
	charges(ctx context.Context) ([]paymenttest.Charge, error)
	// left is what a gift card or points have left. Who calls it has the books.
	left(ctx context.Context, token string) (int64, bool, error)
}

// process chooses the processor: the sandbox of the books, or one in another process, which takes no new cards.
func process(ctx context.Context, b *books, url string, now func() time.Time) (service, payment.Vault, error) {
	if url == "" {
		k := kept{paymenttest.New(paymenttest.Config{Now: now}), b}
		return k, k, nil
	}
	r, err := paymenttest.Dial(ctx, url)
	if err != nil {
		return nil, nil, fmt.Errorf("no processor at %s: %w; start one with -ledger", url, err)
	}
	return remote{r}, nil, nil
}

// remote is a processor in another process.
type remote struct{ *paymenttest.Remote }

func (r remote) charges(ctx context.Context) ([]paymenttest.Charge, error) { return r.Charges(ctx) }
func (r remote) left(ctx context.Context, token string) (int64, bool, error) {
	return r.Left(ctx, token)
}

// kept is the sandbox whose ledger is in the books: what it answers is written there first, as a processor's is.
type kept struct {
	*paymenttest.Sandbox
	books *books
}

// load gives the sandbox what is in the books, which the caller has.
func (k kept) load() error {
	if len(k.books.Charges) > 0 {
		if err := k.Import(k.books.Charges); err != nil {
			return err
		}
	}
	fund(k.Sandbox)
	return nil
}

// do works on the ledger, and writes it.
func (k kept) do(op func() error) error {
	var refused error // it does not undo what was done
	err := k.books.change(func() (err error) {
		if err = k.load(); err != nil {
			return err
		}
		refused = op()
		k.books.Charges, err = k.Export()
		return err
	})
	return errors.Join(refused, err)
}

func (k kept) outcome(op func() (payment.Outcome, error)) (out payment.Outcome, err error) {
	err = k.do(func() (err error) { out, err = op(); return err })
	return out, err
}

// Tokenise implements payment.Vault.
func (k kept) Tokenise(ctx context.Context, c payment.Card, key string) (token payment.Token, err error) {
	err = k.do(func() (err error) { token, err = k.Sandbox.Tokenise(ctx, c, key); return err })
	return token, err
}

// Authorise implements payment.Processor.
func (k kept) Authorise(ctx context.Context, c payment.Charge) (payment.Outcome, error) {
	return k.outcome(func() (payment.Outcome, error) { return k.Sandbox.Authorise(ctx, c) })
}

// Lookup implements payment.Processor.
func (k kept) Lookup(ctx context.Context, key string) (payment.Outcome, error) {
	return k.outcome(func() (payment.Outcome, error) { return k.Sandbox.Lookup(ctx, key) })
}

// Capture implements payment.Capturer.
func (k kept) Capture(ctx context.Context, h payment.Hold) (payment.Outcome, error) {
	return k.outcome(func() (payment.Outcome, error) { return k.Sandbox.Capture(ctx, h) })
}

// Void implements payment.Capturer.
func (k kept) Void(ctx context.Context, h payment.Hold) (payment.Outcome, error) {
	return k.outcome(func() (payment.Outcome, error) { return k.Sandbox.Void(ctx, h) })
}

// Refund implements payment.Refunder.
func (k kept) Refund(ctx context.Context, h payment.Hold) (payment.Outcome, error) {
	return k.outcome(func() (payment.Outcome, error) { return k.Sandbox.Refund(ctx, h) })
}

func (k kept) charges(context.Context) (all []paymenttest.Charge, err error) {
	err = k.books.look(func() error { err := k.load(); all = k.Charges(); return err })
	return all, err
}

func (k kept) left(_ context.Context, token string) (int64, bool, error) {
	if err := k.load(); err != nil {
		return 0, false, err
	}
	left, known := k.Left(token)
	return left, known, nil
}

// noted is a processor of which the console notes what it did there.
type noted struct {
	service
	keys map[string]bool // of charges
	mu   *sync.Mutex
}

func note(s service) noted { return noted{s, map[string]bool{}, &sync.Mutex{}} }

func (n noted) add(key string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.keys[key] = true
}

// Authorise implements payment.Processor.
func (n noted) Authorise(ctx context.Context, c payment.Charge) (payment.Outcome, error) {
	n.add(c.Key)
	return n.service.Authorise(ctx, c)
}

// Capture implements payment.Capturer.
func (n noted) Capture(ctx context.Context, h payment.Hold) (payment.Outcome, error) {
	n.add(h.ChargeKey)
	return n.service.Capture(ctx, h)
}

// Void implements payment.Capturer.
func (n noted) Void(ctx context.Context, h payment.Hold) (payment.Outcome, error) {
	n.add(h.ChargeKey)
	return n.service.Void(ctx, h)
}

// Refund implements payment.Refunder.
func (n noted) Refund(ctx context.Context, h payment.Hold) (payment.Outcome, error) {
	n.add(h.ChargeKey)
	return n.service.Refund(ctx, h)
}

// mine are the charges on which this console worked.
func (n noted) mine(ctx context.Context) (mine []paymenttest.Charge, err error) {
	all, err := n.charges(ctx)
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range all {
		if n.keys[c.Key] {
			mine = append(mine, c)
		}
	}
	return mine, err
}

// serveLedger is a processor for other consoles (-processor), in a process of its own. It tells its address, and serves
// until ctx ends.
func serveLedger(ctx context.Context, address string, tell func(url string)) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	sandbox := paymenttest.New(paymenttest.Config{Now: time.Now})
	fund(sandbox)
	server := &http.Server{Handler: paymenttest.Handler(sandbox), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		<-ctx.Done()
		_ = server.Close() // its requests are those of consoles, which ask again
	}()
	tell("http://" + listener.Addr().String())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
