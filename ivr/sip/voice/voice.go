package voice

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"runtime"
	"time"

	"github.com/dialpay/dialpay/ivr"
)

// Config says what a Voice is made of. Catalog and Speaker must be set.
type Config struct {
	// Catalog has the words of the prompts.
	Catalog *ivr.Catalog
	// Speaker speaks what is not recorded.
	Speaker Speaker
	// Recordings are played where there are any. Nil is none.
	Recordings *Recordings
	// Dir is a folder for what was rendered, so that it is rendered once. Several processes may share it. "" keeps it
	// in memory only. Values never lie in it: see the package comment.
	Dir string
	// DirBytes is about how large the folder grows before what was not used for longest is removed: 256 MiB.
	DirBytes int64
	// MemoryBytes is how much audio is kept in memory: 32 MiB, which is half an hour.
	MemoryBytes int
	// Timeout is how long the Speaker may take for a piece of a sentence, and once more if it fails: 2 s. When all are
	// busy, a piece waits 10 s for its turn.
	Timeout time.Duration
	// AtOnce is how many pieces the Speaker renders at once: as many as there are processors.
	AtOnce int
	// Log is told what fails, by message and not by words. Nil is slog.Default().
	Log *slog.Logger
}

// Voice turns prompts into audio. It is made once, and serves all calls at once.
type Voice struct {
	cfg    Config
	memory *memory
	disk   *disk         // nil without a Dir
	busy   chan struct{} // a place for each rendering at once
}

// New checks the configuration. The error has every fault at once, also every recording that does not fit the catalog.
func New(cfg Config) (*Voice, error) {
	v := &Voice{cfg: cfg}
	var faults []error
	for _, need := range []struct {
		what string
		ok   bool
	}{
		{"Catalog is not set", cfg.Catalog != nil},
		{"Speaker is not set: NewEspeak makes one", cfg.Speaker != nil},
		{"DirBytes is negative", cfg.DirBytes >= 0},
		{"MemoryBytes is negative", cfg.MemoryBytes >= 0},
		{"Timeout is negative", cfg.Timeout >= 0},
		{"AtOnce is negative", cfg.AtOnce >= 0},
	} {
		if !need.ok {
			faults = append(faults, errors.New("voice: Config."+need.what))
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	v.cfg.DirBytes = cmp.Or(cfg.DirBytes, 256<<20)
	v.cfg.Timeout = cmp.Or(cfg.Timeout, 2*time.Second)
	v.cfg.Log = cmp.Or(cfg.Log, slog.Default())
	v.memory = newMemory(cmp.Or(cfg.MemoryBytes, 32<<20))
	v.busy = make(chan struct{}, cmp.Or(cfg.AtOnce, runtime.GOMAXPROCS(0)))
	if err := v.checkRecordings(); err != nil {
		return nil, err
	}
	if cfg.Dir == "" {
		return v, nil
	}
	var err error
	v.disk, err = openDisk(cfg.Dir, v.cfg.DirBytes)
	return v, err
}

// Say returns the audio of prompts, as in a Turn: its Locale, Slow and Prompts. It does not wait: what is not in memory
// is rendered while the beginning plays. A piece that cannot be rendered is left out; Audio.Err tells.
func (v *Voice) Say(locale string, slow bool, prompts ...ivr.Prompt) *Audio {
	a := &Audio{}
	for _, p := range prompts {
		for _, x := range v.pieces(locale, p) {
			a.parts = v.append(a.parts, x, slow)
		}
		if n := len(a.parts); n > 0 {
			a.parts[n-1].after = max(a.parts[n-1].after, pause(breath, slow))
		}
	}
	if n := len(a.parts); n > 0 {
		a.parts[n-1].after = 0
	}
	return a
}

// Render returns the whole audio of prompts, once it is rendered.
func (v *Voice) Render(ctx context.Context, locale string, slow bool, prompts ...ivr.Prompt) ([]int16, error) {
	a := v.Say(locale, slow, prompts...)
	for _, p := range a.parts {
		select {
		case <-p.sound.ready:
		case <-ctx.Done():
			return nil, fmt.Errorf("voice: render: %w", ctx.Err())
		}
	}
	var pcm []int16
	for buf := make([]int16, Rate); ; {
		n, err := a.Read(buf)
		pcm = append(pcm, buf[:n]...)
		if err != nil {
			return pcm, a.err
		}
	}
}

// append adds the sounds of a piece: its recording, recordings of its words, or speech.
func (v *Voice) append(parts []part, x piece, slow bool) []part {
	if recorded := v.cfg.Recordings.find(x); recorded != nil {
		for _, r := range recorded {
			parts = append(parts, part{r.sound, pause(r.end, slow)})
		}
		return parts
	}
	u := x.utterance(slow)
	s := v.memory.get(u, func() ([]int16, error) { return v.make(x.message, u, x.fixed) })
	return append(parts, part{s, pause(x.end, slow)})
}

// breath is the pause between prompts, as if it were punctuation.
const breath = 'b'

// pause is how many samples of silence follow a mark of punctuation.
func pause(mark byte, slow bool) int {
	ms := 30
	switch mark {
	case ',':
		ms = 120
	case ';', ':', breath:
		ms = 200
	case '.', '?', '!':
		ms = 350
	}
	if slow {
		ms *= 2
	}
	return ms * Rate / 1000
}

// make loads an utterance from the disk, or has it rendered. It belongs to no call, as several may wait for it.
func (v *Voice) make(key string, u Utterance, fixed bool) ([]int16, error) {
	path := ""
	if v.disk != nil && fixed {
		path = v.disk.path(v.cfg.Speaker.Name(), u)
		pcm, err := v.disk.load(path)
		if err == nil {
			return pcm, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			v.cfg.Log.Warn("voice: rendered anew", "message", key, "error", err)
		}
	}
	pcm, err := v.speak(u)
	if err != nil {
		err = fmt.Errorf("voice: message %q in %s: %w", key, u.Locale, err)
		v.cfg.Log.Error("voice: words are missing", "message", key, "locale", u.Locale, "error", err)
		return nil, err
	}
	if path != "" {
		if err := v.disk.store(path, pcm); err != nil {
			v.cfg.Log.Warn("voice: not kept on disk", "message", key, "error", err)
		}
	}
	return pcm, nil
}

// speak has the speaker render an utterance, and try again if it fails.
func (v *Voice) speak(u Utterance) (pcm []int16, err error) {
	if err := v.queue(); err != nil {
		return nil, err
	}
	defer func() { <-v.busy }()
	for range 2 {
		ctx, cancel := context.WithTimeout(context.Background(), v.cfg.Timeout)
		pcm, err = v.cfg.Speaker.Speak(ctx, u)
		cancel()
		if err == nil {
			break
		}
	}
	return pcm, err
}

// queue waits for a place to render. When many calls begin at once, silence is better than a sentence without its
// amount; but nobody holds on for long.
func (v *Voice) queue() error {
	const longest = 10 * time.Second
	timer := time.NewTimer(longest)
	defer timer.Stop()
	select {
	case v.busy <- struct{}{}:
		return nil
	case <-timer.C:
		return fmt.Errorf("nothing could be rendered for %v: %w", longest, context.DeadlineExceeded)
	}
}
