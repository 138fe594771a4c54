package auth

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// The limits of one-time codes (NIST SP 800-63B-4 section 3.1.3.2: at least six digits, at most ten minutes).
const (
	codeDigitsLeast = 6
	codeDigitsMost  = 10
	codeLifeMost    = 10 * time.Minute
)

// Notifier sends one-time codes.
type Notifier interface {
	// Notify sends the notice, at most once for each Notice.Key: it may be called again with the same notice after a
	// crash. It must not wait for the delivery. An empty Notice.To is a decoy's: do the same work and send nothing.
	Notify(ctx context.Context, n Notice) error
}

// Notice is a one-time code on its way to the customer.
type Notice struct {
	// Key is the same for every repetition of this notice.
	Key string
	// Account is the Account.ID.
	Account string
	// To is the registered number, E.164; empty for a decoy. There is no e-mail: NIST SP 800-63B-4 section 3.1.3.1
	// forbids it for codes.
	To string
	// Code is what the customer has to key.
	Code Secret
	// Expires is when the code ends.
	Expires time.Time
	// Locale is the customer's language, a BCP 47 tag; empty where unknown.
	Locale string
}

// CodeConfig is what NewCode needs.
type CodeConfig struct {
	// Key is a random key of at least 32 bytes, the same in all processes. Codes and challenges derive from it.
	Key Secret
	// Notifier sends the codes.
	Notifier Notifier
	// Once keeps track of the codes sent and used: shared by all processes, or a MemoryOnce where there is one.
	Once Once
	// Now is the clock.
	Now func() time.Time
	// Digits is the length of a code, 6 to 10; 0 is 6.
	Digits int
	// Life is how long a code counts, up to 10 minutes; 0 is 10 minutes.
	Life time.Duration
}

// Code is the factor of a one-time code sent to the first registered number. The telephone network is a restricted
// channel (NIST SP 800-63B-4 section 3.1.3.3): offer another factor beside it.
//
// A code is not drawn at random but derived by HMAC from the key, the account and the challenge's key, so that a
// challenge repeated after a crash, in any process, is the same code and nothing has to keep it. That is as
// unpredictable as the key, and is drawn without modulo bias.
type Code struct{ c CodeConfig }

