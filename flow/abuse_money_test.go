package flow_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/dialpay/dialpay/wallet"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// changedBills are what can become of a bill between the read-back and the yes.
var changedBills = []struct {
	sentence string
	change   func(w *flowtest.World)
}{
	{"another call paid it", func(w *flowtest.World) {
		c := w.Dial(flowtest.Ann)
		ready(c)
		yes(c).Hear("receipt.approved").Press("3").HangUp()
	}},
	{"the biller has it no more", func(w *flowtest.World) { w.Biller.Open["acc-ann"] = nil }},
	{"it owes less", func(w *flowtest.World) { w.Biller.Open["acc-ann"][0].Balance.Minor-- }},
	{"it is in another currency", func(w *flowtest.World) { w.Biller.Open["acc-ann"][0].Balance.Currency = "EUR" }},
}

// A bill that was read back is not charged if it is paid, or owes less, by the time of the yes.
func TestBillChangedBeforeYes(t *testing.T) {
	for _, rule := range changedBills {
		t.Run(rule.sentence, func(t *testing.T) {
			w, store := stored(t)
			c := w.Dial(flowtest.Ann)
			ready(c)
			rule.change(w)
			paid := len(w.Charges())
			yes(c).Hear("charge.changed").Hear("more.ask").Silence()
			assert.Len(t, w.Sandbox.Charges(), paid)
			assert.Empty(t, open(t, store, "call-1"), "the caller has heard it")
		})
	}
}

// That a payment failed may be said in a turn that goes on to something else. The customer gets a message, unless what
// they do next shows that they have heard it.
func TestFailureSaidInPassing(t *testing.T) {
	ways := []struct {
		name     string
		next     func(c *flowtest.Caller)
		messages int
	}{
		{"the answer was lost, and the line is gone", func(c *flowtest.Caller) {}, 1},
		{"the caller speaks into it", func(c *flowtest.Caller) { c.Interrupt("1") }, 1},
		{"the caller is silent at the question", func(c *flowtest.Caller) { c.Silence() }, 0},
		{"the caller answers the question", func(c *flowtest.Caller) { c.Press("1") }, 0},
	}
	for _, way := range ways {
		t.Run("the bill changed, and "+way.name, func(t *testing.T) {
			w, _ := stored(t)
			c := w.Dial(flowtest.Ann)
			ready(c)
			w.Biller.Open["acc-ann"][0].Balance.Minor--
			require.Contains(t, yes(c).Words(), "has been paid, or has changed")
			way.next(c)
			c.HangUp()
			w.Sweep(time.Hour)
			assert.Len(t, w.Messages.Sent, way.messages)
		})
	}
	for _, way := range ways {
		t.Run("the last decline, and "+way.name, func(t *testing.T) {
			w, _ := stored(t)
			w.Definition.Settings.Declines, w.People.Closed = 1, true
			w.Sandbox.Inject(paymenttest.Authorise, paymenttest.Fault{Kind: paymenttest.Decline, Class: payment.OtherMethod})
			c := w.Dial(flowtest.Ann)
			ready(c)
			require.Contains(t, yes(c).Words(), "Your bank declined the payment.")
			way.next(c)
			c.HangUp()
			w.Sweep(time.Hour)
			assert.Len(t, w.Messages.Sent, way.messages)
		})
	}
}

// The same when the caller is gone, and the hang-up or the sweeper takes the payment up: the customer gets a message.
func TestBillChangedBeforeSweep(t *testing.T) {
	for _, rule := range changedBills {
		for _, hangsUp := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, hangs up: %v", rule.sentence, hangsUp), func(t *testing.T) {
				h := newByHand(t)
				turn := h.until("confirm.readback.ask")
				rule.change(h.w)
				paid := len(h.w.Charges())
				require.Equal(t, ivr.ActionWait, h.give(answer(turn)).Action)
				if hangsUp {
					h.give(ivr.Input{Kind: ivr.HangUp})
				}
				for range 5 {
					h.w.Sweep(time.Minute)
				}
				assert.Len(t, h.w.Sandbox.Charges(), paid)
				p := payments(t, h.store, callID)[0]
				assert.Equal(t, payment.StateFailed, p.State)
				assert.Equal(t, flow.BillChanged, p.Reason)
				require.Len(t, h.w.Messages.Sent, 1)
				assert.Contains(t, h.w.Messages.Sent[0].Text, "Nothing was charged")
			})
		}
	}
}

