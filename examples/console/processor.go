package main

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/dialpay/dialpay/wallet"
)

// written is the sandbox whose ledger is in the books: what it answers is written there first, as a processor's is.
type written struct {
	*paymenttest.Sandbox
	books *books
}

func (w written) keep(out payment.Outcome, err error) (payment.Outcome, error) {
	return out, errors.Join(err, w.books.locked())
}

func (b *books) locked() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.save()
}

// Tokenise implements payment.Vault.
func (w written) Tokenise(ctx context.Context, c payment.Card, key string) (payment.Token, error) {
	token, err := w.Sandbox.Tokenise(ctx, c, key)
	if err != nil {
		return token, err
	}
	return token, w.books.locked()
}

// Authorise implements payment.Processor.
func (w written) Authorise(ctx context.Context, c payment.Charge) (payment.Outcome, error) {
	return w.keep(w.Sandbox.Authorise(ctx, c))
}

// Capture implements payment.Capturer.
func (w written) Capture(ctx context.Context, h payment.Hold) (payment.Outcome, error) {
	return w.keep(w.Sandbox.Capture(ctx, h))
}

// Void implements payment.Capturer.
func (w written) Void(ctx context.Context, h payment.Hold) (payment.Outcome, error) {
	return w.keep(w.Sandbox.Void(ctx, h))
}

// Refund implements payment.Refunder.
func (w written) Refund(ctx context.Context, h payment.Hold) (payment.Outcome, error) {
	return w.keep(w.Sandbox.Refund(ctx, h))
}

// methods is the wallet whose new methods are in the books.
type methods struct {
	*wallet.Memory
	books *books
}

// Save implements wallet.Wallet.
func (m methods) Save(ctx context.Context, account string, method wallet.Method) (wallet.Method, error) {
	saved, err := m.Memory.Save(ctx, account, method)
	if err != nil {
		return saved, err
	}
	m.books.mu.Lock()
	defer m.books.mu.Unlock()
	m.books.Methods = append(m.books.Methods, ownedMethod{account, method})
	return saved, m.books.save()
}

// serveLedger is a processor for other consoles (-processor), in a process of its own. It tells its address, and serves
// until ctx ends.
func serveLedger(ctx context.Context, address string, tell func(url string)) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	sandbox := paymenttest.New(paymenttest.Config{Now: time.Now})
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
