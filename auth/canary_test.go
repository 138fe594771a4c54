package auth_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/dialpay/dialpay/auth"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What is keyed, what is sent, and the keys appear in nothing that the package returns, logs or prints.
func TestNothingShowsASecret(t *testing.T) {
	const canary = "8675309135"
	clk, out := newClock(), &outbox{err: errors.New("provider is down")}
	keyed := secretOf(t, canary)
	pepper := secretOf(t, canary+canary+canary+canary)
	hasher := auth.Hasher{Iterations: 1, Rand: &counter{}, Pepper: pepper}
	a := testAccount(t)
	text, err := hasher.Hash(keyed)
	require.NoError(t, err)
	a.PIN, a.Questions[0].Answer = text, text

	var seen bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&seen, &slog.HandlerOptions{Level: slog.LevelDebug}))
	show := func(vs ...any) {
		for _, v := range vs {
			fmt.Fprintf(&seen, "%v %+v %#v %s %q %x %X %d\n", v, v, v, v, v, v, v, v)
			b, err := json.Marshal(v)
			fmt.Fprintf(&seen, "%s %v\n", b, err)
			log.Debug("shown", "value", v)
		}
	}
	once := &auth.MemoryOnce{}
	config := auth.CodeConfig{Key: pepper, Notifier: out, Once: once, Now: clk.Now}
	code, err := auth.NewCode(config)
	require.NoError(t, err)
	attempts := &auth.MemoryAttempts{}
	lockout := testLockout(t, clk, attempts)
	_, err = code.Challenge(ctx, a, "call 1")
	require.Error(t, err)
	sent := out.notices[0]
	show(err, sent, hasher, config, code, *code, auth.DecoyConfig{Key: pepper, Hasher: hasher}, a)
	out.err = nil
	challenge, err := code.Challenge(ctx, a, "call 1")
	show(challenge, err)

	factors := []auth.Factor{auth.PIN{Hasher: hasher}, auth.Last4{}, auth.SecurityQuestion{Hasher: hasher}, auth.Email{}, code}
	for _, f := range factors {
		for _, c := range []string{challenge, "question.birthyear", "", canary + ".1." + canary} {
			for range 3 {
				e := auth.Evidence{Keyed: keyed, Challenge: challenge, Call: "call 1", Caller: "+12025550100"}
				if c != canary+".1."+canary {
					e.Challenge = c
				}
				result, err := lockout.Verify(ctx, f, a, e)
				show(result, err, e, f.Name())
			}
		}
	}
	show(attempts, once)
	shown := seen.String()
	for _, spelling := range []string{canary, fmt.Sprintf("%x", canary), fmt.Sprintf("%X", canary), fmt.Sprint([]byte(canary)),
		opened(sent.Code), fmt.Sprintf("%x", opened(sent.Code)), fmt.Sprint([]byte(opened(sent.Code)))} {
		assert.NotContains(t, shown, spelling)
	}
	assert.Contains(t, shown, "[secret]", "the secrets were looked at")
	assert.Contains(t, shown, "locked", "the errors too")
}
