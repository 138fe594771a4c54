// Package media is the sound of a call: RTP (RFC 3550) with G.711, and telephone keys (RFC 4733). Its Line is an
// ivr.Line over a packet connection. It knows nothing of SIP.
//
// All calls share one Pacer, which sends a packet for each of them every 20 ms. A goroutine for each call receives. No
// packet, sent or received, allocates.
package media
