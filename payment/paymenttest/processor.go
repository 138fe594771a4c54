package paymenttest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/dialpay/dialpay/payment"
)

// Fixtures are what TestProcessor charges.
type Fixtures struct {
	// Approved and Declined are tokens of funding sources that the processor approves and declines.
	Approved, Declined string
	// Amount is charged; at least two minor units.
	Amount payment.Money
	// Points is how many points Amount is worth, for a processor of points; 0 for every other.
	Points int64
	// Run makes the keys of this run different from those of earlier runs, for processors that remember.
	Run string
	// Settle is called before a Lookup that must find something, for processors whose search lags; nil for none.
	Settle func()
}

// TestProcessor tests that a payment.Processor keeps the promises that the money protocol stands on. newProcessor is
// called once for each rule.
func TestProcessor(t *testing.T, newProcessor func(t *testing.T) (payment.Processor, Fixtures)) {
	for _, rule := range processorRules {
		t.Run(rule.name, func(t *testing.T) {
			p, fixtures := newProcessor(t)
			k := newKit(t.Context(), p, fixtures, rule.name)
			if rule.needs != nil && !rule.needs(p) {
				t.Skip("the processor does not offer it")
			}
			if err := rule.check(k); err != nil {
				t.Errorf("%s\n%v", rule.sentence, err)
			}
		})
	}
}

// rule is one promise, with the sentence that is shown when it is broken.
type rule struct {
	name, sentence string
	needs          func(payment.Processor) bool
	check          func(k kit) error
}

func holds(p payment.Processor) bool   { return p.Profile().AuthCapture }
func refunds(p payment.Processor) bool { return p.Profile().Refunds }
func lists(p payment.Processor) bool   { _, ok := p.(payment.Lister); return ok }

var processorRules = []rule{
	{"profile", "The profile must be true: AuthCapture needs a Capturer, Refunds a Refunder; keys of 26 characters must " +
		"be taken and known for more than two hours.", nil, checkProfile},
	{"approve", "A good token must be approved, with a reference, and Lookup must find it.", nil, checkApprove},
	{"repeat", "A repeated key must get the first outcome again, and charge once.", nil, checkRepeat},
	{"together", "A key that is sent by many at once must charge once.", nil, checkTogether},
	{"changed", "A key that comes again with another amount must not be approved.", nil, checkChanged},
	{"decline", "A decline must be an Outcome with a class and no error, must stay the same for the same key, and Lookup " +
		"must find it.", nil, checkDecline},
	{"absent", "Lookup of a key that was never sent must say absent, without an error.", nil, checkAbsent},
	{"cancelled", "A call whose context is over must return; the key must charge at most once all the same.", nil, checkCancelled},
	{"capture", "Capture must take what is held, and a second time must succeed and change nothing.", holds, checkCapture},
	{"void", "Void must release what is held, and a second time must succeed and change nothing.", holds, checkVoid},
	{"void nothing", "Void of what was never held must be harmless: no error.", holds, checkVoidNothing},
	{"capture voided", "What was voided must not be captured.", holds, checkCaptureVoided},
	{"void captured", "What was captured must not be voided.", holds, checkVoidCaptured},
	{"list", "A Lister must list what was approved, as it stands now, and nothing that was declined.", lists, checkList},
	{"refund", "Refund must give back what was taken, once for its key.", refunds, checkRefund},
}

// kit is a processor with the parameters of one rule.
type kit struct {
	ctx    context.Context
	p      payment.Processor
	fx     Fixtures
	charge payment.Charge
}

func newKit(ctx context.Context, p payment.Processor, fx Fixtures, rule string) kit {
	id := "test " + fx.Run + " " + rule
	key := payment.Key("paymenttest", fx.Run, id, 0, "authorise", 1)
	charge := payment.Charge{Key: key, Token: fx.Approved, Amount: fx.Amount, Points: fx.Points, Payment: id, Statement: "paymenttest"}
	return kit{ctx, p, fx, charge}
}

// want turns an outcome that is not the wanted one into an error.
func want(what string, state payment.OutcomeState, out payment.Outcome, err error) error {
	switch {
	case err != nil:
		return fmt.Errorf("%s: error %w, want %s", what, err, state)
	case out.State != state:
		return fmt.Errorf("%s: %s, want %s", what, out.State, state)
	}
	return nil
}

