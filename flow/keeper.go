package flow

import (
	"context"
	"encoding/binary"
	"errors"
	"sync"
	"time"

	"github.com/dialpay/dialpay/ivr"
)

// Keeper holds the secrets of a call between the question and the work that needs them: a card number until it is
// tokenised. It is the only place outside of a turn where they lie. One that also has a method
//
//	Expire(ctx context.Context) error
//
// is asked by Engine.Sweep to remove what was kept too long: a call that dropped unnoticed clears nothing itself.
type Keeper interface {
	// Put keeps a secret under a name, in place of one that was there, for minutes.
	Put(ctx context.Context, session, name string, s ivr.Secret) error
	// Get returns a copy, which the caller clears. ErrNotKept if there is none (any more).
	Get(ctx context.Context, session, name string) (ivr.Secret, error)
	// Clear overwrites all secrets of the session.
	Clear(ctx context.Context, session string) error
}

// ErrNotKept is what Keeper.Get returns for a secret that expired, was cleared, or lies in another process. The caller
// is asked for it again.
var ErrNotKept = errors.New("flow: the secret is not kept any more")

// keepFor is the life of a kept secret: long enough to find the security code, too short to be worth stealing.
const keepFor = 10 * time.Minute

// MemoryKeeper is a Keeper in the memory of one process.
type MemoryKeeper struct {
	now func() time.Time

	mu    sync.Mutex
	calls map[string]*keptCall
}

type keptCall struct {
	until   time.Time
	secrets map[string]ivr.Secret
}

// NewMemoryKeeper returns an empty Keeper whose clock is now.
func NewMemoryKeeper(now func() time.Time) *MemoryKeeper {
	return &MemoryKeeper{now: now, calls: map[string]*keptCall{}}
}

// Put implements Keeper.
func (k *MemoryKeeper) Put(_ context.Context, session, name string, s ivr.Secret) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.expire()
	c := k.calls[session]
	if c == nil {
		c = &keptCall{secrets: map[string]ivr.Secret{}}
		k.calls[session] = c
	}
	c.secrets[name].Clear()
	c.secrets[name] = s.Copy()
	c.until = k.now().Add(keepFor)
	return nil
}

// Get implements Keeper.
func (k *MemoryKeeper) Get(_ context.Context, session, name string) (ivr.Secret, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.expire()
	c := k.calls[session]
	if c == nil || c.secrets[name].Len() == 0 {
		return ivr.Secret{}, ErrNotKept
	}
	return c.secrets[name].Copy(), nil
}

// Clear implements Keeper.
func (k *MemoryKeeper) Clear(_ context.Context, session string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.clear(session)
	return nil
}

// Expire overwrites what was kept too long.
func (k *MemoryKeeper) Expire(context.Context) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.expire()
	return nil
}

// expire clears the calls whose time is over. Few calls hold a card at any one moment, so it looks at all.
func (k *MemoryKeeper) expire() {
	now := k.now()
	for session, c := range k.calls {
		if now.After(c.until) {
			k.clear(session)
		}
	}
}

func (k *MemoryKeeper) clear(session string) {
	if c := k.calls[session]; c != nil {
		for _, s := range c.secrets {
			s.Clear()
		}
		delete(k.calls, session)
	}
}

// Shelf keeps sealed secrets for a short time where every process can get them. The stores of this library are one.
type Shelf interface {
	// PutSealed keeps the bytes under the name, in place of those that were there, and everything of the session until
	// then by the shelf's clock.
	PutSealed(ctx context.Context, session, name string, sealed []byte, until time.Time) error
	// GetSealed returns the bytes. ErrNotKept if there are none, or their time is over.
	GetSealed(ctx context.Context, session, name string) ([]byte, error)
	// ClearSealed forgets everything of the session, and all that is past its time, of whatever session. Neither must be
	// left on a disk.
	ClearSealed(ctx context.Context, session string) error
}

// SealedKeeper is a Keeper for calls whose requests reach different processes: it puts the secrets on a Shelf, sealed
// for their session and name. A security code lies there encrypted until the card is tokenised, for minutes (PCI DSS
// 3.3.2 asks for strong cryptography before authorisation; after it nothing is left).
type SealedKeeper struct {
	shelf Shelf
	seal  *Seal
	now   func() time.Time
}

// NewSealedKeeper makes a SealedKeeper. All of its arguments are required.
func NewSealedKeeper(shelf Shelf, seal *Seal, now func() time.Time) (*SealedKeeper, error) {
	if shelf == nil || seal == nil || now == nil {
		return nil, errors.New("flow: a sealed keeper needs a shelf, a seal and a clock")
	}
	return &SealedKeeper{shelf, seal, now}, nil
}

// keptAtMost is how old a secret may be that comes back from a shelf: one that was put back there later is refused.
const keptAtMost = 30 * time.Minute

// stampLen is the length of the time in front of a sealed secret.
const stampLen = 8

// Put implements Keeper.
func (k *SealedKeeper) Put(ctx context.Context, session, name string, s ivr.Secret) error {
	now := k.now()
	var sealed []byte
	s.Open(func(b []byte) {
		plain := make([]byte, stampLen, stampLen+len(b))
		defer func() { clear(plain) }()
		binary.BigEndian.PutUint64(plain, uint64(now.UnixMicro()))
		plain = append(plain, b...)
		sealed = k.seal.seal(place{domain: placeKept, session: session, key: name}, plain)
	})
	return k.shelf.PutSealed(ctx, session, name, sealed, now.Add(keepFor))
}

// Get implements Keeper. ErrTampered for a record that was not put there for this session and name.
func (k *SealedKeeper) Get(ctx context.Context, session, name string) (ivr.Secret, error) {
	sealed, err := k.shelf.GetSealed(ctx, session, name)
	if err != nil {
		return ivr.Secret{}, err
	}
	plain, err := k.seal.open(place{domain: placeKept, session: session, key: name}, sealed, make([]byte, 0, len(sealed)))
	if err != nil {
		return ivr.Secret{}, err
	}
	defer clear(plain)
	if len(plain) <= stampLen {
		return ivr.Secret{}, ErrNotKept
	}
	put := time.UnixMicro(int64(binary.BigEndian.Uint64(plain)))
	if k.now().Sub(put) > keptAtMost {
		return ivr.Secret{}, ErrNotKept
	}
	return ivr.NewSecret(plain[stampLen:])
}

// Clear implements Keeper.
func (k *SealedKeeper) Clear(ctx context.Context, session string) error {
	return k.shelf.ClearSealed(ctx, session)
}

// Expire removes what was kept too long.
func (k *SealedKeeper) Expire(ctx context.Context) error {
	return k.shelf.ClearSealed(ctx, "") // which is no session
}
