package flow

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/dialpay/dialpay/ivr"
)

// SealConfig makes a Seal.
type SealConfig struct {
	// Current is the ID of the key that seals from now on, at most 32 characters.
	Current string
	// Keys are the current key and those before it, by ID: each 32 random bytes. A key may be taken out once nothing that
	// was sealed with it is wanted any more.
	Keys map[string]ivr.Secret
	// Index hides the names and claims by which a store finds things: 32 random bytes. It cannot be changed while
	// anything is stored: nothing would be found.
	Index ivr.Secret
}

// Seal encrypts what leaves the Engine for a store, so that the store never sees plaintext: sessions, items and kept
// secrets with AES-256-GCM, names and claims with a keyed hash. Each record is bound to what it is, to its session and
// to the version that it was written with: one that was changed, truncated, put in the place of another, or put back
// from an earlier version is refused with ErrTampered.
//
// What it cannot see is a whole session with all of its items put back together, nor a name, a claim or the time of an item
// that was changed or taken away: whoever can write to the database can make a payment wait for ever, or free a bill.
type Seal struct {
	current string
	keys    map[string]sealKey
	index   []byte
}

type sealKey struct {
	aead  cipher.AEAD
	nonce []byte
}

// The errors of sealed records.
var (
	// ErrTampered means that a record is not what was stored: it was changed, truncated, swapped or rolled back.
	ErrTampered = errors.New("flow: a stored record was tampered with")
	// ErrSealKey means that the key a record was sealed with is not among SealConfig.Keys.
	ErrSealKey = errors.New("flow: the key of a stored record is not there")
)

const (
	sealKeyLen   = 32
	sealKeyIDMax = 32
	sealFormat   = 1
	nonceLen     = 12
)

// NewSeal checks the keys. The error names everything that is wrong with them.
func NewSeal(c SealConfig) (*Seal, error) {
	s := &Seal{current: c.Current, keys: map[string]sealKey{}}
	var errs []error
	if _, ok := c.Keys[c.Current]; !ok {
		errs = append(errs, fmt.Errorf("flow: seal: there is no key %q, which is to be the current one", c.Current))
	}
	for _, id := range slices.Sorted(maps.Keys(c.Keys)) {
		key, err := newSealKey(c.Keys[id])
		if err == nil && (id == "" || len(id) > sealKeyIDMax) {
			err = fmt.Errorf("its ID has %d characters: give 1 to %d", len(id), sealKeyIDMax)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("flow: seal: key %q: %w", id, err))
		}
		s.keys[id] = key
	}
	var err error
	if s.index, err = derive(c.Index, "index"); err != nil {
		errs = append(errs, fmt.Errorf("flow: seal: the index key: %w", err))
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return s, nil
}

func newSealKey(master ivr.Secret) (sealKey, error) {
	content, err := derive(master, "content")
	if err != nil {
		return sealKey{}, err
	}
	defer clear(content)
	nonce, err := derive(master, "nonce")
	if err != nil {
		return sealKey{}, err
	}
	block, err := aes.NewCipher(content)
	if err != nil {
		return sealKey{}, err
	}
	aead, err := cipher.NewGCM(block)
	return sealKey{aead, nonce}, err
}

func derive(master ivr.Secret, purpose string) (key []byte, err error) {
	if master.Len() != sealKeyLen {
		return nil, fmt.Errorf("it has %d bytes: give %d random ones", master.Len(), sealKeyLen)
	}
	master.Open(func(b []byte) { key, err = hkdf.Key(sha256.New, b, nil, "dialpay seal "+purpose, sealKeyLen) })
	return key, err
}

// place is where a record belongs. A record of one place is refused in every other.
type place struct {
	domain, session, kind, key string
	version                    uint64
}

// header is the additional data of a record: its key and its place.
func (p place) header(keyID string) []byte {
	b := []byte{sealFormat}
	for _, part := range []string{keyID, p.domain, p.session, p.kind, p.key} {
		b = binary.AppendUvarint(b, uint64(len(part)))
		b = append(b, part...)
	}
	return binary.BigEndian.AppendUint64(b, p.version)
}

// seal encrypts a record for its place: format, key ID with its length in front, nonce, ciphertext.
//
// The nonce is a keyed hash of all that is sealed. Two processes may write the same version, of which one is refused: a
// nonce that counted versions would be used twice then, and one from a source of chance would need one.
func (s *Seal) seal(p place, plain []byte) []byte {
	k := s.keys[s.current]
	header := p.header(s.current)
	mac := hmac.New(sha256.New, k.nonce)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(header))))
	mac.Write(header)
	mac.Write(plain)
	nonce := mac.Sum(nil)[:nonceLen]
	out := make([]byte, 0, 2+len(s.current)+nonceLen+len(plain)+k.aead.Overhead())
	out = append(out, sealFormat, byte(len(s.current)))
	out = append(append(out, s.current...), nonce...)
	return k.aead.Seal(out, nonce, plain, header)
}

