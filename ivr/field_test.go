package ivr_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/ivr"
)

var (
	account = ivr.Field{Kind: ivr.FieldDigits, Least: 4, Most: 6}
	dollars = ivr.Field{Kind: ivr.FieldAmount, Least: 1, Most: 5}
	cents   = ivr.Field{Kind: ivr.FieldDigits, Least: 0, Most: 2}
	pin     = ivr.Field{Least: 4, Most: 6, Capture: ivr.Capture{Field: ivr.CapturePIN}}
)

func TestFieldListen(t *testing.T) {
	d := ivr.DefaultTiming
	assert.Equal(t, ivr.Listen{Least: 4, Most: 6, Terminator: '#', First: d.Field, Between: d.Between, BargeIn: true, Speech: true},
		account.Listen(ivr.Timing{}), "an ordinary field takes keys and words")
	card := pin
	card.Fetch = true
	assert.Equal(t, ivr.Listen{Least: 4, Most: 6, Terminator: '#', First: d.Fetch, Between: d.Between, BargeIn: true, Sensitive: true},
		card.Listen(ivr.Timing{}), "a sensitive one takes no words; one that must be fetched has more time")
}

func TestTiming(t *testing.T) {
	assert.Equal(t, ivr.DefaultTiming, ivr.Timing{}.Normal(), "what is not set is the default")
	assert.Equal(t, ivr.DefaultTiming, ivr.Timing{Menu: -1, Confidence: -1}.Normal(), "so is what makes no sense")
	own := ivr.Timing{Menu: time.Second, Field: time.Second, Fetch: time.Second, Between: time.Second, Confidence: 0.9}
	assert.Equal(t, own, own.Normal())
	slow := ivr.Timing{Menu: 2 * time.Second, Field: 2 * time.Second, Fetch: 2 * time.Second, Between: 2 * time.Second, Confidence: 0.9}
	assert.Equal(t, slow, own.Slower(), "the accessible mode doubles every time")
}

func digits(s string) ivr.Answer { return ivr.Answer{Digits: s} }

func amount(units string, minor int) ivr.Answer { return ivr.Answer{Digits: units, Minor: minor} }

func TestFieldReadKeys(t *testing.T) {
	for _, c := range []struct {
		field ivr.Field
		keys  string
		want  ivr.Answer
		rule  string
	}{
		{account, "1234", digits("1234"), "an entry needs no terminator"},
		{account, "1234#", digits("1234"), "but takes one"},
		{account, "123456", digits("123456"), "most digits"},
		{account, "123", fault(ivr.FaultShort), "too few"},
		{account, "1", fault(ivr.FaultShort), "too few, and no universal"},
		{account, "1234567#", fault(ivr.FaultLong), "too many"},
		{account, "99*1234#", digits("1234"), "a correction clears what was before it"},
		{account, "1234*#", fault(ivr.FaultEmpty), "a cleared entry is empty"},
		{account, "1234*", fault(ivr.FaultSilence), "and silence without a terminator: the caller has not answered"},
		{account, "#", fault(ivr.FaultEmpty), "the terminator alone"},
		{account, "*", command(ivr.CommandBack), "a correction of nothing goes back"},
		{account, "12x4", fault(ivr.FaultNoMatch), "only keys are keys"},
		{account, "12#34", fault(ivr.FaultNoMatch), "nothing follows the terminator"},
		{account, "0", command(ivr.CommandAgent), "a universal alone"},
		{account, "6#", command(ivr.CommandLanguage), "with a terminator"},
		{account, "12*7", command(ivr.CommandSlower), "after a correction"},
		{account, "8", command(ivr.CommandHelp), ""},
		{account, "9", command(ivr.CommandRepeat), ""},
		{account, "00", fault(ivr.FaultShort), "two keys are no universal"},
		{dollars, "9#", amount("9", -1), "where one digit can be an answer it is one"},
		{dollars, "0#", command(ivr.CommandAgent), "but 0 is always a person"},
		{dollars, "00#", amount("00", -1), "though not twice"},
		{dollars, "120", amount("120", -1), "keys are whole units"},
		{cents, "#", digits(""), "with Least 0 the terminator alone is an answer"},
		{cents, "", digits(""), ""},
		{cents, "5*#", digits(""), "also after a correction"},
		{cents, "5*", fault(ivr.FaultSilence), "but not the correction alone"},
		{cents, "0", digits("0"), "and no digit is a universal"},
		{cents, "9#", digits("9"), ""},
		{cents, "*", command(ivr.CommandBack), ""},
		{cents, "123", fault(ivr.FaultLong), ""},
		{ivr.Field{Kind: ivr.FieldAmount, Most: 2}, "#", amount("", -1), "no units are no minor units either"},
		{ivr.Field{Least: 1, Most: 100}, strings.Repeat("1", ivr.MaxEntry+1), fault(ivr.FaultLong), "no entry exceeds MaxEntry"},
		{ivr.Field{}, "1", fault(ivr.FaultLong), "the zero Field takes nothing, but does not panic"},
	} {
		assert.Equal(t, c.want, c.field.Read(keys(c.keys), nil, ivr.Timing{}), "%s: %q", c.rule, c.keys)
	}
}

