package canary_test

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/dialpay/dialpay/internal/canary"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const card = "4929718365502417"

func TestFindsEveryShape(t *testing.T) {
	reversed := []byte(card)
	slices.Reverse(reversed)
	packed, err := hex.DecodeString(card)
	require.NoError(t, err)
	for _, c := range []struct{ what, text, shape string }{
		{"plain", card, "plain"},
		{"nine digits of it", "x" + card[5:14] + "y", "plain"},
		{"in a JSON string", `{"n":"` + card + `"}`, "plain"},
		{"spaced", strings.Join(strings.Split(card, ""), " "), "one by one"},
		{"in groups of four", card[:4] + " " + card[4:8] + " " + card[8:12] + " " + card[12:], "grouped"},
		{"in groups with dashes", card[:4] + "-" + card[4:8] + "-" + card[8:12] + "-" + card[12:], "grouped"},
		{"in words", "four nine two nine, seven one eight three six five", "words"},
		{"in Spanish words", "Cuatro nueve dos nueve siete uno ocho tres seis cinco", "words"},
		{"JSON escapes", escaped(card), "JSON escapes"},
		{"percent", percent(card), "percent"},
		{"hex", fmt.Sprintf("%x", card), "hex"},
		{"hex in capitals", fmt.Sprintf("%X", card+"/"), "hex"},
		{"a byte slice with %v", fmt.Sprintf("%v", []byte(card)), "bytes"},
		{"a byte slice with %#v", fmt.Sprintf("%#v", []byte(card)), "bytes in hex"},
		{"a byte slice with % x", fmt.Sprintf("% x", card), "bytes in hex"},
		{"base64", base64.StdEncoding.EncodeToString([]byte(card)), "base64"},
		{"base64, one byte on", base64.StdEncoding.EncodeToString([]byte("a" + card + "?")), "base64"},
		{"base64, two bytes on", base64.URLEncoding.EncodeToString([]byte("ab" + card + "??")), "base64"},
		{"UTF-16", string(wide(binary.LittleEndian)), "UTF-16 LE"},
		{"UTF-16, the other way", string(wide(binary.BigEndian)), "UTF-16 BE"},
		{"two digits a byte", "\x00" + string(packed), "BCD"},
		{"reversed", string(reversed), "reversed"},
		{"key by key", keyByKey("key=%[1]c at=%[2]d"), "one by one"},
		{"key by key in JSON", keyByKey(`"time":"10:04:%02[2]d","key":"%[1]c","seq":%[2]d`), "one by one"},
		{"key by key as bytes", keyByKey("t=%[2]d k=%[1]d"), "one by one"},
	} {
		assert.Contains(t, canary.New(card).In("before "+c.text+" after"), c.shape, c.what)
	}
}

func TestShortSecretsStandAlone(t *testing.T) {
	for _, text := range []string{"cvv 739", `{"cvv":"739"}`, fmt.Sprintf("%x", "739"), fmt.Sprintf("%v", []byte("739")), "seven three nine"} {
		assert.NotEmpty(t, canary.New("739").In(text), text)
	}
	assert.Empty(t, canary.New("739").In("2026-07-09T07:39:17.739001 and 17390"))
}

func TestLeavesOthersAlone(t *testing.T) {
	for _, text := range []string{"", "[secret]", "ending in 2417", "two four one seven", card[:8], "•••• •••• •••• 2417",
		"5105105105105100 and 2026-03-02T15:00:00.49297183Z", strings.Repeat("1234567890", 10)} {
		assert.Empty(t, canary.New(card).In(text), text)
	}
}

func escaped(s string) (out string) {
	for _, r := range s {
		out += fmt.Sprintf(`\u%04X`, r)
	}
	var back string
	if json.Unmarshal([]byte(`"`+out+`"`), &back) != nil || back != s {
		panic("not the escapes of JSON")
	}
	return out
}

func percent(s string) (out string) {
	for _, r := range s {
		out += fmt.Sprintf("%%%X", r)
	}
	if back, err := url.PathUnescape(out); err != nil || back != s {
		panic("not the escapes of URLs")
	}
	return out
}

func wide(order binary.AppendByteOrder) (out []byte) {
	for _, u := range utf16.Encode([]rune(card)) {
		out = order.AppendUint16(out, u)
	}
	return out
}

func keyByKey(format string) (out string) {
	for i, k := range card {
		out += fmt.Sprintf(format, k, i+10) + "\n"
	}
	return out
}