// NewCode checks the configuration and returns every fault.
func NewCode(c CodeConfig) (*Code, error) {
	if c.Digits == 0 {
		c.Digits = codeDigitsLeast
	}
	if c.Life == 0 {
		c.Life = codeLifeMost
	}
	faults := []error{checkKey("CodeConfig.Key", c.Key)}
	if c.Notifier == nil {
		faults = append(faults, errors.New("auth: CodeConfig.Notifier is nil: give what sends the codes"))
	}
	if c.Once == nil {
		faults = append(faults, errors.New("auth: CodeConfig.Once is nil: give a store, or &auth.MemoryOnce{}"))
	}
	if c.Now == nil {
		faults = append(faults, errors.New("auth: CodeConfig.Now is nil: give a clock such as time.Now"))
	}
	if c.Digits < codeDigitsLeast || c.Digits > codeDigitsMost {
		faults = append(faults, fmt.Errorf("auth: CodeConfig.Digits is %d: give %d to %d",
			c.Digits, codeDigitsLeast, codeDigitsMost))
	}
	if c.Life < 0 || c.Life > codeLifeMost {
		faults = append(faults, fmt.Errorf("auth: CodeConfig.Life is %v: give at most %v", c.Life, codeLifeMost))
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return &Code{c}, nil
}

// Digits is the length of a code, for the question that asks for it.
func (c *Code) Digits() int { return c.c.Digits }

// Name is FactorCode.
func (c *Code) Name() FactorName { return FactorCode }

// Class is Possession.
func (c *Code) Class() Class { return Possession }

// Challenge sends a code and returns when it ends, with a MAC over code, account and end; the code itself is in no part
// of it. The same account and key give the same challenge, and a Notice with the same Key. Once the code has ended,
// nothing is sent any more for that key.
func (c *Code) Challenge(ctx context.Context, a Account, key string) (string, error) {
	if !a.Offers(FactorCode) {
		return "", errors.New("auth: code: the account has no registered number: ask another factor")
	}
	id := c.id(a, key)
	now := c.c.Now()
	sent, _, err := c.c.Once.Claim(ctx, "code sent "+id, now, now.Add(c.keep()))
	if err != nil {
		return "", fmt.Errorf("auth: code: recording that one is sent: %w", err)
	}
	expires := sent.Add(c.c.Life).Truncate(time.Second)
	code, err := c.derive(a, key)
	if err != nil {
		return "", err
	}
	defer code.Clear()
	if now.Before(expires) {
		n := Notice{Key: id, Account: a.ID, Code: code, Expires: expires, Locale: a.Locale}
		if err := c.notify(ctx, a, n); err != nil {
			return "", err
		}
	}
	return c.challenge(a, id, expires, code), nil
}

// notify hides from the caller how it ended for a decoy.
func (c *Code) notify(ctx context.Context, a Account, n Notice) error {
	if !a.Decoy {
		n.To = a.Phones[0]
	}
	if err := c.c.Notifier.Notify(ctx, n); err != nil && !a.Decoy {
		return fmt.Errorf("auth: code: sending it: %w", err)
	}
	return nil
}

// Verify checks Evidence.Keyed against Evidence.Challenge. A code is accepted once, in any process. One that has ended
// is Inconclusive whatever was keyed, since nothing can be learned from trying it.
func (c *Code) Verify(ctx context.Context, a Account, e Evidence) (Result, error) {
	id, expires, ok := parseChallenge(e.Challenge)
	if !ok {
		return "", errors.New("auth: code: Evidence.Challenge is not what Code.Challenge returned: pass it on unchanged")
	}
	same := hmac.Equal([]byte(e.Challenge), []byte(c.challenge(a, id, expires, e.Keyed)))
	now := c.c.Now()
	switch {
	case !now.Before(expires):
		return Inconclusive, nil
	case !same || a.Decoy:
		return Rejected, nil
	}
	_, fresh, err := c.c.Once.Claim(ctx, "code used "+id, now, now.Add(c.keep()))
	if err != nil {
		return "", fmt.Errorf("auth: code: recording that it is used: %w", err)
	}
	if !fresh {
		return Rejected, nil
	}
	return Accepted, nil
}

// keep is how long a claim must be remembered: beyond the life of the code, by as much again for clocks that differ.
func (c *Code) keep() time.Duration { return 2 * codeLifeMost }

// id names the code in Once and to the Notifier without telling the account's or the call's key.
func (c *Code) id(a Account, key string) string {
	sum := mac(c.c.Key, "dialpay code id", Secret{}, a.ID, key)
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// derive draws numbers from the HMAC, with a counter, until one falls below the largest multiple of the number of
// codes, so that every code is equally likely.
func (c *Code) derive(a Account, key string) (Secret, error) {
	codes := uint64(1)
	for range c.c.Digits {
		codes *= 10
	}
	fair := -(-codes % codes) // the largest multiple of codes below 2^64
	for i := 0; ; i++ {
		sum := mac(c.c.Key, "dialpay code", Secret{}, a.ID, key, strconv.Itoa(i))
		n := binary.BigEndian.Uint64(sum[:])
		if n >= fair {
			continue
		}
		var digits [codeDigitsMost]byte
		for at := c.c.Digits - 1; at >= 0; at-- {
			digits[at] = '0' + byte(n%10)
			n /= 10
		}
		code, err := NewSecret(digits[:c.c.Digits])
		clear(digits[:])
		return code, err
	}
}

// challenge is "<id>.<end, Unix seconds>.<MAC>".
func (c *Code) challenge(a Account, id string, expires time.Time, code Secret) string {
	end := strconv.FormatInt(expires.Unix(), 10)
	sum := mac(c.c.Key, "dialpay code challenge", code, a.ID, id, end)
	return id + "." + end + "." + base64.RawURLEncoding.EncodeToString(sum[:])
}

func parseChallenge(s string) (id string, expires time.Time, ok bool) {
	parts := strings.Split(s, ".")
	if len(parts) != 3 {
		return "", time.Time{}, false
	}
	end, err := strconv.ParseInt(parts[1], 10, 64)
	if err != nil || parts[0] == "" || parts[2] == "" {
		return "", time.Time{}, false
	}
	return parts[0], time.Unix(end, 0), true
}
