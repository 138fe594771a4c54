package main

import (
	"context"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/ivr"
)

// The files of a folder. The calls are a true store; the books stand for the company's other systems.
const (
	callsFile = "calls.db"
	keyFile   = "seal.key"
	booksFile = "books.json"
	lockFile  = "lock"
)

// folder is where consoles keep what must outlive them: one that was killed goes on where it was. Several may use it at a
// time.
type folder struct {
	dir   string
	line  *phoneLine
	keys  []byte // keySize of them, for everything
	seal  *flow.Seal
	calls *calls
	books *books
}

// openFolder opens the folder, and makes it if there is none. An empty dir is the user's own.
func openFolder(ctx context.Context, dir, postgres string, c *clock) (f *folder, err error) {
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
	f = &folder{dir: dir, books: &books{path: filepath.Join(dir, booksFile)}}
	if err := f.books.look(func() error { return nil }); err != nil {
		return nil, err
	}
	if err := f.alone(f.begin); err != nil {
		return nil, fmt.Errorf("the calls in %s: %w; give another folder with -data", dir, err)
	}
	if f.seal, err = f.newSeal(); err == nil {
		f.calls, err = openCalls(ctx, filepath.Join(dir, callsFile), postgres, f, c)
	}
	if err != nil {
		return nil, errors.Join(err, f.line.unlock())
	}
	return f, nil
}

// alone has do work on the folder while no other console begins or looks around.
func (f *folder) alone(do func() error) error {
	unlock, err := lock(filepath.Join(f.dir, lockFile), true)
	if err != nil {
		return err
	}
	return errors.Join(do(), unlock())
}

func (f *folder) begin() (err error) {
	if f.keys, err = openKeys(filepath.Join(f.dir, keyFile)); err == nil {
		f.line, err = takeLine(f.dir)
	}
	return err
}

func (f *folder) close() error { return errors.Join(f.calls.close(), f.line.unlock()) }

const keySize = 64

// openKeys reads the keys, and makes them at first. A company keeps its keys elsewhere than its calls.
func openKeys(path string) ([]byte, error) {
	keys, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		keys = make([]byte, keySize)
		_, _ = rand.Read(keys) // never fails
		err = replaceFile(path, keys)
	}
	if err != nil || len(keys) != keySize {
		return nil, fmt.Errorf("the keys in %s: %d bytes, not %d: %w", path, len(keys), keySize, err)
	}
	return keys, nil
}

func (f *folder) newSeal() (*flow.Seal, error) {
	key, err := ivr.NewSecret(f.keys[:32])
	if err != nil {
		return nil, err
	}
	index, err := ivr.NewSecret(f.keys[32:])
	if err != nil {
		return nil, err
	}
	return flow.NewSeal(flow.SealConfig{Current: "1", Keys: map[string]ivr.Secret{"1": key}, Index: index})
}

// key is one for a purpose of its own, the same in all consoles.
func (f *folder) key(purpose string) (auth.Secret, error) {
	key, err := hkdf.Key(sha256.New, f.keys, nil, "console "+purpose, 32)
	if err != nil {
		return auth.Secret{}, err
	}
	return auth.NewSecret(key)
}