// While the biller has not been told of the first payment, a second one finds the bill taken.
func TestBillTakenBeforeYes(t *testing.T) {
	w, _ := stored(t)
	first, second := w.Dial(flowtest.Ann), w.Dial(flowtest.Ann)
	ready(first)
	ready(second)
	w.Biller.PostDown = true
	yes(first).Hear("receipt.approved")
	yes(second).Hear("charge.taken")
	assert.Len(t, w.Sandbox.Charges(), 1)
}

// A payment whose bill cannot be looked at is not sent before it can, and then once.
func TestBillCannotBeLookedAt(t *testing.T) {
	w, store := stored(t)
	c := w.Dial(flowtest.Ann)
	ready(c)
	w.Biller.Down = true
	yes(c).Hear("charge.unknown").Over()
	w.Clock.Advance(time.Minute)
	_, err := w.Engine().Sweep(context.Background(), 100)
	require.ErrorIs(t, err, flowtest.ErrDown)
	assert.Empty(t, w.Sandbox.Charges())
	w.Biller.Down = false
	for range 5 {
		w.Sweep(time.Minute)
	}
	assert.Len(t, w.Sandbox.Charges(), 1)
	assert.Len(t, w.Biller.Posted, 1)
	assert.Len(t, w.Messages.Sent, 1)
	assert.Empty(t, open(t, store, "call-1"))
}

// What was read back long ago is read back again: "today" must be today.
func TestOldReadBack(t *testing.T) {
	for _, rule := range []struct {
		age   time.Duration
		again bool
	}{{15 * time.Minute, false}, {15*time.Minute + time.Second, true}, {72 * time.Hour, true}} {
		t.Run(rule.age.String(), func(t *testing.T) {
			h := newByHand(t)
			turn := h.until("confirm.readback.ask")
			h.w.Clock.Advance(rule.age)
			turn = h.give(answer(turn))
			assert.Equal(t, rule.again, says(turn, "charge.old"))
			assert.Equal(t, rule.again, says(turn, "confirm.readback.ask"))
			assert.Empty(t, h.w.Sandbox.Charges())
			for !says(turn, "receipt.approved") {
				turn = h.give(answer(turn))
			}
			assert.Len(t, h.w.Sandbox.Charges(), 1)
		})
	}
}

// Where gift cards and points were to pay a part, what they can pay now is offered anew.
func TestOldReadBackOfASplit(t *testing.T) {
	w, _ := stored(t)
	w.Gifts()
	c := w.Dial(flowtest.Cat)
	c.Hear("identify.pin.ask").Press("4321#")
	full(c)
	c.Hear("split.card").Press("1").Hear("confirm.readback.ask")
	w.Clock.Advance(20 * time.Minute)
	turn, err := w.Engine().Handle(t.Context(), "call-1", answer(c.Turn))
	require.NoError(t, err)
	assert.True(t, says(turn, "charge.old.split"))
	assert.True(t, says(turn, "split.card"))
	assert.Empty(t, w.Sandbox.Charges())
}

// A call ID that comes again in a later process does not get the card of the call before from the vault.
func TestTokeniseKeyOfReusedCallID(t *testing.T) {
	vault := paymenttest.New(paymenttest.Config{})
	for i, number := range []string{visa, mastercard} {
		w := flowtest.NewWorld(t) // its store is empty, and its calls begin at call-1
		w.Config.Vault = vault
		w.Clock.Advance(time.Duration(i) * time.Second)
		c := w.Dial(flowtest.Ann)
		pin(c)
		full(c)
		newCard(c, number, "0330", "737").Hear("card.save.ask").Press("2")
		c.Hear([]string{"ending in one eight eight one", "ending in four four four four"}[i])
	}
}

