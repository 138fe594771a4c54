package ivr

import (
	"strconv"
	"strings"
)

// maxAmount bounds the whole units that are understood.
const maxAmount = 999_999_999_999

// number is a whole number that is being heard: millions and more, thousands, and what is below.
type number struct {
	big, thousands, group uint64
	leastBig              uint64 // the last scale above a thousand; the next must be less
	words                 int
	group1                bool // a value stands in group
	figures               bool // and it came in figures, so only a scale can follow
	zero                  bool
	linked                bool // words like "and" were inside
}

func (x *number) value() uint64 { return x.big + x.thousands + x.group }

// number hears a whole number that begins at word i. It takes as many words as make one number: of "one twenty-three"
// only the first. words is 0 if there is none.
func (h *hearing) number(u utterance, i int) (x number) {
	for {
		n := h.numberWord(&x, u, i+x.words)
		if n == 0 && x.words > 0 {
			if _, m := h.links.find(u, i+x.words); m > 0 {
				if n = h.numberWord(&x, u, i+x.words+m); n > 0 {
					n += m
					x.linked = true
				}
			}
		}
		if n == 0 {
			return x
		}
		x.words += n
		if x.value() > maxAmount {
			return number{}
		}
	}
}

// numberWord adds the value at word i if the number can go on with it, and tells how many words it took.
func (h *hearing) numberWord(x *number, u utterance, i int) int {
	if i >= len(u.at) || x.zero {
		return 0
	}
	if w := u.word(i); isDigit(rune(w[0])) {
		v, _, ok := figures(w, h.decimal)
		if !ok || strings.IndexByte(w, h.decimal) >= 0 || x.group1 {
			return 0
		}
		x.group, x.group1, x.figures = v, true, true
		return 1
	}
	v, n := h.numbers.find(u, i)
	if n == 0 {
		v, n = h.extras.find(u, i)
	}
	if n > 0 && x.add(v) {
		return n
	}
	if v, n = h.scales.find(u, i); n > 0 && x.scale(v) {
		return n
	}
	return 0
}

// add takes a value below a thousand.
func (x *number) add(v uint64) bool {
	switch {
	case v == 0:
		if x.words > 0 {
			return false
		}
		x.zero = true
	case x.figures && x.group1:
		return false
	case v >= 100 && x.group1, x.group%100 != 0:
		return false
	}
	x.group += v
	x.group1 = true
	return true
}

// scale multiplies what stands before it.
func (x *number) scale(by uint64) bool {
	one := max(x.group, 1)
	switch {
	case by == 100:
		if x.group >= 100 || x.group == 0 && x.words > 0 {
			return false
		}
		x.group, x.group1 = one*100, true
	case by == 1000:
		if x.thousands > 0 || x.group > 999 {
			return false
		}
		x.thousands, x.group, x.group1 = one*1000, 0, false
	default:
		part := x.thousands + x.group
		if x.big > 0 && (by >= x.leastBig || part == 0) || part > maxAmount/by {
			return false
		}
		x.big += max(part, 1) * by
		x.leastBig, x.thousands, x.group, x.group1 = by, 0, 0, false
	}
	x.figures = false
	return true
}

// figures reads an amount in figures: "1,200.50" where decimal is '.'. One or two decimals are hundredths; minor is -1
// when there are none.
func figures(w string, decimal byte) (units uint64, minor int, ok bool) {
	grouping := byte(',')
	if decimal == ',' {
		grouping = '.'
	}
	whole, fraction, has := strings.Cut(w, string(decimal))
	groups := strings.Split(whole, string(grouping))
	for i, g := range groups {
		if len(groups) > 1 && (i == 0 && len(g) > 3 || i > 0 && len(g) != 3) {
			return 0, -1, false
		}
	}
	units, err := strconv.ParseUint(strings.Join(groups, ""), 10, 64)
	if err != nil || units > maxAmount {
		return 0, -1, false
	}
	if !has {
		return units, -1, true
	}
	minor, ok = hundredths(fraction)
	return units, minor, ok
}

// hundredths reads one or two decimals.
func hundredths(digits string) (int, bool) {
	if len(digits) == 1 {
		digits += "0"
	}
	n, err := strconv.ParseUint(digits, 10, 8)
	return int(n), err == nil && len(digits) == 2
}
