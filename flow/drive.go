package flow

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dialpay/dialpay/payment"
)

// grace keeps the sweeper away from what a live call is working on. Safety does not rest on it: a commit of the one
// makes the commit of the other ErrStale.
const grace = 30 * time.Second

// receiptGrace is how long the caller on the line has to choose how to get the receipt.
const receiptGrace = 3 * time.Minute

// product keeps our keys apart from those of other software.
const product = "dialpay"

// maxSteps bounds one drive: each leg has a handful of steps.
const maxSteps = 100

// Confirm makes the draft a confirmed payment, and takes its bill for it, in one commit (R2, R3). From then on the
// payment goes forward, also when the caller hangs up. ErrTaken if another payment has the bill; the draft is gone then.
// Repeating it is harmless.
func (c *Call) Confirm(ctx context.Context) error {
	if _, confirmed := c.item(ItemPayment, c.Payment); c.Draft == nil && confirmed {
		return nil
	}
	if c.Draft == nil {
		return fmt.Errorf("flow: call %q: nothing to confirm", c.ID)
	}
	draft, before := c.Draft, c.Payment
	p := *draft
	if err := p.Confirm(c.Now); err != nil {
		return err
	}
	item, err := c.paymentItem(p, c.Now.Add(grace))
	if err != nil {
		return err
	}
	tx, items := c.tx, c.items
	c.tx.Insert = append(slices.Clip(tx.Insert), item)
	c.tx.Claim = append(slices.Clip(tx.Claim), claimOf(p))
	c.named(namePayment, p.ID) // Reconcile finds it.
	c.named(namePayer, p.Account)
	c.Draft, c.Payment = nil, p.ID
	c.items = append(slices.Clip(items), item)
	if err = c.Save(ctx); err == nil {
		return nil
	}
	// Nothing of it may slip into a later commit of this turn: the caller is not told that it was confirmed. What else
	// this turn has put there stays.
	c.tx, c.items, c.Draft, c.Payment = tx, items, draft, before
	if errors.Is(err, ErrTaken) {
		c.Draft = nil
	}
	return err
}

// claimOf is the right to pay a bill, which one payment at a time can hold.
func claimOf(p payment.Payment) Claim {
	return Claim{Key: fmt.Sprintf("pay %q %q", p.Account, p.Bill), Owner: p.ID}
}

// Drive takes the confirmed payment forward until it ends, or nothing can be done for a while, and tells the biller
// when it is paid. The payment that comes back is as far as it is known, also beside an error.
func (c *Call) Drive(ctx context.Context) (payment.Payment, error) {
	p, err := c.engine.drive(ctx, c, c.Payment)
	if err == nil {
		c.engine.post(ctx, c)
	}
	return p, err
}

// drive takes a confirmed payment forward until it ends, or nothing can be done for a while. It is the same in a live
// call and after one. Whatever is about to be sent is stored before, and a step that another process overtook is not
// made.
func (e *Engine) drive(ctx context.Context, c *Call, id string) (payment.Payment, error) {
	p, err := c.paymentByID(id)
	if err != nil {
		return p, err
	}
	// What was sent must be stored, also when the time for this turn is over.
	store := context.WithoutCancel(ctx)
	// What is too old to be sent is given up without the biller, who may never answer again.
	if p.Unsent() && p.Next(e.now(), e.with.Profile).Kind == payment.StepSend {
		if err := e.checkBill(ctx, &p); err != nil {
			return p, err
		}
	}
	for range maxSteps {
		before, open := p, p.State.Open()
		before.Legs = slices.Clone(p.Legs)
		step, err := p.Advance(e.now(), e.with.Profile)
		if err != nil {
			return before, err
		}
		if err := c.putPayment(p, step, open); err != nil {
			return before, err
		}
		if err := c.Save(store); err != nil {
			return before, err
		}
		if !step.Calls() || ctx.Err() != nil {
			return p, nil
		}
		out, err := payment.Do(ctx, step, p, e.with.processorNamed(step.Processor))
		if err != nil {
			e.log.WarnContext(ctx, "processor", "call", c.ID, "payment", p.ID, "step", step.Kind, "error", err)
		}
		if err := p.Apply(step, out, e.now()); err != nil {
			return p, err
		}
	}
	return p, fmt.Errorf("flow: payment %s: more than %d steps at once", p.ID, maxSteps)
}

// BillChanged is the Reason of a payment that was not sent because its bill was paid, or grew smaller, after the
// read-back: by another call, or at the biller's own counter. While the payment has the claim on its bill no other can
// begin, and the one before was told to the biller before it gave the claim back, so what the biller says is true.
const BillChanged = "the bill has changed"

// checkBill withdraws a payment whose bill does not owe as much any more.
func (e *Engine) checkBill(ctx context.Context, p *payment.Payment) error {
	bills, err := e.with.Biller.Bills(ctx, p.Account)
	if err != nil {
		return fmt.Errorf("flow: payment %s: look whether the bill is still open: %w", p.ID, err)
	}
	owed := slices.ContainsFunc(bills, func(b payment.Bill) bool {
		return b.ID == p.Bill && b.Balance.Currency == p.Amount.Currency && b.Balance.Minor >= p.Amount.Minor
	})
	if owed {
		return nil
	}
	return p.Withdraw(BillChanged, e.now())
}

