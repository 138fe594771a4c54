package voice

import (
	"container/list"
	"sync"
)

// sound is the audio of one utterance, or will be: pcm and err may be read once ready is closed.
type sound struct {
	ready chan struct{}
	pcm   []int16
	err   error
}

// memory keeps the sounds that were used last, up to a number of bytes. What is being made is in it too, so that what
// many calls need at once is made once.
type memory struct {
	most int

	mu     sync.Mutex
	bytes  int
	sounds map[Utterance]*list.Element
	order  list.List // of *kept, the last used first
}

type kept struct {
	of    Utterance
	sound *sound
	bytes int // 0 until it is ready
}

func newMemory(most int) *memory {
	return &memory{most: most, sounds: make(map[Utterance]*list.Element)}
}

// get returns the sound of an utterance. If there is none yet, it starts to make one.
func (m *memory) get(u Utterance, make func() ([]int16, error)) *sound {
	m.mu.Lock()
	defer m.mu.Unlock()
	if at := m.sounds[u]; at != nil {
		m.order.MoveToFront(at)
		return at.Value.(*kept).sound
	}
	k := &kept{of: u, sound: newSound()}
	m.sounds[u] = m.order.PushFront(k)
	go func() {
		k.sound.pcm, k.sound.err = make()
		m.done(k)
		close(k.sound.ready)
	}()
	return k.sound
}

func newSound() *sound { return &sound{ready: make(chan struct{})} }

// done takes account of a sound that is ready. One that could not be made is forgotten, and made anew when it is needed
// again; so is one that does not fit in.
func (m *memory) done(k *kept) {
	m.mu.Lock()
	defer m.mu.Unlock()
	const overhead = 500 // of the words, the map and the list
	k.bytes = overhead + len(k.of.Text) + len(k.of.SSML) + 2*len(k.sound.pcm)
	m.bytes += k.bytes
	if k.sound.err != nil {
		m.forget(m.sounds[k.of])
	}
	for at := m.order.Back(); at != nil && m.bytes > m.most; {
		before := at.Prev()
		if at.Value.(*kept).bytes > 0 { // what is being made stays
			m.forget(at)
		}
		at = before
	}
}

func (m *memory) forget(at *list.Element) {
	k := m.order.Remove(at).(*kept)
	delete(m.sounds, k.of)
	m.bytes -= k.bytes
}