// A payment that only a person can clear up: the customer gets the message that was promised, once, and the bill stays
// taken.
func TestReviewIsTold(t *testing.T) {
	lostRequest := paymenttest.Fault{Kind: paymenttest.LostRequest}
	for _, rule := range []struct {
		sentence string
		fault    map[paymenttest.Op]paymenttest.Fault
		direct   bool
	}{
		{"no capture is answered", map[paymenttest.Op]paymenttest.Fault{paymenttest.Capture: lostRequest}, false},
		{"the capture is refused", map[paymenttest.Op]paymenttest.Fault{paymenttest.Capture: {Kind: paymenttest.Decline}}, false},
		{"a part was taken that cannot be given back", map[paymenttest.Op]paymenttest.Fault{
			paymenttest.Authorise: {Kind: paymenttest.Partial}}, true},
	} {
		t.Run(rule.sentence, func(t *testing.T) {
			w, store := stored(t)
			w.Sandbox = paymenttest.New(paymenttest.Config{Now: w.Clock.Now, Direct: rule.direct, NoRefunds: rule.direct,
				Fault: func(op paymenttest.Op, _ string) paymenttest.Fault { return rule.fault[op] }})
			w.Config.Processor, w.Config.Vault = w.Sandbox, w.Sandbox
			c := w.Dial(flowtest.Ann)
			ready(c)
			yes(c).Hear("charge.unknown").Hear("charge.message").Over()
			for range 80 {
				w.Sweep(time.Hour)
			}
			assert.Equal(t, payment.StateReview, payments(t, store, "call-1")[0].State)
			require.Len(t, w.Messages.Sent, 1)
			assert.Contains(t, w.Messages.Sent[0].Text, "looking into")
			assert.Empty(t, open(t, store, "call-1"))
			c = w.Dial(flowtest.Ann)
			ready(c)
			yes(c).Hear("charge.taken")
		})
	}
}

// A payment ID that another call has makes nothing of a payment: no charge, no claim on the bill, no promise.
func TestRepeatedPaymentID(t *testing.T) {
	w, store := stored(t)
	ids := []string{"pay-9", "pay-9", "pay-8", "key-2", "key-1"} // from the end: New takes two
	w.Config.NewID = func() string {
		id := ids[len(ids)-1]
		ids = ids[:len(ids)-1]
		return id
	}
	ready(w.Dial(flowtest.Ann)) // a draft takes an ID, and nothing has it
	first, second := w.Dial(flowtest.Ann), w.Dial(flowtest.Ann)
	for _, c := range []*flowtest.Caller{first, second} {
		pin(c)
		c.Hear("amount.ask").Press("2")
		savedVisa(c)
	}
	yes(first).Hear("receipt.approved").Press("3").HangUp()
	yes(second).NotHear("message").Transferred("technical")
	w.Sweep(time.Hour)
	assert.Len(t, w.Sandbox.Charges(), 1)
	assert.Empty(t, payments(t, store, "call-3"))
	ids = []string{"pay-10"}
	c := w.Dial(flowtest.Ann)
	pin(c)
	c.Hear("resume.offer.ask").Press("2") // about the first call
	full(c)
	savedVisa(c)
	yes(c).Hear("receipt.approved")
}

// named is a processor that says of itself what it likes.
type named struct {
	payment.Processor
	profile payment.Profile
}

func (n named) Profile() payment.Profile { return n.profile }

// badge is a factor that no stage has a question for.
type badge struct{}

func (badge) Name() auth.FactorName { return "badge" }
func (badge) Class() auth.Class     { return auth.Knowledge }
func (badge) Verify(context.Context, auth.Account, auth.Evidence) (auth.Result, error) {
	return auth.Accepted, nil
}

