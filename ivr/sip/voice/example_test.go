package voice_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/text/message/catalog"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/sip/voice"
)

// A line says a prompt. The amount is rendered while the words before it play.
func Example() {
	english := ivr.English()
	english.Messages["balance"] = catalog.String("Your balance is %[1]s. Please pay it soon.")
	words, err := ivr.NewCatalog(english)
	if err != nil {
		fmt.Println(err)
		return
	}
	// Speech is from voice.NewEspeak(voice.EspeakConfig{}).
	v, err := voice.New(voice.Config{Catalog: words, Speaker: hum{}})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := v.Warm(context.Background()); err != nil {
		fmt.Println(err)
	}

	audio := v.Say("en-US", false, ivr.Say("balance", ivr.Money(1205, "USD")))
	packet, samples := make([]int16, 160), 0
	for {
		n, err := audio.Read(packet) // once every 20 ms, on a telephone line
		samples += n
		if errors.Is(err, io.EOF) {
			break
		}
	}
	fmt.Println(samples*1000/voice.Rate, "ms", audio.Err())
	// Output: 1580 ms <nil>
}

// Somebody recorded prompts: recordings/en-US/amount.ask.wav and others. What they did not record is spoken.
func ExampleOpenRecordings() {
	recordings, err := voice.OpenRecordings(os.DirFS("recordings"))
	if err != nil {
		fmt.Println(err) // every file that cannot be used, and how to convert it
		return
	}
	speaker, err := voice.NewEspeak(voice.EspeakConfig{})
	if err != nil {
		fmt.Println(err)
		return
	}
	words, err := ivr.NewCatalog(ivr.English())
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = voice.New(voice.Config{Catalog: words, Speaker: speaker, Recordings: recordings})
	fmt.Println(err) // every recording of which the catalog knows no message
}

// hum is a Speaker: it hums for a tenth of a second for each word.
type hum struct{}

func (hum) Name() string { return "hum" }

func (hum) Speak(_ context.Context, u voice.Utterance) ([]int16, error) {
	pcm := make([]int16, len(strings.Fields(u.Text))*voice.Rate/10)
	for i := range pcm {
		pcm[i] = int16(i % 80 * 100)
	}
	return pcm, nil
}
