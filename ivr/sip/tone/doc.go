// Package tone makes and finds the tones of telephone keys (DTMF) in audio of 8 kHz, for peers that send keys in-band:
// as sound in the voice, not as RFC 4733 events.
//
// A Detector takes the audio of one call, in packets of any length, and returns the keys:
//
//	var detector tone.Detector
//	for pcm := range packets {
//		keys = detector.Append(keys[:0], pcm)
//	}
//
// It accepts and rejects what ITU-T Q.24 says of receivers in North America (Table A-1, AT&T): tones of −25 to 0 dBm0
// that are up to 1.5 % off, the high one up to 4 dB louder or 8 dB softer than the low one, for 40 ms with pauses of
// 40 ms; not those that are 3.5 % off or last 23 ms. An interruption of 10 ms does not make two keys of one.
//
// G.711 is github.com/zaf/g711: its DecodeUlawFrame and DecodeAlawFrame decode a sample without allocating.
package tone
