package sip

import (
	"cmp"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"time"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/sip/internal/media"
)

// Config says what a Server is made of. Handler and Say must be set.
type Config struct {
	// Handler holds the calls; flow.Engine is one.
	Handler ivr.Handler
	// Say begins to say the prompts of a turn: package voice does it, with espeak-ng or with recordings.
	//
	//	Say: func(t *ivr.Turn) sip.Audio { return v.Say(t.Locale, t.Slow, t.Prompts...) }
	Say func(t *ivr.Turn) Audio

	// Addr is where to listen, for UDP and for TCP: ":5060" if empty.
	Addr string
	// TLS listens for TLS too, at TLSAddr: ":5061" if empty.
	TLS     *tls.Config
	TLSAddr string
	// Public is the address that peers reach this server at, where it is behind a NAT. If it is not set, each peer is told
	// the address that packets to it leave from.
	Public netip.Addr
	// FirstPort and LastPort bound the UDP ports for sound, of which each call has an even one: 10000 to 19999. A firewall
	// must let them through.
	FirstPort, LastPort uint16

	// Most is how many calls there can be at once: 100. Who calls beyond gets 503 with Retry-After. A tenth of them is for
	// peers that are trusted, if there are any.
	Most int
	// Messages is how many SIP messages a second are read from a peer that is not trusted: 500. From all of those
	// together, ten times as many are, and as many again from all who are trusted. What is beyond is dropped. A message
	// counts once more for each kilobyte.
	Messages int
	// Peers are who may call, by their addresses. Without any, everybody may.
	Peers []Peer
	// Users, if set, has every peer that is not trusted prove who it is (digest authentication, RFC 8760). It returns the
	// password of a user.
	Users func(name string) (password string, ok bool)
	// Realm is what the password is for: "dialpay".
	Realm string

	// Ring is how long a call rings before it is answered: not at all.
	Ring time.Duration
	// Longest is how long a call can last: 1 hour. LongestHold is how long a caller can leave it on hold: 10 minutes.
	Longest, LongestHold time.Duration
	// Refresh is how often peer and server make sure that the other is still there (RFC 4028): every 30 minutes, and at
	// least 90 seconds.
	Refresh time.Duration
	// Drain is how long calls may go on when the server is told to stop: 5 minutes.
	Drain time.Duration
	// Transfer gives the SIP URI of the person or queue that a turn names in Transfer.To: that itself if it is one. What
	// the person should know goes with the REFER as User-to-User (RFC 7433), JSON in hex, and comes to them from the
	// peer: where callers' own telephones are peers, they can change it. It is no proof of who calls.
	Transfer func(to string) (uri string, ok bool)
	// Locale is the language of a call by the number that was called, a BCP 47 tag. Nil is the default of the dialogue.
	Locale func(to string) string
	// Record, if set, begins to record a call. The recorder gets silence during sensitive questions, and no key at all.
	Record func(call string, c ivr.Call) (Recorder, error)

	// Observe, if set, is told what becomes of each call. It must not wait.
	Observe func(Report)
	// NewID names a call for the handler. Nil is a random name.
	NewID func() string
	// Log gets warnings. Nil is slog.Default. Neither keys nor the bodies of requests are ever logged.
	Log *slog.Logger
	// Now is the clock. Nil is time.Now.
	Now func() time.Time

	// Media opens a connection for the sound of a call, in place of a port of this machine. Package siptest does, where
	// there is no network.
	Media func() (Conn, error)
}

// Conn is a packet connection for sound. *net.UDPConn is one. Its methods must not hold on to b, and Close ends a
// read with net.ErrClosed.
type Conn interface {
	ReadFromUDPAddrPort(b []byte) (n int, from netip.AddrPort, err error)
	WriteToUDPAddrPort(b []byte, to netip.AddrPort) (int, error)
	LocalAddr() net.Addr
	Close() error
}

// Peer is a system that may call: a carrier's gateway, a company's own telephone system.
type Peer struct {
	// Net are its addresses, such as 198.51.100.0/24.
	Net netip.Prefix
	// Trusted means that what it says of the caller is true: their number, and how far the carrier vouches for it. It
	// needs no password.
	Trusted bool
}

