package flow_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/stretchr/testify/require"
)

// The golden calls are the documentation of what callers hear: testdata/NAME.txt can be read without knowing Go. Each
// ends with what the call came to: charges, postings to the biller, messages, saved methods, callbacks. To write them
// again after a change, run `make docs`, and read what git says is different.
func TestGolden(t *testing.T) {
	names := map[string]bool{}
	for _, list := range goldenLists() {
		for _, g := range list {
			require.False(t, names[g.name], "two golden calls are named %s", g.name)
			names[g.name] = true
			t.Run(g.name, func(t *testing.T) {
				s := &script{World: flowtest.NewWorld(t), TB: t}
				s.Config.Store = flow.NewMemory(s.Clock.Now)
				g.play(s)
				flowtest.Golden(t, g.name, s.text(g.title))
			})
		}
	}
}

func goldenLists() [][]golden {
	return [][]golden{goldenPayments, goldenHasty, goldenMethods, goldenSpeech, goldenIdentity, goldenRetries,
		goldenAmounts, goldenCards, goldenKeys, goldenDeclines, goldenFailures, goldenPeople, goldenCallbacks, goldenHangUps, goldenResume,
		goldenSplits}
}

// golden is one story: a call, or a few that belong together.
type golden struct {
	name string
	// title is the first line of the file, and says what to look for.
	title string
	play  func(s *script)
}

// script is a World that remembers the calls in it.
type script struct {
	*flowtest.World
	testing.TB
	calls []*flowtest.Caller
}

func (s *script) dial(from string) *flowtest.Caller {
	return s.remember(s.Dial(from))
}

func (s *script) dialAs(call ivr.Call) *flowtest.Caller { return s.remember(s.DialAs(call)) }

func (s *script) remember(c *flowtest.Caller) *flowtest.Caller {
	s.calls = append(s.calls, c)
	return c
}

// later lets time pass after the calls, and does what is due then.
func (s *script) later(after time.Duration) {
	s.Sweep(after)
	s.calls[len(s.calls)-1].Transcript.Note("%s later, what was left open was looked at", words(after))
}

// sweeps does every minute what is due then.
func (s *script) sweeps(minutes int) {
	for range minutes {
		s.Sweep(time.Minute)
	}
	s.note("%d minutes later, what was left open was looked at every minute", minutes)
}

// answered is the call that was placed last, when somebody or something answers it.
func (s *script) answered() *flowtest.Caller { return s.remember(s.Answer()) }

// note adds the sentence to the end of the last call.
func (s *script) note(format string, args ...any) {
	s.calls[len(s.calls)-1].Transcript.Note(format, args...)
}

func words(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", d/time.Hour)
	default:
		return fmt.Sprintf("%d minutes", d/time.Minute)
	}
}

func (s *script) text(title string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", title)
	for i, c := range s.calls {
		if len(s.calls) > 1 {
			fmt.Fprintf(&b, "\n--- call %d ---\n", i+1)
		} else {
			b.WriteString("\n")
		}
		b.WriteString(c.Transcript.String())
	}
	fmt.Fprintf(&b, "\nWhat came of it:\n%s", outcome(s.World))
	return b.String()
}

// outcome lists what happened beside the words.
func outcome(w *flowtest.World) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, "- "+format+"\n", args...) }
	ledger := w.Ledger()
	for _, c := range ledger {
		line("charge of %v on %s for %s: %s", c.Amount, source(c.Token), c.Payment, c.State)
	}
	if !slices.ContainsFunc(ledger, func(c paymenttest.Charge) bool {
		return c.State != paymenttest.Declined && c.State != paymenttest.Voided
	}) {
		line("nothing was charged")
	}
	for _, p := range w.Biller.Posted {
		line("posted to the biller: %v for bill %s, transaction %s", p.Amount, p.Bill, p.Transaction)
	}
	for _, m := range w.Messages.Sent {
		line("%s to %s: %q", m.Channel, m.Account, m.Text)
	}
	if w.Codes.Sent > 0 {
		line("one-time codes sent: %d", w.Codes.Sent)
	}
	for _, account := range []string{"acc-ann", "acc-ben"} {
		if w.Config.Wallet == nil {
			break
		}
		methods, _ := w.Config.Wallet.Methods(context.Background(), account)
		for _, m := range methods {
			if strings.HasPrefix(m.ID, "pm_") && m.ID > "pm_2" {
				line("saved for %s: %s ending in %s", account, m.Brand, m.Last4)
			}
		}
	}
	for _, cb := range callbacks(w) {
		line("callback to %s, in %s, because of: %s; %s, calls made: %d", cb.Number, cb.Locale, cb.Reason, cb.State, cb.Attempt)
	}
	return b.String()
}

