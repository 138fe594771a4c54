package authtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dialpay/dialpay/auth"
)

// TestOnce tests an auth.Once. open is called once for each rule, and returns two processes that see the same records,
// of which there are none yet.
func TestOnce(t *testing.T, open func(t *testing.T) (first, second auth.Once)) {
	run(t, onceRules, open)
}

var onceRules = []rule[auth.Once]{
	{"first", "The first claim of a name is fresh, and has its own time, to the microsecond.", checkFirst},
	{"again", "Every later claim, in whichever process, is not fresh, and has the very time that the first one was told.", checkAgain},
	{"names", "Each name is claimed for itself, whatever bytes are in it.", checkNames},
	{"until", "A claim is not forgotten before its time, nor at it.", checkUntil},
	{"at once", "Of many claims at once, in several processes, one is fresh, and all have its time.", checkAtOnce},
}

// now is when a rule begins: a store may forget by its own clock. Its zone is not the machine's.
func now() time.Time { return time.Now().In(time.FixedZone("", 3600)) }

// claim claims a name for an hour, and compares what comes of it. The time is that which is recorded.
func claim(ctx context.Context, o auth.Once, name string, at time.Time, wantFresh bool) (time.Time, error) {
	got, fresh, err := o.Claim(ctx, name, at, at.Add(time.Hour))
	if err == nil && fresh != wantFresh {
		err = fmt.Errorf("a claim of %q is fresh: %v, not %v", name, fresh, wantFresh)
	}
	return got, err
}

func checkFirst(ctx context.Context, first, _ auth.Once) error {
	at := now()
	got, err := claim(ctx, first, "code used a", at, true)
	if err == nil && got.Sub(at).Abs() >= time.Microsecond {
		err = fmt.Errorf("the time is %v, not %v", got, at)
	}
	return err
}

func checkAgain(ctx context.Context, first, second auth.Once) error {
	at := now()
	recorded, err := claim(ctx, first, "a", at, true)
	for i, o := range []auth.Once{first, second, first} {
		got, again := claim(ctx, o, "a", at.Add(time.Duration(i)*time.Second), false)
		if again == nil && !got.Equal(recorded) {
			again = fmt.Errorf("the time is %v, not %v", got, recorded)
		}
		err = errors.Join(err, again)
	}
	return err
}

func checkNames(ctx context.Context, first, second auth.Once) (err error) {
	for _, name := range []string{"a", "A", "a ", "\x00\xff", "ключ", strings.Repeat("n", 500)} {
		_, one := claim(ctx, first, name, now(), true)
		_, two := claim(ctx, second, name, now(), false)
		err = errors.Join(err, one, two)
	}
	return err
}

func checkUntil(ctx context.Context, first, second auth.Once) error {
	at := now().Truncate(time.Microsecond)
	_, err := claim(ctx, first, "a", at, true)
	for range 200 { // others come, so that a store may want to forget
		_, other := claim(ctx, second, "b"+time.Now().String(), at, true)
		err = errors.Join(err, other)
	}
	_, last := claim(ctx, second, "a", at.Add(time.Hour), false)
	return errors.Join(err, last)
}

func checkAtOnce(ctx context.Context, first, second auth.Once) error {
	for round := range rounds {
		var fresh atomic.Int64
		var times [workers]time.Time
		at := now()
		err := atOnce(first, second, func(i int, o auth.Once) error {
			mine := at.Add(time.Duration(i) * time.Millisecond)
			got, isFresh, err := o.Claim(ctx, fmt.Sprint("name ", round), mine, mine.Add(time.Hour))
			if times[i] = got; isFresh {
				fresh.Add(1)
			}
			return err
		})
		for _, got := range times {
			if err == nil && !got.Equal(times[0]) {
				err = fmt.Errorf("one was told %v, and another %v", times[0], got)
			}
		}
		if n := fresh.Load(); n != 1 {
			err = errors.Join(err, fmt.Errorf("%d claims were fresh", n))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
