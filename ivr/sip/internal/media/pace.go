package media

import (
	"sync"
	"time"
)

// Tick is how long the sound of a packet lasts.
const Tick = 20 * time.Millisecond

// Pacer is the clock of all calls: every 20 ms it has each of its lines send a packet. The lines take turns within
// that time, so that their packets do not come all at once. The zero value is ready. It runs, in one goroutine, while
// it has a line.
type Pacer struct {
	mu     sync.Mutex
	phases [phases][]*Line
	count  int
	stop   chan struct{} // ends the goroutine; nil where none runs
}

const (
	// phases is how many groups of lines take turns.
	phases = 10
	// most is how many packets a line sends at once after a pause, in which the process did not run. The time beyond
	// them is passed over: a peer's buffer would not hold more.
	most = 5
)

func (p *Pacer) add(l *Line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	l.phase = 0
	for i := range p.phases {
		if len(p.phases[i]) < len(p.phases[l.phase]) {
			l.phase = i
		}
	}
	l.place = len(p.phases[l.phase])
	p.phases[l.phase] = append(p.phases[l.phase], l)
	if p.count++; p.count == 1 {
		p.stop = make(chan struct{})
		go p.run(p.stop)
	}
}

func (p *Pacer) remove(l *Line) {
	p.mu.Lock()
	defer p.mu.Unlock()
	lines := p.phases[l.phase]
	last := len(lines) - 1
	if l.place > last || lines[l.place] != l {
		return
	}
	lines[l.place] = lines[last]
	lines[l.place].place = l.place
	lines[last] = nil
	p.phases[l.phase] = lines[:last]
	if p.count--; p.count == 0 {
		close(p.stop)
		p.stop = nil
	}
}

// run sends until it is stopped.
func (p *Pacer) run(stop chan struct{}) {
	const turn = Tick / phases
	ticker := time.NewTicker(turn)
	defer ticker.Stop()
	start, turns := time.Now(), 0
	var s scratch
	for {
		select {
		case <-ticker.C:
		case <-stop:
			return
		}
		due := int(time.Since(start) / turn)
		if s.skipped = max(0, (due-turns)/phases-most); s.skipped > 0 {
			turns += s.skipped * phases
		}
		for until := turns + phases; turns < due; turns++ {
			if turns == until { // all lines have passed over the same
				s.skipped = 0
			}
			p.turn(turns%phases, &s)
		}
	}
}

// turn has every line of a phase send a packet.
func (p *Pacer) turn(phase int, s *scratch) {
	p.mu.Lock()
	s.lines = append(s.lines[:0], p.phases[phase]...)
	p.mu.Unlock()
	for _, l := range s.lines {
		l.tick(s)
	}
	clear(s.lines)
}

// scratch is what sending needs for a moment.
type scratch struct {
	skipped int // ticks that were passed over before this one
	lines   []*Line
	said    [Frame]int16
	packet  [12 + Frame]byte
	sealed  [12 + Frame + 64]byte
}
