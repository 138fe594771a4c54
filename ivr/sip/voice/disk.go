package voice

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// disk keeps sounds in a folder, which several processes may share. A file has the name of its words and of the voice,
// hashed; it is written beside and then renamed, so that nobody reads half a one, and begins with the hash of its
// audio, so that one that was damaged is made anew.
type disk struct {
	dir  string
	most int64 // bytes

	mu      sync.Mutex
	written int64 // bytes since it was last tidied
}

// version is part of each name; what is rendered in another way has another one.
const version = "dialpay voice 1"

// abandoned is the age of a file that is still being written; whoever wrote it is gone.
const abandoned = time.Hour

func openDisk(dir string, most int64) (*disk, error) {
	d := &disk{dir: dir, most: most}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("voice: Config.Dir: %w", err)
	}
	f, err := os.CreateTemp(dir, "new-*")
	if err != nil {
		return nil, fmt.Errorf("voice: Config.Dir must be a folder that can be written to: %w", err)
	}
	f.Close()
	os.Remove(f.Name())
	return d, d.tidy()
}

// path of the sound of an utterance by a speaker.
func (d *disk) path(speaker string, u Utterance) string {
	h := sha256.New()
	for _, s := range []string{version, speaker, u.Locale, u.Text, u.SSML, fmt.Sprint(u.Slow)} {
		h.Write(binary.AppendUvarint(nil, uint64(len(s))))
		h.Write([]byte(s))
	}
	return filepath.Join(d.dir, hex.EncodeToString(h.Sum(nil))+".pcm")
}

// errDamaged tells that a file is not what was written.
var errDamaged = errors.New("is damaged")

// load returns what lies in a file; an error that is fs.ErrNotExist if there is none.
func (d *disk) load(path string) ([]int16, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if len(b) < sha256.Size || len(b)%2 != 0 || sha256.Sum256(b[sha256.Size:]) != [sha256.Size]byte(b[:sha256.Size]) {
		return nil, fmt.Errorf("voice: %s %w", path, errDamaged)
	}
	now := time.Now()
	_ = os.Chtimes(path, now, now) // the oldest go first
	pcm := make([]int16, (len(b)-sha256.Size)/2)
	for i := range pcm {
		pcm[i] = int16(binary.LittleEndian.Uint16(b[sha256.Size+2*i:]))
	}
	return pcm, nil
}

// store writes a file, and removes the oldest ones from time to time.
func (d *disk) store(path string, pcm []int16) error {
	b := make([]byte, sha256.Size, sha256.Size+2*len(pcm))
	for _, x := range pcm {
		b = binary.LittleEndian.AppendUint16(b, uint16(x))
	}
	sum := sha256.Sum256(b[sha256.Size:])
	copy(b, sum[:])
	if err := d.write(path, b); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.written += int64(len(b))
	if d.written < d.most/8 {
		return nil
	}
	d.written = 0
	return d.tidy()
}

func (d *disk) write(path string, b []byte) error {
	f, err := os.CreateTemp(d.dir, "new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// tidy removes the files that were not used for longest, until a quarter of the room is free again, and what was never
// finished. What another process has removed meanwhile is no error.
func (d *disk) tidy() error {
	entries, err := os.ReadDir(d.dir)
	if err != nil {
		return err
	}
	var files []fs.FileInfo
	total := int64(0)
	for _, entry := range entries {
		info, err := entry.Info()
		ours := entry.Type().IsRegular() && (filepath.Ext(entry.Name()) == ".pcm" || isNew(entry.Name()))
		if err != nil || !ours {
			continue
		}
		if isNew(info.Name()) && time.Since(info.ModTime()) > abandoned {
			os.Remove(filepath.Join(d.dir, info.Name()))
			continue
		}
		files = append(files, info)
		total += info.Size()
	}
	if total <= d.most {
		return nil
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, f := range files {
		if total <= d.most*3/4 {
			break
		}
		if isNew(f.Name()) {
			continue
		}
		if err := os.Remove(filepath.Join(d.dir, f.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		total -= f.Size()
	}
	return nil
}

func isNew(name string) bool { ok, _ := filepath.Match("new-*", name); return ok }