// Recorder keeps the sound of a call.
type Recorder interface {
	// Record gets what the caller said and what was said to them in the same 20 ms: 160 samples each, which are only valid
	// until it returns. It is called by one goroutine. What it is too slow for is lost.
	Record(heard, said []int16)
	// Close is called when the call is over.
	Close() error
}

// Audio is what is said in a turn. *voice.Audio is one.
type Audio interface {
	// Read fills pcm with the next samples: of 16 bits, 8,000 a second, mono. It never waits: fewer of them without an
	// error mean that the next words are not ready yet. io.EOF, with the last samples or after them, is the end.
	Read(pcm []int16) (n int, err error)
	// Err tells, after io.EOF, why words are missing. A call whose read-back lacks words ends, as the caller cannot
	// agree to what they did not hear.
	Err() error
}

// Report tells what became of a call.
type Report struct {
	// Call is the name that the handler knows it by, From and To are as in ivr.Call.
	Call, From, To string
	// Kind is "ringing", "answered", "held", "resumed", "transferred" or "ended"; with the last, Reason tells why.
	Kind, Reason string
	At           time.Time
}

// normal checks c and fills in what is not set. The error has every fault at once.
func (c Config) normal() (Config, error) {
	var faults []error
	fault := func(bad bool, format string, args ...any) {
		if bad {
			faults = append(faults, fmt.Errorf("sip: Config."+format, args...))
		}
	}
	fault(c.Handler == nil, "Handler is not set: it holds the calls")
	fault(c.Say == nil, "Say is not set: it turns prompts into sound; package voice does")
	if c.FirstPort == 0 && c.LastPort == 0 {
		c.FirstPort, c.LastPort = 10000, 19999
	}
	fault(c.LastPort <= c.FirstPort, "LastPort is %d: it must be greater than FirstPort, %d", c.LastPort, c.FirstPort)
	fault(c.Most < 0, "Most is %d: it must not be negative", c.Most)
	for _, p := range c.Peers {
		fault(!p.Net.IsValid(), "Peers has an invalid Net: make one with netip.ParsePrefix")
	}
	for _, d := range []struct {
		name string
		set  *time.Duration
		def  time.Duration
	}{
		{"Ring", &c.Ring, 0}, {"Longest", &c.Longest, time.Hour}, {"LongestHold", &c.LongestHold, 10 * time.Minute},
		{"Refresh", &c.Refresh, 30 * time.Minute}, {"Drain", &c.Drain, 5 * time.Minute},
	} {
		fault(*d.set < 0, "%s is %v: it must not be negative", d.name, *d.set)
		if *d.set == 0 {
			*d.set = d.def
		}
	}
	fault(c.Refresh < leastRefresh, "Refresh is %v: RFC 4028 has at least %v", c.Refresh, leastRefresh)
	fault(c.Messages < 0, "Messages is %d: it must not be negative", c.Messages)
	c.Most, c.Messages = cmp.Or(c.Most, 100), cmp.Or(c.Messages, 500)
	c.fill()
	return c, errors.Join(faults...)
}

func (c *Config) fill() {
	c.Addr, c.TLSAddr, c.Realm = cmp.Or(c.Addr, ":5060"), cmp.Or(c.TLSAddr, ":5061"), cmp.Or(c.Realm, "dialpay")
	if c.Transfer == nil {
		c.Transfer = func(to string) (string, bool) { return to, isURI(to) }
	}
	if c.Locale == nil {
		c.Locale = func(string) string { return "" }
	}
	if c.Observe == nil {
		c.Observe = func(Report) {}
	}
	if c.NewID == nil {
		c.NewID = rand.Text
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Media == nil {
		ports := &media.Ports{IP: hostOf(c.Addr), From: c.FirstPort, To: c.LastPort}
		c.Media = func() (Conn, error) { return ports.Open() }
	}
}

// hostOf is the IP address of one to listen at; the zero value is all of them.
func hostOf(addr string) netip.Addr {
	p, err := netip.ParseAddrPort(addr)
	if err != nil || p.Addr().IsUnspecified() {
		return netip.Addr{}
	}
	return p.Addr()
}

// peer finds who is at an address. Without a list, that is a stranger who may call.
func (c *Config) peer(at netip.Addr) (Peer, bool) {
	at = at.Unmap()
	for _, p := range c.Peers {
		if p.Net.Contains(at) {
			return p, true
		}
	}
	return Peer{}, len(c.Peers) == 0
}
