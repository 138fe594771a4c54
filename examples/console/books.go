package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/wallet"
)

// record is what the company and its processor know: one small file.
type record struct {
	Bills    map[string][]payment.Bill `json:"bills"`
	Round    int                       `json:"round"`
	Posted   []payment.Posting         `json:"posted"`
	Methods  []ownedMethod             `json:"methods"`
	Redeemed []redeemed                `json:"redeemed,omitempty"`
	Sent     map[string]bool           `json:"sent"`
	Charges  json.RawMessage           `json:"charges,omitempty"` // of the sandbox
}

// ownedMethod is a card that a customer let us keep.
type ownedMethod struct {
	Account string        `json:"account"`
	Method  wallet.Method `json:"method"`
}

// redeemed is a claim code, by the token of its gift card, and who redeemed it.
type redeemed struct {
	Account string `json:"account"`
	Token   string `json:"token"`
	Key     string `json:"key"`
}

// books stand for the company's other systems. They are read again for each use, because other consoles write them too,
// and written anew with each change: it is there whole or not at all.
type books struct {
	record

	mu   sync.Mutex
	path string
}

// errSame ends a change that changes nothing.
var errSame = errors.New("nothing has changed")

// change has do work on the books, while no other console does, and writes them. After an error they are as before.
func (b *books) change(do func() error) error {
	err := b.look(func() error {
		if err := do(); err != nil {
			return err
		}
		data, err := json.MarshalIndent(b.record, "", " ")
		if err != nil {
			return err
		}
		return replaceFile(b.path, data)
	})
	if errors.Is(err, errSame) {
		return nil
	}
	return err
}

// look has do read the books, while no other console changes them.
func (b *books) look(do func() error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	unlock, err := lock(b.path+".lock", true)
	if err != nil {
		return fmt.Errorf("the books of the company: %w", err)
	}
	if err = b.read(); err == nil {
		err = do()
	}
	return errors.Join(err, unlock())
}

func (b *books) read() error {
	b.record = record{Bills: map[string][]payment.Bill{}, Sent: map[string]bool{}}
	data, err := os.ReadFile(b.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(data, &b.record)
	}
	if err != nil {
		return fmt.Errorf("the books of the company: %w; remove %s to begin anew", err, b.path)
	}
	return nil
}

func replaceFile(path string, data []byte) error {
	next := path + ".new"
	if err := os.WriteFile(next, data, 0o600); err != nil {
		return err
	}
	return os.Rename(next, path)
}
