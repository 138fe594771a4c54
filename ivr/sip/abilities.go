package sip

import "github.com/dialpay/dialpay/ivr"

// Abilities declares in what calls over SIP differ from those on other lines.
var Abilities = ivr.Abilities{Line: "sip", Lacks: map[ivr.Ability]string{
	ivr.Words: "Nobody turns the caller's voice into words: this line hears keys. Every question can be answered with keys.",
	ivr.CardElsewhere: "Keys of a card come to this process, over RTP, INFO or as tones. Recordings are silent meanwhile, and no " +
		"key is logged.",
}}
