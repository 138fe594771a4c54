package main

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/pgstore"
	"github.com/dialpay/dialpay/flow/sqlitestore"
)

// clock is the real time, or later: what takes hours is played at once.
type clock struct{ later atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(c.ahead()) }

func (c *clock) ahead() time.Duration { return time.Duration(c.later.Load()) }

// jump goes forward to a time, and never back.
func (c *clock) jump(to time.Time) {
	if ahead := time.Until(to); ahead > c.ahead() {
		c.later.Store(int64(ahead))
	}
}

// store is a database of calls.
type store interface {
	flow.Store
	flow.Leaser
	flow.Finder
	flow.Purger
	Attempts(key auth.Secret) (auth.Attempts, error)
	Once(key auth.Secret) (auth.Once, error)
	Close() error
}

// calls are the store as the clock of the console sees it: after a jump, what is due then is due.
type calls struct {
	store
	future store // the same calls, long after everything was due
	folder *folder
	clock  *clock
	quiet  bool // no callback is due: the next console makes them
}

// future is how far ahead the console looks at most.
const future = 100 * time.Hour

// openCalls opens the file, or the PostgreSQL.
func openCalls(ctx context.Context, file, postgres string, f *folder, c *clock) (*calls, error) {
	open := func(ahead time.Duration) (store, error) { return sqlitestore.OpenAhead(ctx, file, ahead) }
	if postgres != "" {
		open = func(ahead time.Duration) (store, error) { return pgstore.OpenAhead(ctx, postgres, ahead) }
	}
	now, err := open(0)
	if err != nil {
		return nil, err
	}
	later, err := open(future)
	if err != nil {
		return nil, errors.Join(err, now.Close())
	}
	return &calls{store: now, future: later, folder: f, clock: c}, nil
}

func (c *calls) close() error { return errors.Join(c.future.Close(), c.store.Close()) }

// Due implements flow.Store.
func (c *calls) Due(ctx context.Context, limit int, kinds ...flow.ItemKind) ([]flow.Item, error) {
	if c.clock.ahead() == 0 {
		return c.store.Due(ctx, limit, kinds...)
	}
	open, err := c.open(ctx, kinds...)
	n := 0
	for n < len(open) && n < limit && !open[n].Due.After(c.clock.now()) {
		n++
	}
	return open[:n], err
}

// open is all that will be due, in that order. The calls of another console that runs are its own: for it, no time has
// passed.
func (c *calls) open(ctx context.Context, kinds ...flow.ItemKind) (items []flow.Item, err error) {
	const most = 1000
	if items, err = c.future.Due(ctx, most, kinds...); err != nil {
		return nil, err
	}
	var others []string
	err = c.folder.alone(func() (err error) {
		others, err = c.folder.line.elsewhere()
		return err
	})
	return slices.DeleteFunc(items, func(it flow.Item) bool {
		return c.quiet && it.Kind == flow.ItemCallback || slices.Contains(others, it.Session)
	}), err
}

// Acquire implements flow.Leaser. After a jump, the lease of a console that was killed has run out.
func (c *calls) Acquire(ctx context.Context, session, owner string, ttl time.Duration) (flow.Lease, error) {
	l, err := c.store.Acquire(ctx, session, owner, ttl)
	if !errors.Is(err, flow.ErrHeld) || c.clock.ahead() == 0 {
		return l, err
	}
	if l, err = c.future.Acquire(ctx, session, owner, ttl); err != nil {
		return l, err
	}
	return c.store.Renew(ctx, l, ttl) // by the real clock, for the consoles to come
}
