package riverwake

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
)

type client = *river.Client[pgx.Tx]

// wake is the job: sweep, at that second.
type wake struct {
	At int64 `json:"at"`
}

// Kind implements river.JobArgs.
func (wake) Kind() string { return "dialpay_wake" }

// waiting are the states in which a job stands for others of the same second. What ended does not: something may have
// become due since.
var waiting = []rivertype.JobState{rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
	rivertype.JobStateRunning, rivertype.JobStateScheduled}

// options are those of a job at a time; zero for at once.
func options(at time.Time) *river.InsertOpts {
	return &river.InsertOpts{MaxAttempts: 1, Queue: queue, ScheduledAt: at,
		UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: waiting}}
}

// worker does the job.
type worker struct {
	river.WorkerDefaults[wake]
	sweeper Sweeper
	limit   int
	log     *slog.Logger
}

// Work implements river.Worker. It sweeps again while there was as much as a sweep takes.
func (w *worker) Work(ctx context.Context, _ *river.Job[wake]) error {
	for n := w.limit; n == w.limit && ctx.Err() == nil; {
		var err error
		if n, err = w.sweeper.Sweep(ctx, w.limit); err != nil {
			w.log.ErrorContext(ctx, "riverwake: sweep", "error", err)
			return nil // it stays due, and the next wake comes
		}
	}
	return nil
}

func (w *Waker) begin(ctx context.Context, s Sweeper, c Config) error {
	driver := riverpgxv5.New(w.pool)
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: c.Log})
	if err != nil {
		return err
	}
	if err := w.migrate(ctx, migrator); err != nil {
		return err
	}
	workers := river.NewWorkers()
	river.AddWorker(workers, &worker{sweeper: s, limit: c.Limit, log: c.Log})
	periodic := river.NewPeriodicJob(river.PeriodicInterval(c.Every), func() (river.JobArgs, *river.InsertOpts) {
		return wake{time.Now().Unix()}, options(time.Time{}) // of its own: one whose process died must not stand for it
	}, &river.PeriodicJobOpts{RunOnStart: true})
	w.client, err = river.NewClient(driver, &river.Config{
		JobTimeout: c.Timeout, RescueStuckJobsAfter: 2 * c.Timeout, Logger: c.Log, Workers: workers,
		PeriodicJobs: []*river.PeriodicJob{periodic},
		Queues:       map[string]river.QueueConfig{queue: {MaxWorkers: 1}},
	})
	if err != nil {
		return err
	}
	return w.client.Start(context.WithoutCancel(ctx))
}

// migrate makes River's tables; several processes may begin at once. Its steps need a transaction each, so the lock is
// that of a session.
func (w *Waker) migrate(ctx context.Context, migrator *rivermigrate.Migrator[pgx.Tx]) error {
	conn, err := pgx.ConnectConfig(ctx, w.pool.Config().ConnConfig)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) // which unlocks
	// The number is "dialriv" in bytes.
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock(x'6469616c726976'::bigint)`); err != nil {
		return err
	}
	_, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil)
	return err
}

// Wake wakes the sweeper at a time; at once where it is past. All that is asked for the same second is one wake.
func (w *Waker) Wake(ctx context.Context, at time.Time) error {
	_, err := w.client.Insert(ctx, wake{At: at.Unix()}, options(at))
	return err
}

// Close lets what is under way end, until ctx is over, and wakes nobody any more.
func (w *Waker) Close(ctx context.Context) error {
	err := w.client.Stop(ctx)
	w.pool.Close()
	return err
}