func (k kit) authorised() (payment.Hold, error) {
	out, err := k.p.Authorise(k.ctx, k.charge)
	hold := payment.Hold{ChargeKey: k.charge.Key, Reference: out.Reference, Amount: k.charge.Amount}
	return hold, want("authorise", payment.Approved, out, err)
}

func (k kit) lookup(state payment.OutcomeState) error {
	if k.fx.Settle != nil {
		k.fx.Settle()
	}
	out, err := k.p.Lookup(k.ctx, k.charge.Key)
	return want("look up", state, out, err)
}

// operation is one of Capture, Void and Refund.
type operation func(context.Context, payment.Hold) (payment.Outcome, error)

// twice does an operation two times under one key; both must be approved.
func (k kit) twice(op string, h payment.Hold, do operation) error {
	h.Key = payment.Key("paymenttest", k.fx.Run, k.charge.Payment, 0, op, 1)
	for _, time := range []string{" first", " second"} {
		out, err := do(k.ctx, h)
		if err := want(op+time, payment.Approved, out, err); err != nil {
			return err
		}
	}
	return nil
}

func checkProfile(k kit) error {
	can := k.p.Profile()
	_, capturer := k.p.(payment.Capturer)
	_, refunder := k.p.(payment.Refunder)
	if can.AuthCapture && !capturer {
		return errors.New("AuthCapture without a Capturer")
	}
	if can.Refunds && !refunder {
		return errors.New("refunds without a Refunder")
	}
	kind := payment.KindCard
	if k.fx.Points > 0 {
		kind = payment.KindPoints
	}
	_, err := payment.Draft(payment.Payment{ID: k.charge.Payment, Account: "a", Bill: "b", Payee: "p", Amount: k.fx.Amount,
		Legs: []payment.Leg{{Kind: kind, Token: k.fx.Approved, Processor: can.Name, Amount: k.fx.Amount, Points: k.fx.Points}}},
		anyTime, func(string) payment.Profile { return can })
	return err
}

func checkApprove(k kit) error {
	h, err := k.authorised()
	if err != nil {
		return err
	}
	if h.Reference == "" {
		return errors.New("authorise: no reference")
	}
	return k.lookup(payment.Approved)
}

func checkRepeat(k kit) error {
	h, err := k.authorised()
	if err != nil {
		return err
	}
	again, err := k.authorised()
	if err == nil && again.Reference != h.Reference {
		err = fmt.Errorf("the repetition has the reference %q, the first %q: two charges", again.Reference, h.Reference)
	}
	return err
}

func checkTogether(k kit) error {
	const many = 8
	var group sync.WaitGroup
	var references [many]string
	for i := range many {
		group.Go(func() {
			if out, err := k.p.Authorise(k.ctx, k.charge); err == nil {
				references[i] = out.Reference
			}
		})
	}
	group.Wait()
	h, err := k.authorised() // some may have been told to wait; this one not
	for _, r := range references {
		if err == nil && r != "" && r != h.Reference {
			err = fmt.Errorf("references %q and %q: two charges", r, h.Reference)
		}
	}
	return err
}

func checkChanged(k kit) error {
	if _, err := k.authorised(); err != nil {
		return err
	}
	changed := k.charge
	changed.Amount.Minor--
	if out, err := k.p.Authorise(k.ctx, changed); err == nil && out.State == payment.Approved {
		return errors.New("authorise with another amount: approved")
	}
	return nil
}

func checkDecline(k kit) error {
	k.charge.Token = k.fx.Declined
	for _, time := range []string{"first", "second"} {
		out, err := k.p.Authorise(k.ctx, k.charge)
		if err := want("authorise "+time, payment.Declined, out, err); err != nil {
			return err
		}
		if out.Class == "" {
			return errors.New("authorise: declined without a class")
		}
	}
	return k.lookup(payment.Declined)
}

func checkAbsent(k kit) error { return k.lookup(payment.Absent) }