func TestFieldReadSpeech(t *testing.T) {
	l := english(t)
	for _, c := range []struct {
		field ivr.Field
		words string
		want  ivr.Answer
		rule  string
	}{
		{account, "four two double one", digits("4211"), "digits in words"},
		{account, "four two", fault(ivr.FaultShort), "too few"},
		{account, "one two three four five six seven", fault(ivr.FaultLong), "too many"},
		{account, "nine", command(ivr.CommandRepeat), "a digit alone is the same as the key"},
		{account, "help", command(ivr.CommandHelp), "a universal by its words"},
		{account, "purple", fault(ivr.FaultNoMatch), "anything else"},
		{dollars, "forty-two dollars and five cents", amount("42", 5), "an amount with minor units"},
		{dollars, "one hundred dollars", amount("100", -1), "an amount without"},
		{dollars, "nine dollars", amount("9", -1), "is never a universal"},
		{dollars, "one million dollars", fault(ivr.FaultLong), "more digits than there may be"},
		{dollars, "purple", fault(ivr.FaultNoMatch), "anything else"},
	} {
		c.want.Spoken = true
		assert.Equal(t, c.want, c.field.Read(say(c.words), l, ivr.Timing{}), "%s: %q", c.rule, c.words)
	}
	a := pin.Read(say("four two double one"), l, ivr.Timing{})
	assert.Equal(t, ivr.Answer{Fault: ivr.FaultNoMatch, Spoken: true}, a, "nobody may speak a secret")
	in := say("four two double one")
	in.Confidence = 0.1
	assert.Equal(t, ivr.FaultNoMatch, account.Read(in, l, ivr.Timing{}).Fault)
	assert.Equal(t, ivr.FaultNoMatch, account.Read(say("four two double one"), nil, ivr.Timing{}).Fault)
}

func TestFieldReadOtherInputs(t *testing.T) {
	for _, f := range []ivr.Field{account, dollars, pin} {
		assert.Equal(t, fault(ivr.FaultSilence), f.Read(ivr.Input{Kind: ivr.Silence}, nil, ivr.Timing{}))
		for _, k := range []ivr.InputKind{"", ivr.Answered, ivr.HangUp, ivr.WorkDone} {
			assert.Equal(t, fault(ivr.FaultNoMatch), f.Read(ivr.Input{Kind: k}, nil, ivr.Timing{}), "%q is no answer", k)
		}
	}
}

func newSecret(t testing.TB, s string) ivr.Secret {
	t.Helper()
	secret, err := ivr.NewSecret([]byte(s))
	require.NoError(t, err)
	return secret
}

// opened is what a Secret holds. Tests may look.
func opened(s ivr.Secret) (text string) {
	s.Open(func(b []byte) { text = string(b) })
	return text
}

func TestSensitiveField(t *testing.T) {
	for _, c := range []struct {
		keys, want string
		command    ivr.Command
		fault      ivr.Fault
	}{
		{keys: "4321", want: "4321"},
		{keys: "4321#", want: "4321"},
		{keys: "99*4321#", want: "4321"},
		{keys: "123456", want: "123456"},
		{keys: "432", fault: ivr.FaultShort},
		{keys: "1234567", fault: ivr.FaultLong},
		{keys: strings.Repeat("1", ivr.MaxEntry+1), fault: ivr.FaultLong},
		{keys: "#", fault: ivr.FaultEmpty},
		{keys: "43 21", fault: ivr.FaultNoMatch},
		{keys: "*", command: ivr.CommandBack},
		{keys: "9", command: ivr.CommandRepeat},
	} {
		secret := newSecret(t, c.keys)
		for _, in := range []ivr.Input{{Kind: ivr.Keys, Secret: secret}, keys(c.keys)} {
			a := pin.Read(in, nil, ivr.Timing{})
			assert.Equal(t, c.command, a.Command, c.keys)
			assert.Equal(t, c.fault, a.Fault, c.keys)
			assert.Equal(t, c.want, opened(a.Secret), c.keys)
			assert.Empty(t, a.Digits, "no digit comes into the open")
			assert.Zero(t, in.Secret.Len(), "the input's secret is cleared, whatever it was")
		}
	}
	optional := pin
	optional.Least = 0
	for _, in := range []ivr.Input{{Kind: ivr.Keys, Secret: newSecret(t, "#")}, keys("#"), keys("")} {
		a := optional.Read(in, nil, ivr.Timing{})
		assert.Equal(t, ivr.Answer{}, a, "a secret may be optional too")
	}
	long := keys(strings.Repeat("1", 1000))
	assert.Equal(t, ivr.FaultLong, pin.Read(long, nil, ivr.Timing{}).Fault, "any length is read in constant space")

	stray := newSecret(t, "4111")
	assert.Equal(t, fault(ivr.FaultNoMatch), account.Read(ivr.Input{Kind: ivr.Keys, Secret: stray}, nil, ivr.Timing{}),
		"a secret never becomes the digits of an ordinary field")
	assert.Zero(t, stray.Len())
	late := newSecret(t, "4111")
	pin.Read(ivr.Input{Kind: ivr.HangUp, Secret: late}, nil, ivr.Timing{})
	assert.Zero(t, late.Len(), "also the secret of an input that is no answer is cleared")
}
