package sip

import "sync"

// progress is what the peer tells of a transfer.
type progress struct {
	final chan string // the last status; empty if the peer does not tell

	mu sync.Mutex
	on bool
}

func (p *progress) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.on = true
	select { // of an earlier one
	case <-p.final:
	default:
	}
}

func (p *progress) end() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.on = false
}

func (p *progress) going() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.on
}

func (p *progress) tell(status string) {
	select {
	case p.final <- status:
	default:
	}
}
