// Package sip is a telephone line: it answers calls that come by SIP (RFC 3261), from a carrier, a company's telephone
// system or a softphone, and holds each of them with [ivr.Serve].
//
//	server, err := sip.New(sip.Config{
//		Handler: engine, // a *flow.Engine
//		Say:     func(t *ivr.Turn) sip.Audio { return v.Say(t.Locale, t.Slow, t.Prompts...) }, // a *voice.Voice
//	})
//	err = server.ListenAndServe(ctx) // until ctx is done, and the calls are over
//
// # Sound
//
// A call's sound is RTP with G.711, of µ-law or A-law, as every telephone system has it. It is sent to where the
// peer's comes from, so peers behind a NAT are heard and hear; that place is learnt once, so no stranger can take a
// call over.
//
// Keys are understood as RFC 4733 events, as INFO requests, and as tones where the peer offers no events. A key that
// comes in two of these ways counts once. Prompts stop with the packet after a key that counts.
//
// # Secrets
//
// No key is ever logged, nor the body of any message. Where calls are recorded (Config.Record), sensitive questions are
// silent in the recording, and so is every key.
//
// # Who calls
//
// Config.Peers says who may call, and whose word counts: the caller's number, and how far the carrier vouches for it
// (verstat), are taken from trusted peers only.
//
// # What it does not do
//
// It answers calls and places none: a flow.Dialler that calls customers back is yours. It hears keys, not words. It
// has no ICE and no DTLS, so browsers (WebRTC) cannot call it; SRTP takes its keys from the description (RFC 4568)
// alone. It is no registrar: telephones call it by its address, or through a telephone system. It sends no RTCP.
//
// # Limits
//
// Config.Most is how many calls there are at once; who calls beyond gets 503. What strangers, floods and malformed
// messages can make the server keep is bounded, and leaves room for peers that are trusted. Where everybody may call,
// and nobody is trusted, strangers can still take all places: name Config.Peers, or ask for passwords with Config.Users.
//
// Each call has a socket of its own. One for all, with many packets in each system call, would save 7 % of a core at
// 500 calls (the benchmarks of internal/media), but could not tell apart the calls of peers behind a NAT.
package sip