// ownPIN is a PIN factor whose Hasher New cannot see.
type ownPIN struct{ auth.PIN }

// What would be found out only when money is on its way, or a caller on the line, is refused when the engine is made.
func TestNewRefuses(t *testing.T) {
	for _, rule := range []struct {
		sentence string
		harm     func(c *flow.Config)
		want     string
	}{
		{"two processors of one name", func(c *flow.Config) { c.Bank = paymenttest.New(paymenttest.Config{}) },
			`processor "sandbox": its Profile.Name must be there, and no other's`},
		{"a processor without a name", func(c *flow.Config) { c.Processor = named{c.Processor, payment.Profile{}} },
			`processor "": its Profile.Name must be there`},
		{"one that holds and cannot capture", func(c *flow.Config) {
			c.Processor = named{c.Processor, payment.Profile{Name: "a", AuthCapture: true}}
		}, `processor "a": its Profile has AuthCapture, but it is no payment.Capturer`},
		{"one that refunds and cannot", func(c *flow.Config) {
			c.Bank = named{c.Processor, payment.Profile{Name: "a", Refunds: true}}
		}, `processor "a": its Profile has Refunds, but it is no payment.Refunder`},
		{"no factor", func(c *flow.Config) { c.Factors = nil }, "Config.Factors is empty"},
		{"an empty list of factors", func(c *flow.Config) { c.Factors = []auth.Factor{} }, "Config.Factors is empty"},
		{"a nil factor", func(c *flow.Config) { c.Factors = append(c.Factors, nil) }, "Config.Factors has a nil factor"},
		{"a factor without a question", func(c *flow.Config) {
			c.Factors = []auth.Factor{badge{}}
			c.Policy = auth.Policy{Rules: auth.DefaultPolicy().Rules, Asks: []auth.Ask{{Factor: "badge", Class: auth.Knowledge}}}
		}, `factor "badge", for which the stage "identify" has no question`},
		{"a PIN that takes another time than a decoy's", func(c *flow.Config) { c.Factors[1] = ownPIN{} },
			"give Config.Directory as an *auth.Decoys"},
		{"payment IDs that repeat", func(c *flow.Config) { c.NewID = func() string { return "pay-1" } }, "Config.NewID returns the same ID twice"},
		{"payment IDs that are none", func(c *flow.Config) { c.NewID = func() string { return "" } }, "Config.NewID returns the same ID twice, or none"},
	} {
		t.Run(rule.sentence, func(t *testing.T) {
			w, _ := stored(t)
			w.Engine()
			rule.harm(&w.Config)
			_, err := flow.New(w.Config)
			assert.ErrorContains(t, err, rule.want)
		})
	}
}

// A bill that is wrong, or another account's, is left out; that nothing is to be paid is only said when that is known.
func TestWrongBills(t *testing.T) {
	for _, rule := range []struct {
		sentence string
		harm     func(b *payment.Bill)
	}{
		{"of another account", func(b *payment.Bill) { b.Account = "acc-ben" }},
		{"of no account", func(b *payment.Bill) { b.Account = "" }},
		{"with a usual amount that cannot be", func(b *payment.Bill) { b.Usual.Minor = -1 }},
		{"in two currencies", func(b *payment.Bill) { b.Minimum.Currency = "EUR" }},
	} {
		t.Run(rule.sentence, func(t *testing.T) {
			w, _ := stored(t)
			wrong := &w.Biller.Open["acc-ann"][0]
			rule.harm(wrong)
			c := w.Dial(flowtest.Ann)
			pin(c).NotHear("bill.none").Transferred("technical")

			w.Biller.Open["acc-ann"] = []payment.Bill{*wrong, {ID: "w-9", Account: "acc-ann", Payee: "City Water", Balance: money(777, "USD")}}
			c = w.Dial(flowtest.Ann)
			pin(c)
			full(c).Hear("funding.choose.ask").Press("1")
			yes(c).Hear("receipt.approved")
			assert.Equal(t, "w-9", w.Biller.Posted[0].Bill)
		})
	}
}