// callbacks are those that were asked for, in the order of the calls.
func callbacks(w *flowtest.World) (all []flow.Callback) {
	store, ok := w.Config.Store.(*flow.Memory)
	for i := 1; ok; i++ {
		_, items, err := store.Load(context.Background(), fmt.Sprintf("call-%d", i))
		if err != nil {
			break
		}
		for _, it := range items {
			var cb flow.Callback
			if it.Kind == flow.ItemCallback && json.Unmarshal(it.Data, &cb) == nil {
				all = append(all, cb)
			}
		}
	}
	return all
}

// source names a token without its random part.
func source(token string) string {
	switch token {
	case "tok_visa":
		return "the saved Visa"
	case "tok_bank":
		return "the saved bank account"
	case "gift_1234":
		return "the gift card"
	case "gift_0025", "gift_0200":
		return "the gift card that was redeemed"
	case "points_cat":
		return "the points"
	case "tok_declined", "tok_no_funds":
		return "a saved card that is declined"
	}
	return "the card that was keyed"
}

// The usual steps of a call, for the parts that a story is not about.

func pin(c *flowtest.Caller) *flowtest.Caller {
	return c.Hear("identify.pin.ask").Press("1234#")
}

func full(c *flowtest.Caller) *flowtest.Caller { return c.Hear("amount.ask").Press("1") }

func savedVisa(c *flowtest.Caller) *flowtest.Caller { return c.Hear("funding.choose.ask").Press("1") }

func yes(c *flowtest.Caller) *flowtest.Caller { return c.Hear("confirm.readback.ask").Press("1") }

// ready is a known caller in front of the read-back.
func ready(c *flowtest.Caller) *flowtest.Caller {
	pin(c)
	full(c)
	return savedVisa(c)
}

// enough wants nothing else. The key for it depends on whether another bill is open.
func enough(c *flowtest.Caller) *flowtest.Caller {
	c.Hear("more.ask")
	for _, p := range c.Turn.Prompts {
		if p.Key == "more.done" {
			return c.Press(string(rune(p.Args[0].N)))
		}
	}
	return c
}

// bye takes no receipt and ends the call.
func bye(c *flowtest.Caller) {
	c.Hear("receipt.ask").Say("no receipt")
	enough(c).Over()
}

// newCard chooses a new card where saved ones are offered, and keys it.
func newCard(c *flowtest.Caller, number, expiry, cvv string) *flowtest.Caller {
	c.Hear("funding.choose.ask").Say("new card")
	return keyCard(c, number, expiry, cvv)
}

func keyCard(c *flowtest.Caller, number, expiry, cvv string) *flowtest.Caller {
	c.Hear("card.ask").Press(number + "#")
	c.Hear("card.expiry.ask").Press(expiry)
	return c.Hear("card.cvv.ask").Press(cvv)
}

// Published test numbers, which belong to nobody.
const (
	visa       = "4012888888881881"
	mastercard = "5555555555554444"
	amex       = "378282246310005"
	badLuhn    = "4242424242424241"
	declined   = "4000000000000002"
	lost       = "4000000000009987"
	wrongCVV   = "4000000000000127"
	tryLater   = "4000000000000119"
)
