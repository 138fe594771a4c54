package voice

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// Recordings are prompts that somebody spoke, in memory: a minute takes 1 MB.
type Recordings struct {
	sounds map[string]*sound // by locale and name: "en-US/amount.ask"
}

// OpenRecordings reads a folder of WAV files, one folder a locale within it:
//
//	en-US/amount.ask.wav     the message amount.ask, which has no values
//	en-US/confirm.pay-1.wav  the words before, between and after the values of confirm.pay, in order
//	en-US/confirm.pay-2.wav
//	en-US/words/dollars.wav  a word of a value; values of which all words are there are played, others are spoken
//
// They may have any usual format, of one channel and at least 8,000 samples a second; they are made as loud as all
// speech, locale by locale, and silence around them is cut off. The error has every file that cannot be used. What New
// finds wrong with the names, it tells.
func OpenRecordings(fsys fs.FS) (*Recordings, error) {
	r := &Recordings{sounds: make(map[string]*sound)}
	locales, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, fmt.Errorf("voice: recordings: %w", err)
	}
	var faults []error
	for _, locale := range locales {
		if locale.IsDir() {
			faults = append(faults, r.read(fsys, locale.Name()))
		}
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	if len(r.sounds) == 0 {
		return nil, errors.New("voice: there are no recordings: they are in folders like en-US/amount.ask.wav")
	}
	return r, nil
}

// otherAudio is what files are called that are recordings, too, but no WAV files.
var otherAudio = []string{".mp3", ".ogg", ".opus", ".flac", ".m4a", ".gsm", ".aiff", ".au", ".ulaw", ".alaw"}

// read reads the recordings of one locale.
func (r *Recordings) read(fsys fs.FS, locale string) error {
	var faults []error
	audio := make(map[string][]float32)
	err := fs.WalkDir(fsys, locale, func(file string, d fs.DirEntry, err error) error {
		switch kind := strings.ToLower(path.Ext(file)); {
		case err != nil:
			return err
		case d.IsDir(), strings.HasPrefix(d.Name(), "."):
		case kind == ".wav":
			x, err := readRecording(fsys, file)
			if err != nil {
				faults = append(faults, fmt.Errorf("voice: recording %s %w", file, err))
			}
			audio[strings.TrimSuffix(file, path.Ext(file))] = x
		case slices.Contains(otherAudio, kind):
			faults = append(faults, fmt.Errorf("voice: recording %s is no WAV file: sox %s %s.wav", file, d.Name(),
				strings.TrimSuffix(d.Name(), path.Ext(file))))
		}
		return nil
	})
	if err = errors.Join(append(faults, err)...); err != nil {
		return err
	}
	dBov, _ := activeLevel(slices.Collect(maps.Values(audio))...)
	for name, x := range audio {
		s := newSound()
		s.pcm = toPCM(x, gainFor(dBov))
		close(s.ready)
		r.sounds[name] = s
	}
	return nil
}

func readRecording(fsys fs.FS, file string) ([]float32, error) {
	b, err := fs.ReadFile(fsys, file)
	if err != nil {
		return nil, err
	}
	x, rate, err := decodeWAV(b)
	if err != nil {
		return nil, err
	}
	converter, err := newResampler(rate)
	if err != nil {
		return nil, fmt.Errorf("has %w", err)
	}
	x = trim(converter.resample(x))
	if len(x) == 0 {
		return nil, errors.New("is silent")
	}
	return x, nil
}

// recorded is a recording, and the punctuation after it.
type recorded struct {
	sound *sound
	end   byte
}

// find returns the recordings of a piece: the one of its own, or those of its words; nil if it has to be spoken.
func (r *Recordings) find(x piece) []recorded {
	if r == nil {
		return nil
	}
	if s := r.sounds[x.locale+"/"+x.recording]; s != nil {
		return []recorded{{s, x.end}}
	}
	if !x.value {
		return nil
	}
	var all []recorded
	between := func(c rune) bool { return c == ' ' || c == '-' }
	for _, word := range strings.FieldsFunc(strings.ToLower(x.text), between) {
		bare := strings.TrimRight(word, ".,;:?!")
		s := r.sounds[x.locale+"/words/"+bare]
		if s == nil {
			return nil
		}
		end := byte(0)
		if len(bare) < len(word) {
			end = word[len(bare)]
		}
		all = append(all, recorded{s, end})
	}
	if len(all) > 0 {
		all[len(all)-1].end = x.end
	}
	return all
}
