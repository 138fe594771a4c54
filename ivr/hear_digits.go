package ivr

import "strings"

// HearDigits returns the digits that text says: "four two double one" and "4211" are both "4211". Accepted are digits in
// words and in figures, "double" and "triple", and the numbers from 10 to 99 where they can be only one thing: "eleven",
// "forty", "forty-two" with its hyphen, "cuarenta y dos". "forty two" is refused, as it may be 42 or 40 2; so is any
// larger number, and any other word. At most 512 bytes are listened to.
func (l *Locale) HearDigits(text string) (string, bool) {
	h := l.hearing()
	u := h.answer(text)
	digits := make([]byte, 0, len(u.text))
	for i := 0; i < len(u.at); {
		var n int
		if digits, n = h.digit(digits, u, i); n == 0 {
			return "", false
		}
		i += n
	}
	return string(digits), len(digits) > 0
}

// digit appends the digits that begin at word i, and tells how many words they took; 0 if there are none.
func (h *hearing) digit(b []byte, u utterance, i int) (digits []byte, words int) {
	if times, n := h.repeats.find(u, i); n > 0 {
		d, m := h.single(u, i+n)
		if m == 0 {
			return b, 0
		}
		for range times {
			b = append(b, d)
		}
		return b, n + m
	}
	if w := u.word(i); isDigit(rune(w[0])) {
		if strings.ContainsAny(w, ".,") {
			return b, 0
		}
		return append(b, w...), 1
	}
	if v, n := h.numbers.find(u, i); n > 0 && 10 <= v && v < 100 {
		_, after := h.single(u, i+n)
		if n == 2 && !u.at[i+1].glued || v >= 20 && v%10 == 0 && after > 0 {
			return b, 0
		}
		return append(b, byte('0'+v/10), byte('0'+v%10)), n
	}
	d, n := h.single(u, i)
	if n == 0 {
		return b, 0
	}
	return append(b, d), n
}

// single is one digit, in words or as a figure.
func (h *hearing) single(u utterance, i int) (d byte, words int) {
	if i >= len(u.at) {
		return 0, 0
	}
	if w := u.word(i); len(w) == 1 && isDigit(rune(w[0])) {
		return w[0], 1
	}
	return h.digits.find(u, i)
}
