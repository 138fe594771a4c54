// Package voice gives prompts a voice: audio of 8 kHz for telephone lines that carry sound.
//
// A Voice is made once, of a catalog of words, a Speaker, and recordings if there are any:
//
//	speaker, err := voice.NewEspeak(voice.EspeakConfig{}) // apt-get install espeak-ng
//	v, err := voice.New(voice.Config{Catalog: engine.Catalog(), Speaker: speaker, Dir: "/var/cache/dialpay"})
//	err = v.Warm(ctx)
//
// A line has it say the prompts of a turn, and reads the audio packet by packet:
//
//	audio := v.Say(turn.Locale, turn.Slow, turn.Prompts...)
//	n, err := audio.Read(pcm[:160]) // 20 ms; never waits
//
// # Pieces
//
// A prompt is cut at its values. "You are about to pay $123.45 to City Water," is four pieces: two of them, "You are
// about to pay" and "to", are the same in all calls, and are rendered once. While they play, the values are rendered.
// So the first word comes at once, and a caller who hears it does not wait for an amount that nobody has heard before.
//
// What has a recording is played, the rest is spoken: see OpenRecordings. Whoever wants another voice than espeak-ng's
// writes a Speaker, of two methods.
//
// # What is kept
//
// What is fixed by the catalog is kept on disk, in Config.Dir: messages, the words between values, the keys of a
// telephone, messages that are values. Amounts, names, dates, numbers and transaction IDs tell what somebody owes, or
// who they are: they are kept in memory only, for a while, and are in no log. No card number is ever spoken: an
// ivr.Last4 has four digits.
//
// # When it fails
//
// A speaker that fails or hangs costs Config.Timeout, twice, and the words that it should have spoken: the call goes
// on. When more is to be rendered than the machine can, the words come late; after 10 s, the call goes on without them.
// Audio.Err tells the line, so that it does not count a read-back as heard.
package voice
