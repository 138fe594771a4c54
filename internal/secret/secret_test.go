package secret_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/dialpay/dialpay/internal/secret"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const content = "4929123456787890"

func newSecret(t *testing.T, s string) secret.Secret {
	t.Helper()
	made, err := secret.New([]byte(s))
	require.NoError(t, err)
	return made
}

func read(s secret.Secret) (got string) {
	s.Open(func(b []byte) { got = string(b) })
	return got
}

// holder has a secret where printers cannot call its methods.
type holder struct {
	Shown  secret.Secret
	hidden secret.Secret
	ptr    *secret.Secret
}

func TestNothingOpensASecret(t *testing.T) {
	s := newSecret(t, content)
	h := holder{s, s, &s}
	var sinks []string
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%b", "%c", "%U", "%t", "%e", "%20.5s", "% x"} {
		for _, v := range []any{s, &s, h, &h, []secret.Secret{s}, map[string]secret.Secret{"k": s}} {
			sinks = append(sinks, fmt.Sprintf(verb, v))
		}
	}
	sinks = append(sinks, fmt.Errorf("failed with %v: %w", s, errors.New("x")).Error(), s.String(), s.GoString())
	for _, v := range []any{s, &s, h} {
		data, err := json.Marshal(v)
		require.NoError(t, err)
		sinks = append(sinks, string(data))
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "secret", v)
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "secret", v)
		sinks = append(sinks, log.String())
	}
	var coded bytes.Buffer
	require.NoError(t, gob.NewEncoder(&coded).Encode(struct{ S secret.Secret }{s}))
	data, err := xml.Marshal(holder{Shown: s})
	require.NoError(t, err)
	sinks = append(sinks, coded.String(), string(data))
	// A failing assertion prints by reflection and calls no methods.
	failing := &recorder{}
	assert.Equal(failing, h, holder{})
	assert.Contains(failing, []secret.Secret{s}, 1)
	sinks = append(sinks, failing.String())

	for _, sink := range sinks {
		require.NotContains(t, sink, content[:6])
		require.NotContains(t, sink, "34393239", "hex")
		require.NotContains(t, sink, "52 57 50 57", "bytes")
		require.NotContains(t, strings.ToLower(sink), "0x34, 0x39, 0x32", "a byte slice literal")
	}
	assert.Equal(t, secret.Mask, fmt.Sprintf("%v", s))
}

type recorder struct{ strings.Builder }

func (r *recorder) Errorf(format string, args ...any) { fmt.Fprintf(r, format, args...) }

func TestCopiesShareOneBuffer(t *testing.T) {
	s := newSecret(t, content)
	same, own := s, s.Copy()
	s.Clear()
	assert.Zero(t, same.Len(), "a copy of a cleared secret is cleared")
	assert.Empty(t, read(same))
	assert.Equal(t, content, read(own), "Copy has a buffer of its own")
}

func TestClearOverwrites(t *testing.T) {
	s := newSecret(t, content)
	var kept []byte
	s.Open(func(b []byte) { kept = b })
	s.Clear()
	assert.Equal(t, make([]byte, len(content)), kept)
}

func TestEqual(t *testing.T) {
	s := newSecret(t, "1234")
	assert.True(t, s.Equal(newSecret(t, "1234")))
	for _, other := range []string{"1235", "123", "12345", ""} {
		assert.False(t, s.Equal(newSecret(t, other)), other)
	}
	assert.True(t, secret.Secret{}.Equal(newSecret(t, "")), "the zero Secret is an empty one")
}

func TestLimits(t *testing.T) {
	_, err := secret.New(make([]byte, secret.Cap+1))
	require.ErrorIs(t, err, secret.ErrTooLong)
	assert.Equal(t, secret.Cap, newSecret(t, strings.Repeat("1", secret.Cap)).Len())
	var zero secret.Secret
	zero.Clear()
	assert.Zero(t, zero.Len())
}

func TestNothingDecodesIntoASecret(t *testing.T) {
	var s secret.Secret
	require.ErrorIs(t, json.Unmarshal([]byte(`"4929"`), &s), secret.ErrSealed)
	require.ErrorIs(t, s.UnmarshalBinary([]byte("4929")), secret.ErrSealed)
}

func TestOpenLendsNoMoreThanIsThere(t *testing.T) {
	s := newSecret(t, "12")
	s.Open(func(b []byte) { assert.Equal(t, 2, cap(b), "appending must not write into the buffer") })
}
