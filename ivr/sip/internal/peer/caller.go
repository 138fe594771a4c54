package peer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Message is a SIP message as it stands: this package has a parser of its own, so that the server and its judge do not
// share their mistakes.
type Message struct {
	Start  string
	Header map[string][]string // by name, in lower case
	Body   string
}

// ReadMessage reads one that is well made.
func ReadMessage(b []byte) (Message, error) {
	head, body, ok := bytes.Cut(b, []byte("\r\n\r\n"))
	lines := strings.Split(string(head), "\r\n")
	m := Message{Start: lines[0], Header: map[string][]string{}, Body: string(body)}
	for _, line := range lines[1:] {
		name, value, found := strings.Cut(line, ":")
		if !found {
			return m, fmt.Errorf("peer: %q is no header", line)
		}
		name = strings.ToLower(strings.TrimSpace(name))
		m.Header[name] = append(m.Header[name], strings.TrimSpace(value))
	}
	if !ok {
		return m, errors.New("peer: a message without end")
	}
	return m, nil
}

// Get is the first value of a header.
func (m Message) Get(name string) string {
	if v := m.Header[strings.ToLower(name)]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Status is the code of a response; 0 for a request.
func (m Message) Status() int {
	if rest, ok := strings.CutPrefix(m.Start, "SIP/2.0 "); ok {
		code, _ := strconv.Atoi(rest[:min(3, len(rest))])
		return code
	}
	return 0
}

// Method is that of a request; empty for a response.
func (m Message) Method() string {
	if m.Status() > 0 {
		return ""
	}
	method, _, _ := strings.Cut(m.Start, " ")
	return method
}

// Caller is a telephone as SIP sees it, over UDP. Make it with Dial, and Close it.
type Caller struct {
	// Answer says what to answer a request of the server, such as "200 OK"; nothing leaves it unanswered. Nil is 200.
	Answer func(Message) string
	// From is the value of that header without its tag. Headers are put into each INVITE.
	From, Headers string

	conn      net.PacketConn
	to        netip.AddrPort
	id        string
	mu        sync.Mutex
	seq       int
	remote    string // the value of To, with the server's tag
	target    string // the server's Contact
	last      string // branch of the last INVITE
	lastSeq   int
	responses chan Message
	requests  chan Message
	done      sync.WaitGroup
}

// NewCaller makes one that calls the server at an address.
func NewCaller(conn net.PacketConn, to netip.AddrPort, id string) *Caller {
	c := &Caller{conn: conn, to: to, id: id, From: "<sip:alice@example.com>", responses: make(chan Message, 100),
		requests: make(chan Message, 100), remote: fmt.Sprintf("<sip:pay@%v>", to), target: fmt.Sprintf("sip:pay@%v", to)}
	c.done.Go(c.read)
	return c
}

// Close ends it, without a word.
func (c *Caller) Close() {
	_ = c.conn.Close()
	c.done.Wait()
}

func (c *Caller) read() {
	b := make([]byte, 65536)
	for {
		n, _, err := c.conn.ReadFrom(b)
		if err != nil {
			return
		}
		m, err := ReadMessage(b[:n])
		switch {
		case err != nil:
		case m.Status() > 0:
			keep(c.responses, m)
		default:
			c.answer(m)
			if m.Method() != "ACK" {
				keep(c.requests, m)
			}
		}
	}
}

// keep keeps a message, if there is room.
func keep(in chan<- Message, m Message) {
	select {
	case in <- m:
	default:
	}
}

// answer answers a request.
func (c *Caller) answer(m Message) {
	say := "200 OK"
	if c.Answer != nil {
		say = c.Answer(m)
	}
	if say == "" || m.Method() == "ACK" {
		return
	}
	say, body, _ := strings.Cut(say, "\r\n\r\n")
	var b strings.Builder
	fmt.Fprintf(&b, "SIP/2.0 %s\r\n", say)
	for _, name := range []string{"Via", "From", "To", "Call-ID", "CSeq"} {
		for _, v := range m.Header[strings.ToLower(name)] {
			fmt.Fprintf(&b, "%s: %s\r\n", name, v)
		}
	}
	fmt.Fprintf(&b, "Contact: <sip:alice@%v>\r\n", c.conn.LocalAddr())
	if body != "" {
		b.WriteString("Content-Type: application/sdp\r\n")
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(body), body)
	_, _ = c.conn.WriteTo([]byte(b.String()), net.UDPAddrFromAddrPort(c.to))
}

// Send sends a request and returns the number of its CSeq. Every header that a request needs is there, and those given.
func (c *Caller) Send(method, headers, body string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	var seq int
	var branch string
	switch method {
	case "ACK":
		seq, branch = c.lastSeq, fmt.Sprintf("z9hG4bK-%s-ack-%d", c.id, c.lastSeq)
	case "CANCEL":
		seq, branch = c.lastSeq, c.last
	default:
		c.seq++
		seq = c.seq
		branch = fmt.Sprintf("z9hG4bK-%s-%d", c.id, seq)
		if method == "INVITE" {
			c.last, c.lastSeq = branch, seq
		}
	}
	if method == "INVITE" {
		headers += c.Headers
	}
	var b strings.Builder
	fmt.Fprintf(&b,
		"%s %s SIP/2.0\r\nVia: SIP/2.0/UDP %v;branch=%s;rport\r\nMax-Forwards: 70\r\nFrom: %s;tag=a-%s\r\nTo: %s\r\n"+
			"Call-ID: %s\r\nCSeq: %d %s\r\nContact: <sip:alice@%v>\r\n%s", method, c.target, c.conn.LocalAddr(), branch, c.From, c.id,
		c.remote, c.id, seq, method, c.conn.LocalAddr(), headers)
	if body != "" && !strings.Contains(headers, "Content-Type:") {
		b.WriteString("Content-Type: application/sdp\r\n")
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n%s", len(body), body)
	c.Raw(b.String())
	return seq
}

// Raw sends anything.
func (c *Caller) Raw(message string) {
	_, _ = c.conn.WriteTo([]byte(message), net.UDPAddrFromAddrPort(c.to))
}

// Wait returns the next response, which must come within a minute.
func (c *Caller) Wait() (Message, error) { return wait(c.responses) }

// Request returns the next request of the server, which was answered.
func (c *Caller) Request() (Message, error) { return wait(c.requests) }

func wait(from <-chan Message) (Message, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	select {
	case m := <-from:
		return m, nil
	case <-ctx.Done():
		return Message{}, errors.New("peer: nothing came")
	}
}

// Do sends a request and returns its final response. One of an INVITE is acknowledged.
func (c *Caller) Do(method, headers, body string) (Message, error) {
	seq := c.Send(method, headers, body)
	return c.Final(method, seq)
}

// Final waits for the final response to a request, and acknowledges that of an INVITE.
func (c *Caller) Final(method string, seq int) (Message, error) {
	for {
		m, err := c.Wait()
		if err != nil || m.Status() < 200 || m.Get("CSeq") != fmt.Sprintf("%d %s", seq, method) {
			if err != nil {
				return m, err
			}
			continue
		}
		if method == "INVITE" {
			c.acknowledge(m, "")
		}
		return m, nil
	}
}

// acknowledge sends the ACK of a final response.
func (c *Caller) acknowledge(m Message, body string) {
	if m.Status() < 300 {
		c.Learn(m)
		c.Send("ACK", "", body)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.Raw(fmt.Sprintf("ACK %s SIP/2.0\r\nVia: SIP/2.0/UDP %v;branch=%s;rport\r\nMax-Forwards: 70\r\nFrom: %s;tag=a-%s\r\nTo: %s\r\n"+
		"Call-ID: %s\r\nCSeq: %d ACK\r\nContent-Length: 0\r\n\r\n", c.target, c.conn.LocalAddr(), c.last, c.From, c.id, m.Get("To"),
		c.id, c.lastSeq))
}

// Learn takes the tag and the address of the server from its response.
func (c *Caller) Learn(m Message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remote = m.Get("To")
	if contact := strings.Trim(m.Get("Contact"), "<>"); contact != "" {
		c.target, _, _ = strings.Cut(contact, ">")
	}
}

// Offer is SDP for sound at an address: µ-law, A-law, and telephone-events of that payload type, if it is not 0. More
// lines may follow.
func Offer(at netip.AddrPort, events int, more ...string) string {
	family := "IP4"
	if at.Addr().Is6() {
		family = "IP6"
	}
	lines := []string{"v=0", fmt.Sprintf("o=alice 1 1 IN %s %s", family, at.Addr()), "s=-", fmt.Sprintf("c=IN %s %s",
		family, at.Addr()),
		"t=0 0", fmt.Sprintf("m=audio %d RTP/AVP 0 8", at.Port())}
	if events != 0 {
		lines[5] += fmt.Sprintf(" %d", events)
		lines = append(lines, fmt.Sprintf("a=rtpmap:%d telephone-event/8000", events), fmt.Sprintf("a=fmtp:%d 0-15", events))
	}
	return strings.Join(append(lines, more...), "\r\n") + "\r\n"
}

// Sound is where a description says that sound goes: the address and port of its audio.
func Sound(description string) netip.AddrPort {
	var ip netip.Addr
	port := 0
	for line := range strings.Lines(description) {
		fields := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, "c=") && len(fields) == 3:
			ip, _ = netip.ParseAddr(fields[2])
		case strings.HasPrefix(line, "m=audio ") && len(fields) > 2 && port == 0:
			port, _ = strconv.Atoi(fields[1])
		}
	}
	return netip.AddrPortFrom(ip, uint16(port))
}

// Remote is the value of To: the server, with its tag.
func (c *Caller) Remote() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.remote
}

// Forget forgets the server's tag: the next INVITE is another call's.
func (c *Caller) Forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remote, _, _ = strings.Cut(c.remote, ";tag")
}

// Skip takes a response that is there, and tells whether there was one.
func (c *Caller) Skip() bool {
	select {
	case <-c.responses:
		return true
	default:
		return false
	}
}
