package voice

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/language"
)

// EspeakConfig is how espeak-ng speaks. The zero value will do.
type EspeakConfig struct {
	// Path of the program. "" is espeak-ng on the PATH.
	Path string
	// WordsPerMinute is the rate of speech, 80 to 450; 0 is 150. Slow speech has three quarters of it.
	WordsPerMinute int
	// Voices names espeak-ng's voice for a locale, where it is not to be the closest one: {"en-US": "en-us+f3"}.
	Voices map[string]string
}

// Espeak speaks with espeak-ng, a small synthesizer for some hundred languages. Each utterance is a process of some
// 15 ms, of low priority. It gets the words on its standard input: they are in no list of processes.
type Espeak struct {
	cfg     EspeakConfig
	name    string
	tags    []string // the languages that it has
	matcher language.Matcher

	mu         sync.Mutex
	gains      map[string]float32 // by locale
	resamplers map[int]*resampler // by rate
}

// NewEspeak starts espeak-ng to see which version it is and which languages it has. The error says so if it is missing.
func NewEspeak(cfg EspeakConfig) (*Espeak, error) {
	if cfg.Path == "" {
		cfg.Path = "espeak-ng"
	}
	if cfg.WordsPerMinute == 0 {
		cfg.WordsPerMinute = 150
	}
	if cfg.WordsPerMinute < 80 || cfg.WordsPerMinute > 450 {
		return nil, fmt.Errorf("voice: EspeakConfig.WordsPerMinute is %d: it must be 80 to 450", cfg.WordsPerMinute)
	}
	e := &Espeak{cfg: cfg, gains: make(map[string]float32), resamplers: make(map[int]*resampler)}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	version, err := e.run(ctx, "", "--version")
	if err != nil {
		return nil, err
	}
	before, _, _ := strings.Cut(string(version), "Data at:") // where it lies makes no difference
	e.name = fmt.Sprintf("%s, %d words a minute, voices %v", strings.TrimSpace(before), cfg.WordsPerMinute, cfg.Voices)
	list, err := e.run(ctx, "", "--voices")
	if err != nil {
		return nil, err
	}
	return e, e.learn(string(list))
}

// learn reads the table of languages: "Pty Language Age/Gender VoiceName File …".
func (e *Espeak) learn(list string) error {
	var tags []language.Tag
	for line := range strings.Lines(list) {
		columns := strings.Fields(line)
		if len(columns) < 5 || strings.HasPrefix(columns[4], "mb/") { // Mbrola's are listed also where it is missing
			continue
		}
		if tag, err := language.Parse(columns[1]); err == nil {
			e.tags = append(e.tags, columns[1])
			tags = append(tags, tag)
		}
	}
	if len(tags) == 0 {
		return errors.New("voice: espeak-ng has no languages: apt-get install espeak-ng-data")
	}
	e.matcher = language.NewMatcher(tags)
	return nil
}

// Name implements Speaker: the version of espeak-ng and the settings.
func (e *Espeak) Name() string { return e.name }

// Speak implements Speaker.
func (e *Espeak) Speak(ctx context.Context, u Utterance) ([]int16, error) {
	gain, err := e.gain(ctx, u.Locale)
	if err != nil {
		return nil, err
	}
	x, err := e.speak(ctx, u)
	if err != nil {
		return nil, err
	}
	return toPCM(trim(x), gain), nil
}

// gain is what a voice needs to be as loud as all. It is the same for all utterances of one, since "is" is softer than
// "pay" within a sentence.
func (e *Espeak) gain(ctx context.Context, locale string) (float32, error) {
	e.mu.Lock()
	gain, ok := e.gains[locale]
	e.mu.Unlock()
	if ok {
		return gain, nil
	}
	x, err := e.speak(ctx, Utterance{Locale: locale, SSML: "<speak>1 2 3 4 5 6 7 8 9 10</speak>"})
	if err != nil {
		return 0, err
	}
	dBov, ok := activeLevel(x)
	if !ok {
		return 0, fmt.Errorf("voice: espeak-ng is silent in %s", locale)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.gains[locale] = gainFor(dBov)
	return e.gains[locale], nil
}

// speak returns the audio as espeak-ng makes it, at our rate.
func (e *Espeak) speak(ctx context.Context, u Utterance) ([]float32, error) {
	const longest = 20_000 // bytes: a quarter of an hour
	if len(u.SSML) > longest {
		return nil, fmt.Errorf("voice: an utterance has %d bytes: %d is the most", len(u.SSML), longest)
	}
	voice, err := e.voice(u.Locale)
	if err != nil {
		return nil, err
	}
	words := e.cfg.WordsPerMinute
	if u.Slow {
		words = words * 3 / 4
	}
	wav, err := e.run(ctx, plainer(u.SSML),
		"-m", "-b", "1", "-s", strconv.Itoa(words), "-v", voice, "--stdin", "--stdout")
	if err != nil {
		return nil, err
	}
	x, rate, err := decodeWAV(wav)
	if err != nil {
		return nil, fmt.Errorf("voice: the output of espeak-ng %w", err)
	}
	r, err := e.resampler(rate)
	if err != nil {
		return nil, fmt.Errorf("voice: the output of espeak-ng has %w", err)
	}
	return r.resample(x), nil
}

// sub is a word with another one to be spoken for it. espeak-ng 1.51 says "dot" to a full stop behind it.
var sub = regexp.MustCompile(`<sub alias="([^"]*)">[^<]*</sub>`)

// plainer is SSML as espeak-ng understands it. To it, "[[" in a name begins phonemes, and swallows what follows.
func plainer(ssml string) string {
	return strings.ReplaceAll(sub.ReplaceAllString(ssml, "$1"), "[[", " ")
}

// voice returns the name of the voice for a locale.
func (e *Espeak) voice(locale string) (string, error) {
	if v, ok := e.cfg.Voices[locale]; ok {
		return v, nil
	}
	tag, err := language.Parse(locale)
	if err != nil {
		return "", fmt.Errorf("voice: locale %q: %w", locale, err)
	}
	matched, i, confidence := e.matcher.Match(tag)
	want, _ := tag.Base()
	if got, _ := matched.Base(); got != want && confidence < language.Exact { // the closest one to Zulu is English
		return "", fmt.Errorf("voice: espeak-ng does not speak %s: name a voice in EspeakConfig.Voices", locale)
	}
	return e.tags[i], nil
}

func (e *Espeak) resampler(rate int) (*resampler, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if r := e.resamplers[rate]; r != nil {
		return r, nil
	}
	r, err := newResampler(rate)
	if err == nil {
		e.resamplers[rate] = r
	}
	return r, err
}

// run starts the program with these words on its standard input, and returns its output. It kills it when ctx ends.
func (e *Espeak) run(ctx context.Context, words string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, e.cfg.Path, args...)
	var out, complaint bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(words), &out, &complaint
	cmd.WaitDelay = time.Second // for what it may have started itself
	err := cmd.Start()
	if err == nil {
		yield(cmd.Process.Pid)
		err = cmd.Wait()
	}
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("voice: espeak-ng is missing: apt-get install espeak-ng: %w", err)
	case ctx.Err() != nil:
		return nil, fmt.Errorf("voice: espeak-ng took too long: %w", ctx.Err())
	case err != nil:
		said := strings.TrimSpace(complaint.String())
		return nil, fmt.Errorf("voice: espeak-ng: %w: %s", err, said[:min(200, len(said))])
	}
	return out.Bytes(), nil
}
