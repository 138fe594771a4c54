package main

import (
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/ivr/sip"
)

// screen shows what goes on, a line at a time: nothing that callers say or key is in it.
type screen struct {
	mu  sync.Mutex
	out io.Writer
}

func (s *screen) print(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _ = io.WriteString(s.out, text)
}

// line shows something of a call.
func (s *screen) line(call, format string, args ...any) {
	s.print(fmt.Sprintf("%s  %s  %s\n", time.Now().Format(time.TimeOnly), short(call), fmt.Sprintf(format, args...)))
}

// short is as much of a call's name as is needed to tell calls apart.
func short(call string) string { return call[:min(6, len(call))] }

// report shows what becomes of a call.
func (s *screen) report(r sip.Report) {
	switch r.Kind {
	case "answered":
		from := r.From
		if from == "" {
			from = "an unknown number"
		}
		s.line(r.Call, "call from %s", from)
	case "ended":
		s.line(r.Call, "ended: %s", r.Reason)
	default:
		s.line(r.Call, "%s", r.Kind)
	}
}

// transition shows where in the dialogue a call is.
func (s *screen) transition(t flow.Transition) {
	if t.From != t.To {
		s.line(t.Session, "%s", t.To)
	}
}

// introduction tells whom to call, and as whom.
func introduction(at *net.UDPAddr, o options) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Call        sip:pay@%s\n", net.JoinHostPort(hostOf(at, o.public), fmt.Sprint(at.Port)))
	b.WriteString("            Nothing is real: no money moves. Ctrl-C ends it, after the calls.\n\n")
	for _, c := range []customer{ann, ben} {
		fmt.Fprintf(&b, "%-11s account %s, PIN %s\n", c.name, c.account, c.pin)
	}
	fmt.Fprintf(&b, "Test cards  4242 4242 4242 4242, which is approved\n")
	fmt.Fprintf(&b, "            4000 0000 0000 9995, which is declined: no funds\n")
	fmt.Fprintf(&b, "            expiration date %s, security code 123\n\n", testExpiry())
	return b.String()
}

// hostOf is where the telephone finds us: the address that packets leave from, if we listen at all of them.
func hostOf(at *net.UDPAddr, public string) string {
	switch {
	case public != "":
		return public
	case !at.IP.IsUnspecified():
		return at.IP.String()
	}
	conn, err := net.Dial("udp", "192.0.2.1:9") // sends nothing
	if err != nil {
		return "127.0.0.1"
	}
	defer conn.Close()
	return conn.LocalAddr().(*net.UDPAddr).IP.String()
}

// testExpiry is an expiration date to come, as it is keyed: MMYY.
func testExpiry() string { return fmt.Sprintf("12%02d", (time.Now().Year()+3)%100) }
