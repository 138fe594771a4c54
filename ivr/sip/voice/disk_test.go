package voice

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/ivr"
)

// TestDamaged changes what lies on the disk in every way: it is rendered anew, and written again.
func TestDamaged(t *testing.T) {
	dir := t.TempDir()
	render := func() (again int, log string) {
		v, spoken, out := newVoice(t, Config{Dir: dir})
		pcm, err := v.Render(context.Background(), "en-US", false, ivr.Say("hello"))
		require.NoError(t, err)
		require.Equal(t, "Welcome to O'Brien & Sons.", heard(pcm))
		return len(spoken.texts()), out.String()
	}
	render()
	files, err := filepath.Glob(filepath.Join(dir, "*.pcm"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	good, err := os.ReadFile(files[0])
	require.NoError(t, err)
	for name, bad := range map[string][]byte{
		"empty": {}, "half": good[:len(good)/2], "odd": good[:len(good)-1], "no audio": good[:31],
		"longer":         append(good[:len(good):len(good)], 0, 0),
		"another sample": append(append(good[:40:40], good[40]+1), good[41:]...),
		"another hash":   append([]byte{good[0] + 1}, good[1:]...),
	} {
		require.NoError(t, os.WriteFile(files[0], bad, 0o600))
		again, log := render()
		assert.Equal(t, 1, again, name)
		assert.Contains(t, log, "is damaged", name)
		again, log = render()
		assert.Zero(t, again, name)
		assert.Empty(t, log, name)
	}
}

// TestDiskIsNoneOfTheCall goes on without the folder.
func TestDiskIsNoneOfTheCall(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "voice")
	v, _, log := newVoice(t, Config{Dir: dir})
	require.NoError(t, os.RemoveAll(dir))
	pcm, err := v.Render(context.Background(), "en-US", false, ivr.Say("hello"))
	require.NoError(t, err)
	assert.Equal(t, "Welcome to O'Brien & Sons.", heard(pcm))
	assert.Contains(t, log.String(), "not kept on disk")
}

// TestTidy keeps the folder as small as it was told to, and what was used last in it.
func TestTidy(t *testing.T) {
	dir := t.TempDir()
	d, err := openDisk(dir, 10_000)
	require.NoError(t, err)
	old := time.Now().Add(-time.Hour)
	path := func(i int) string { return d.path("test", Utterance{Text: fmt.Sprint(i)}) }
	stale := filepath.Join(dir, "new-123")
	require.NoError(t, os.WriteFile(stale, nil, 0o600))
	require.NoError(t, os.Chtimes(stale, old.Add(-time.Hour), old.Add(-time.Hour)))
	theirs := filepath.Join(dir, "README")
	require.NoError(t, os.WriteFile(theirs, make([]byte, 20_000), 0o600))
	for i := range 100 {
		require.NoError(t, d.store(path(i), make([]int16, 250)))
		then := old.Add(time.Duration(i) * time.Second)
		require.NoError(t, os.Chtimes(path(i), then, then))
		_, err := d.load(path(0))
		require.NoError(t, err, "what is used stays")
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.pcm"))
	require.NoError(t, err)
	assert.LessOrEqual(t, len(files)*(500+32), 10_000+10_000/8+532)
	assert.Greater(t, len(files), 10)
	_, err = d.load(path(99))
	assert.NoError(t, err)
	_, err = d.load(path(1))
	assert.ErrorIs(t, err, os.ErrNotExist)
	assert.NoFileExists(t, stale)
	assert.FileExists(t, theirs, "what we did not write, we do not remove")
}

// TestNames tells apart all that sounds different.
func TestNames(t *testing.T) {
	d := &disk{}
	seen := make(map[string]bool)
	for _, u := range []Utterance{
		{}, {Locale: "a"}, {Text: "a"}, {SSML: "a"}, {Slow: true}, {Locale: "a", Text: "b"}, {Locale: "ab"},
	} {
		for _, speaker := range []string{"", "a", "b"} {
			seen[d.path(speaker, u)] = true
		}
	}
	assert.Len(t, seen, 21)
}

// TestProcesses has several processes share a folder that is too small for what they render.
func TestProcesses(t *testing.T) {
	const variable = "DIALPAY_TEST_VOICE_DIR"
	if dir := os.Getenv(variable); dir != "" {
		share(t, dir)
		return
	}
	dir := t.TempDir()
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			cmd := exec.Command(os.Args[0], "-test.run=^TestProcesses$")
			cmd.Env = append(os.Environ(), variable+"="+dir)
			out, err := cmd.CombinedOutput()
			assert.NoError(t, err, string(out))
		})
	}
	all.Wait()
	left, err := filepath.Glob(filepath.Join(dir, "new-*"))
	require.NoError(t, err)
	assert.Empty(t, left)
}

// share is one of the processes: what it hears is right, and nothing that it reads is damaged or cannot be kept.
func share(t *testing.T, dir string) {
	for range 10 {
		v, _, log := newVoice(t, Config{Dir: dir, DirBytes: 2 << 20, Speaker: &reader{tail: 200_000}})
		for _, locale := range []string{"en-US", "es-US"} {
			for _, key := range []string{"hello", "bills", "visa"} {
				p := ivr.Say(key, ivr.Count(1))
				pcm, err := v.Render(context.Background(), locale, false, p)
				require.NoError(t, err)
				require.Equal(t, v.cfg.Catalog.Text(locale, p), strings.TrimRight(heard(pcm), ",|"))
			}
		}
		require.Empty(t, log.String())
	}
}
