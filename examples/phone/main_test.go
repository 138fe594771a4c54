package main

import (
	"context"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// safe is a screen that two goroutines use.
type safe struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *safe) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(b)
}

func (s *safe) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// The program prints whom to call, answers there, records, and ends in order.
func TestACallIsAnswered(t *testing.T) {
	if _, err := exec.LookPath("espeak-ng"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("espeak-ng is not here: run make deps")
	}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir := filepath.Join(t.TempDir(), "calls")
	ctx, stop := context.WithCancel(t.Context())
	screen, ended := &safe{}, make(chan error, 1)
	go func() { ended <- run(ctx, []string{"-addr", "127.0.0.1:0", "-record", dir}, screen, io.Discard) }()
	address := regexp.MustCompile(`sip:pay@(127\.0\.0\.1:\d+)`)
	require.Eventually(t, func() bool { return address.MatchString(screen.String()) }, time.Minute, 10*time.Millisecond)
	conn, err := net.Dial("udp", address.FindStringSubmatch(screen.String())[1])
	require.NoError(t, err)
	defer conn.Close()
	tag := invite(t, conn)
	require.Eventually(t, func() bool { return strings.Contains(screen.String(), "language.choose") }, time.Minute,
		10*time.Millisecond, "%v", screen)
	say(t, conn, "BYE", 2, tag, "")
	require.Eventually(t, func() bool { return strings.Contains(screen.String(), "ended: caller hung up") },
		time.Minute, 10*time.Millisecond)
	stop()
	require.NoError(t, <-ended)
	tapes, err := filepath.Glob(filepath.Join(dir, "*.wav"))
	require.NoError(t, err)
	assert.Len(t, tapes, 1)
	assert.NotContains(t, screen.String(), "10012345\n", "no line tells an account")
}

// say sends a request.
func say(t *testing.T, conn net.Conn, method string, seq int, tag, body string) {
	_, err := fmt.Fprintf(conn,
		"%s sip:pay@%v SIP/2.0\r\nVia: SIP/2.0/UDP %v;branch=z9hG4bK%s%d\r\nFrom: <sip:me@example.com>;tag=me\r\n"+
			"To: <sip:pay@example.com>%s\r\nCall-ID: one\r\nCSeq: %d %s\r\nContact: <sip:me@%v>\r\nMax-Forwards: 70\r\n"+
			"Content-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s", method, conn.RemoteAddr(), conn.LocalAddr(), method, seq, tag, seq,
		method, conn.LocalAddr(), len(body), body)
	require.NoError(t, err)
}

// invite calls, and returns the tag of the answer.
func invite(t *testing.T, conn net.Conn) string {
	say(t, conn, "INVITE", 1, "",
		"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n")
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(10*time.Second)))
	b := make([]byte, 4096)
	for {
		n, err := conn.Read(b)
		require.NoError(t, err)
		if answer := string(b[:n]); strings.HasPrefix(answer, "SIP/2.0 200") {
			tag := regexp.MustCompile(`(?m)^To: .*(;tag=[^\r;]+)`).FindStringSubmatch(answer)
			require.NotNil(t, tag, answer)
			say(t, conn, "ACK", 1, tag[1], "")
			return tag[1]
		}
	}
}

func TestTapesAreWAV(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.wav")
	tape, err := record(path)
	require.NoError(t, err)
	tape.Record([]int16{1, 2}, []int16{-1, -2})
	require.NoError(t, tape.Close())
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "RIFF", string(b[:4]))
	assert.EqualValues(t, len(b)-8, binary.LittleEndian.Uint32(b[4:]))
	assert.EqualValues(t, 8, binary.LittleEndian.Uint32(b[40:]))
	assert.Equal(t, []byte{1, 0, 0xFF, 0xFF, 2, 0, 0xFE, 0xFF}, b[44:])
	_, err = record(path)
	assert.ErrorIs(t, err, os.ErrExist, "no recording is overwritten")
}

func TestFlags(t *testing.T) {
	for _, args := range [][]string{{"here"}, {"-trust", "me"}, {"-public", "home"}, {"-agent", "desk"}, {"-most", "0"},
		{"-recordings", "nowhere"}} {
		assert.ErrorContains(t, run(t.Context(), args, io.Discard, io.Discard), args[0], args)
	}
	_, err := parse([]string{"-help"}, io.Discard)
	assert.ErrorIs(t, err, flag.ErrHelp)
}
