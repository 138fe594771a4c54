package sip_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/sip"
	"github.com/dialpay/dialpay/ivr/sip/internal/peer"
)

// certificate is one for this test.
func certificate(t *testing.T) tls.Certificate {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, c, c, &key.PublicKey, key)
	require.NoError(t, err)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// stream is a telephone on a connection.
type stream struct {
	t    *testing.T
	conn net.Conn
	r    *bufio.Reader
	to   string
}

func (s *stream) send(method string, seq int, headers, body string) {
	_, err := fmt.Fprintf(s.conn,
		"%s sip:pay@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP %v;branch=z9hG4bK%s%d\r\nFrom: <sip:me@example.com>;tag=me\r\n"+
			"To: %s\r\nCall-ID: stream\r\nCSeq: %d %s\r\nContact: <sip:me@%v;transport=tcp>\r\nMax-Forwards: 70\r\n%sContent-Length: %d\r\n\r\n%s",
		method, s.conn.LocalAddr(), method, seq, s.to, seq, method, s.conn.LocalAddr(), headers, len(body), body)
	require.NoError(s.t, err)
}

// read reads the next message that is not provisional.
func (s *stream) read() peer.Message {
	for {
		require.NoError(s.t, s.conn.SetReadDeadline(time.Now().Add(20*time.Second)))
		var head bytes.Buffer
		for !bytes.HasSuffix(head.Bytes(), []byte("\r\n\r\n")) {
			line, err := s.r.ReadBytes('\n')
			require.NoError(s.t, err)
			head.Write(line)
		}
		m, err := peer.ReadMessage(head.Bytes())
		require.NoError(s.t, err)
		n, err := strconv.Atoi(m.Get("Content-Length"))
		require.NoError(s.t, err)
		body := make([]byte, n)
		_, err = io.ReadFull(s.r, body)
		require.NoError(s.t, err)
		if m.Body = string(body); m.Status() == 0 || m.Status() >= 200 {
			return m
		}
	}
}

// A call over TCP and one over TLS stay on their connection, also when the server hangs up.
func TestStreams(t *testing.T) {
	own := certificate(t)
	server, err := sip.New(sip.Config{Handler: &handler{}, Addr: "127.0.0.1:0", TLSAddr: "127.0.0.1:0",
		FirstPort: 20000, LastPort: 29999,
		TLS: &tls.Config{Certificates: []tls.Certificate{own}}, Log: slog.New(slog.DiscardHandler), Drain: time.Second,
		Say: func(*ivr.Turn) sip.Audio { return &audio{make([]int16, 160)} }})
	require.NoError(t, err)
	l, err := server.Listen()
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, l) }()
	defer func() { stop(); assert.NoError(t, <-served) }()
	for kind, dial := range map[string]func() (net.Conn, error){
		"tcp": func() (net.Conn, error) { return net.Dial("tcp", l.TCP.Addr().String()) },
		"tls": func() (net.Conn, error) {
			return tls.Dial("tcp", l.TLS.Addr().String(), &tls.Config{InsecureSkipVerify: true})
		},
	} {
		t.Run(kind, func(t *testing.T) {
			conn, err := dial()
			require.NoError(t, err)
			defer conn.Close()
			s := &stream{t: t, conn: conn, r: bufio.NewReader(conn), to: "<sip:pay@example.com>"}
			s.send("INVITE", 1, "Content-Type: application/sdp\r\n", peer.Offer(sound, 101))
			m := s.read()
			require.Equal(t, 200, m.Status(), m.Start)
			assert.Contains(t, m.Get("Contact"), ";transport="+kind)
			assert.NotContains(t, m.Get("Contact"), ":0;")
			s.to = m.Get("To")
			s.send("ACK", 1, "", "")
			s.send("INFO", 2, "Content-Type: application/dtmf\r\n", "9")
			assert.Equal(t, 200, s.read().Status())
			bye := s.read()
			require.Equal(t, "BYE", bye.Method())
			_, err = fmt.Fprintf(conn,
				"SIP/2.0 200 OK\r\nVia: %s\r\nFrom: %s\r\nTo: %s\r\nCall-ID: stream\r\nCSeq: %s\r\nContent-Length: 0\r\n\r\n",
				bye.Get("Via"), bye.Get("From"), bye.Get("To"), bye.Get("CSeq"))
			require.NoError(t, err)
			assert.Eventually(t, func() bool { return server.Taken() == 0 }, 20*time.Second, 10*time.Millisecond)
			assert.True(t, strings.HasPrefix(bye.Get("Via"), "SIP/2.0/"+strings.ToUpper(kind)))
		})
	}
}

// Connections beyond a limit are closed; those that are there go on.
func TestTooManyConnections(t *testing.T) {
	server, err := sip.New(sip.Config{Handler: &handler{}, Addr: "127.0.0.1:0", Log: slog.New(slog.DiscardHandler),
		Say: func(*ivr.Turn) sip.Audio { return &audio{} }})
	require.NoError(t, err)
	l, err := server.Listen()
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, l) }()
	defer func() { stop(); assert.NoError(t, <-served) }()
	open := func() *stream {
		conn, err := net.Dial("tcp", l.TCP.Addr().String())
		require.NoError(t, err)
		t.Cleanup(func() { conn.Close() })
		return &stream{t: t, conn: conn, r: bufio.NewReader(conn), to: "<sip:pay@example.com>"}
	}
	var all []*stream
	for range 64 {
		all = append(all, open())
	}
	all[63].send("OPTIONS", 1, "", "")
	assert.Equal(t, 200, all[63].read().Status())
	beyond := open()
	require.NoError(t, beyond.conn.SetReadDeadline(time.Now().Add(20*time.Second)))
	_, err = beyond.conn.Read(make([]byte, 1))
	assert.ErrorIs(t, err, io.EOF)
	all[0].conn.Close()
	assert.Eventually(t, func() bool {
		again := open()
		_, _ = again.conn.Write([]byte("\r\n\r\n"))
		_ = again.conn.SetReadDeadline(time.Now().Add(time.Second))
		_, err := again.conn.Read(make([]byte, 2))
		return err == nil
	}, 20*time.Second, 10*time.Millisecond, "its place is free")
}
