// Package tone makes and finds the tones of telephone keys in audio of 8 kHz, for peers that send keys in-band: within
// the voice, not as RFC 4733 events.
package tone
