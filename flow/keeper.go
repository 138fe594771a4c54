package flow

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/dialpay/dialpay/ivr"
)

// Keeper holds the secrets of a call between the question and the work that needs them: a card number until it is
// tokenised. It is the only place outside of a turn where they lie.
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

// Expire overwrites what was kept too long. Engine.Sweep calls it.
func (k *MemoryKeeper) Expire() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.expire()
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
