package media

import (
	"fmt"
	"net"
	"net/netip"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/ipv4"
)

// Would it help to send and receive many packets with one system call (sendmmsg, recvmmsg)? Such a call is for one
// socket, and each of our calls has its own. The benchmarks have 500 calls take turns as the Pacer does, 50 packets at
// a time: "each" by a socket for each call, as a Line does it, and "batch" by one socket for all. They print the CPU
// time of a packet, in the kernel and outside; that of reading includes a WriteBatch at the other end.
//
// Measured, over the loopback of a busy machine with two cores, medians of five: a packet that is sent takes 3.9 µs, in
// batches of 10 3.0 µs, and of 50 2.7 µs. One that is sent and received takes 6.9 µs, in batches of 50 5.4 µs. At 500
// calls that would save 7 % of one core.
//
// It is not done. All calls would have to share one port, and packets be told apart by where they come from: of a peer
// behind a NAT nobody knows that before they come, and a stranger's would have to be taken for some call's.

const (
	callsAtOnce = 500
	inTurn      = callsAtOnce / phases
)

func BenchmarkWriteEach(b *testing.B) {
	to := local(b, 1)[0].LocalAddr().(*net.UDPAddr).AddrPort() // its buffer is full soon, for each and for batches
	conns := local(b, callsAtOnce)
	packet := make([]byte, 12+Frame)
	turns(b, func(n int) {
		for _, conn := range conns[n : n+inTurn] {
			if _, err := conn.WriteToUDPAddrPort(packet, to); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkWriteBatch(b *testing.B) {
	for _, size := range []int{1, 10, inTurn} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			to := local(b, 1)[0].LocalAddr()
			shared := ipv4.NewPacketConn(local(b, 1)[0])
			packets := messages(inTurn, func(int) net.Addr { return to })
			turns(b, func(int) {
				for i := 0; i < inTurn; i += size {
					write(b, shared, packets[i:i+size])
				}
			})
		})
	}
}

func BenchmarkReadEach(b *testing.B) {
	conns := local(b, callsAtOnce)
	sender := ipv4.NewPacketConn(local(b, 1)[0])
	packets := messages(callsAtOnce, func(i int) net.Addr { return conns[i].LocalAddr() })
	var got sync.WaitGroup
	for _, conn := range conns {
		go func() {
			var p [1500]byte
			for {
				if _, _, err := conn.ReadFromUDPAddrPort(p[:]); err != nil {
					return
				}
				got.Done()
			}
		}()
	}
	turns(b, func(n int) {
		got.Add(inTurn)
		write(b, sender, packets[n:n+inTurn])
		got.Wait()
	})
}

func BenchmarkReadBatch(b *testing.B) {
	conn := local(b, 1)[0]
	sender, shared := ipv4.NewPacketConn(local(b, 1)[0]), ipv4.NewPacketConn(conn)
	packets := messages(inTurn, func(int) net.Addr { return conn.LocalAddr() })
	var got sync.WaitGroup
	go func() {
		into := messages(inTurn, func(int) net.Addr { return nil })
		for {
			n, err := shared.ReadBatch(into, 0)
			if err != nil {
				return
			}
			got.Add(-n)
		}
	}()
	turns(b, func(int) {
		got.Add(inTurn)
		write(b, sender, packets)
		got.Wait()
	})
}

// local opens so many sockets of this machine.
func local(b *testing.B, n int) []*net.UDPConn {
	conns := make([]*net.UDPConn, n)
	for i := range conns {
		conn, err := net.ListenUDP("udp4", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
		require.NoError(b, err)
		b.Cleanup(func() { _ = conn.Close() })
		conns[i] = conn
	}
	return conns
}

// messages are packets of voice.
func messages(n int, to func(i int) net.Addr) []ipv4.Message {
	all := make([]ipv4.Message, n)
	for i := range all {
		all[i] = ipv4.Message{Buffers: [][]byte{make([]byte, 12+Frame)}, Addr: to(i)}
	}
	return all
}

func write(b *testing.B, conn *ipv4.PacketConn, packets []ipv4.Message) {
	for len(packets) > 0 {
		n, err := conn.WriteBatch(packets, 0)
		if err != nil {
			b.Fatal(err)
		}
		packets = packets[n:]
	}
}

// turns has the calls from n on take their turn, and reports what a packet costs.
func turns(b *testing.B, turn func(n int)) {
	user, system := used()
	count := 0
	for b.Loop() {
		turn(count * inTurn % callsAtOnce)
		count++
	}
	userNow, systemNow := used()
	b.ReportMetric(float64(userNow-user)/float64(count*inTurn), "user-ns/packet")
	b.ReportMetric(float64(systemNow-system)/float64(count*inTurn), "kernel-ns/packet")
}

// used is the CPU time of this process, in ns.
func used() (user, system int64) {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // it cannot fail for one's own process
	return u.Utime.Nano(), u.Stime.Nano()
}