// putPayment puts the payment, and when it has just ended, the rows of the outbox, into the next commit (R12).
func (c *Call) putPayment(p payment.Payment, next payment.Step, wasOpen bool) error {
	due := c.engine.now()
	if next.Until.After(due) {
		due = next.Until
	}
	item, err := c.paymentItem(p, due.Add(grace))
	if err != nil {
		return err
	}
	if !p.State.Open() {
		item.Due = time.Time{}
	}
	c.update(item)
	if !wasOpen || p.State.Open() {
		return nil
	}
	return c.putOutbox(p)
}

func (c *Call) putOutbox(p payment.Payment) error {
	if err := c.putEnd(p); err != nil {
		return err
	}
	if p.State == payment.StateReview {
		// Its bill stays taken: nobody may pay it again before a person has looked (Engine.InReview, Resolve).
		c.named(nameReview, "")
		c.Log.Error("payment needs a person", "call", c.ID, "payment", p.ID, "reason", p.Reason)
	}
	n := c.noticeOf(p)
	due := c.engine.now().Add(receiptGrace)
	if n.Channel == "" {
		due = time.Time{} // There is no way to send anything: the next call tells it.
	}
	return c.insert(ItemReceipt, p.ID, due, n)
}

// putEnd puts what follows from the end of a payment into the next commit: the biller is told of one that is paid, and one
// that failed gives its bill back.
func (c *Call) putEnd(p payment.Payment) error {
	switch p.State {
	case payment.StatePaid:
		posting, err := p.Posting()
		if err != nil {
			return err
		}
		return c.insert(ItemPosting, p.ID, c.engine.now().Add(grace), posting)
	case payment.StateFailed:
		c.tx.Release = append(c.tx.Release, claimOf(p))
	}
	return nil
}

func (c *Call) insert(kind ItemKind, key string, due time.Time, content any) error {
	data, err := json.Marshal(content)
	if err != nil {
		return fmt.Errorf("flow: encode %s %s: %w", kind, key, err)
	}
	item := Item{Kind: kind, Key: key, Session: c.ID, Due: due, Data: data}
	c.tx.Insert = append(c.tx.Insert, item)
	c.items = append(c.items, item)
	return nil
}

// update puts an item that is stored already into the next commit, in place of what this turn put there before.
func (c *Call) update(item Item) {
	for _, list := range [][]Item{c.tx.Insert, c.tx.Update, c.items} {
		for i := range list {
			if list[i].Kind == item.Kind && list[i].Key == item.Key {
				list[i] = item
			}
		}
	}
	same := func(it Item) bool { return it.Kind == item.Kind && it.Key == item.Key }
	if !slices.ContainsFunc(c.tx.Update, same) && !slices.ContainsFunc(c.tx.Insert, same) {
		c.tx.Update = append(c.tx.Update, item)
	}
}

func (c *Call) item(kind ItemKind, key string) (Item, bool) {
	for _, it := range c.items {
		if it.Kind == kind && it.Key == key {
			return it, true
		}
	}
	return Item{}, false
}

func (c *Call) paymentItem(p payment.Payment, due time.Time) (Item, error) {
	payer := c.contact(p.ID)
	data, err := json.Marshal(confirmed{p, &payer})
	if err != nil {
		return Item{}, fmt.Errorf("flow: encode payment %s: %w", p.ID, err)
	}
	return Item{Kind: ItemPayment, Key: p.ID, Session: c.ID, Due: due, Data: data}, nil
}

// confirmed is a payment as it is stored, with how to reach its payer: the session may be about somebody else, or begin
// anew, before it ends.
type confirmed struct {
	payment.Payment
	Payer *contact `json:"payer"` // nil where an earlier version stored it
}

// contact is what a message to a customer takes.
type contact struct {
	Channel Channel `json:"ch"` // empty: none can be sent
	Locale  string  `json:"l"`
	Name    string  `json:"n,omitempty"`
	Zone    int     `json:"z,omitempty"`
}

// contact is that of the payer of a payment: as it was stored with it, once and for all, or else the caller's.
func (c *Call) contact(id string) contact {
	if c.read.ID != id {
		_, _ = c.paymentByID(id) // one that is not stored yet, or cannot be read, tells nothing
	}
	if c.read.ID == id && c.read.Payer != nil {
		return *c.read.Payer
	}
	return contact{Channel: c.channel(), Locale: c.Locale, Name: c.Identity.Name, Zone: c.Identity.Zone}
}

func (c *Call) paymentByID(id string) (p payment.Payment, err error) {
	it, ok := c.item(ItemPayment, id)
	if !ok {
		return p, fmt.Errorf("flow: session %q has no payment %q", c.ID, id)
	}
	if c.read.ID != id || !bytes.Equal(c.readFrom, it.Data) {
		var stored confirmed
		if err := json.Unmarshal(it.Data, &stored); err != nil {
			return p, fmt.Errorf("flow: stored payment %q: %w", id, err)
		}
		c.read, c.readFrom = stored, it.Data
	}
	p = c.read.Payment
	p.Legs = slices.Clone(p.Legs) // the caller works on them
	return p, nil
}
