package flow_test

import (
	"bytes"
	"context"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/dialpay/dialpay/internal/canary"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/payment/paymenttest"
	"github.com/dialpay/dialpay/wallet"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Canaries: card numbers that are valid and belong to nobody, and codes that nothing else is made of.
var (
	canaryCards = []string{"4929718365502415", "371806294753166", "5271938460275193", "36271948051607"}
	canaryCodes = []string{"739", "7394", "90718263", "719263", "0731"}
)

// sinks is everything that a call leaves behind, or shows to anybody but the collaborators that work with it.
type sinks struct {
	strings.Builder
	verbs bool // show what is shown in every way that fmt and the encoders have
}

// show writes values as careless code does.
func (s *sinks) show(values ...any) {
	for _, v := range values {
		fmt.Fprintf(s, "%+v\n", v)
		if !s.verbs {
			continue
		}
		fmt.Fprintf(s, "%v %#v %s %q %x %X %d\n", v, v, v, v, v, v, v)
		encoded, err := json.Marshal(v)
		fmt.Fprintf(s, "%s %v\n", encoded, err)
		err = gob.NewEncoder(s).Encode(v)
		fmt.Fprintln(s, err)
		assert.Equal(s, v, nil) // a failed test prints what it compared
	}
}

// Errorf lets a failed assertion write here.
func (s *sinks) Errorf(format string, args ...any) { fmt.Fprintf(s, format+"\n", args...) }

// mustNotHave fails for each canary that is in a sink.
func (s *sinks) mustNotHave(t *testing.T, what string, canaries ...string) {
	t.Helper()
	for _, digits := range canaries {
		seen := s.String()
		if len(digits) < canary.Window {
			seen = address.ReplaceAllStringFunc(seen, withoutAddress)
		}
		if found := canary.New(digits).In(seen); found != nil {
			at := max(strings.Index(seen, digits), 0)
			t.Errorf("%s: canary %s… is found: %s, first here:\n%q", what, digits[:2], strings.Join(found, ", "),
				seen[max(at-100, 0):min(at+100, len(seen))])
		}
	}
}

// address is a pointer to data or to a function as fmt prints it. A code of three digits is in one of them now and then,
// by chance.
var address = regexp.MustCompile(`0x[0-9a-f]{6,12}`)

// withoutAddress leaves what may be digits that somebody printed in hexadecimal.
func withoutAddress(found string) string {
	text, err := hex.DecodeString(found[2:])
	if err == nil && len(bytes.Trim(text, "0123456789")) == 0 {
		return found
	}
	return "0x"
}

// aviary is a World of which every sink is watched.
type aviary struct {
	*flowtest.World
	*sinks
	t      *testing.T
	store  *flow.Memory
	engine *flow.Engine
	keeper *flow.MemoryKeeper
	calls  int
	cards  bool // only card numbers are looked for
}

func newAviary(t *testing.T, change func(*flowtest.World)) *aviary {
	a := &aviary{World: flowtest.NewWorld(t), sinks: &sinks{}, t: t}
	a.Definition.Settings.AskPostal = true
	for _, stage := range a.Definition.Stages {
		for i := range stage.States {
			a.watch(stage.States[i].Ask)
		}
	}
	a.store, a.keeper = flow.NewMemory(a.Clock.Now), flow.NewMemoryKeeper(a.Clock.Now)
	a.Config.Store, a.Config.Keeper = watchedStore{a.store, a.sinks}, a.keeper
	a.Config.Factors = append(a.Config.Factors, auth.SecurityQuestion{Hasher: auth.Hasher{Iterations: 1}}, auth.Email{})
	a.Config.Observe = func(tr flow.Transition) { a.show(tr) }
	debugging := &slog.HandlerOptions{Level: slog.LevelDebug, ReplaceAttr: withoutTime}
	a.Config.Log = slog.New(both{slog.NewTextHandler(a.sinks, debugging), slog.NewJSONHandler(a.sinks, debugging)})
	if change != nil {
		change(a.World)
	}
	a.engine = a.World.Engine()
	return a
}

// watch shows what a stage has in its hands when it looks at an answer.
func (a *aviary) watch(ask *flow.Ask) {
	if ask == nil || ask.Answer == nil {
		return
	}
	answer := ask.Answer
	ask.Answer = func(c *flow.Call, got ivr.Answer) flow.Event {
		if got.Secret.Len() > 0 {
			a.show(got)
		}
		on := answer(c, got)
		a.show(*c.Session)
		verbs := "%v %+v %#v %s"
		if a.cards {
			verbs += " %x %d" // which print pointers in other forms: only where nine digits are looked for
		}
		for _, verb := range strings.Fields(verbs) {
			fmt.Fprintf(a.sinks, verb, c)
		}
		if a.verbs && c.State == "card" {
			assert.Equal(a.sinks, c, nil) // follows every pointer
		}
		return on
	}
}

// Handle is the engine's, with a look at everything that comes out.
func (a *aviary) Handle(ctx context.Context, id string, in ivr.Input) (ivr.Turn, error) {
	defer func() {
		if p := recover(); p != nil {
			a.show(p, string(debug.Stack()))
			panic(p)
		}
	}()
	turn, err := a.engine.Handle(ctx, id, in)
	a.show(turn, err, in.Secret)
	fmt.Fprintln(a.sinks, a.engine.Catalog().Text(turn.Locale, turn.Prompts...), a.engine.Catalog().SSML(turn.Locale, false, turn.Prompts...))
	return turn, err
}

type watchedStore struct {
	*flow.Memory
	*sinks
}

func (s watchedStore) Commit(ctx context.Context, txs ...flow.Tx) error {
	for _, tx := range txs {
		fmt.Fprintf(s.sinks, "%s %+v %+v %v\n", tx.Next, tx.Claim, tx.Release, tx.Name)
		for _, it := range append(tx.Insert, tx.Update...) {
			fmt.Fprintf(s.sinks, "%s %s %s\n", it.Kind, it.Key, it.Data)
		}
	}
	return s.Memory.Commit(ctx, txs...)
}

// both is a slog.Handler that writes to two.
type both [2]slog.Handler

func (b both) Enabled(context.Context, slog.Level) bool { return true }
func (b both) Handle(ctx context.Context, r slog.Record) error {
	return errors.Join(b[0].Handle(ctx, r.Clone()), b[1].Handle(ctx, r))
}
func (b both) WithAttrs(as []slog.Attr) slog.Handler {
	return both{b[0].WithAttrs(as), b[1].WithAttrs(as)}
}
func (b both) WithGroup(name string) slog.Handler {
	return both{b[0].WithGroup(name), b[1].WithGroup(name)}
}

// withoutTime leaves out the time of a log line: its digits are nobody's.
func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// TestNoQuestionLeaks keys canaries at every question: card numbers at all of them, since callers press on while they are
// asked for something else, and codes where the question is secret. It looks at every sink in every encoding.
func TestNoQuestionLeaks(t *testing.T) {
	a := newAviary(t, (*flowtest.World).Gifts)
	everything := a.everything()
	for _, st := range a.Config.Dialogue.Table() {
		if st.Kind != "ask" {
			continue
		}
		for _, digits := range append(canaryCards, canaryCodes...) {
			for way, enter := range waysToEnter {
				if way == keyByKey && asksForNumberNext[st.Name] {
					continue
				}
				a.Reset()
				a.verbs, a.cards = digits == canaryCards[0], len(digits) >= canary.Window
				id, turn := a.stand(everything, st.Name)
				if len(digits) < canary.Window && !turn.Listen.Sensitive {
					continue // a short number may be an amount
				}
				enter(a, id, turn, digits)
				_, err := a.Handle(t.Context(), id, ivr.Input{Kind: ivr.HangUp})
				require.NoError(t, err)
				a.mustNotHave(t, st.Name, digits)
				for _, name := range []string{"number", "expiry", "cvv", "postal", "factor", "claim"} {
					_, err := a.keeper.Get(t.Context(), id, name)
					require.ErrorIs(t, err, flow.ErrNotKept, "the keeper has %s after the call", name)
				}
			}
		}
	}
}

// asksForNumberNext are menus one key before the question for a telephone number. When a card number is keyed there, what
// is left of it may be as short as a telephone number, and nobody can tell.
var asksForNumberNext = map[string]bool{"callback.offer": true, "callback.check": true}

// everything is a session that can stand at any question: it has a bill, a method, a draft, a receipt.
func (a *aviary) everything() flow.Session {
	call := a.Dial(flowtest.Ann)
	pin(call)
	full(call)
	savedVisa(call)
	call.Hear("confirm.readback.ask")
	snap, _, err := a.store.Load(a.t.Context(), "call-1")
	require.NoError(a.t, err)
	var s flow.Session
	require.NoError(a.t, json.Unmarshal(snap.Data, &s))
	s.Number, s.Brand, s.Decline = flowtest.Ann, payment.Amex, payment.OtherMethod
	s.Bills = append(s.Bills, s.Bills[0])
	s.Sources = []wallet.Source{{Kind: payment.KindGift, Token: paymenttest.TokenGift, Last4: "1234", Balance: s.Amount}}
	s.Identity.Challenge = "identify.sent"
	s.Receipt = &payment.Receipt{Payment: "pay-1", Transaction: "ABC-DEF", Total: s.Amount}
	s.Earlier = &flow.Earlier{Session: "call-1", Payment: "pay-1", State: payment.StatePaid, Total: s.Amount, Payee: "City Water",
		Transaction: "ABC-DEF"}
	return s
}

// stand lets a new call stand at a question.
func (a *aviary) stand(s flow.Session, state string) (id string, turn ivr.Turn) {
	a.calls++
	s.ID, s.State = fmt.Sprintf("canary-%d", a.calls), state
	if factor, ok := strings.CutPrefix(state, "identify."); ok {
		s.Identity.Asking = auth.FactorName(factor)
	}
	data, err := json.Marshal(s)
	require.NoError(a.t, err)
	err = a.store.Commit(a.t.Context(), flow.Tx{Session: s.ID, Next: data})
	require.NoError(a.t, err)
	turn, err = a.Handle(a.t.Context(), s.ID, ivr.Input{Kind: ivr.Answered})
	require.NoError(a.t, err)
	return s.ID, turn
}

// waysToEnter are the ways in which a line hands digits over: key by key, the rest of them in the next questions, and
// whole, in the open, as a secret, and by words.
var waysToEnter = []func(a *aviary, id string, t ivr.Turn, digits string){
	keyByKey: func(a *aviary, id string, t ivr.Turn, digits string) {
		var x ivr.Exchange
		now := a.Clock.Now()
		x.Begin(t, now)
		for i := range len(digits) + 1 {
			now = now.Add(100 * time.Millisecond)
			x.Feed(ivr.Event{At: now, Input: ivr.Input{Kind: ivr.PromptEnded}})
			x.Feed(ivr.Event{At: now, Key: (digits + "#")[i]})
			for in, ok := x.Input(); ok; in, ok = x.Input() {
				next, err := a.Handle(context.Background(), id, in)
				require.NoError(a.t, err)
				x.Begin(next, now)
			}
		}
	},
	whole(func(digits string) ivr.Input { return ivr.Input{Kind: ivr.Keys, Keys: digits + "#"} }),
	whole(func(digits string) ivr.Input {
		s, _ := ivr.NewSecret([]byte(digits))
		return ivr.Input{Kind: ivr.Keys, Secret: s}
	}),
	whole(func(digits string) ivr.Input { return ivr.Input{Kind: ivr.Speech, Speech: digits, Confidence: 1} }),
	whole(func(digits string) ivr.Input {
		return ivr.Input{Kind: ivr.Speech, Speech: strings.Join(strings.Split(digits, ""), " "), Confidence: 1}
	}),
}

func whole(in func(digits string) ivr.Input) func(*aviary, string, ivr.Turn, string) {
	return func(a *aviary, id string, t ivr.Turn, digits string) {
		input := in(digits)
		input.Turn, input.Heard = t.Seq, true
		_, err := a.Handle(context.Background(), id, input)
		require.NoError(a.t, err)
	}
}

const keyByKey = 0

// TestNoPaymentLeaks pays with a canary, while every collaborator that can fails or panics with all that it was given.
func TestNoPaymentLeaks(t *testing.T) {
	for _, how := range []string{"all goes well", "the vault fails", "the vault panics", "the processor fails", "the processor panics",
		"the biller panics"} {
		t.Run(how, func(t *testing.T) {
			babble := &babbling{how: how}
			a := newAviary(t, func(w *flowtest.World) {
				w.Config.Vault, w.Config.Processor = babblingVault{w.Sandbox, babble}, babblingProcessor{w.Sandbox, babble}
				w.Config.Biller = babblingBiller{w.Biller, babble}
			})
			a.verbs = how == "all goes well"
			func() {
				defer func() { a.show(recover()) }()
				a.pay(t)
			}()
			_, err := a.engine.Sweep(t.Context(), 100)
			a.show(err, a.Messages.Sent, a.Dialler.Dialled, a.Biller.Posted)
			require.Equal(t, how == "all goes well", babble.said == 0, "they were given something to babble about")
			require.Equal(t, how == "all goes well" || how == "the biller panics", len(a.Charges()) == 1)
			a.mustNotHave(t, how, canaryCards[0], "739", "90718263", "0731")
		})
	}
}

// pay is a call that pays with a canary, as far as it comes.
func (a *aviary) pay(t *testing.T) {
	d := a.Config.Dialogue
	call := flowtest.Dial(t, a, d.Catalog(), a.Clock, "call-1", ivr.Call{From: flowtest.Ann, Attestation: "A"})
	defer func() { fmt.Fprintln(a.sinks, call.Transcript.String()) }()
	call.Press("90718263#")
	call.Hear("identify.rejected").Press("1234#").Press("1").Press("3")
	keyCard(call, canaryCards[0], "0731", "739").Hear("card.postal.ask").Press("10001")
	if call.Turn.Action == ivr.ActionTransfer {
		return
	}
	call.Press("1").Hear("confirm.readback.ask").Press("1")
}

// babbling collaborators tell the world whatever they are given.
type babbling struct {
	how  string
	said int
}

func (b *babbling) about(who string, given any) error {
	err := fmt.Errorf("%v %+v %#v %s %q %x %d", given, given, given, given, given, given, given)
	switch b.how {
	case who + " fails", who + " fail":
		b.said++
		return err
	case who + " panics", who + " panic":
		b.said++
		panic(err)
	}
	return nil
}

type babblingVault struct {
	payment.Vault
	*babbling
}

func (v babblingVault) Tokenise(ctx context.Context, c payment.Card, key string) (payment.Token, error) {
	if err := v.about("the vault", c); err != nil {
		return payment.Token{}, err
	}
	return v.Vault.Tokenise(ctx, c, key)
}

type babblingProcessor struct {
	payment.Processor
	*babbling
}

func (p babblingProcessor) Profile() payment.Profile {
	profile := p.Processor.Profile()
	profile.AuthCapture, profile.Refunds = false, false // what is embedded can only authorise
	return profile
}

func (p babblingProcessor) Authorise(ctx context.Context, c payment.Charge) (payment.Outcome, error) {
	if err := p.about("the processor", c); err != nil {
		return payment.Outcome{}, err
	}
	return p.Processor.Authorise(ctx, c)
}

type babblingBiller struct {
	payment.Biller
	*babbling
}

func (b babblingBiller) Post(ctx context.Context, p payment.Posting) error {
	if err := b.about("the biller", p); err != nil {
		return err
	}
	return b.Biller.Post(ctx, p)
}

// TestNoClaimCodeLeaks redeems a gift card by a canary, is refused, and meets a company that fails or panics with all that
// it was given.
func TestNoClaimCodeLeaks(t *testing.T) {
	const code = "48290571638"
	for _, how := range []string{"all goes well", "it is refused", "the gift cards fail", "the gift cards panic"} {
		t.Run(how, func(t *testing.T) {
			babble := &babbling{how: how}
			a := newAviary(t, func(w *flowtest.World) {
				w.Gifts()
				w.Config.GiftCards = babblingGifts{w.Wallet, babble}
			})
			if how == "all goes well" {
				a.issue(t, code)
			}
			a.verbs = true
			a.redeem(t, code)
			_, err := a.Handle(t.Context(), "call-1", ivr.Input{Kind: ivr.HangUp})
			require.NoError(t, err)
			_, err = a.engine.Sweep(t.Context(), 100)
			a.show(err, a.Messages.Sent, a.Biller.Posted, a.Charges())
			require.Equal(t, strings.HasPrefix(how, "the"), babble.said > 0, "they were given something to babble about")
			require.Equal(t, how == "all goes well", len(a.Charges()) == 3, "points and both gift cards")
			_, err = a.keeper.Get(t.Context(), "call-1", "claim")
			require.ErrorIs(t, err, flow.ErrNotKept)
			a.mustNotHave(t, how, code)
		})
	}
}

func (a *aviary) issue(t *testing.T, code string) {
	s, err := payment.NewSecret([]byte(code))
	require.NoError(t, err)
	a.Sandbox.Fund("gift_new", money(20000, "USD"))
	require.NoError(t, a.Wallet.Issue(s, wallet.GiftCard{Token: "gift_new", Last4: "0077", Balance: money(20000, "USD")}))
}

// redeem is a call in which a claim code is keyed, and paid with, as far as it comes.
func (a *aviary) redeem(t *testing.T, code string) {
	defer func() { a.show(recover()) }()
	call := flowtest.Dial(t, a, a.Config.Dialogue.Catalog(), a.Clock, "call-1", ivr.Call{From: flowtest.Cat, Attestation: "A"})
	defer func() { fmt.Fprintln(a.sinks, call.Transcript.String()) }()
	call.Hear("identify.pin.ask").Press("4321#").Hear("amount.ask").Press("1")
	call.Hear("funding.gift").Press("4").Hear("gift.ask").Press(code + "#")
	if call.Turn.Action == ivr.ActionListen {
		call.Hear("split.all").Press("1").Hear("confirm.readback.ask").Press("1").Hear("receipt.approved")
	}
}

type babblingGifts struct {
	*wallet.Memory
	*babbling
}

func (g babblingGifts) Redeem(ctx context.Context, account string, code payment.Secret, key string) (wallet.GiftCard, error) {
	if err := g.about("the gift cards", code); err != nil {
		return wallet.GiftCard{}, err
	}
	return g.Memory.Redeem(ctx, account, code, key)
}

// TestCanariesCanBeFound makes sure that the sinks see what leaks: a stage that keeps a card number in the session.
func TestCanariesCanBeFound(t *testing.T) {
	a := newAviary(t, func(w *flowtest.World) {
		card := &w.Definition.Stage("card").States[0]
		card.Ask.Answer = func(c *flow.Call, got ivr.Answer) flow.Event {
			got.Secret.Open(func(b []byte) { c.Vars = map[string]string{"number": string(bytes.Clone(b))} })
			return "given"
		}
	})
	id, turn := a.stand(a.everything(), "card")
	waysToEnter[0](a, id, turn, canaryCards[0])
	assert.Contains(t, canary.New(canaryCards[0]).In(a.String()), "plain")
}
