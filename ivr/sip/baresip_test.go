package sip_test

import (
	"encoding/binary"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/sip"
	"github.com/dialpay/dialpay/ivr/sip/internal/company"
)

// softphone is a baresip that is told by UDP what to do.
type softphone struct {
	t       *testing.T
	dir     string
	console net.Conn
	cmd     *exec.Cmd
}

func newSoftphone(t *testing.T) *softphone {
	path := program(t, "baresip", "baresip")
	dir := t.TempDir()
	free, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	console := free.LocalAddr().String()
	require.NoError(t, free.Close())
	modules, err := filepath.Glob("/usr/lib/*/baresip/modules")
	require.NoError(t, err)
	modules = append(modules, "/usr/lib/baresip/modules")
	silence := make([]byte, 44+2*8000*120)
	copy(silence, wavHeader(len(silence)-44))
	for name, text := range map[string]string{
		"config": strings.Join([]string{"poll_method epoll", "sip_listen 127.0.0.1:0", "audio_source aufile," + dir +
			"/silence.wav",
			"module_path " + modules[0], "module g711.so", "module aufile.so", "module sndfile.so", "module_tmp uuid.so", "module_tmp account.so",
			"module_app menu.so", "module cons.so", "cons_listen " + console, "snd_path " + dir, ""}, "\n"),
		"accounts": "<sip:me@127.0.0.1>;regint=0;audio_codecs=PCMU/8000/1\n", "contacts": "", "silence.wav": string(silence),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	s := &softphone{t: t, dir: dir, cmd: exec.Command(path, "-f", dir)}
	out, err := os.Create(filepath.Join(dir, "out"))
	require.NoError(t, err)
	s.cmd.Stdout, s.cmd.Stderr = out, out
	require.NoError(t, s.cmd.Start())
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		_ = out.Close()
		if t.Failed() {
			said, _ := os.ReadFile(out.Name())
			t.Logf("baresip: %s", said[max(0, len(said)-2000):])
		}
	})
	require.Eventually(t, func() bool {
		said, _ := os.ReadFile(out.Name())
		return strings.Contains(string(said), "baresip is ready")
	}, time.Minute, 10*time.Millisecond)
	s.console, err = net.Dial("udp", console)
	require.NoError(t, err)
	t.Cleanup(func() { s.console.Close() })
	return s
}

func (s *softphone) do(command string) {
	_, err := s.console.Write([]byte(command))
	require.NoError(s.t, err)
}

// press presses keys as somebody would.
func (s *softphone) press(keys string) {
	for _, k := range keys {
		s.do(string(k))
		time.Sleep(250 * time.Millisecond)
	}
}

// heard is what it heard: samples, 8,000 a second.
func (s *softphone) heard() []int16 {
	files, err := filepath.Glob(filepath.Join(s.dir, "dump-*-dec.wav"))
	require.NoError(s.t, err)
	require.Len(s.t, files, 1)
	b, err := os.ReadFile(files[0])
	require.NoError(s.t, err)
	b = b[44:]
	pcm := make([]int16, len(b)/2)
	for i := range pcm {
		pcm[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
	}
	return pcm
}

func wavHeader(size int) []byte {
	h := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(size+36))
	h = binary.LittleEndian.AppendUint32(append(h, "WAVEfmt "...), 16)
	h = append(h, 1, 0, 1, 0, 0x40, 0x1F, 0, 0, 0x80, 0x3E, 0, 0, 2, 0, 16, 0)
	return binary.LittleEndian.AppendUint32(append(h, "data"...), uint32(size))
}

// A softphone pays a bill, and hears every prompt at its full length, without a hole.
func TestBaresipPays(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time")
	}
	const prompt = 700 * time.Millisecond
	c := newCompany(t, 1)
	var said atomic.Int32
	_, at := listen(t, c, func(cfg *sip.Config) {
		cfg.Say = func(*ivr.Turn) sip.Audio {
			said.Add(1)
			pcm := make([]int16, int(prompt.Seconds()*8000))
			for i := range pcm {
				pcm[i] = int16(8000 - i/10%2*16000)
			}
			return &audio{append(pcm, make([]int16, 800)...)} // and a breath
		}
	})
	s := newSoftphone(t)
	s.do("/dial sip:pay@" + at + "\n")
	for _, keys := range []string{"", "1", strconv.Itoa(company.First) + "#", "1234#", "1", "1", "1"} {
		s.press(keys)
		time.Sleep(2 * prompt)
	}
	time.Sleep(2 * prompt)
	s.do("/hangup\n")
	assert.Eventually(t, func() bool { return c.Paid(1) == nil }, 20*time.Second, 10*time.Millisecond, "%v", c.Paid(1))
	s.do("/quit\n")
	_ = s.cmd.Wait()
	prompts := sounds(s.heard())
	assert.Len(t, prompts, int(said.Load()), "each prompt in one piece: %v", prompts)
	for _, length := range prompts {
		assert.InDelta(t, prompt.Seconds(), length.Seconds(), 0.04, "%v", prompts)
	}
}

// sounds are the lengths of the stretches of sound; silence of up to 60 ms is none.
func sounds(pcm []int16) (all []time.Duration) {
	from, last := -1, 0
	end := func() {
		if from >= 0 {
			all = append(all, time.Duration(last-from+1)*time.Second/8000)
		}
		from = -1
	}
	for i, x := range pcm {
		if x > 1000 || x < -1000 {
			if from < 0 {
				from = i
			}
			last = i
		} else if i-last > 8*60 {
			end()
		}
	}
	end()
	return all
}
