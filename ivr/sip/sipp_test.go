package sip_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/sip"
	"github.com/dialpay/dialpay/ivr/sip/internal/company"
)

// program finds a program of Debian's; the test is skipped where it is missing, and fails in the CI.
func program(t testing.TB, name, pkg string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("CI") != "true" {
		t.Skipf("%s is not here: run make deps, or apt-get install %s", name, pkg)
	}
	require.NoError(t, err)
	return path
}

func newCompany(t testing.TB, customers int) *company.Company {
	c, err := company.New(customers)
	require.NoError(t, err)
	return c
}

// listen serves a company's calls on this machine, and returns where.
func listen(t testing.TB, c *company.Company, change ...func(*sip.Config)) (*sip.Server, string) {
	t.Helper()
	cfg := sip.Config{Handler: c.Engine, Addr: "127.0.0.1:0", Most: 1000, Messages: 10_000, FirstPort: 20000,
		LastPort: 29999,
		Say:      func(turn *ivr.Turn) sip.Audio { return &audio{make([]int16, 400*len(turn.Prompts))} },
		Log:      slog.New(slog.NewTextHandler(io.Discard, nil)), Drain: time.Second}
	for _, f := range change {
		f(&cfg)
	}
	server, err := sip.New(cfg)
	require.NoError(t, err)
	l, err := server.Listen()
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		assert.NoError(t, <-served)
		assert.Zero(t, server.Taken())
	})
	return server, l.UDP.LocalAddr().String()
}

// sipp plays a scenario.
func sipp(t testing.TB, at, scenario string, args ...string) {
	t.Helper()
	path := program(t, "sipp", "sip-tester")
	dir := t.TempDir()
	file := filepath.Join(dir, "scenario.xml")
	require.NoError(t, os.WriteFile(file, []byte(scenario), 0o600))
	cmd := exec.Command(path, append([]string{at, "-sf", file, "-i", "127.0.0.1", "-mi", "127.0.0.1", "-nostdin",
		"-timeout", "120s",
		"-timeout_error", "-trace_err", "-error_file", filepath.Join(dir, "errors")}, args...)...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "TERM=dumb")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil {
		faults, _ := os.ReadFile(filepath.Join(dir, "errors"))
		t.Fatalf("sipp: %v\n%s\n%s", err, faults, out.String()[max(0, out.Len()-3000):])
	}
}

// request is a request of sipp within its call.
func request(method string, headers, body string) string {
	branch := "[branch]"
	if method == "INVITE" {
		return fmt.Sprintf("<send retrans=\"500\"><![CDATA[\nINVITE sip:pay@[remote_ip]:[remote_port] SIP/2.0\nVia: SIP/2.0/[transport] "+
			"[local_ip]:[local_port];branch=%s\nFrom: <sip:sipp@[local_ip]>;tag=[call_number]\nTo: <sip:pay@[remote_ip]>\nCall-ID: [call_id]\n"+
			"CSeq: 1 INVITE\nContact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>\nMax-Forwards: 70\n%sContent-Length: [len]\n\n%s]]></send>\n",
			branch, headers, body)
	}
	retrans := ` retrans="500"`
	seq := "[cseq]"
	if method == "ACK" {
		retrans, seq = "", "1"
	}
	s := fmt.Sprintf("<send%s><![CDATA[\n%s sip:pay@[remote_ip]:[remote_port] SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=%s\n"+
		"From: <sip:sipp@[local_ip]>;tag=[call_number]\nTo: <sip:pay@[remote_ip]>[peer_tag_param]\nCall-ID: [call_id]\nCSeq: %s %s\n"+
		"Contact: <sip:sipp@[local_ip]:[local_port];transport=[transport]>\nMax-Forwards: 70\n%sContent-Length: [len]\n\n%s]]></send>\n",
		retrans, method, branch, seq, method, headers, body)
	if method != "ACK" {
		s += "<recv response=\"200\"/>\n"
	}
	return s
}

func scenario(parts ...string) string {
	const sdp = "v=0\no=- 1 1 IN IP4 [local_ip]\ns=-\nc=IN IP4 [media_ip]\nt=0 0\nm=audio [auto_media_port] RTP/AVP 0 101\n" +
		"a=rtpmap:101 telephone-event/8000\n"
	begin := request("INVITE", "Content-Type: application/sdp\n",
		sdp) + "<recv response=\"100\" optional=\"true\"/>\n<recv response=\"180\" " +
		"optional=\"true\"/>\n<recv response=\"200\" rrs=\"true\"/>\n" + request("ACK", "", "")
	return "<?xml version=\"1.0\" encoding=\"ISO-8859-1\" ?>\n<scenario name=\"pay\">\n" + begin + strings.Join(parts,
		"") +
		request("BYE", "", "") + "</scenario>\n"
}

func pause(ms int) string { return fmt.Sprintf("<pause milliseconds=\"%d\"/>\n", ms) }

// byInfo presses keys by INFO.
func byInfo(keys ...string) (s string) {
	for _, k := range keys {
		s += request("INFO", "Content-Type: application/dtmf-relay\n", "Signal="+k+"\nDuration=160\n") + pause(120)
	}
	return s
}

// payment is the whole of a payment, by whatever presses keys: English, account, PIN, all of it, the saved card, and,
// after the read-back, yes.
func paying(press func(keys ...string) string, account ...string) string {
	return scenario(pause(500), press("1"), pause(500), press(append(account, "#")...), pause(300), press("1", "2",
		"3", "4", "#"), pause(500),
		press("1"), pause(500), press("1"), pause(2500), press("1"), pause(1500))
}

