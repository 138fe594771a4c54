package flow_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A caller who tries account numbers learns nothing from words, from the number of questions, or from the time: a call
// with an unknown number and one with a wrong PIN are the same word for word, however often it is tried.
func TestUnknownAccountSoundsLikeWrongPIN(t *testing.T) {
	for _, from := range []string{flowtest.Stranger, ""} {
		calls := map[string]string{}
		for _, account := range []string{"10012345", "99999999"} {
			w := flowtest.NewWorld(t)
			for range 3 { // the third call meets the lock
				c := w.DialAs(ivr.Call{From: from, Locale: "en-US"})
				c.Press(account + "#")
				for c.Turn.Action == ivr.ActionCapture {
					c.Press("0000#")
				}
				assert.Equal(t, ivr.ActionTransfer, c.Turn.Action)
				assert.NotContains(t, fmt.Sprint(c.Turn.Transfer), "99999999")
				calls[account] += c.HangUp().Transcript.String()
			}
		}
		mask := strings.NewReplacer("10012345", "N", "99999999", "N")
		assert.Equal(t, mask.Replace(calls["10012345"]), mask.Replace(calls["99999999"]))
		assert.Regexp(t, regexp.MustCompile("unproven(?s:.*)lockout"), calls["10012345"])
	}
}

// How much must be known of a caller depends on the amount, on its currency, on the method, and on what the caller
// number proves.
func TestStepUp(t *testing.T) {
	for _, rule := range []struct {
		sentence    string
		amount      payment.Money
		attestation string
		newCard     bool
		code        bool
	}{
		{"a small amount needs the PIN", money(500_00, "USD"), "", false, false},
		{"a cent more needs a code", money(500_01, "USD"), "", false, true},
		{"but not from an attested number", money(500_01, "USD"), "A", false, false},
		{"partial attestation proves nothing", money(500_01, "USD"), "B", false, true},
		{"gateway attestation proves nothing", money(500_01, "USD"), "C", false, true},
		{"a new card is the caller's own risk", money(500_01, "USD"), "", true, false},
		{"euros have a threshold of their own", money(500_00, "EUR"), "", false, false},
		{"yen, too", money(75_000, "JPY"), "", false, false},
		{"more yen", money(75_001, "JPY"), "", false, true},
		{"a currency without a threshold is always large", money(1_000, "KWD"), "", false, true},
	} {
		t.Run(rule.sentence, func(t *testing.T) {
			w := annOwes(t, rule.amount)
			c := w.DialAs(ivr.Call{From: flowtest.Ann, Attestation: rule.attestation})
			c.Press("1234#").Hear("amount.ask").Press("1")
			if rule.newCard {
				newCard(c, visa, "0330", "737").Hear("card.save.ask").Press("2")
			} else {
				savedVisa(c)
			}
			if rule.code {
				c.Hear("identify.more").Hear("identify.sent").Press(w.Codes.Last + "#")
			}
			c.NotHear("identify.more").Hear("confirm.readback.ask").Press("1").Hear("receipt.approved")
			assert.Equal(t, map[bool]int{true: 1}[rule.code], w.Codes.Sent)
		})
	}
}

// What was proven in a call stays proven: a second large payment needs no second code.
func TestStepUpOnce(t *testing.T) {
	w := annOwes(t, money(900_00, "USD"))
	second := w.Biller.Open["acc-ann"][0]
	second.ID, second.Service = "w-9", "the garage"
	w.Biller.Open["acc-ann"] = append(w.Biller.Open["acc-ann"], second)
	c := w.DialAs(ivr.Call{From: flowtest.Ann}).Press("1234#")
	c.Hear("bill.choose.ask").Press("1").Hear("amount.ask").Press("1")
	savedVisa(c).Hear("identify.sent").Press(w.Codes.Last + "#")
	yes(c).Hear("receipt.ask").Press("3").Hear("more.ask").Press("1")
	full(c)
	savedVisa(c).NotHear("identify.more")
	yes(c).Hear("receipt.approved")
	assert.Len(t, w.Charges(), 2)
	assert.Equal(t, 1, w.Codes.Sent)
}

// An account without a PIN is asked for what it has.
func TestOtherFactors(t *testing.T) {
	for _, rule := range []struct {
		sentence string
		account  auth.Account
		from     string
		steps    []string // what is heard and pressed in turn
	}{
		{"a code, where there is a telephone", auth.Account{Phones: []string{flowtest.Ann}}, flowtest.Stranger,
			[]string{"identify.code.ask", "CODE#"}},
		{"the ends of two saved methods count for nothing, so a person helps", auth.Account{Last4s: []string{"4242", "6789"}},
			flowtest.Stranger, nil},
	} {
		t.Run(rule.sentence, func(t *testing.T) {
			w := flowtest.NewWorld(t)
			rule.account.ID = "acc-ann"
			d, err := auth.NewMemoryDirectory("1", auth.Entry{Number: "10012345", Account: rule.account})
			require.NoError(t, err)
			w.Config.Directory = d
			c := w.DialAs(english(rule.from)).Press("10012345#")
			for i := 0; i < len(rule.steps); i += 2 {
				c.Hear(rule.steps[i]).Press(strings.ReplaceAll(rule.steps[i+1], "CODE", w.Codes.Last))
			}
			if rule.steps == nil {
				c.Transferred("unproven")
				return
			}
			c.Hear("amount.balance")
		})
	}
}

