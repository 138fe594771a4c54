package auth

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// decoyPrefix begins the ID of every decoy.
const decoyPrefix = "decoy-"

// DecoyConfig is what NewDecoys needs.
type DecoyConfig struct {
	// Key is a random key of at least 32 bytes, the same in all processes.
	Key Secret
	// Hasher is the one that the factors verify with.
	Hasher Hasher
	// Like are typical accounts. A decoy has the factors of one of them, picked by its number: a PIN where it has one,
	// as many questions with the same prompts and lengths, and so on; nothing secret is taken over. Give a few that
	// stand for all, so that no combination of questions tells that an account exists. None: a PIN, one telephone
	// number, one saved method, an e-mail address.
	Like []Account
}

// Decoys is a Directory in which every account number exists: for an unknown one it makes up an account whose factors
// are asked and verified with the same work as a real one's, and never accept. Then neither words nor time tell a
// caller which numbers are accounts. The same number gives the same decoy, in any process and on any day.
type Decoys struct {
	directory Directory
	c         DecoyConfig
}

// NewDecoys puts decoys before d and returns every fault of the configuration.
func NewDecoys(d Directory, c DecoyConfig) (*Decoys, error) {
	if len(c.Like) == 0 {
		c.Like = []Account{{PIN: "-", Phones: []string{"-"}, Last4s: []string{"-"}, Email: "-"}}
	}
	faults := []error{checkKey("DecoyConfig.Key", c.Key)}
	if d == nil {
		faults = append(faults, errors.New("auth: NewDecoys has no directory: give the one to put decoys before"))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return &Decoys{d, c}, nil
}

// ByCaller asks the directory: a caller number that is no account's needs no decoy, as nothing was claimed yet.
func (d *Decoys) ByCaller(ctx context.Context, number string) ([]Account, error) {
	return d.directory.ByCaller(ctx, number)
}

// ByNumber asks the directory and answers an unknown number with its decoy, never with ErrUnknownAccount.
func (d *Decoys) ByNumber(ctx context.Context, number string) (Account, error) {
	// The decoy is made for every number, so that a real one takes no less time.
	sum := mac(d.c.Key, "dialpay decoy", Secret{}, number)
	decoy := d.account(decoyPrefix + hex.EncodeToString(sum[:16]))
	a, err := d.directory.ByNumber(ctx, number)
	if errors.Is(err, ErrUnknownAccount) {
		return decoy, nil
	}
	return a, err
}

// ByID makes the decoy with this ID once more, or asks the directory, whose own IDs must not begin with "decoy-".
func (d *Decoys) ByID(ctx context.Context, id string) (Account, error) {
	if strings.HasPrefix(id, decoyPrefix) {
		return d.account(id), nil
	}
	return d.directory.ByID(ctx, id)
}

// account makes a decoy from its ID alone. Its values are such that nothing keyed can match them, even in a factor that
// does not know of decoys: hashes of nothing, and text that no keypad spells.
func (d *Decoys) account(id string) Account {
	pick := mac(d.c.Key, "dialpay decoy like", Secret{}, id)
	like := d.c.Like[int(pick[0])%len(d.c.Like)]
	a := Account{ID: id, Voice: like.Voice, Locale: like.Locale, TimeZone: like.TimeZone, Decoy: true}
	if like.PIN != "" {
		a.PIN = d.c.Hasher.decoy(mac(d.c.Key, "dialpay decoy pin", Secret{}, id))
	}
	if like.Email != "" {
		a.Email = "-"
	}
	for range like.Phones {
		a.Phones = append(a.Phones, "-")
	}
	for range like.Last4s {
		a.Last4s = append(a.Last4s, "----")
	}
	for i, q := range like.Questions {
		q.Answer = d.c.Hasher.decoy(mac(d.c.Key, "dialpay decoy answer", Secret{}, id, fmt.Sprint(i)))
		a.Questions = append(a.Questions, q)
	}
	return a
}
