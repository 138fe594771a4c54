package auth_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"testing"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/stretchr/testify/require"
)

var ctx = context.Background()

// start is the time at which every test begins.
var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// clock is a time that tests move.
type clock struct{ now time.Time }

func newClock() *clock                   { return &clock{start} }
func (c *clock) Now() time.Time          { return c.now }
func (c *clock) forward(d time.Duration) { c.now = c.now.Add(d) }

// counter is a source of "random" bytes that is the same in every run.
type counter struct{ n uint64 }

func (c *counter) Read(p []byte) (int, error) {
	for at := 0; at < len(p); at += sha256.Size {
		c.n++
		sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, c.n))
		copy(p[at:], sum[:])
	}
	return len(p), nil
}

func secretOf(t testing.TB, s string) auth.Secret {
	t.Helper()
	secret, err := auth.NewSecret([]byte(s))
	require.NoError(t, err)
	return secret
}

func opened(s auth.Secret) string {
	var text string
	s.Open(func(b []byte) { text = string(b) })
	return text
}

func testKey(t testing.TB) auth.Secret { return secretOf(t, string(bytes.Repeat([]byte("k"), 32))) }

func testHasher() auth.Hasher { return auth.Hasher{Iterations: 1, Rand: &counter{}} }

// testAccount has every factor: PIN 2468, born in 1969, house number 742.
func testAccount(t testing.TB) auth.Account {
	t.Helper()
	hash := func(s string) string {
		text, err := testHasher().Hash(secretOf(t, s))
		require.NoError(t, err)
		return text
	}
	return auth.Account{
		ID: "a1", Name: "Ada", Phones: []string{"+12025550100", "+12025550101"}, Email: "jo.smith@example.com",
		PIN: hash("2468"), Last4s: []string{"4242", "1881"}, Voice: auth.VoiceEnrolled, Locale: "en-US",
		Questions: []auth.Question{{"question.birthyear", hash("1969"), 4}, {"question.house", hash("742"), 3}},
	}
}

// voice is a VoiceVerifier that answers what it is told to.
type voice struct {
	result auth.Result
	err    error
	asked  []string
}

func (v *voice) VerifyVoice(_ context.Context, account, call string) (auth.Result, error) {
	v.asked = append(v.asked, account+"/"+call)
	return v.result, v.err
}

// outbox is a Notifier that keeps what it is given, as a provider that knows no keys would.
type outbox struct {
	notices []auth.Notice
	err     error
}

func (o *outbox) Notify(_ context.Context, n auth.Notice) error {
	n.Code = n.Code.Copy()
	o.notices = append(o.notices, n)
	return o.err
}

func testCode(t testing.TB, c *clock, o *outbox) *auth.Code {
	t.Helper()
	code, err := auth.NewCode(auth.CodeConfig{Key: testKey(t), Notifier: o, Once: &auth.MemoryOnce{}, Now: c.Now})
	require.NoError(t, err)
	return code
}

func testLockout(t testing.TB, c *clock, store auth.Attempts) *auth.Lockout {
	t.Helper()
	l, err := auth.NewLockout(auth.LockoutConfig{Store: store, Now: c.Now})
	require.NoError(t, err)
	return l
}

// allFactors has each of the package's factors.
func allFactors(t testing.TB, c *clock) []auth.Factor {
	return []auth.Factor{auth.Caller{}, auth.PIN{Hasher: testHasher()}, auth.Last4{},
		auth.SecurityQuestion{Hasher: testHasher()}, auth.Email{}, testCode(t, c, &outbox{}),
		auth.Voice{Verifier: &voice{result: auth.Accepted}}}
}

// failing is a source of randomness that is broken.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
