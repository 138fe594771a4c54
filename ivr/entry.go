package ivr

import "github.com/dialpay/dialpay/internal/secret"

// MaxEntry is the greatest number of digits that an entry can have. One digit more still fits into a Secret, so that an
// entry that is too long is never taken for a shorter one.
const MaxEntry = secret.Cap - 1

// The keys with a meaning of their own in an entry.
const (
	terminator = '#'
	correction = '*'
)

// entry reads keys as they were pressed. The terminator ends the entry and may be missing. A correction clears what was
// keyed before it; on an empty entry it asks to go back, whatever follows: key by key the line would have ended the
// entry there. Anything that is no key, or that follows the terminator, makes the whole of it FaultNoMatch: a guess
// might pay. The digits are a part of keys, not a copy.
func entry[T string | []byte](keys T) (digits T, c Command, f Fault) {
	from, end, back := 0, len(keys), false
	for i := range len(keys) {
		switch k := keys[i]; {
		case !keypad(k), i > end:
			return digits, CommandNone, FaultNoMatch
		case k == terminator:
			end = i
		case k == correction:
			back = back || from == i
			from = i + 1
		}
	}
	switch {
	case back:
		return digits, CommandBack, FaultNone
	case from < end:
		return keys[from:end], CommandNone, FaultNone
	case from > 0 && end == len(keys): // cleared, and then nothing
		return digits, CommandNone, FaultSilence
	}
	return digits, CommandNone, FaultEmpty
}

// keypad tells whether k is a key of a telephone. A to D of the DTMF table are on no caller's telephone.
func keypad(k byte) bool { return k >= '0' && k <= '9' || k == terminator || k == correction }
