package sip

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"

	"github.com/dialpay/dialpay/ivr/sip/internal/media"
)

// Server answers calls. Make it with New, and have it Serve.
type Server struct {
	cfg    Config
	pacer  media.Pacer
	guard  *guard
	digest *digestAuth
	ua     *sipgo.UserAgent
	server *sipgo.Server
	client *sipgo.Client

	udp, tcp, tls netip.AddrPort // where it listens

	mu       sync.Mutex
	calls    map[string]*call // by dialog
	taken    int              // calls, and those that are being answered
	draining bool
	ended    sync.WaitGroup
	ctx      context.Context // of the calls
	cancel   context.CancelFunc
}

// New checks the configuration.
func New(cfg Config) (*Server, error) {
	cfg, err := cfg.normal()
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, calls: map[string]*call{}}
	s.guard = newGuard(&s.cfg)
	s.digest = newDigestAuth(&s.cfg)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	log := quiet(cfg.Log)
	s.ua, err = sipgo.NewUA(sipgo.WithUserAgent("dialpay"),
		sipgo.WithUserAgentTransportLayerOptions(sip.WithTransportLayerLogger(log),
			sip.WithTransportLayerReadFilter(s.guard.slow)),
		sipgo.WithUserAgentTransactionLayerOptions(sip.WithTransactionLayerLogger(log),
			sip.WithTransactionLayerUnhandledResponseHandler(func(*sip.Response) {})))
	if err != nil {
		return nil, fmt.Errorf("sip: %w", err)
	}
	if s.server, err = sipgo.NewServer(s.ua, sipgo.WithServerLogger(log)); err == nil {
		s.client, err = sipgo.NewClient(s.ua, sipgo.WithClientLogger(log))
	}
	if err != nil {
		return nil, fmt.Errorf("sip: %w", err)
	}
	s.route()
	return s, nil
}

// Listeners are what a Server listens to. Each may be nil.
type Listeners struct {
	UDP net.PacketConn
	TCP net.Listener
	TLS net.Listener
}

// Listen opens the listeners that the configuration names.
func (s *Server) Listen() (Listeners, error) {
	var l Listeners
	var err error
	if l.UDP, err = net.ListenPacket("udp", s.cfg.Addr); err != nil {
		return l, fmt.Errorf("sip: %w", err)
	}
	if l.TCP, err = net.Listen("tcp", l.UDP.LocalAddr().String()); err != nil { // the same port also where it was 0
		return l, errors.Join(fmt.Errorf("sip: %w", err), l.Close())
	}
	if s.cfg.TLS != nil {
		if l.TLS, err = net.Listen("tcp", s.cfg.TLSAddr); err != nil {
			return l, errors.Join(fmt.Errorf("sip: %w", err), l.Close())
		}
	}
	return l, nil
}

// Close closes all of them.
func (l Listeners) Close() error {
	var faults []error
	if l.UDP != nil {
		faults = append(faults, l.UDP.Close())
	}
	for _, one := range []net.Listener{l.TCP, l.TLS} {
		if one != nil {
			faults = append(faults, one.Close())
		}
	}
	return errors.Join(faults...)
}

// ListenAndServe is Listen and Serve.
func (s *Server) ListenAndServe(ctx context.Context) error {
	l, err := s.Listen()
	if err != nil {
		return err
	}
	return s.Serve(ctx, l)
}

// Serve answers calls until ctx is done. Then no new call is taken, and those that are going on may end, at most within
// Config.Drain; what is left is hung up. It closes the listeners, and may be called once.
func (s *Server) Serve(ctx context.Context, l Listeners) error {
	defer s.cancel()
	s.at(l)
	var listening sync.WaitGroup
	broken := make(chan error, 3)
	serve := func(f func() error) {
		listening.Go(func() {
			if err := f(); err != nil && ctx.Err() == nil && !errors.Is(err, net.ErrClosed) {
				broken <- fmt.Errorf("sip: %w", err)
			}
		})
	}
	if l.UDP != nil {
		serve(func() error { return s.guard.serveUDP(l.UDP, s.server.ServeUDP) })
	}
	if l.TCP != nil {
		serve(func() error { return s.server.ServeTCP(s.guard.listener(l.TCP)) })
	}
	if l.TLS != nil {
		serve(func() error { return s.server.ServeTLS(tls.NewListener(s.guard.listener(l.TLS), s.cfg.TLS)) })
	}
	var err error
	select {
	case <-ctx.Done():
	case err = <-broken:
	}
	s.drain()
	s.guard.close()
	err = errors.Join(err, l.Close(), s.ua.Close())
	listening.Wait()
	return err
}

// at notes where the server listens.
func (s *Server) at(l Listeners) {
	if l.UDP != nil {
		s.udp = addrPort(l.UDP.LocalAddr())
	}
	if l.TCP != nil {
		s.tcp = addrPort(l.TCP.Addr())
	}
	if l.TLS != nil {
		s.tls = addrPort(l.TLS.Addr())
	}
}

// drain waits for the calls, and ends those that take too long.
func (s *Server) drain() {
	s.mu.Lock()
	s.draining = true
	s.mu.Unlock()
	over := make(chan struct{})
	go func() { s.ended.Wait(); close(over) }()
	timer := time.NewTimer(s.cfg.Drain)
	defer timer.Stop()
	select {
	case <-over:
	case <-timer.C:
		s.cancel()
		<-over
	}
}

// Calls is how many calls there are now.
func (s *Server) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.calls)
}

// admit takes one of the places for calls.
func (s *Server) admit(req *sip.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.full(req) {
		return false
	}
	s.taken++
	s.ended.Add(1)
	return true
}

// full tells whether there is no place for the call of a request. Who is not trusted leaves some to those who are: calls
// that nobody means to hold must not keep theirs out. The lock is held.
func (s *Server) full(req *sip.Request) bool {
	most := s.cfg.Most
	trusted := func(p Peer) bool { return p.Trusted }
	if peer, _ := s.cfg.peer(peerOf(req).Addr()); !peer.Trusted && slices.ContainsFunc(s.cfg.Peers, trusted) {
		most -= most / 10
	}
	return s.draining || s.taken >= most
}

func (s *Server) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken--
}

func (s *Server) add(c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[c.dialog.id] = c
}

func (s *Server) remove(c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.calls, c.dialog.id)
}

// find is the call that a request belongs to.
func (s *Server) find(req *sip.Request) *call {
	id, err := sip.DialogIDFromRequestUAS(req)
	if err != nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[id]
}

// addressFor is the address that a peer reaches this server at.
func (s *Server) addressFor(peer netip.AddrPort) netip.Addr {
	if s.cfg.Public.IsValid() {
		return s.cfg.Public
	}
	for _, at := range []netip.AddrPort{s.udp, s.tcp, s.tls} {
		if a := at.Addr(); a.IsValid() && !a.IsUnspecified() {
			return a.Unmap()
		}
	}
	conn, err := net.Dial("udp", peer.String()) // sends nothing
	if err != nil {
		return netip.IPv4Unspecified()
	}
	defer conn.Close()
	return addrPort(conn.LocalAddr()).Addr().Unmap()
}

func addrPort(a net.Addr) netip.AddrPort {
	p, err := netip.ParseAddrPort(a.String())
	if err != nil {
		return netip.AddrPort{}
	}
	return p
}
