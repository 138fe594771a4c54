package voice

import (
	"context"
	"math"
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/ivr"
)

// tune is a recording: a tone of so many milliseconds between two silences.
func tune(rate, ms int, amplitude float64) *fstest.MapFile {
	pcm := make([]int16, rate/5)
	for i := range rate * ms / 1000 {
		pcm = append(pcm, int16(amplitude*math.Sin(2*math.Pi*440*float64(i)/float64(rate))))
	}
	return &fstest.MapFile{Data: wav16(rate, append(pcm, make([]int16, rate/5)...))}
}

// TestRecordings plays what is recorded and speaks the rest.
func TestRecordings(t *testing.T) {
	files := fstest.MapFS{
		"README":                 {},
		"en-US/notes.txt":        {},
		"en-US/hello.wav":        tune(44100, 500, 3000),
		"en-US/pay-1.wav":        tune(8000, 300, 3000),
		"en-US/pay-2.WAV":        tune(16000, 300, 3000),
		"en-US/pay-3.wav":        tune(22050, 300, 3000),
		"en-US/pay-4.wav":        tune(48000, 300, 3000),
		"en-US/visa.wav":         tune(8000, 300, 300),
		"en-US/words/nine.wav":   tune(8000, 200, 3000),
		"en-US/words/eight.wav":  tune(8000, 200, 3000),
		"en-US/words/seven.wav":  tune(8000, 200, 3000),
		"en-US/words/six.wav":    tune(8000, 200, 3000),
		"en-US/words/twenty.wav": tune(8000, 200, 3000),
		"en-US/words/one.wav":    tune(8000, 200, 3000),
		"es-US/hello.wav":        tune(8000, 700, 300),
	}
	recordings, err := OpenRecordings(files)
	require.NoError(t, err)
	v, spoken, _ := newVoice(t, Config{Recordings: recordings})
	render := func(locale string, p ivr.Prompt) []int16 {
		pcm, err := v.Render(context.Background(), locale, false, p)
		require.NoError(t, err)
		return pcm
	}

	english, spanish := render("en-US", ivr.Say("hello")), render("es-US", ivr.Say("hello"))
	assert.InDelta(t, 0.5*Rate, len(english), 0.03*Rate, "without the silence around it")
	assert.InDelta(t, 0.7*Rate, len(spanish), 0.03*Rate)
	for _, pcm := range [][]int16{english, spanish} {
		assert.Zero(t, pcm[0], "it does not click")
		assert.Zero(t, pcm[len(pcm)-1], "it does not click")
		dBov, _ := activeLevel(floats(pcm))
		assert.InDelta(t, level, dBov, 1.5, "each language is as loud as the other")
	}
	soft, _ := activeLevel(floats(render("en-US", ivr.Say("visa"))))
	assert.InDelta(t, level-20, soft, 1.5, "within a language, soft words stay soft")
	assert.Empty(t, spoken.texts(), "all of these are recorded")

	render("en-US", pay)
	amount := "one hundred twenty-three dollars and forty-five cents,"
	assert.ElementsMatch(t, []string{amount, "City Water,"}, spoken.texts())
	render("en-US", ivr.Say("bills", ivr.Count(21)))
	assert.ElementsMatch(t, []string{"You have,", "bills."}, spoken.texts()[2:], "twenty and one are recorded")
	render("es-US", ivr.Say("visa"))
	assert.Len(t, spoken.texts(), 5, "another language's recordings do not count")
	require.NoError(t, v.Warm(context.Background()))
	assert.NotContains(t, spoken.texts(), "Welcome to O'Brien & Sons.")
}

func TestRecordingsOfNoUse(t *testing.T) {
	for _, tc := range []struct {
		file string
		data *fstest.MapFile
		want string
	}{
		{"en-US/hello.mp3", &fstest.MapFile{}, "is no WAV file: sox hello.mp3 hello.wav"},
		{"en-US/hello.wav", &fstest.MapFile{Data: []byte("RIFF")}, "recording en-US/hello.wav is no WAV file"},
		{"en-US/hello.wav", tune(8000, 0, 0), "recording en-US/hello.wav is silent"},
		{"en-US/hello.wav", tune(7000, 100, 3000), "has 7000 samples a second: it must be 8000"},
		{"en-US/hello.wav", &fstest.MapFile{Data: encodeWAV(wavPCM, 2, 8000, 16, nil)}, "has 2 channels"},
		{"hello.wav", tune(8000, 100, 3000), "there are no recordings"},
	} {
		_, err := OpenRecordings(fstest.MapFS{tc.file: tc.data})
		assert.ErrorContains(t, err, tc.want)
	}
	_, err := OpenRecordings(os.DirFS("no such folder"))
	assert.ErrorContains(t, err, "voice: recordings: ")
}

func TestRecordingsWithoutMessage(t *testing.T) {
	one := tune(8000, 100, 3000)
	for _, tc := range []struct {
		files []string
		want  string
	}{
		{[]string{"fr-FR/hello"}, "fr-FR/hello.wav: the catalog has no locale fr-FR"},
		{[]string{"en-US/helo"}, `en-US/helo.wav: the catalog has no message "helo"`},
		{[]string{"en-US/hello-1"}, `message "hello" has no values, and so no parts: record hello.wav`},
		{[]string{"en-US/pay"}, `message "pay" has values: record its parts, as pay-1.wav: "You pay" …`},
		{[]string{"en-US/pay-1", "en-US/pay-3", "en-US/pay-4"}, `message "pay" lacks the recording pay-2.wav: "to"`},
		{[]string{"en-US/balance-1", "en-US/balance-2"}, `message "balance" has 1 parts, and balance-2.wav is none`},
		{[]string{"en-US/bills-1"}, `message "bills" is said in 2 forms, by a number: it can only be spoken`},
		{[]string{"en-US/two-1"}, `message "two" has 0 parts`},
		{[]string{"en-US/two"}, `message "two" is a value and no more: record its words, in words/`},
	} {
		files := fstest.MapFS{}
		for _, name := range tc.files {
			files[name+".wav"] = one
		}
		recordings, err := OpenRecordings(files)
		require.NoError(t, err)
		_, err = New(Config{Catalog: words(t), Speaker: &reader{}, Recordings: recordings})
		assert.ErrorContains(t, err, tc.want)
		assert.ErrorContains(t, err, "voice: recording ")
	}
}
