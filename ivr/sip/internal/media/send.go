package media

import "net/netip"

// tick sends the packet that is due.
func (l *Line) tick(s *scratch) {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return
	}
	if l.speech.ending {
		l.spoken()
	}
	said := s.said[:]
	to, seal := l.source.target(l.cfg.Now()), l.session.Seal
	if l.session.Hold {
		clear(said)
		to = netip.AddrPort{}
	} else {
		l.speech.fill(said)
		l.speech.lost = l.speech.lost || !to.IsValid()
	}
	l.header.Timestamp += uint32(s.skipped) * Frame
	l.header.PayloadType = uint8(l.session.Codec)
	n, _ := l.header.MarshalTo(s.packet[:])
	l.session.Codec.encode(s.packet[n:n+Frame], said)
	l.header.Marker = false
	l.header.SequenceNumber++
	l.header.Timestamp += Frame
	l.mu.Unlock()

	packet := s.packet[:n+Frame]
	if seal != nil {
		sealed, err := seal(s.sealed[:0], packet)
		if err != nil {
			return
		}
		packet = sealed
	}
	if to.IsValid() {
		_, _ = l.cfg.Conn.WriteToUDPAddrPort(packet, to) // a peer that is gone says so by other means
	}
	l.recorder.frame(said)
}
