package sqlstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dialpay/dialpay/flow"
)

// Find implements flow.Finder.
func (s *Store) Find(ctx context.Context, name string, limit int) ([]string, error) {
	found, err := s.strings(ctx, `SELECT session FROM dialpay_names WHERE name = $1 ORDER BY seq DESC LIMIT $2`,
		s.key(name), max(limit, 0))
	if err != nil {
		return nil, fmt.Errorf("sqlstore: find sessions: %w", err)
	}
	return found, nil
}

func (s *Store) strings(ctx context.Context, text string, args ...any) (all []string, err error) {
	err = s.query(ctx, text, func(scan func(...any) error) error {
		var one string
		err := scan(&one)
		all = append(all, one)
		return err
	}, args...)
	return all, err
}

// free is the condition under which a session may be forgotten.
const free = ` updated < $1 AND NOT EXISTS (SELECT 1 FROM dialpay_items i WHERE i.session = id AND i.due IS NOT NULL)
	AND NOT EXISTS (SELECT 1 FROM dialpay_claims c WHERE c.session = id)`

// Purge implements flow.Purger. It looks for sessions without a lock, and takes each by itself when it is still free. What
// Once may forget goes, too.
func (s *Store) Purge(ctx context.Context, before time.Time, limit int) (n int, err error) {
	old, err := s.strings(ctx, `SELECT id FROM dialpay_sessions WHERE`+free+` LIMIT $2`, before.UnixMicro(), max(limit, 0))
	for i := 0; i < len(old) && err == nil; i++ {
		switch err = s.remove(ctx, before, old[i]); {
		case err == nil:
			n++
		case errors.Is(err, errNotFree):
			err = nil // somebody went on with it
		}
	}
	if err == nil {
		_, err = s.do(ctx, []step{{`DELETE FROM dialpay_once WHERE until < {now}`, nil, nil}})
	}
	if err = cmp.Or(err, s.scrub(ctx)); err != nil {
		return n, fmt.Errorf("sqlstore: purge: %w", err)
	}
	return n, nil
}

var errNotFree = errors.New("the session may not be forgotten")

func (s *Store) remove(ctx context.Context, before time.Time, id string) error {
	steps := []step{{`DELETE FROM dialpay_sessions WHERE` + free + ` AND id = $2`, []any{before.UnixMicro(), s.key(id)}, errNotFree}}
	for _, table := range []string{"items", "names", "shelf"} {
		steps = append(steps, step{`DELETE FROM dialpay_` + table + ` WHERE session = $1`, []any{s.key(id)}, nil})
	}
	changed, err := s.do(ctx, steps)
	if err == nil && changed[len(changed)-1] > 0 {
		s.littered.Store(true)
	}
	return err
}

// PutSealed implements flow.Shelf.
func (s *Store) PutSealed(ctx context.Context, session, name string, sealed []byte, until time.Time) error {
	changed, err := s.do(ctx, []step{
		{`DELETE FROM dialpay_shelf WHERE session = $1 AND name = $2 OR until <= {now}`, []any{s.key(session), s.key(name)}, nil},
		{`INSERT INTO dialpay_shelf (session, name, until, sealed) VALUES ($1, $2, $3, $4)
			ON CONFLICT (session, name) DO UPDATE SET sealed = excluded.sealed`,
			[]any{s.key(session), s.key(name), until.UnixMicro(), data(sealed)}, nil},
		{`UPDATE dialpay_shelf SET until = $1 WHERE session = $2`, []any{until.UnixMicro(), s.key(session)}, nil},
	})
	if err == nil {
		if changed[0] > 0 {
			s.littered.Store(true)
		}
		if err = s.scrub(ctx); errors.Is(err, ErrBusy) {
			err = nil // it is kept; the next call cleans up
		}
	}
	if err != nil {
		return fmt.Errorf("sqlstore: keep for session %q: %w", session, err)
	}
	return nil
}

// GetSealed implements flow.Shelf.
func (s *Store) GetSealed(ctx context.Context, session, name string) ([]byte, error) {
	var sealed []byte
	found := false
	err := s.query(ctx, `SELECT sealed FROM dialpay_shelf WHERE session = $1 AND name = $2 AND until > {now}`,
		func(scan func(...any) error) error {
			found = true
			return scan(&sealed)
		}, s.key(session), s.key(name))
	switch {
	case err != nil:
		return nil, fmt.Errorf("sqlstore: what is kept for session %q: %w", session, err)
	case !found:
		if err := s.clear(ctx, session, `until <= {now}`); err != nil {
			return nil, err
		}
		return nil, flow.ErrNotKept
	}
	return sealed, nil
}

// ClearSealed implements flow.Shelf. Whatever is past goes, too.
func (s *Store) ClearSealed(ctx context.Context, session string) error {
	return s.clear(ctx, session, `session = $1 OR until <= {now}`, s.key(session))
}

// clear removes from the shelf.
func (s *Store) clear(ctx context.Context, session, which string, args ...any) error {
	n, err := s.do(ctx, []step{{`DELETE FROM dialpay_shelf WHERE ` + which, args, nil}})
	if err == nil {
		if n[0] > 0 {
			s.littered.Store(true)
		}
		err = s.scrub(ctx)
	}
	if err != nil {
		return fmt.Errorf("sqlstore: clear what is kept for session %q: %w", session, err)
	}
	return nil
}

// scrub removes what was taken from the shelf from the engine's log, too. Where it fails, the next call does it.
func (s *Store) scrub(ctx context.Context) error {
	if s.dialect.Scrub == "" || !s.littered.Swap(false) {
		return nil
	}
	var blocked, pages, done int
	ctx, err := s.begun(ctx)
	if err == nil {
		defer s.use()()
		err = s.plain(s.write.QueryRowContext(ctx, s.dialect.Scrub).Scan(&blocked, &pages, &done))
	}
	if err == nil && blocked != 0 {
		err = fmt.Errorf("%w: what was deleted may still be in the log", ErrBusy)
	}
	if err != nil {
		s.littered.Store(true)
	}
	return err
}
