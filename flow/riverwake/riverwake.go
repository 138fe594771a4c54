// Package riverwake lets River (riverqueue.com), a job queue in PostgreSQL, wake the sweeper: every few seconds, and at a
// time that is asked for, in one of all the processes that share the database.
//
// River only wakes. A job says nothing but "sweep now", and is tried once: payments, receipts and callbacks are in the
// flow.Store, where every sweep finds what is due. So a job that is lost, late or done twice costs nothing but seconds. A
// process without River calls Engine.Sweep by a timer instead, which is as safe.
//
// River looks every five seconds for what is scheduled, so a wake may be that late.
package riverwake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Sweeper is what is woken: a flow.Engine.
type Sweeper interface {
	Sweep(ctx context.Context, limit int) (int, error)
}

// Config is how often, and how much.
type Config struct {
	// Every is how often the sweeper is woken anyway. 0: 5 seconds. At least one second.
	Every time.Duration
	// Limit is how many items a sweep takes at a time. 0: 100.
	Limit int
	// Timeout is how long a wake may work before its context ends. 0: one minute. One that its process left running for
	// twice as long is given up.
	Timeout time.Duration
	// Log gets what goes wrong in sweeps, and what River has to say. Nil: nothing is logged.
	Log *slog.Logger
}

// Waker wakes a sweeper.
type Waker struct {
	pool   *pgxpool.Pool
	client client
}

// queue is a queue of our own, so that the program may use River for other things.
const queue = "dialpay"

// Open makes River's tables in the database where they are missing, and begins to wake the sweeper.
func Open(ctx context.Context, url string, s Sweeper, c Config) (*Waker, error) {
	c, err := c.checked(s)
	if err != nil {
		return nil, fmt.Errorf("riverwake: %w", err)
	}
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("riverwake: %w", err)
	}
	w := &Waker{pool: pool}
	if err := w.begin(ctx, s, c); err != nil {
		pool.Close()
		return nil, fmt.Errorf("riverwake: %w", err)
	}
	return w, nil
}

func (c Config) checked(s Sweeper) (Config, error) {
	if c.Every == 0 {
		c.Every = 5 * time.Second
	}
	if c.Limit == 0 {
		c.Limit = 100
	}
	if c.Timeout == 0 {
		c.Timeout = time.Minute
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if s == nil || c.Every < time.Second || c.Limit < 0 || c.Timeout < 0 {
		return c, errors.New("give a sweeper, Every of at least a second, and no negative Limit or Timeout")
	}
	return c, nil
}
