package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/dialpay/dialpay/internal/bench"
	"github.com/dialpay/dialpay/ivr/sip/internal/company"
	"github.com/dialpay/dialpay/ivr/sip/internal/peer"
)

// report is what the callers saw.
type report struct {
	Failed    int
	Faults    []string
	OnTime    float64 // per cent of the packets that were sent within 5 ms of their time
	Late999   float64 // ms: 99.9 % of the packets were sent no later
	Read999   float64 // ms: 99.9 % of the packets were read no later than that after they came
	Processor time.Duration
}

func (r *report) failure() error {
	if r.Failed == 0 {
		return nil
	}
	return fmt.Errorf("%d calls failed: %v", r.Failed, r.Faults)
}

// callAll makes all calls at once.
func callAll(at string, calls int) report {
	server, err := netip.ParseAddrPort(at)
	bench.Must(err)
	f := &fleet{phones: make([]*phone, calls), quit: make(chan struct{})}
	for i := range f.phones {
		f.phones[i], err = newPhone(i)
		bench.Must(err)
	}
	var sending, calling sync.WaitGroup
	sending.Go(f.send)
	var mu sync.Mutex
	r := report{}
	for i, p := range f.phones {
		calling.Go(func() {
			time.Sleep(time.Duration(i) * 5 * time.Millisecond)
			if err := p.pay(server); err != nil {
				mu.Lock()
				defer mu.Unlock()
				r.Failed++
				if len(r.Faults) < 3 {
					r.Faults = append(r.Faults, err.Error())
				}
			}
		})
	}
	calling.Wait()
	close(f.quit)
	sending.Wait()
	var late, read []float64
	for _, p := range f.phones {
		late = append(late, p.lateness()...)
		for _, a := range p.arrived {
			read = append(read, float64(a.in)/float64(time.Millisecond))
		}
	}
	slices.Sort(late)
	slices.Sort(read)
	if n := len(late); n > 0 {
		within, _ := slices.BinarySearch(late, 5)
		r.OnTime, r.Late999, r.Read999 = 100*float64(within)/float64(n), late[n*999/1000], read[n*999/1000]
	}
	r.Processor = processor()
	return r
}

// fleet sends the packets of all phones.
type fleet struct {
	phones []*phone
	quit   chan struct{}
}

func (f *fleet) send() {
	const turns = 10 // in which the phones take part, so that not all send at once
	ticker := time.NewTicker(20 * time.Millisecond / turns)
	defer ticker.Stop()
	for turn := 0; ; turn++ {
		select {
		case <-ticker.C:
		case <-f.quit:
			return
		}
		for i := turn % turns; i < len(f.phones); i += turns {
			f.phones[i].send()
		}
	}
}

// phone is one caller.
type phone struct {
	n      int
	conn   *net.UDPConn
	signal *net.UDPConn

	mu      sync.Mutex
	to      netip.AddrPort
	packet  [12 + 160]byte
	seq     uint16
	ts      uint32
	events  []event
	arrived []arrival
}

// event is a packet of a key.
type event struct {
	ts   uint32
	data [4]byte
}

// arrival is when a packet came.
type arrival struct {
	ts uint32
	at time.Time
	in time.Duration // until it was read
}

func newPhone(n int) (p *phone, err error) {
	p = &phone{n: n, arrived: make([]arrival, 0, 4096)}
	loop := &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)}
	if p.conn, err = net.ListenUDP("udp", loop); err == nil {
		p.signal, err = net.ListenUDP("udp", loop)
	}
	if err == nil {
		err = stamped(p.conn)
	}
	for i := range p.packet {
		p.packet[i] = 0xFF
	}
	copy(p.packet[:12], []byte{0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7})
	return p, err
}

// send sends the packet that is due.
func (p *phone) send() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.to.IsValid() {
		return
	}
	p.seq++
	p.ts += 160
	b := p.packet[:]
	binary.BigEndian.PutUint16(b[2:], p.seq)
	binary.BigEndian.PutUint32(b[4:], p.ts)
	b[1] = 0
	if len(p.events) > 0 {
		var key [16]byte
		copy(key[:12], b[:12])
		key[1] = 101
		binary.BigEndian.PutUint32(key[4:], p.events[0].ts)
		copy(key[12:], p.events[0].data[:])
		p.events, b = p.events[1:], key[:]
	}
	_, _ = p.conn.WriteToUDPAddrPort(b, p.to)
}

