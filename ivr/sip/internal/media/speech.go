package media

import (
	"errors"
	"fmt"
	"io"
)

// Audio is what is said in a turn. *voice.Audio is one.
type Audio interface {
	// Read fills pcm with the next samples, 8,000 a second. It never waits: fewer of them without an error mean that the
	// next words are not ready yet. io.EOF, with the last samples or after them, is the end.
	Read(pcm []int16) (n int, err error)
	// Err tells, after io.EOF, why words are missing.
	Err() error
}

// speech is what is being said.
type speech struct {
	audio  Audio // nil when nothing is
	ending bool  // the last packet was sent; it lasts until the next tick
	lost   bool  // some of it was sent nowhere
}

// fill takes the samples of the next packet, and puts silence behind them. The lock is held.
func (s *speech) fill(frame []int16) {
	n := 0
	if s.audio != nil && !s.ending {
		var err error
		n, err = s.audio.Read(frame)
		s.ending = errors.Is(err, io.EOF)
	}
	clear(frame[n:])
}

// ErrNoPeer tells that nobody was there whom sound could be sent to.
var ErrNoPeer = errors.New("media: no packet came from where the peer said, nor from where its signals do")

// spoken reports that all was said. A read-back of which words are missing was not heard, so it must not seem so: the
// call ends. The lock is held.
func (l *Line) spoken() {
	err := l.speech.audio.Err()
	if err == nil && l.speech.lost {
		err = ErrNoPeer
	}
	if err != nil && l.turn.Listen.Flush {
		l.failed = fmt.Errorf("media: turn %d must be heard to its end: %w", l.turn.Seq, err)
		l.speech = speech{}
		l.notify()
		return
	}
	l.promptsEnded()
}
