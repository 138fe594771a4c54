package sqlstore

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/dialpay/dialpay/auth"
)

// Once are the one-time codes that auth.Code has sent and accepted, in the database: each counts once, in whichever
// process. They are stored as HMACs under the key, as those of Attempts, and forgotten by Purge.
func (s *Store) Once(key auth.Secret) (auth.Once, error) {
	n, err := newNames("once", key)
	return once{s, n}, err
}

type once struct {
	*Store
	names
}

// Claim implements auth.Once.
func (o once) Claim(ctx context.Context, name string, at, until time.Time) (time.Time, bool, error) {
	stored := o.of(name)
	for {
		done, err := o.do(ctx, []step{{`INSERT INTO dialpay_once (name, at, until) VALUES ($1, $2, $3)
			ON CONFLICT (name) DO UPDATE SET at = excluded.at, until = excluded.until WHERE dialpay_once.until < excluded.at`,
			[]any{stored, at.UnixMicro(), until.UnixMicro()}, nil}})
		if err != nil {
			return time.Time{}, false, fmt.Errorf("sqlstore: once: %w", err)
		}
		if done[0] > 0 {
			return time.UnixMicro(at.UnixMicro()).UTC(), true, nil
		}
		first, found, err := o.first(ctx, stored)
		if err != nil || found {
			return first, false, err
		} // Somebody has forgotten it meanwhile.
	}
}

// first is when a name was claimed.
func (o once) first(ctx context.Context, name []byte) (at time.Time, found bool, err error) {
	err = o.query(ctx, `SELECT at FROM dialpay_once WHERE name = $1`, func(scan func(...any) error) error {
		var micro int64
		found = true
		err := scan(&micro)
		at = time.UnixMicro(micro).UTC()
		return err
	}, name)
	if err != nil {
		err = fmt.Errorf("sqlstore: once: %w", err)
	}
	return at, found, err
}

// names hides names: whoever sees the database learns neither accounts nor numbers.
type names struct {
	purpose string
	key     auth.Secret
}

const leastKey = 32

func newNames(purpose string, key auth.Secret) (names, error) {
	if key.Len() < leastKey {
		return names{}, fmt.Errorf("sqlstore: %s: the key has %d bytes: give at least %d random ones",
			purpose, key.Len(), leastKey)
	}
	return names{purpose, key}, nil
}

// of is the name as it is stored.
func (n names) of(name string) (sum []byte) {
	n.key.Open(func(key []byte) {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(n.purpose + "\x00" + name))
		sum = h.Sum(nil)
	})
	return sum
}
