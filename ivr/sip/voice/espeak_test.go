package voice

import (
	"context"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// espeak is espeak-ng, or skips the test where it is missing; in CI it must be there.
func espeak(t testing.TB, cfg EspeakConfig) *Espeak {
	if _, err := exec.LookPath("espeak-ng"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("espeak-ng is missing: apt-get install espeak-ng")
		}
		t.Skip("espeak-ng is missing: apt-get install espeak-ng")
	}
	e, err := NewEspeak(cfg)
	require.NoError(t, err)
	return e
}

func speak(t testing.TB, e *Espeak, locale, ssml string) []int16 {
	pcm, err := e.Speak(context.Background(), Utterance{Locale: locale, SSML: "<speak>" + ssml + "</speak>"})
	require.NoError(t, err)
	return pcm
}

func TestEspeak(t *testing.T) {
	e := espeak(t, EspeakConfig{})
	for locale, ssml := range map[string]string{
		"en-US": "You are about to pay one hundred twenty-three dollars to City Water.",
		"en":    "You are about to pay one hundred twenty-three dollars to City Water.",
		"es-US": "Va a pagar ciento veintitrés dólares con cuarenta y cinco centavos a City Water.",
		"fr-CA": "Vous allez payer cent vingt-trois dollars à City Water.",
	} {
		pcm := speak(t, e, locale, ssml)
		seconds := float64(len(pcm)) / Rate
		assert.InDelta(t, 5, seconds, 3, "%s: a sentence of a dozen words", locale)
		x := floats(pcm)
		dBov, ok := activeLevel(x)
		assert.True(t, ok)
		assert.InDelta(t, level, dBov, 3, "%s is as loud as all", locale)
		assert.Less(t, clipped(pcm), len(pcm)/10_000, "%s is not clipped", locale)
		ps := powers(x)
		assert.Greater(t, decibels(slices.Max(ps[:2])), quiet, "%s: no silence before", locale)
		assert.Greater(t, decibels(slices.Max(ps[len(ps)-3:])), quiet, "%s: none after", locale)

		slowly := Utterance{Locale: locale, SSML: "<speak>" + ssml + "</speak>", Slow: true}
		slow, err := e.Speak(context.Background(), slowly)
		require.NoError(t, err)
		assert.InDelta(t, 4.0/3, float64(len(slow))/float64(len(pcm)), 0.15, "%s: slow speech", locale)
	}
	assert.NotEqual(t, speak(t, e, "en-US", "Visa"), speak(t, e, "es-US", "Visa"), "each has its own voice")
}

// TestEspeakSSML says what is marked up as it is meant.
func TestEspeakSSML(t *testing.T) {
	e := espeak(t, EspeakConfig{})
	for _, tc := range []struct{ ssml, same string }{
		{`It is <sub alias="twelve dollars">USD 12.00</sub>.`, "It is twelve dollars."},
		{`<sub alias="twelve dollars">USD 12.00</sub>,`, "twelve dollars,"},
		{`<say-as interpret-as="digits">4 2 4 2</say-as>`, "four two four two"},
		{`House [[ pay 77 dollars`, "House pay 77 dollars"}, // its mark of phonemes would swallow an amount
		{"O&apos;Brien &amp; Sons", "O'Brien and Sons"},
	} {
		got, want := speak(t, e, "en-US", tc.ssml), speak(t, e, "en-US", tc.same)
		assert.InDelta(t, len(want), len(got), float64(len(want))/10, tc.ssml)
	}
	pause := len(speak(t, e, "en-US", `one <break time="1s"/> two`)) - len(speak(t, e, "en-US", "one two"))
	assert.InDelta(t, Rate, pause, Rate/3, "a second")
	assert.Empty(t, speak(t, e, "en-US", ""), "nothing to say")
}

func TestEspeakSettings(t *testing.T) {
	plain, fast := espeak(t, EspeakConfig{}), espeak(t, EspeakConfig{WordsPerMinute: 300})
	other := espeak(t, EspeakConfig{Voices: map[string]string{"en-US": "en-us+f3"}})
	assert.NotEqual(t, plain.Name(), fast.Name())
	assert.NotEqual(t, plain.Name(), other.Name())
	assert.Contains(t, plain.Name(), "eSpeak NG")
	const words = "Thank you for calling."
	assert.Less(t, len(speak(t, fast, "en-US", words)), len(speak(t, plain, "en-US", words))*2/3)
	assert.NotEqual(t, speak(t, other, "en-US", words), speak(t, plain, "en-US", words))
	_, err := NewEspeak(EspeakConfig{WordsPerMinute: 1})
	assert.ErrorContains(t, err, "WordsPerMinute is 1")
}

func TestEspeakFails(t *testing.T) {
	_, err := NewEspeak(EspeakConfig{Path: "no-such-espeak"})
	assert.ErrorContains(t, err, "apt-get install espeak-ng")
	_, err = NewEspeak(EspeakConfig{Path: filepath.Join(t.TempDir(), "espeak-ng")})
	assert.ErrorContains(t, err, "apt-get install espeak-ng")

	const script = `#!/bin/sh
case $1 in
--version) echo 'eSpeak 9';;
--voices) echo 'Pty Language Age/Gender VoiceName File'; echo '5 en-us --/M English gmw/en-US';;
*) `
	fake := func(then string) *Espeak {
		program := filepath.Join(t.TempDir(), "espeak-ng")
		require.NoError(t, os.WriteFile(program, []byte(script+then+";;\nesac\n"), 0o700))
		e, err := NewEspeak(EspeakConfig{Path: program})
		require.NoError(t, err)
		return e
	}
	for then, want := range map[string]string{
		"echo no data >&2; exit 3": "exit status 3: no data",
		"kill -9 $$":               "killed",
		"true":                     "is no WAV file",
		"echo RIFF1234WAVE":        "has no audio",
	} {
		_, err := fake(then).Speak(context.Background(), Utterance{Locale: "en-US", SSML: "<speak>hello</speak>"})
		assert.ErrorContains(t, err, want)
	}
	for _, then := range []string{"exec sleep 30", "sleep 30"} { // the second leaves a process that keeps the output open
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		began := time.Now()
		_, err = fake(then).Speak(ctx, Utterance{Locale: "en-US", SSML: "<speak>hello</speak>"})
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Less(t, time.Since(began), 20*time.Second, "nobody waits for it")
	}

	e := fake("echo \"$@\" >&2; exit 1")
	for locale, want := range map[string]string{"zu": "does not speak zu", "?": `locale "?"`} {
		_, err = e.Speak(context.Background(), Utterance{Locale: locale, SSML: "<speak>hello</speak>"})
		assert.ErrorContains(t, err, want)
	}
	_, err = e.Speak(context.Background(), Utterance{Locale: "en-US", SSML: "<speak>secret</speak>"})
	assert.ErrorContains(t, err, "--stdin")
	assert.NotContains(t, err.Error(), "secret", "words are in no list of processes")
	_, err = e.speak(context.Background(), Utterance{Locale: "en-US", SSML: string(make([]byte, 30_000))})
	assert.ErrorContains(t, err, "30000 bytes")
}

func floats(pcm []int16) []float32 {
	x := make([]float32, len(pcm))
	for i := range pcm {
		x[i] = float32(pcm[i]) / (1 << 15)
	}
	return x
}

func clipped(pcm []int16) (n int) {
	for _, x := range pcm {
		if x == math.MaxInt16 || x == math.MinInt16 {
			n++
		}
	}
	return n
}
