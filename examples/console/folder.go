package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/sqlitestore"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/dialpay/dialpay/wallet"
)

// The files of a folder. The calls are a true store; the books stand for the company's other systems.
const (
	callsFile = "calls.db"
	keyFile   = "seal.key"
	booksFile = "books.json"
	lockFile  = "lock"
)

// folder is where the console keeps what must outlive it: a console that was killed goes on where it was.
type folder struct {
	dir    string
	unlock func() error
	calls  *sqlitestore.Store
	later  *sqlitestore.Store // the same calls, as the sweep of a later hour finds them
	seal   *flow.Seal
	books  *books
}

// lateBy is how long after the call the console finishes what it left open; finishBy is the same for -finish, which also
// finishes what a console left that was killed in that later hour.
const (
	lateBy   = time.Hour
	finishBy = 24 * time.Hour
)

// openFolder opens the folder, and makes it if there is none. An empty dir is the user's own.
func openFolder(ctx context.Context, dir string, ahead time.Duration) (f *folder, err error) {
	if dir == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return nil, fmt.Errorf("there is no place to keep the calls in: %w; give one with -data", err)
		}
		dir = filepath.Join(cache, "dialpay-console")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("the calls cannot be kept: %w; give another folder with -data", err)
	}
	f = &folder{dir: dir}
	if f.unlock, err = lock(filepath.Join(dir, lockFile)); err != nil {
		return nil, fmt.Errorf("another console uses %s: %w; give another folder with -data", dir, err)
	}
	if f.books, err = openBooks(filepath.Join(dir, booksFile)); err == nil {
		f.seal, err = openSeal(filepath.Join(dir, keyFile))
	}
	if err == nil {
		f.calls, err = sqlitestore.Open(ctx, filepath.Join(dir, callsFile))
	}
	if err == nil {
		f.later, err = sqlitestore.OpenAhead(ctx, filepath.Join(dir, callsFile), ahead)
	}
	if err != nil {
		return nil, errors.Join(err, f.close())
	}
	return f, nil
}

func (f *folder) close() (err error) {
	for _, s := range []*sqlitestore.Store{f.later, f.calls} {
		if s != nil {
			err = errors.Join(err, s.Close())
		}
	}
	return errors.Join(err, f.unlock())
}

// openSeal reads the keys that seal the calls, and makes them at first. A company keeps its keys elsewhere than its calls.
func openSeal(path string) (*flow.Seal, error) {
	keys, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		keys = make([]byte, 64)
		_, _ = rand.Read(keys) // never fails
		err = replaceFile(path, keys)
	}
	if err != nil || len(keys) != 64 {
		return nil, fmt.Errorf("the keys of the calls in %s: %d bytes, not 64: %w", path, len(keys), err)
	}
	defer clear(keys)
	key, err := ivr.NewSecret(keys[:32])
	if err != nil {
		return nil, err
	}
	index, err := ivr.NewSecret(keys[32:])
	if err != nil {
		return nil, err
	}
	return flow.NewSeal(flow.SealConfig{Current: "1", Keys: map[string]ivr.Secret{"1": key}, Index: index})
}

// books are the records of the company and of its processor: one small file, written anew with each change, so that a
// change is there whole or not at all.
type books struct {
	Bills   map[string][]payment.Bill `json:"bills"`
	Round   int                       `json:"round"`
	Posted  []payment.Posting         `json:"posted"`
	Methods []ownedMethod             `json:"methods"`
	Sent    map[string]bool           `json:"sent"`
	Live    string                    `json:"live,omitempty"` // the call that is on the line
	Charges json.RawMessage           `json:"charges,omitempty"`

	mu      sync.Mutex
	path    string
	sandbox *paymenttest.Sandbox
}

type ownedMethod struct {
	Account string        `json:"account"`
	Method  wallet.Method `json:"method"`
}

func openBooks(path string) (*books, error) {
	b := &books{path: path, Bills: map[string][]payment.Bill{}, Sent: map[string]bool{}}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return b, nil
	}
	if err == nil {
		err = json.Unmarshal(data, b)
	}
	if err != nil {
		return nil, fmt.Errorf("the books of the company: %w; remove %s to begin anew", err, path)
	}
	return b, nil
}

// save writes the books. Whoever changed them holds mu.
func (b *books) save() error {
	if b.sandbox != nil {
		charges, err := b.sandbox.Export()
		if err != nil {
			return err
		}
		b.Charges = charges
	}
	data, err := json.MarshalIndent(b, "", " ")
	if err != nil {
		return err
	}
	return replaceFile(b.path, data)
}

func replaceFile(path string, data []byte) error {
	next := path + ".new"
	if err := os.WriteFile(next, data, 0o600); err != nil {
		return err
	}
	return os.Rename(next, path)
}
