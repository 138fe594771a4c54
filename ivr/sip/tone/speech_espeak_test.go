package tone_test

import (
	"context"
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/ivr/sip/tone"
	"github.com/dialpay/dialpay/ivr/sip/voice"
)

// TestOwnVoice plays our own voice to the detector, as a loudspeaker would: no word is a key.
func TestOwnVoice(t *testing.T) {
	if _, err := exec.LookPath("espeak-ng"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("espeak-ng is missing: apt-get install espeak-ng")
		}
		t.Skip("espeak-ng is missing: apt-get install espeak-ng")
	}
	texts := map[string]string{
		"en-US": `You are about to pay one hundred twenty-three dollars and forty-five cents to City Water, with your
			Visa ending in four two four two, today, Monday, March second. Nothing is charged until you confirm. To hear
			this again, press 9. Zero one two three four five six seven eight nine. Alpha bravo charlie delta echo
			foxtrot golf hotel india juliett kilo lima mike november oscar papa quebec romeo sierra tango uniform.`,
		"es-US": `Va a pagar ciento veintitrés dólares con cuarenta y cinco centavos a City Water, con su Visa que
			termina en cuatro dos cuatro dos, hoy, lunes dos de marzo. No se cobra nada hasta que usted confirme. Para
			volver a oírlo, marque 9. Cero uno dos tres cuatro cinco seis siete ocho nueve.`,
	}
	variants := []string{"", "+f1", "+f4", "+m2", "+m7", "+whisper"}
	if testing.Short() {
		variants = variants[:1]
	}
	for _, variant := range variants {
		voices := map[string]string{"en-US": "en-us" + variant, "es-US": "es-419" + variant}
		e, err := voice.NewEspeak(voice.EspeakConfig{Voices: voices})
		require.NoError(t, err)
		for locale, text := range texts {
			u := voice.Utterance{Locale: locale, SSML: "<speak>" + text + "</speak>"}
			pcm, err := e.Speak(context.Background(), u)
			require.NoError(t, err)
			require.Greater(t, len(pcm), 10*voice.Rate)
			var d tone.Detector
			assert.Empty(t, string(d.Append(nil, pcm)), "%s%s", locale, variant)
		}
	}
}
