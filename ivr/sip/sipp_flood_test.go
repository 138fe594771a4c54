package sip_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// ofAccount are the keys of the only customer's account.
var ofAccount = strings.Split("10000000", "")

// playsCaptures skips a test where sipp cannot play captures, for which it needs raw sockets; in the CI it fails.
func playsCaptures(t *testing.T) {
	t.Helper()
	path := program(t, "sipp", "sip-tester")
	caps, _ := exec.Command("getcap", path).Output() // a program that is not there has given none
	if os.Getuid() == 0 || strings.Contains(string(caps), "cap_net_raw") {
		return
	}
	const why = "sipp plays captures by raw sockets: run as root, or setcap cap_net_raw+ep %s"
	if os.Getenv("CI") == "true" {
		t.Fatalf(why, path)
	}
	t.Skipf(why, path)
}

// flooding is a whole payment in which the yes to the read-back comes as a flood, and once more after it. It is the
// server that hangs up.
func flooding(press func(keys ...string) string, flood string) string {
	whole := scenario(pause(500), press("1"), pause(500), press(append(ofAccount, "#")...), pause(300),
		press("1", "2", "3", "4", "#"), pause(500), press("1"), pause(500), press("1"), pause(500), flood, pause(2500),
		press("1"))
	return strings.Replace(whole, request("BYE", "", ""), "<recv request=\"BYE\"/>\n<send><![CDATA[\nSIP/2.0 200 OK\n"+
		"[last_Via:]\n[last_From:]\n[last_To:]\n[last_Call-ID:]\n[last_CSeq:]\nContent-Length: 0\n\n]]></send>\n", 1)
}

// floodOfInfo sends so many keys and looks at no answer.
func floodOfInfo(n int) string {
	info := request("INFO", "Content-Type: application/dtmf-relay\n", "Signal=1\nDuration=160\n")
	one, _, _ := strings.Cut(info, "<recv")
	return strings.Repeat(strings.Replace(one, ` retrans="500"`, "", 1), n)
}

// A caller who says yes a hundred times, before, while and after they are asked, pays once.
func TestSippFloodsKeysByInfo(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time")
	}
	t.Parallel()
	c := newCompany(t, 1)
	server, at := listen(t, c)
	sipp(t, at, flooding(byInfo, floodOfInfo(100)), "-m", "1", "-default_behaviors", "all,-abortunexp")
	assert.NoError(t, c.Paid(1))
	assert.Eventually(t, func() bool { return server.Taken() == 0 }, 20*time.Second, 10*time.Millisecond)
}

// The same by events, with a packet in every millisecond.
func TestSippFloodsKeysByEvents(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time")
	}
	t.Parallel()
	playsCaptures(t)
	c := newCompany(t, 1)
	server, at := listen(t, c)
	e := &eventsFile{dir: t.TempDir()}
	flood := e.play(time.Millisecond, 0, strings.Split(strings.Repeat("1", 400), "")...)
	sipp(t, at, flooding(e.press, flood), "-m", "1", "-default_behaviors", "all,-abortunexp")
	require.NoError(t, e.err)
	assert.NoError(t, c.Paid(1))
	assert.Eventually(t, func() bool { return server.Taken() == 0 }, 20*time.Second, 10*time.Millisecond)
}

// Packets that are no keys, one in every millisecond, press none, and the call goes on to its payment.
func TestSippFloodsWhatIsNoKey(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time")
	}
	t.Parallel()
	playsCaptures(t)
	c := newCompany(t, 1)
	server, at := listen(t, c)
	e := &eventsFile{dir: t.TempDir()}
	sipp(t, at, strings.Replace(paying(e.press, ofAccount...), "<nop>", e.noise(2000)+"<nop>", 1), "-m", "1")
	require.NoError(t, e.err)
	assert.NoError(t, c.Paid(1))
	assert.Eventually(t, func() bool { return server.Taken() == 0 }, 20*time.Second, 10*time.Millisecond)
}

