package ivr

import "time"

// Prompt is one thing to say: a message key and the values that go into the message. It holds no words, so the same
// Prompt can be spoken in any locale, as text or as SSML, by a voice or from recorded files.
type Prompt struct {
	// Key names the message in the Catalog, such as "amount.ask".
	Key string `json:"k"`
	// Args fill %[1]s, %[2]s … of the message, in order.
	Args []Arg `json:"a,omitempty"`
	// Locale is the language of this prompt where it is not the turn's: each language offers itself in its own words.
	Locale string `json:"l,omitempty"`
}

// Say makes a Prompt.
func Say(key string, args ...Arg) Prompt { return Prompt{Key: key, Args: args} }

// ArgKind tells how a value is spoken.
type ArgKind string

// The kinds of values. Each has a function of the same name that makes one.
const (
	KindText   ArgKind = "text"   // words as they are: a payee's name
	KindMoney  ArgKind = "money"  // an amount in words: "twelve dollars and five cents"
	KindDigits ArgKind = "digits" // one digit after the other
	KindPhone  ArgKind = "phone"  // digits in the groups that the country writes
	KindLast4  ArgKind = "last4"  // the end of a card or account number, digit by digit
	KindDate   ArgKind = "date"   // a calendar day, with its weekday when within a week
	KindCount  ArgKind = "count"  // a number in words, which also selects the plural form
	KindKey    ArgKind = "key"    // a telephone key: "1", "pound"
	KindID     ArgKind = "id"     // a transaction ID in groups of three
	KindIDSlow ArgKind = "idslow" // the same, with a spelling word after each letter
	KindPrompt ArgKind = "prompt" // another message of the catalog, by its key
)

// Arg is a typed value in a Prompt. Make it with one of the functions below; the fields are exported so that a
// Prompt can be stored, compared and sent to another process.
type Arg struct {
	Kind ArgKind `json:"k"`
	Text string  `json:"t,omitempty"`
	N    int64   `json:"n,omitempty"`
}

// Text is spoken as it is.
func Text(s string) Arg { return Arg{Kind: KindText, Text: s} }

// Money is an amount in minor units of an ISO 4217 currency: Money(1205, "USD") is twelve dollars and five cents.
func Money(minor int64, currency string) Arg { return Arg{Kind: KindMoney, Text: currency, N: minor} }

// Digits is spoken digit by digit.
func Digits(s string) Arg { return Arg{Kind: KindDigits, Text: s} }

// Phone is a telephone number, E.164 or national.
func Phone(s string) Arg { return Arg{Kind: KindPhone, Text: s} }

// Last4 is the end of a number. Anything longer than four digits is cut to its last four: a longer one must never be
// spoken (PCI DSS 3.4.1 would allow more; dialpay does not).
func Last4(s string) Arg {
	if len(s) > 4 {
		s = s[len(s)-4:]
	}
	return Arg{Kind: KindLast4, Text: s}
}

// Date is a calendar day. Within six days of today its weekday is spoken too. The time of day is ignored.
func Date(day, today time.Time) Arg {
	near := int64(0)
	if d := dayNumber(day) - dayNumber(today); d >= -6 && d <= 6 {
		near = 1
	}
	return Arg{Kind: KindDate, Text: day.Format(time.DateOnly), N: near}
}

func dayNumber(t time.Time) int64 {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400
}

// Count is a number of things.
func Count(n int) Arg { return Arg{Kind: KindCount, N: int64(n)} }

// Key is a telephone key, 0–9, * or #.
func Key(k byte) Arg { return Arg{Kind: KindKey, N: int64(k)} }

// ID is a transaction ID, spoken in groups of three characters.
func ID(s string) Arg { return Arg{Kind: KindID, Text: s} }

// IDSlow is a transaction ID, spoken slowly: each letter followed by a spelling word.
func IDSlow(s string) Arg { return Arg{Kind: KindIDSlow, Text: s} }

// Message is the text of another message without values, put in the middle of this one: a card brand, a kind of
// account.
func Message(key string) Arg { return Arg{Kind: KindPrompt, Text: key} }
