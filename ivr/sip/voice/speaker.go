package voice

import "context"

// Rate is the number of samples a second of all audio here, as in G.711. A sample has 16 bits, and there is one
// channel.
const Rate = 8000

// Utterance is something to speak: a sentence, or a piece of one.
type Utterance struct {
	// Locale is the language, a BCP 47 tag.
	Locale string
	// Text is the words. Numbers and dates are written out.
	Text string
	// SSML is the same as an SSML 1.1 document, which also tells where digits are said one by one, and where to pause.
	// It says nothing of the rate of speech.
	SSML string
	// Slow asks for slower speech.
	Slow bool
}

// Speaker makes audio of words. It is called from many goroutines at once.
type Speaker interface {
	// Name tells speakers and their settings apart, so that no audio is taken from a cache that would sound different
	// now.
	Name() string
	// Speak returns the audio of an utterance, without silence around it. Nobody may change it afterwards. It must end
	// soon after ctx does.
	Speak(ctx context.Context, u Utterance) ([]int16, error)
}
