package ivr

import (
	"strconv"

	"github.com/dialpay/dialpay/internal/iso4217"
)

// appendMoney says an amount in minor units in words. The number of decimals is that of ISO 4217; two for a code that it
// does not have.
func (g *Grammar) appendMoney(b []byte, minor int64, currency string) []byte {
	if minor < 0 {
		b = append(append(b, g.Minus...), ' ')
	}
	places, ok := iso4217.Digits(currency)
	if !ok {
		places = 2
	}
	whole, rest := splitAmount(magnitude(minor), places)
	names := g.Currencies[currency]
	if names.Unit.Many == "" || (places > 0 && names.Minor.Many == "") {
		return g.appendUnnamed(b, whole, rest, places, currency)
	}
	if rest == 0 {
		return g.Quantity(b, whole, names.Unit)
	}
	if whole > 0 {
		b = g.Quantity(b, whole, names.Unit)
		b = append(append(append(b, ' '), g.And...), ' ')
	}
	return g.Quantity(b, rest, names.Minor)
}

// appendUnnamed says an amount in a currency without a name in this language: "twelve point zero five, S E K".
func (g *Grammar) appendUnnamed(b []byte, whole, rest uint64, places int, currency string) []byte {
	b = g.Quantity(b, whole, Noun{})
	if rest > 0 {
		b = append(append(append(b, ' '), g.Point...), ' ')
		var decimals [20]byte
		b = g.appendSpelled(b, string(appendDecimals(decimals[:0], rest, places)))
	}
	if code := spelled(currency); code != "" {
		b = g.appendSpelled(append(b, ", "...), code)
	}
	return b
}

// splitAmount parts an amount in minor units into whole units and the rest.
func splitAmount(minor uint64, places int) (whole, rest uint64) {
	scale := pow10(places)
	return minor / scale, minor % scale
}

func appendUint(b []byte, n uint64) []byte { return strconv.AppendUint(b, n, 10) }

// appendDecimals writes the decimals with their leading zeros.
func appendDecimals(b []byte, rest uint64, places int) []byte {
	for scale := pow10(places - 1); scale > 0; scale /= 10 {
		b = append(b, byte('0'+rest/scale%10))
	}
	return b
}

func pow10(n int) uint64 {
	p := uint64(1)
	for range n {
		p *= 10
	}
	return p
}