func TestSippPaysByInfo(t *testing.T) {
	for _, transport := range []string{"u1", "t1"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			c := newCompany(t, 1)
			_, at := listen(t, c)
			sipp(t, at, paying(byInfo, strings.Split("10000000", "")...), "-m", "1", "-t", transport)
			assert.NoError(t, c.Paid(1))
		})
	}
}

// 200 callers pay at the same time, each their own bill, once.
func TestSippPaysTwoHundredTimesAtOnce(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time")
	}
	const callers = 200
	c := newCompany(t, callers)
	server, at := listen(t, c)
	var fields []string
	for i := range 8 {
		fields = append(fields, fmt.Sprintf("[field%d]", i))
	}
	accounts := "SEQUENTIAL\n"
	for i := range callers {
		accounts += strings.Join(strings.Split(strconv.Itoa(10000000+i), ""), ";") + "\n"
	}
	file := filepath.Join(t.TempDir(), "accounts.csv")
	require.NoError(t, os.WriteFile(file, []byte(accounts), 0o600))
	most := watch(t, server)
	sipp(t, at, paying(byInfo, fields...), "-m", "200", "-l", "200", "-r", "100", "-inf", file)
	assert.NoError(t, c.Paid(callers))
	assert.Greater(t, most(), 150, "calls at once")
}

// watch returns the greatest number of calls at once.
func watch(t *testing.T, server *sip.Server) func() int {
	most, over, done := 0, make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-over:
				return
			case <-time.After(50 * time.Millisecond):
				most = max(most, server.Calls())
			}
		}
	}()
	stop := sync.OnceFunc(func() { close(over); <-done })
	t.Cleanup(stop)
	return func() int { stop(); return most }
}

// sipp plays the packets of keys from a capture.
func TestSippPaysByEvents(t *testing.T) {
	t.Parallel()
	playsCaptures(t)
	c := newCompany(t, 1)
	_, at := listen(t, c)
	dir := t.TempDir()
	e := &eventsFile{dir: dir}
	sipp(t, at, paying(e.press, strings.Split("10000000", "")...), "-m", "1")
	require.NoError(t, e.err)
	assert.NoError(t, c.Paid(1))
}

// eventsFile makes captures of RFC 4733 packets, whose numbers go on from one to the next.
type eventsFile struct {
	dir    string
	n      int
	header rtp.Header
	err    error
}

// press are keys as a telephone sends them.
func (e *eventsFile) press(keys ...string) string {
	return e.play(20*time.Millisecond, 100*time.Millisecond, keys...)
}

// play are keys with a packet in every so much time, and a gap after each key.
func (e *eventsFile) play(every, gap time.Duration, keys ...string) string {
	var c capture
	e.header.Version, e.header.PayloadType, e.header.SSRC = 2, 101, 7
	for _, k := range keys {
		code := byte(strings.Index("0123456789*#", k))
		for i := range 8 {
			event := []byte{code, 10, 0, 0}
			if i >= 5 {
				event[1] |= 0x80
			}
			binary.BigEndian.PutUint16(event[2:], uint16(160*(min(i, 5)+1)))
			e.header.Marker = i == 0
			e.header.SequenceNumber++
			p, err := (&rtp.Packet{Header: e.header, Payload: event}).Marshal()
			e.err = errors.Join(e.err, err)
			c.add(p)
			c.at += every
		}
		e.header.Timestamp += 8 * 160 * 2
		c.at += gap
	}
	e.header.Timestamp += 8000
	return e.save(&c)
}

// save has sipp play a capture, and waits until it is over.
func (e *eventsFile) save(c *capture) string {
	e.n++
	path := filepath.Join(e.dir, fmt.Sprintf("keys%d.pcap", e.n))
	e.err = errors.Join(e.err, os.WriteFile(path, c.file(), 0o600))
	return fmt.Sprintf("<nop><action><exec play_pcap_audio=\"%s\"/></action></nop>\n",
		path) + pause(int(c.at/time.Millisecond))
}

// capture is a file of packets; at is the time of the next one.
type capture struct {
	packets []byte
	at      time.Duration
}

// file is the capture with its head.
func (c *capture) file() []byte {
	b := binary.LittleEndian.AppendUint32(nil, 0xa1b2c3d4)
	return append(append(b, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0, 1, 0, 0, 0), c.packets...)
}

// add adds a packet, within UDP, IPv4 and Ethernet.
func (c *capture) add(payload []byte) {
	udp := binary.BigEndian.AppendUint16([]byte{0x0F, 0xA0, 0x0F, 0xA2}, uint16(8+len(payload)))
	udp = append(append(udp, 0, 0), payload...)
	ip := append([]byte{0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0}, append(net.IPv4(127, 0, 0, 1).To4(), net.IPv4(127, 0,
		0, 1).To4()...)...)
	binary.BigEndian.PutUint16(ip[2:], uint16(len(ip)+len(udp)))
	frame := append(make([]byte, 12), 8, 0)
	frame = append(append(frame, ip...), udp...)
	for _, n := range []int{int(c.at / time.Second), int(c.at % time.Second / time.Microsecond), len(frame), len(frame)} {
		c.packets = binary.LittleEndian.AppendUint32(c.packets, uint32(n))
	}
	c.packets = append(c.packets, frame...)
}
