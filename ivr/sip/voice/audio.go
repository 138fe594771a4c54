package voice

import (
	"io"
	"sync"
)

// Audio is what a caller hears of a turn. One goroutine reads it, any may stop it.
type Audio struct {
	mu    sync.Mutex
	parts []part
	at    int // samples of the first part that were read
	pause int // samples of silence that are left before the first part
	err   error
}

// part is a sound, and how much silence follows it.
type part struct {
	sound *sound
	after int
}

// Read fills pcm with the next samples: 160 are a packet of 20 ms. It never waits. Fewer samples without an error mean
// that the next words are not rendered yet: send silence, and go on with the next packet. io.EOF, with the last samples
// or without any, tells that all was read, or that it was stopped.
func (a *Audio) Read(pcm []int16) (n int, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for n < len(pcm) && len(a.parts) > 0 {
		if a.pause > 0 {
			silence := min(a.pause, len(pcm)-n)
			clear(pcm[n : n+silence])
			n, a.pause = n+silence, a.pause-silence
			continue
		}
		first := a.parts[0]
		select {
		case <-first.sound.ready:
		default:
			return n, nil
		}
		copied := copy(pcm[n:], first.sound.pcm[a.at:])
		n, a.at = n+copied, a.at+copied
		if a.at == len(first.sound.pcm) {
			a.next()
		}
	}
	if len(a.parts) == 0 {
		return n, io.EOF
	}
	return n, nil
}

// next goes on to the next part. The first error is kept: words are missing.
func (a *Audio) next() {
	if err := a.parts[0].sound.err; err != nil && a.err == nil {
		a.err = err
	}
	a.pause, a.at = a.parts[0].after, 0
	a.parts[0] = part{}
	a.parts = a.parts[1:]
}

// Stop ends the audio: the next Read says io.EOF.
func (a *Audio) Stop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.parts, a.pause = nil, 0
}

// Err tells, after io.EOF, why words are missing: the first error of the speaker. A line whose caller must hear all,
// before they confirm an amount, must not say that they have.
func (a *Audio) Err() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.err
}
