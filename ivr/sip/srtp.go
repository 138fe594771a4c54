package sip

import (
	"errors"

	"github.com/pion/sdp/v3"
)

// srtpOffer is a key that a peer offers.
type srtpOffer struct{}

// srtpKeys are those of a call.
type srtpKeys struct{}

func (k *srtpKeys) line() string { return "" }

func readCrypto(*sdp.MediaDescription) *srtpOffer { return nil }

func (o *ours) secure(t *terms) error {
	if t.srtp != nil {
		return errors.New("no SRTP")
	}
	return nil
}