func checkCancelled(k kit) error {
	over, cancel := context.WithCancel(k.ctx)
	cancel()
	first, err := k.p.Authorise(over, k.charge)
	h, again := k.authorised()
	if again == nil && err == nil && first.State == payment.Approved && first.Reference != h.Reference {
		return fmt.Errorf("references %q and %q: two charges", first.Reference, h.Reference)
	}
	return again
}

func checkCapture(k kit) error {
	h, err := k.authorised()
	if err != nil {
		return err
	}
	if err := k.twice("capture", h, k.p.(payment.Capturer).Capture); err != nil {
		return err
	}
	return k.lookup(payment.Approved)
}

func checkVoid(k kit) error {
	h, err := k.authorised()
	if err != nil {
		return err
	}
	return k.twice("void", h, k.p.(payment.Capturer).Void)
}

func checkVoidNothing(k kit) error {
	h := payment.Hold{Key: payment.Key("paymenttest", k.fx.Run, k.charge.Payment, 0, "void", 1), ChargeKey: k.charge.Key,
		Amount: k.charge.Amount}
	_, err := k.p.(payment.Capturer).Void(k.ctx, h)
	return err
}

func checkCaptureVoided(k kit) error {
	return k.mustNotFollow("capture", k.p.(payment.Capturer).Capture, "void", k.p.(payment.Capturer).Void)
}

func checkVoidCaptured(k kit) error {
	return k.mustNotFollow("void", k.p.(payment.Capturer).Void, "capture", k.p.(payment.Capturer).Capture)
}

// mustNotFollow does what may be done to a hold, and then what may not.
func (k kit) mustNotFollow(op string, do operation, after string, before operation) error {
	h, err := k.authorised()
	if err != nil {
		return err
	}
	if err := k.twice(after, h, before); err != nil {
		return err
	}
	h.Key = payment.Key("paymenttest", k.fx.Run, k.charge.Payment, 0, op, 1)
	if out, err := do(k.ctx, h); err == nil && out.State == payment.Approved {
		return fmt.Errorf("%s after %s: approved", op, after)
	}
	return nil
}

func checkRefund(k kit) error {
	h, err := k.authorised()
	if err != nil {
		return err
	}
	if capturer, ok := k.p.(payment.Capturer); ok && k.p.Profile().AuthCapture {
		if err := k.twice("capture", h, capturer.Capture); err != nil {
			return err
		}
	}
	return k.twice("refund", h, k.p.(payment.Refunder).Refund)
}

func checkList(k kit) error {
	lister := k.p.(payment.Lister)
	h, err := k.authorised()
	if err != nil {
		return err
	}
	declined := k.charge
	declined.Token, declined.Key = k.fx.Declined, payment.Key("paymenttest", k.fx.Run, k.charge.Payment, 1, "authorise", 1)
	if _, err := k.p.Authorise(k.ctx, declined); err != nil {
		return fmt.Errorf("authorise: %w", err)
	}
	state := payment.LegCaptured
	if k.p.Profile().AuthCapture {
		state = payment.LegHeld
	}
	if err := k.listed(lister, h, state); err != nil || !k.p.Profile().AuthCapture {
		return err
	}
	if err := k.twice("capture", h, k.p.(payment.Capturer).Capture); err != nil {
		return err
	}
	return k.listed(lister, h, payment.LegCaptured)
}

// listed checks that the payment's only charge in the list is the approved one, in this state.
func (k kit) listed(lister payment.Lister, h payment.Hold, state payment.LegState) error {
	if k.fx.Settle != nil {
		k.fx.Settle()
	}
	var got []payment.Charged
	for c, err := range lister.Charged(k.ctx, time.Time{}, time.Now().AddDate(100, 0, 0)) {
		switch {
		case err != nil:
			return fmt.Errorf("list: %w", err)
		case c.At.IsZero():
			return fmt.Errorf("list: charge %q has no time", c.Reference)
		case c.Payment == k.charge.Payment:
			c.At = time.Time{}
			got = append(got, c)
		}
	}
	want := payment.Charged{Payment: k.charge.Payment, Key: h.ChargeKey, Reference: h.Reference, Amount: h.Amount, State: state}
	if len(got) != 1 || got[0] != want {
		return fmt.Errorf("listed as %v, want %v", got, want)
	}
	return nil
}
