package tone

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// recordings is where Debian's asterisk-core-sounds-*-wav puts prompts that people spoke: 568 in US English, 8 kHz, and
// as many in each of four other languages.
const recordings = "/usr/share/asterisk/sounds"

// TestPeopleTalking plays recorded speech to the detector: no word is a key. (AT&T's row in ITU-T Q.24, Table A-1, lets
// a receiver of all 16 keys be wrong in one call of 1,500.)
func TestPeopleTalking(t *testing.T) {
	var files []string
	for _, depth := range []string{"*/*.wav", "*/*/*.wav"} {
		more, err := filepath.Glob(filepath.Join(recordings, depth))
		require.NoError(t, err)
		files = append(files, more...)
	}
	if len(files) == 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("no recorded speech: apt-get install asterisk-core-sounds-en-wav")
		}
		t.Skip("no recorded speech: apt-get install asterisk-core-sounds-en-wav")
	}
	if testing.Short() {
		files = files[:min(50, len(files))]
	}
	samples := 0
	for _, file := range files {
		wav, err := os.ReadFile(file)
		require.NoError(t, err)
		var pcm []int16
		for i := 44; i+1 < len(wav); i += 2 {
			pcm = append(pcm, int16(binary.LittleEndian.Uint16(wav[i:])))
		}
		if keys := detect(pcm); len(keys) > 0 {
			t.Errorf("%s: %s", file, keys)
		}
		samples += len(pcm)
	}
	t.Logf("%d recordings of %d s", len(files), samples/Rate)
}