// A directory that fails gives the caller to a person, except where it is only asked whose number rings.
func TestDirectoryDown(t *testing.T) {
	w := flowtest.NewWorld(t)
	good := w.Config.Directory
	w.Config.Directory = downDirectory{good, true, false}
	c := w.DialAs(english(flowtest.Ann)).Hear("identify.account.ask").Press("10012345#")
	pin(c).Hear("amount.balance")

	w = flowtest.NewWorld(t)
	w.Config.Directory = downDirectory{good, false, true}
	w.DialAs(english(flowtest.Stranger)).Press("10012345#").Transferred("technical")
}

type downDirectory struct {
	auth.Directory
	byCaller, byNumber bool
}

var errDirectory = errors.New("directory down")

func (d downDirectory) ByCaller(ctx context.Context, number string) ([]auth.Account, error) {
	if d.byCaller {
		return nil, errDirectory
	}
	return d.Directory.ByCaller(ctx, number)
}

func (d downDirectory) ByNumber(ctx context.Context, number string) (auth.Account, error) {
	if d.byNumber {
		return auth.Account{}, errDirectory
	}
	return d.Directory.ByNumber(ctx, number)
}

// Another account in the same call starts from nothing: neither what was proven nor what was chosen is carried over.
func TestOtherAccountStartsAnew(t *testing.T) {
	w := annOwes(t, money(900_00, "USD"))
	c := w.DialAs(ivr.Call{From: flowtest.Ann, Locale: "en-US"})
	c.Hear("identify.pin.ask").Press("1234#")
	full(c)
	savedVisa(c).Hear("identify.code.ask").Press("*")
	c.Hear("identify.account.ask").Press("20023456#")
	c.Hear("identify.pin.ask").Press("1234#") // Ann's PIN is not Ben's
	c.Hear("identify.rejected").Press("9876#")
	c.Hear("bill.choose.ask").Press("1").Hear("eighty dollars").Press("1")
	c.Hear("card.ask").HangUp() // Ann's saved card is not offered
	assert.Empty(t, w.Charges())
}

// A code that was mistyped is sent anew, and each one once.
func TestCodesAreSentOnce(t *testing.T) {
	w := annOwes(t, money(900_00, "USD"))
	c := w.DialAs(ivr.Call{From: flowtest.Ann}).Press("1234#")
	full(c)
	savedVisa(c).Hear("identify.sent")
	assert.Equal(t, 1, w.Codes.Sent)
	c.Press("9#").Hear("identify.code.ask").Press("8#").Hear("identify.code.help").Silence().Press("12#").Hear("short")
	assert.Equal(t, 1, w.Codes.Sent)
	first := w.Codes.Last
	c.Press("000000#").Hear("identify.rejected")
	assert.Equal(t, 2, w.Codes.Sent)
	require.NotEqual(t, first, w.Codes.Last)
	c.Press(first + "#").Hear("identify.rejected.2").Press(w.Codes.Last + "#").Hear("confirm.readback.ask")
}

// While an answer is weighed, a sweeper may commit something of the same session. The answer is not lost with that: a code
// that was accepted is used up, and a caller who is asked for it again has none.
func TestAcceptedAnswerOutlivesASweep(t *testing.T) {
	for at := 1; at <= 3; at++ {
		w := annOwes(t, money(500_01, "USD"))
		store := &hooked{Memory: flow.NewMemory(w.Clock.Now)}
		w.Config.Store = store
		c := w.DialAs(ivr.Call{From: flowtest.Ann})
		c.Press("1234#").Hear("amount.ask").Press("1")
		savedVisa(c).Hear("identify.sent")
		commits := 0
		store.commit = func(txs []flow.Tx) {
			if commits++; commits != at {
				return
			}
			snap, _, err := store.Load(t.Context(), "call-1")
			require.NoError(t, err)
			require.NoError(t, store.Memory.Commit(t.Context(), flow.Tx{Session: "call-1", Expect: snap.Version, Next: snap.Data}))
		}
		c.Press(w.Codes.Last + "#").Hear("confirm.readback.ask")
		assert.GreaterOrEqual(t, commits, at)
		assert.Equal(t, 1, w.Codes.Sent)
	}
}
