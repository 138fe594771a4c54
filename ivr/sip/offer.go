package sip

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/pion/sdp/v3"

	"github.com/dialpay/dialpay/ivr/sip/internal/media"
)

const sdpType = "application/sdp"

var (
	// errSDP is a description that cannot be read: 400.
	errSDP = errors.New("sip: malformed SDP")
	// errNoAudio is one that has no sound for us: 488.
	errNoAudio = errors.New("sip: no audio with PCMU or PCMA")
)

// terms are what one side of a call says of its sound (RFC 3264).
type terms struct {
	codec  media.Codec
	events uint8 // payload type of telephone-event; 0 is none
	remote netip.AddrPort
	// direction is as the peer says it: sendrecv, sendonly, recvonly, inactive.
	direction string
	srtp      *srtpOffer
	// media and which are what an answer has to go through: an answer has a line for each of an offer.
	media []*sdp.MediaDescription
	which int
}

// held tells whether the peer does not listen.
func (t *terms) held() bool {
	return t.direction == "sendonly" || t.direction == "inactive" || t.remote.Addr().IsUnspecified() // RFC 2543's way
}

// readTerms reads a description: the first audio that we can do.
func readTerms(body []byte) (terms, error) {
	var d sdp.SessionDescription
	if err := d.Unmarshal(body); err != nil {
		return terms{}, fmt.Errorf("%w: %w", errSDP, err)
	}
	for i, m := range d.MediaDescriptions {
		t := terms{media: d.MediaDescriptions, which: i, direction: "sendrecv"}
		if t.read(&d, m) {
			return t, nil
		}
	}
	return terms{}, errNoAudio
}

// read takes one line of media, and tells whether we can do it.
func (t *terms) read(d *sdp.SessionDescription, m *sdp.MediaDescription) bool {
	if m.MediaName.Media != "audio" || m.MediaName.Port.Value == 0 || m.MediaName.Port.Value > 0xFFFF || !t.protocol(m) {
		return false
	}
	at := m.ConnectionInformation
	if at == nil {
		at = d.ConnectionInformation
	}
	if at == nil || at.Address == nil || at.NetworkType != "IN" {
		return false
	}
	ip, err := netip.ParseAddr(at.Address.Address)
	if err != nil || ip.IsMulticast() {
		return false // a name would have to be looked up for whoever asks for it
	}
	t.remote = netip.AddrPortFrom(ip.Unmap(), uint16(m.MediaName.Port.Value))
	for _, attributes := range [][]sdp.Attribute{d.Attributes, m.Attributes} {
		for _, a := range attributes {
			switch a.Key {
			case "sendrecv", "sendonly", "recvonly", "inactive":
				t.direction = a.Key
			}
		}
	}
	return t.formats(m)
}

// protocol tells whether the sound comes in a way that we can do: RTP, or SRTP with a key in the description.
func (t *terms) protocol(m *sdp.MediaDescription) bool {
	switch strings.Join(m.MediaName.Protos, "/") {
	case "RTP/AVP":
		return true
	case "RTP/SAVP":
		t.srtp = readCrypto(m)
		return t.srtp != nil
	}
	return false
}

// formats chooses a codec, the first that the peer names, and the events. Payload types 0 and 8 need no rtpmap.
func (t *terms) formats(m *sdp.MediaDescription) bool {
	found := false
	for _, f := range m.MediaName.Formats {
		pt, err := strconv.ParseUint(f, 10, 7)
		if err != nil {
			continue
		}
		switch name := encoding(m, f); {
		case pt == uint64(media.PCMU) || pt == uint64(media.PCMA):
			if !found {
				t.codec, found = media.Codec(pt), true
			}
		case name == "telephone-event/8000" && pt >= 96 && t.events == 0:
			t.events = uint8(pt)
		}
	}
	return found
}

// encoding is the rtpmap of a format, in lower case and without the number of channels.
func encoding(m *sdp.MediaDescription, format string) string {
	for _, a := range m.Attributes {
		if name, ok := strings.CutPrefix(a.Value, format+" "); ok && a.Key == "rtpmap" {
			return strings.ToLower(strings.TrimSuffix(strings.TrimSpace(name), "/1"))
		}
	}
	return ""
}

// ours is our side of a call.
type ours struct {
	session, version uint64
	at               netip.AddrPort
	srtp             *srtpKeys
}

// describe makes a description: our answer to the terms of the peer, or an offer where those are nil.
func (o *ours) describe(t *terms) ([]byte, error) {
	family := "IP4"
	if o.at.Addr().Is6() {
		family = "IP6"
	}
	d := sdp.SessionDescription{
		Origin: sdp.Origin{Username: "-", SessionID: o.session, SessionVersion: o.version, NetworkType: "IN",
			AddressType: family, UnicastAddress: o.at.Addr().String()},
		SessionName: "-",
		ConnectionInformation: &sdp.ConnectionInformation{NetworkType: "IN", AddressType: family,
			Address: &sdp.Address{Address: o.at.Addr().String()}},
		TimeDescriptions: []sdp.TimeDescription{{}},
	}
	if t == nil {
		protos := []string{"RTP", "AVP"}
		if o.srtp != nil {
			protos[1] = "SAVP"
		}
		m := o.audio([]media.Codec{media.PCMU, media.PCMA}, 101, "sendrecv", protos)
		d.MediaDescriptions = []*sdp.MediaDescription{m}
		return d.Marshal()
	}
	for i, m := range t.media {
		if i != t.which { // refused (RFC 3264, section 6)
			d.MediaDescriptions = append(d.MediaDescriptions, &sdp.MediaDescription{MediaName: sdp.MediaName{
				Media: m.MediaName.Media, Protos: m.MediaName.Protos, Formats: m.MediaName.Formats}})
			continue
		}
		answer := o.audio([]media.Codec{t.codec}, t.events, mirrored[t.direction], m.MediaName.Protos)
		d.MediaDescriptions = append(d.MediaDescriptions, answer)
	}
	return d.Marshal()
}

// mirrored is what we do where the peer does the other (RFC 3264, section 6.1).
var mirrored = map[string]string{"sendrecv": "sendrecv", "sendonly": "recvonly", "recvonly": "sendonly",
	"inactive": "inactive"}

func (o *ours) audio(codecs []media.Codec, events uint8, direction string, protos []string) *sdp.MediaDescription {
	m := &sdp.MediaDescription{MediaName: sdp.MediaName{Media: "audio", Port: sdp.RangedPort{Value: int(o.at.Port())},
		Protos: protos}}
	for _, c := range codecs {
		pt := strconv.Itoa(int(c))
		m.MediaName.Formats = append(m.MediaName.Formats, pt)
		m.WithValueAttribute("rtpmap", pt+" "+c.String()+"/8000")
	}
	if events != 0 {
		pt := strconv.Itoa(int(events))
		m.MediaName.Formats = append(m.MediaName.Formats, pt)
		m.WithValueAttribute("rtpmap", pt+" telephone-event/8000")
		m.WithValueAttribute("fmtp", pt+" 0-15")
	}
	if o.srtp != nil {
		m.WithValueAttribute("crypto", o.srtp.line())
	}
	m.WithValueAttribute("ptime", "20")
	return m.WithPropertyAttribute(direction)
}