// press presses keys, and waits until they are.
func (p *phone) press(keys string) {
	p.mu.Lock()
	ts := p.ts
	for i := range keys {
		ts += 160 * 20
		for n := range 7 {
			e := event{ts: ts}
			e.data = [4]byte{byte(strings.IndexByte("0123456789*#", keys[i])), 10, 0, byte(min(n, 4) * 40)}
			if n >= 4 {
				e.data[1] |= 0x80
			}
			p.events = append(p.events, e)
		}
	}
	n := len(p.events)
	p.mu.Unlock()
	time.Sleep(time.Duration(n+5) * 20 * time.Millisecond)
}

// listen notes when packets come: by the kernel's clock, which is that of their sending, and by when they are read.
func (p *phone) listen() {
	b, control := make([]byte, 1500), make([]byte, 128)
	for {
		n, m, _, _, err := p.conn.ReadMsgUDPAddrPort(b, control)
		if err != nil {
			return
		}
		read := time.Now()
		at, ok := stamp(control[:m])
		if n >= 12 && ok && len(p.arrived) < cap(p.arrived) {
			p.arrived = append(p.arrived, arrival{binary.BigEndian.Uint32(b[4:]), at, read.Sub(at)})
		}
	}
}

// stamped has the kernel note when each packet came.
func stamped(conn *net.UDPConn) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	err = raw.Control(func(fd uintptr) {
		failed = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_TIMESTAMPNS, 1)
	})
	return errors.Join(err, failed)
}

// stamp is what the kernel noted.
func stamp(control []byte) (time.Time, bool) {
	all, err := syscall.ParseSocketControlMessage(control)
	if err != nil {
		return time.Time{}, false
	}
	for _, m := range all {
		if m.Header.Level == syscall.SOL_SOCKET && m.Header.Type == syscall.SO_TIMESTAMPNS && len(m.Data) >= 16 {
			return time.Unix(int64(binary.NativeEndian.Uint64(m.Data)), int64(binary.NativeEndian.Uint64(m.Data[8:]))), true
		}
	}
	return time.Time{}, false
}

// lateness is by how many ms each packet came later than it would have at a steady pace. The pace is that of the packet
// that was earliest.
func (p *phone) lateness() []float64 {
	if len(p.arrived) == 0 {
		return nil
	}
	first := p.arrived[0]
	late := make([]float64, len(p.arrived))
	for i, a := range p.arrived {
		due := first.at.Add(time.Duration(int32(a.ts-first.ts)) * time.Second / 8000)
		late[i] = float64(a.at.Sub(due)) / float64(time.Millisecond)
	}
	earliest := slices.Min(late)
	for i := range late {
		late[i] -= earliest
	}
	return late
}

// pay makes a payment call.
func (p *phone) pay(server netip.AddrPort) error {
	var listening sync.WaitGroup
	listening.Go(p.listen)
	defer listening.Wait()
	defer p.conn.Close()
	c := peer.NewCaller(p.signal, server, "bench"+strconv.Itoa(p.n))
	defer c.Close()
	m, err := c.Do("INVITE", "", peer.Offer(p.conn.LocalAddr().(*net.UDPAddr).AddrPort(), 101))
	switch {
	case err != nil:
		return err
	case m.Status() != 200:
		return fmt.Errorf("%s", m.Start)
	}
	p.mu.Lock()
	p.to = peer.Sound(m.Body)
	p.mu.Unlock()
	time.Sleep(7 * time.Second) // until all calls are there
	for _, step := range []struct {
		keys string
		then time.Duration
	}{{"1", 2 * time.Second}, {strconv.Itoa(company.First+p.n) + "#", 2 * time.Second}, {"1234#",
		4 * time.Second}, {"1", 3 * time.Second},
		{"1", 9 * time.Second}, {"1", 4 * time.Second}} {
		p.press(step.keys)
		time.Sleep(step.then)
	}
	m, err = c.Do("BYE", "", "")
	if err == nil && m.Status() != 200 {
		err = fmt.Errorf("BYE: %s", m.Start)
	}
	return err
}