// open decrypts a record into dst. ErrTampered if it is not what was sealed for this place; ErrSealKey.
func (s *Seal) open(p place, sealed, dst []byte) ([]byte, error) {
	if len(sealed) < 2 || sealed[0] != sealFormat || len(sealed) < 2+int(sealed[1])+nonceLen {
		return nil, fmt.Errorf("%w: %s: no sealed record", ErrTampered, p)
	}
	id, rest := string(sealed[2:2+sealed[1]]), sealed[2+sealed[1]:]
	k, ok := s.keys[id]
	if !ok {
		return nil, fmt.Errorf("%w: %s: key %q", ErrSealKey, p, id)
	}
	plain, err := k.aead.Open(dst, rest[:nonceLen], rest[nonceLen:], p.header(id))
	if err != nil {
		return nil, fmt.Errorf("%w: %s", ErrTampered, p)
	}
	return plain, nil
}

func (p place) String() string {
	if p.domain == placeItem {
		return fmt.Sprintf("%s %q of session %q", p.kind, p.key, p.session)
	}
	return fmt.Sprintf("%s %q", p.domain, p.session)
}

// The domains of places.
const (
	placeSession = "session"
	placeItem    = "item"
	placeKept    = "kept"
)

func sessionPlace(id string, version uint64) place {
	return place{domain: placeSession, session: id, version: version}
}

func itemPlace(it Item) place {
	return place{domain: placeItem, session: it.Session, kind: string(it.Kind), key: it.Key, version: it.Version}
}

var blindText = base32.StdEncoding.WithPadding(base32.NoPadding)

// blind hides a name by which things are found. The same name is always hidden in the same way.
func (s *Seal) blind(domain, name string) string {
	mac := hmac.New(sha256.New, s.index)
	mac.Write([]byte(domain + "\x00" + name))
	return blindText.EncodeToString(mac.Sum(nil)[:20])
}

// itemsSum tells of which versions the items of a session are, so that one alone cannot be put back or taken away.
func itemsSum(items []Item) []byte {
	h := sha256.New()
	for _, it := range items {
		h.Write(itemPlace(it).header(""))
	}
	return h.Sum(nil)[:itemsSumLen]
}

const itemsSumLen = 16

// sealTx is the transaction as the store gets it. items are those that the session has after it.
func (s *Seal) sealTx(tx Tx, items []Item) Tx {
	if s == nil {
		return tx
	}
	version := tx.Expect + 1
	tx.Next = s.seal(sessionPlace(tx.Session, version), append(itemsSum(items), tx.Next...))
	for _, list := range []*[]Item{&tx.Insert, &tx.Update} {
		*list = slices.Clone(*list)
		for i := range *list {
			it := &(*list)[i]
			it.Session, it.Version = tx.Session, version
			it.Data = s.seal(itemPlace(*it), it.Data)
		}
	}
	for _, list := range []*[]Claim{&tx.Claim, &tx.Release} {
		*list = slices.Clone(*list)
		for i := range *list {
			(*list)[i].Key = s.blind("claim", (*list)[i].Key)
		}
	}
	tx.Name = slices.Clone(tx.Name)
	for i := range tx.Name {
		tx.Name[i] = s.blind("name", tx.Name[i])
	}
	return tx
}

// openSession is what was stored in clear, the items in place. Items that were added, taken away, or are of another
// version than the session knows are refused.
func (s *Seal) openSession(id string, snap Snapshot, items []Item) ([]byte, error) {
	if s == nil {
		return snap.Data, nil
	}
	plain, err := s.open(sessionPlace(id, snap.Version), snap.Data, nil)
	if err != nil {
		return nil, err
	}
	for i := range items {
		items[i].Session = id
		if items[i].Data, err = s.open(itemPlace(items[i]), items[i].Data, nil); err != nil {
			return nil, err
		}
	}
	if len(plain) < itemsSumLen || !bytes.Equal(plain[:itemsSumLen], itemsSum(items)) {
		return nil, fmt.Errorf("%w: the items of session %q are not those that it had", ErrTampered, id)
	}
	return plain[itemsSumLen:], nil
}
