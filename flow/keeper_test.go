package flow_test

import (
	"context"
	"testing"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The rules of a flow.Keeper, each with the sentence that a keeper breaks.
func TestKeepers(t *testing.T) {
	for _, rule := range keeperRules {
		for name, made := range map[string]func(*flowtest.Clock) (flow.Keeper, error){
			"memory": func(c *flowtest.Clock) (flow.Keeper, error) { return flow.NewMemoryKeeper(c.Now), nil },
			"sealed": func(c *flowtest.Clock) (flow.Keeper, error) {
				return flow.NewSealedKeeper(flow.NewMemory(c.Now), newSeal(t, "k1"), c.Now)
			},
		} {
			t.Run(name+"/"+rule.name, func(t *testing.T) {
				clock := &flowtest.Clock{}
				keeper, err := made(clock)
				require.NoError(t, err)
				rule.check(&keeperKit{T: t, Keeper: keeper, clock: clock})
				if t.Failed() {
					t.Log(rule.sentence)
				}
			})
		}
	}
}

type keeperKit struct {
	*testing.T
	flow.Keeper
	clock *flowtest.Clock
}

func (k *keeperKit) put(session, name, secret string) ivr.Secret {
	k.Helper()
	s, err := ivr.NewSecret([]byte(secret))
	require.NoError(k, err)
	require.NoError(k, k.Put(k.Context(), session, name, s))
	return s
}

// has checks that the keeper has this secret, and nothing for "".
func (k *keeperKit) has(session, name, want string) {
	k.Helper()
	s, err := k.Get(k.Context(), session, name)
	if want == "" {
		assert.ErrorIs(k, err, flow.ErrNotKept)
		assert.Zero(k, s.Len())
		return
	}
	require.NoError(k, err)
	s.Open(func(b []byte) { assert.Equal(k, want, string(b)) })
	s.Clear()
}

var keeperRules = []struct {
	name, sentence string
	check          func(k *keeperKit)
}{
	{"nothing", "What was never put is ErrNotKept.", func(k *keeperKit) {
		k.has("s", "number", "")
		k.put("s", "number", "4242")
		k.has("s", "cvv", "")
		k.has("t", "number", "")
	}},
	{"get", "Get returns what was put, as often as it is asked.", func(k *keeperKit) {
		k.put("s", "number", "4242")
		k.put("s", "cvv", "737")
		for range 2 {
			k.has("s", "number", "4242")
			k.has("s", "cvv", "737")
		}
	}},
	{"own copy", "The keeper has a copy of its own: clearing the one that was put does not clear it.", func(k *keeperKit) {
		s := k.put("s", "number", "4242")
		s.Clear()
		k.has("s", "number", "4242")
	}},
	{"replace", "A second Put under a name takes the place of the first.", func(k *keeperKit) {
		k.put("s", "number", "4242")
		k.put("s", "number", "5555")
		k.has("s", "number", "5555")
	}},
	{"clear", "Clear forgets everything of the session, and of no other; clearing again is harmless.", func(k *keeperKit) {
		k.put("s", "number", "4242")
		k.put("s", "cvv", "737")
		k.put("t", "number", "5555")
		for range 2 {
			require.NoError(k, k.Clear(k.Context(), "s"))
			k.has("s", "number", "")
			k.has("s", "cvv", "")
		}
		k.has("t", "number", "5555")
	}},
	{"expiry", "A secret lives for ten minutes after the last one of its call was put, and no longer.", func(k *keeperKit) {
		k.put("s", "number", "4242")
		k.clock.Advance(9 * time.Minute)
		k.put("s", "cvv", "737")
		k.clock.Advance(10 * time.Minute)
		k.has("s", "number", "4242")
		k.clock.Advance(time.Second)
		k.has("s", "number", "")
		k.has("s", "cvv", "")
	}},
	{"expiry by the sweep", "What nobody asks for again is forgotten by Expire, which Engine.Sweep calls.", func(k *keeperKit) {
		k.put("s", "number", "4242")
		k.clock.Advance(11 * time.Minute)
		require.NoError(k, k.Keeper.(interface{ Expire(context.Context) error }).Expire(k.Context()))
		k.clock.Advance(-11 * time.Minute) // as if the clock went back
		k.has("s", "number", "")
	}},
	{"expiry by others", "A call that is never looked at again is forgotten all the same.", func(k *keeperKit) {
		k.put("s", "number", "4242")
		k.clock.Advance(11 * time.Minute)
		k.put("t", "number", "5555")
		k.clock.Advance(-11 * time.Minute) // as if the clock went back
		k.has("s", "number", "")
	}},
}

// keeperStore tells what the keeper has while the call's turns are being stored.
type keeperStore struct {
	*flow.Memory
	keeper flow.Keeper
	had    []bool // the security code, at each commit
}

func (s *keeperStore) Commit(ctx context.Context, txs ...flow.Tx) error {
	code, err := s.keeper.Get(ctx, "call-1", "cvv")
	code.Clear()
	s.had = append(s.had, err == nil)
	return s.Memory.Commit(ctx, txs...)
}

// The parts of a card are overwritten when it has become a token: not before that is stored, or another process with the
// same input would tell the caller that the card is lost; and not a turn later.
func TestACardIsForgottenWhenItsTokenIsStored(t *testing.T) {
	w := flowtest.NewWorld(t)
	s := &script{World: w, TB: t}
	w.Config.Keeper = flow.NewMemoryKeeper(w.Clock.Now)
	store := &keeperStore{Memory: flow.NewMemory(w.Clock.Now), keeper: w.Config.Keeper}
	w.Config.Store = store
	c := card(s).Press(visa + "#")
	c.Hear("card.expiry.ask").Press("0330")
	c.Hear("card.cvv.ask").Press("737")
	c.Hear("card.save.offer")
	require.True(t, store.had[len(store.had)-1], "it was there until the token was stored")
	_, err := w.Config.Keeper.Get(t.Context(), "call-1", "cvv")
	require.ErrorIs(t, err, flow.ErrNotKept)
}
