package media

import "sync"

// Recorder keeps the sound of a call.
type Recorder interface {
	// Record gets what the caller said and what was said to them in the same 20 ms: 160 samples each, which are only
	// valid until it returns. It is called by one goroutine. A recorder that is too slow gets silence for what it missed.
	Record(heard, said []int16)
	Close() error
}

// recording has the sound of a call on its way to a Recorder: everything but keys. It is silence while it is paused,
// and while a key is pressed. Because the tone of a key is found only after it has begun, sound is held back for so
// long. A nil recording does nothing.
type recording struct {
	to   Recorder
	out  chan [2][Frame]int16
	done chan struct{}

	mu        sync.Mutex
	paused    bool
	muted     int // so many samples to come from the caller are silence
	ear, lips []int16
}

const (
	// held is how much is held back: a tone is found within 60 ms, and packets have up to 60 ms in them.
	held = 6 * Frame
	// late is how much more there can be when packets come in bursts.
	late = 10 * Frame
	// behind is how many frames a Recorder can be behind: a second.
	behind = 50
)

func newRecording(to Recorder) *recording {
	if to == nil {
		return nil
	}
	r := &recording{to: to, out: make(chan [2][Frame]int16, behind), done: make(chan struct{}),
		ear: make([]int16, held, held+late), lips: make([]int16, held, held+Frame)}
	go func() {
		defer close(r.done)
		for frame := range r.out {
			r.to.Record(frame[0][:], frame[1][:])
		}
	}()
	return r
}

// pause makes silence of everything, and of what the caller said just before, until it is ended.
func (r *recording) pause(on bool) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.paused = on; on {
		clear(r.ear)
	}
}

// mute makes silence of a key that is being pressed.
func (r *recording) mute() {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.ear)
	r.muted = held
}

// heard takes what the caller says.
func (r *recording) heard(pcm []int16) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	pcm = pcm[:min(len(pcm), cap(r.ear)-len(r.ear))]
	at := len(r.ear)
	r.ear = append(r.ear, pcm...)
	if r.paused {
		clear(r.ear[at:])
	}
	n := min(r.muted, len(pcm))
	clear(r.ear[at : at+n])
	r.muted -= n
}

// frame takes what is said in the present 20 ms, and gives the Recorder those of some time ago.
func (r *recording) frame(said []int16) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	at := len(r.lips)
	if r.lips = append(r.lips, said...); r.paused {
		clear(r.lips[at:])
	}
	if len(r.ear) < held-Frame { // the caller's packets are late, or there are none
		r.ear = append(r.ear, make([]int16, Frame)...)
	}
	var f [2][Frame]int16
	r.ear = r.ear[:copy(r.ear, r.ear[copy(f[0][:], r.ear):])]
	r.lips = r.lips[:copy(r.lips, r.lips[copy(f[1][:], r.lips):])]
	select {
	case r.out <- f:
	default:
	}
}

// close has the Recorder keep what is held back, and closes it.
func (r *recording) close() error {
	if r == nil {
		return nil
	}
	for range held / Frame {
		r.frame(make([]int16, Frame))
	}
	close(r.out)
	<-r.done
	return r.to.Close()
}