// noise are events that no telephone has, in payloads of any length, in packets of any number and time.
func (e *eventsFile) noise(n int) string {
	c := capture{}
	for range n {
		payload := make([]byte, rand.IntN(12))
		for i := range payload {
			payload[i] = byte(rand.IntN(256))
		}
		if len(payload) >= 4 {
			payload[0] |= 0x10 // keys are 0 to 15
		}
		header := rtp.Header{Version: 2, PayloadType: 101, SSRC: 7, SequenceNumber: uint16(rand.Uint32()),
			Timestamp: rand.Uint32(), Marker: rand.IntN(2) == 0}
		p, err := (&rtp.Packet{Header: header, Payload: payload}).Marshal()
		e.err = errors.Join(e.err, err)
		c.add(p)
		c.at += time.Millisecond
	}
	return e.save(&c)
}

// Descriptions that are cut, lie or make no sense are refused, each with its answer, and the next caller pays.
func TestSippMalformedDescriptions(t *testing.T) {
	t.Parallel()
	const good = "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=-\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 4000 RTP/AVP 0 101\n"
	change := func(old, with string) string {
		require.Contains(t, good, old)
		return strings.ReplaceAll(good, old, with)
	}
	c := newCompany(t, 1)
	server, at := listen(t, c)
	scenario := ""
	for i, tc := range []struct {
		kind, body string
		status     int
	}{
		{"application/sdp", "nothing of the kind\n", 400},
		{"application/sdp", good[:len(good)/2], 400},
		{"application/sdp", change("v=0\n", "v=one\n"), 400},
		{"application/sdp", change("t=0 0", "t=now then"), 400},
		{"application/sdp", change("o=- 1 1 IN", "o=- one -1 IN"), 400},
		{"application/sdp", change("audio 4000", "audio port"), 400},
		{"application/sdp", change("audio 4000", "audio -1"), 400},
		{"application/sdp", change("audio 4000", "audio 99999999999999999999"), 400},
		{"application/sdp", change("audio 4000", "audio 70000"), 400},
		{"application/sdp", change("audio 4000", "audio 0"), 488},
		{"application/sdp", change("RTP/AVP 0 101", "RTP/AVP"), 488},
		{"application/sdp", change("RTP/AVP 0 101", "RTP/AVP zero -1 128"), 488},
		{"application/sdp", change("c=IN IP4 127.0.0.1", "c=IN IP4 999.999.999.999"), 488},
		{"application/sdp", change("c=IN IP4 127.0.0.1\n", ""), 488},
		{"application/sdp", change("m=audio 4000 RTP/AVP 0 101\n", ""), 488},
		{"application/sdp", good + strings.Repeat("m=video 1 RTP/AVP 31\n", 300) + "a=\n=\n", 400},
		{"text/plain", good, 415},
	} {
		scenario += refused(i+1, tc.kind, tc.body, tc.status)
	}
	sipp(t, at, "<?xml version=\"1.0\" encoding=\"ISO-8859-1\" ?>\n<scenario name=\"refused\">\n"+scenario+"</scenario>\n",
		"-m", "10")
	assert.Zero(t, server.Taken())
	sipp(t, at, paying(byInfo, ofAccount...), "-m", "1")
	assert.NoError(t, c.Paid(1))
}

// refused is an INVITE that is refused, and its ACK.
func refused(seq int, kind, body string, status int) string {
	branch := fmt.Sprintf("z9hG4bK-[pid]-[call_number]-%d", seq)
	invite := strings.Replace(request("INVITE", "Content-Type: "+kind+"\n", body), "[branch]", branch, 1)
	ack := strings.Replace(request("ACK", "", ""), "[branch]", branch, 1)
	numbered := func(s string) string { return strings.Replace(s, "CSeq: 1 ", fmt.Sprintf("CSeq: %d ", seq), 1) }
	return numbered(invite) + "<recv response=\"100\" optional=\"true\"/>\n" +
		fmt.Sprintf("<recv response=\"%d\"/>\n", status) + numbered(ack)
}