// The caller hears how many bills there are, also where not all are offered.
func TestSixBills(t *testing.T) {
	w, _ := stored(t)
	w.Biller.Open["acc-ann"] = nil
	for i := range 6 {
		w.Biller.Open["acc-ann"] = append(w.Biller.Open["acc-ann"], payment.Bill{ID: fmt.Sprint("b-", i), Account: "acc-ann",
			Payee: "City Water", Service: fmt.Sprint("Number ", i), Balance: money(int64(1000+i), "USD")})
	}
	c := w.Dial(flowtest.Ann)
	pin(c).Hear("bill.choose.ask").Hear("bill.first").Hear("six")
	assert.Len(t, c.Turn.Listen.Hints, 5)
}

// retold is a wallet that tells of its methods as it likes.
type retold struct {
	wallet.Wallet
	change func(m *wallet.Method)
}

func (r retold) Methods(ctx context.Context, account string) ([]wallet.Method, error) {
	all, err := r.Wallet.Methods(ctx, account)
	for i := range all {
		r.change(&all[i])
	}
	return all, err
}

// A saved method that is not what it should be is not offered. One without an ID would pass for a new card, which needs
// less proof.
func TestWrongMethods(t *testing.T) {
	for sentence, change := range map[string]func(m *wallet.Method){
		"no ID":    func(m *wallet.Method) { m.ID = "" },
		"no token": func(m *wallet.Method) { m.Token = "" },
		"no kind":  func(m *wallet.Method) { m.Kind = "" },
		"no end":   func(m *wallet.Method) { m.Last4 = "" },
	} {
		t.Run(sentence, func(t *testing.T) {
			w, _ := stored(t)
			w.Config.Wallet = retold{w.Wallet, change}
			c := w.Dial(flowtest.Ann)
			pin(c)
			full(c).Hear("card.ask")
		})
	}
}

// How well a caller must be known depends on all that is taken from them, the fee included.
func TestStepUpCountsFee(t *testing.T) {
	for fee, hear := range map[fee]string{{0}: "confirm.readback.ask", {400_00}: "identify.code.ask"} {
		w, _ := stored(t)
		w.Config.Fees = fee
		w.Biller.Open["acc-ann"][0].Balance.Minor = 500_00
		c := w.DialAs(ivr.Call{From: flowtest.Stranger})
		c.Press("1").Hear("identify.account.ask").Press("10012345#")
		pin(c)
		full(c)
		savedVisa(c).Hear(hear)
	}
}

// The written notice of a debit names who authorised it, also where the call goes on about another account.
func TestNoticeNamesThePayer(t *testing.T) {
	w, _ := stored(t)
	w.Biller.Open["acc-ann"][0].Balance.Minor = 975_00
	c := w.DialAs(ivr.Call{From: flowtest.Stranger})
	c.Press("1").Hear("identify.account.ask").Press("10012345#")
	pin(c)
	c.Hear("amount.ask").Press("2").Hear("funding.choose.ask").Press("2")
	yes(c).Hear("receipt.approved").Press("3").Hear("more.ask").Press("1")
	full(c).Hear("funding.choose.ask").Press("1")
	c.Hear("identify.code.ask").Press("*").Hear("identify.account.ask").Press("20023456#").Hear("identify.pin.ask").HangUp()
	for range 5 {
		w.Sweep(time.Minute)
	}
	require.Len(t, w.Messages.Sent, 1)
	assert.Equal(t, "acc-ann", w.Messages.Sent[0].Account)
	assert.Contains(t, w.Messages.Sent[0].Text, "Ann Lee")
	assert.NotContains(t, w.Messages.Sent[0].Text, "Ben Ruiz")
}
