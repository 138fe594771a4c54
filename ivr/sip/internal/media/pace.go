package media

import (
	"sync"
	"time"
)

// Tick is how long the sound of a packet lasts.
const Tick = 20 * time.Millisecond

// Pacer is the clock of all calls: every 20 ms it has each of its lines send a packet. The zero value is ready. It runs,
// in one goroutine, while it has a line.
type Pacer struct {
	mu    sync.Mutex
	lines []*Line
	stop  chan struct{} // ends the goroutine; nil where none runs
}

// most is how many packets are sent at once after a pause, in which the process did not run. What is missing beyond them
// is lost: a peer's buffer would not hold it.
const most = 5

func (p *Pacer) add(l *Line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l.place = len(p.lines)
	p.lines = append(p.lines, l)
	if p.stop == nil {
		p.stop = make(chan struct{})
		go p.run(p.stop)
	}
}

func (p *Pacer) remove(l *Line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.lines) - 1
	if l.place > last || p.lines[l.place] != l {
		return
	}
	p.lines[l.place] = p.lines[last]
	p.lines[l.place].place = l.place
	p.lines[last] = nil
	p.lines = p.lines[:last]
	if last == 0 {
		close(p.stop)
		p.stop = nil
	}
}

// run sends until it is stopped.
func (p *Pacer) run(stop chan struct{}) {
	ticker := time.NewTicker(Tick)
	defer ticker.Stop()
	start, sent := time.Now(), 0
	var s scratch
	for {
		select {
		case <-ticker.C:
		case <-stop:
			return
		}
		due := int(time.Since(start) / Tick)
		if due-sent > most {
			sent = due - most
		}
		for ; sent < due; sent++ {
			p.tick(&s)
		}
	}
}

// tick has every line send a packet.
func (p *Pacer) tick(s *scratch) {
	p.mu.Lock()
	s.lines = append(s.lines[:0], p.lines...)
	p.mu.Unlock()
	for _, l := range s.lines {
		l.tick(s)
	}
	clear(s.lines)
}

// scratch is what sending needs for a moment.
type scratch struct {
	lines  []*Line
	said   [Frame]int16
	packet [12 + Frame]byte
	sealed [12 + Frame + 64]byte
}
