package media

import (
	"context"
	"fmt"

	"github.com/dialpay/dialpay/ivr"
)

// speech is what is being said: samples that others have too, so that a call keeps only where it is in them.
type speech struct {
	on     bool
	clips  [][]int16
	at     int  // in the first clip
	whole  bool // nothing more will be added
	ending bool // the last packet was sent; it lasts until the next tick
	room   chan struct{}
	cancel context.CancelFunc
}

func (s *speech) stop() {
	if s.cancel != nil {
		s.cancel()
	}
}

// ahead is how many clips are made ready before they are needed.
const ahead = 4

// breath is the pause between two prompts.
var breath = make([]int16, Rate*150/1000)

// render makes the prompts of a turn ready, one after the other, while the ones before are said.
func (l *Line) render(ctx context.Context, room chan struct{}, t ivr.Turn) {
	for i, p := range t.Prompts {
		pcm, err := l.cfg.Speak(ctx, &t, p)
		if err != nil {
			l.fail(ctx, fmt.Errorf("media: speak %q: %w", p.Key, err))
			return
		}
		if i > 0 && len(pcm) > 0 && !l.say(ctx, room, breath) || !l.say(ctx, room, pcm) {
			return
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if ctx.Err() != nil {
		return
	}
	l.speech.whole = true
	if len(l.speech.clips) == 0 && !l.speech.ending {
		l.promptsEnded() // the last of them was said before it was known to be the last
	}
}

// say adds a clip as soon as there is room. It tells whether the turn goes on.
func (l *Line) say(ctx context.Context, room chan struct{}, pcm []int16) bool {
	for {
		l.mu.Lock()
		if ctx.Err() != nil {
			l.mu.Unlock()
			return false
		}
		if len(l.speech.clips) < ahead {
			if len(pcm) > 0 {
				l.speech.clips = append(l.speech.clips, pcm)
			}
			l.mu.Unlock()
			return true
		}
		l.mu.Unlock()
		select {
		case <-room:
		case <-ctx.Done():
		}
	}
}

// fail ends the call: a caller who does not hear the question must not be taken to have heard it.
func (l *Line) fail(ctx context.Context, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if ctx.Err() == nil {
		l.failed = err
		l.notify()
	}
}

// fill takes the samples of the next packet. It tells whether there are any, and puts silence behind them. The lock is
// held.
func (s *speech) fill(frame []int16) bool {
	n := 0
	for n < len(frame) && len(s.clips) > 0 {
		c := copy(frame[n:], s.clips[0][s.at:])
		n, s.at = n+c, s.at+c
		if s.at == len(s.clips[0]) {
			s.at = 0
			s.clips = append(s.clips[:0], s.clips[1:]...)
			select {
			case s.room <- struct{}{}:
			default:
			}
		}
	}
	clear(frame[n:])
	s.ending = s.on && s.whole && len(s.clips) == 0
	return n > 0
}
