package sip

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
)

// dialog is what SIP knows of a call that we answered (RFC 3261, section 12).
type dialog struct {
	server  *Server
	id      string
	invite  *sip.Request   // with our tag in To
	here    netip.AddrPort // where the peer reaches us
	contact sip.Header
	routes  []sip.Header
	order   order // of the peer's requests

	mu     sync.Mutex
	target sip.Uri // where the peer says that it is
	source string  // where its requests come from: ours go there, as a NAT would have it
	seq    uint32  // of our last request
	closed bool    // one side has said BYE
}

// newDialog begins one with an INVITE, which gets our tag.
func (s *Server) newDialog(req *sip.Request) (*dialog, error) {
	if req.Contact() == nil {
		return nil, fmt.Errorf("sip: INVITE without Contact")
	}
	invite := req.Clone()
	invite.To().Params.Add("tag", sip.GenerateTagN(16))
	id, err := sip.DialogIDFromRequestUAS(invite)
	if err != nil {
		return nil, fmt.Errorf("sip: %w", err)
	}
	d := &dialog{server: s, id: id, invite: invite, target: invite.Contact().Address, source: req.Source(),
		order: order{last: req.CSeq().SeqNo}}
	for _, h := range invite.GetHeaders("Record-Route") {
		d.routes = append(d.routes, sip.NewHeader("Route", h.Value()))
	}
	port, params := s.udp.Port(), ""
	switch strings.ToLower(req.Transport()) {
	case "tcp":
		port, params = s.tcp.Port(), ";transport=tcp"
	case "tls":
		port, params = s.tls.Port(), ";transport=tls"
	}
	d.here = netip.AddrPortFrom(s.addressFor(peerOf(req)), port)
	d.contact = sip.NewHeader("Contact", fmt.Sprintf("<sip:%v%s>", d.here, params))
	return d, nil
}

// peerOf is where a request comes from.
func peerOf(req *sip.Request) netip.AddrPort {
	p, _ := netip.ParseAddrPort(req.Source())
	return netip.AddrPortFrom(p.Addr().Unmap(), p.Port())
}

// receive notes from a request of the peer, whose turn it is, where the peer is.
func (d *dialog) receive(req *sip.Request) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.source = req.Source()
	if c := req.Contact(); c != nil && (req.IsInvite() || req.Method == sip.UPDATE) {
		d.target = c.Address // a target refresh
	}
}

// request sends a request within the dialog and waits for its final answer.
func (d *dialog) request(ctx context.Context, method sip.RequestMethod, body []byte,
	headers ...sip.Header) (*sip.Response, *sip.Request, error) {
	req := d.make(method, body, headers...)
	res, err := d.server.client.Do(ctx, req, func(*sipgo.Client, *sip.Request) error { return nil }) // it is complete
	if err != nil {
		return nil, req, fmt.Errorf("sip: %s: %w", method, err)
	}
	return res, req, nil
}

// make makes a request of the dialog.
func (d *dialog) make(method sip.RequestMethod, body []byte, headers ...sip.Header) *sip.Request {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.seq++
	req := sip.NewRequest(method, d.target)
	via := &sip.ViaHeader{ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: d.invite.Transport(),
		Host: host(d.here.Addr()), Port: int(d.here.Port())}
	via.Params.Add("branch", sip.GenerateBranch())
	via.Params.Add("rport", "")
	from, to := d.invite.To().AsFrom(), d.invite.From().AsTo()
	forwards := sip.MaxForwardsHeader(70)
	for _, h := range append([]sip.Header{via, &from, &to, sip.HeaderClone(d.invite.CallID()),
		&sip.CSeqHeader{SeqNo: d.seq, MethodName: method}, &forwards, d.contact}, d.routes...) {
		req.AppendHeader(h)
	}
	for _, h := range headers {
		req.AppendHeader(h)
	}
	req.SetBody(body)
	if body != nil {
		req.AppendHeader(sip.NewHeader("Content-Type", sdpType))
	}
	req.SetTransport(d.invite.Transport())
	req.SetDestination(d.source)
	if u := d.server.udp; strings.EqualFold(d.invite.Transport(), "udp") {
		req.Laddr = sip.Addr{IP: u.Addr().AsSlice(), Port: int(u.Port())} // from where we listen
	}
	return req
}

// host is an address as SIP writes it.
func host(a netip.Addr) string {
	if a.Is6() {
		return "[" + a.String() + "]"
	}
	return a.String()
}

// from is where the peer's signals come from.
func (d *dialog) from() netip.Addr {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, _ := netip.ParseAddrPort(d.source)
	return p.Addr().Unmap()
}

// end notes that the call is over, and tells whether it was not yet.
func (d *dialog) end() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	was := d.closed
	d.closed = true
	return !was
}

// bye hangs up, if the peer has not.
func (d *dialog) bye() {
	if !d.end() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 40*time.Second) // 64 T1 and some
	defer cancel()
	if res, _, err := d.request(ctx, sip.BYE, nil); err != nil {
		d.server.cfg.Log.Warn("sip: BYE was not answered", "error", err)
	} else if res.StatusCode >= 300 && res.StatusCode != 481 {
		d.server.cfg.Log.Warn("sip: BYE was refused", "status", res.StatusCode)
	}
}
