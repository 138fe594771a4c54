package voice

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
)

// aCall is the turns of a payment with a saved card, and a catalog that has their words.
func aCall(b *testing.B) (*ivr.Catalog, []ivr.Turn) {
	w := flowtest.NewWorld(b)
	call := w.Dial(flowtest.Ann)
	turns := []ivr.Turn{call.Turn}
	for _, keys := range []string{"1234#", "1", "1", "1"} {
		turns = append(turns, call.Press(keys).Turn)
	}
	call.Hear("receipt.approved")
	return w.Engine().Catalog(), turns
}

// readBack is the turn of a call that asks for confirmation.
const readBack = 3

func say(v *Voice, t ivr.Turn) *Audio { return v.Say(t.Locale, t.Slow, t.Prompts...) }

func render(b *testing.B, v *Voice, t ivr.Turn) []int16 {
	pcm, err := v.Render(context.Background(), t.Locale, t.Slow, t.Prompts...)
	require.NoError(b, err)
	return pcm
}

// BenchmarkFirstAudio is from a turn to its first packet, when all of it is in memory. (200 ms are promised.)
func BenchmarkFirstAudio(b *testing.B) {
	c, turns := aCall(b)
	v, _, _ := newVoice(b, Config{Catalog: c})
	render(b, v, turns[readBack])
	packet := make([]int16, 160)
	b.ReportAllocs()
	for b.Loop() {
		if n, _ := say(v, turns[readBack]).Read(packet); n == 0 {
			b.Fatal("no audio")
		}
	}
}

// BenchmarkPacket is a packet of 20 ms of what is in memory.
func BenchmarkPacket(b *testing.B) {
	c, turns := aCall(b)
	v, _, _ := newVoice(b, Config{Catalog: c, Speaker: &reader{tail: 10 * Rate}})
	render(b, v, turns[readBack])
	packet, a := make([]int16, 160), say(v, turns[readBack])
	b.ReportAllocs()
	for b.Loop() {
		if _, err := a.Read(packet); err != nil {
			a = say(v, turns[readBack])
		}
	}
}

// BenchmarkCall renders all that a caller hears with espeak-ng: when nothing was rendered before, and when only the
// values are new.
func BenchmarkCall(b *testing.B) {
	e := espeak(b, EspeakConfig{})
	c, turns := aCall(b)
	whole := func(b *testing.B, dir string) {
		v, _, _ := newVoice(b, Config{Catalog: c, Speaker: e, Dir: dir}) // without values in memory
		samples := 0
		for _, t := range turns {
			samples += len(render(b, v, t))
		}
		b.ReportMetric(float64(samples)/Rate, "s-of-speech/op")
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			whole(b, b.TempDir())
		}
	})
	b.Run("warm", func(b *testing.B) {
		dir := b.TempDir()
		whole(b, dir)
		for b.Loop() {
			whole(b, dir)
		}
	})
}
