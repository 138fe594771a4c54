package flow

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
)

// Earlier is what an earlier call came to, as much of it as is told: a payment, or that it was cut off before the yes.
type Earlier struct {
	// Session is the earlier call; Payment, its payment, is empty for a call that was cut off before the yes.
	Session     string        `json:"s"`
	Payment     string        `json:"p,omitempty"`
	State       payment.State `json:"st,omitempty"`
	Total       payment.Money `json:"t"`
	Payee       string        `json:"to"`
	Transaction string        `json:"tx,omitempty"`
	// Resolved tells that a person ended it.
	Resolved bool `json:"r,omitempty"`
	// Back is what had been taken for a payment that failed, and was given back.
	Back payment.Money `json:"b,omitzero"`
}

const (
	// earlierCalls is how many of the last calls of an account are looked at, and of the last in which it paid.
	earlierCalls = 5
	// lineGone is after how long a payment without news is no longer being made on another line: a call waits
	// Settings.Patience pauses for it, 20 s.
	lineGone = 2 * time.Minute
	// lineHeld is after how long without a word a call counts as cut off for somebody who calls from another number: its
	// caller may have put it on hold, and comes back.
	lineHeld = 30 * time.Minute
)

// nameAccount is the name, with the account, of all calls that were about it.
const nameAccount = "account"

// named puts a name to the session in the next commit, by which Finder.Find finds it.
func (c *Call) named(kind, value string) { c.tx.Name = append(c.tx.Name, nameOf(kind, value)) }

// nameOf builds all names of sessions.
func nameOf(kind, value string) string { return kind + " " + value }

// storedName is a name as the store knows it.
func (e *Engine) storedName(name string) string {
	if e.seal == nil {
		return name
	}
	return e.seal.blind("name", name)
}

// FindEarlier sets Session.Earlier to a payment of this account that its payer was not told of: the first that has
// ended, else one that is open; else to the last call that was cut off on the way to one; else to nil. elsewhere tells
// that a payment is being made on another line. Where the Store is no Finder, only the payments of this session are
// looked at. Later calls find this one by the account.
func (c *Call) FindEarlier(ctx context.Context) (elsewhere bool, err error) {
	c.Earlier = nil
	c.named(nameAccount, c.Identity.Account)
	calls, err := c.earlier(ctx)
	if err != nil {
		return false, err
	}
	for _, o := range calls {
		for _, it := range o.items {
			if it.Kind != ItemPayment {
				continue
			}
			p, err := o.paymentByID(it.Key)
			if err != nil || p.Account != c.Identity.Account {
				continue
			}
			switch live := o.onTheLine(c, p); {
			case live && p.State.Open():
				elsewhere = true
			case live:
			case p.State.Open() && c.Earlier == nil:
				c.Earlier = earlierOf(o.ID, p)
			case !p.State.Open() && o.untold(p.ID):
				c.Earlier = earlierOf(o.ID, p)
				return elsewhere, nil
			}
		}
	}
	if i := slices.IndexFunc(calls, func(o *Call) bool { return o.cutOffBefore(c) }); i >= 0 && c.Earlier == nil {
		c.Earlier = aboutToPay(calls[i])
	}
	return elsewhere, nil
}

// earlier opens the last calls of the account, and this one, which may have begun before it was restarted. The call that
// a callback continues comes first.
func (c *Call) earlier(ctx context.Context) ([]*Call, error) {
	calls := []*Call{c}
	finder, ok := c.engine.store.(Finder)
	if !ok {
		return calls, nil
	}
	var ids []string
	if c.Callback != nil {
		ids = append(ids, c.Callback.Session)
	}
	for _, kind := range []string{nameAccount, namePayer} {
		found, err := finder.Find(ctx, c.engine.storedName(nameOf(kind, c.Identity.Account)), earlierCalls+1)
		if err != nil {
			return nil, fmt.Errorf("find earlier calls: %w", err)
		}
		ids = append(ids, found...)
	}
	for i, id := range ids {
		if id == c.ID || slices.Contains(ids[:i], id) {
			continue
		}
		o, err := c.openEarlier(ctx, id)
		if err != nil {
			// One that cannot be read must not keep the caller from paying.
			c.Log.ErrorContext(ctx, "earlier call left out", "call", c.ID, "earlier", id, "error", err)
			continue
		}
		calls = append(calls, o)
	}
	return calls, nil
}

// openEarlier opens a call once a turn: what is about to be committed with this one is seen.
func (c *Call) openEarlier(ctx context.Context, id string) (*Call, error) {
	if id == c.ID {
		return c, nil
	}
	for _, o := range c.also {
		if o.ID == id {
			return o, nil
		}
	}
	return c.engine.open(ctx, id, ivr.Input{})
}

// onTheLine tells that the payer of a payment is probably still waiting for it, in a call from another number.
func (c *Call) onTheLine(now *Call, p payment.Payment) bool {
	if c.ID == now.ID || c.State == hungUp || c.sameNumber(now) {
		return false
	}
	if st := c.dialogue.states[c.State]; st == nil || st.Leave != nil {
		return false
	}
	last := p.Confirmed
	if !p.Ended.IsZero() {
		last = p.Ended
	}
	return now.Now.Sub(last) < lineGone
}

// sameNumber tells that both calls come from one line, which is not withheld.
func (c *Call) sameNumber(o *Call) bool { return o.Line.From != "" && c.Line.From == o.Line.From }

func earlierOf(session string, p payment.Payment) *Earlier {
	return &Earlier{Session: session, Payment: p.ID, State: p.State, Total: p.Total(), Payee: p.Payee, Transaction: p.Transaction,
		Resolved: p.Resolved != "", Back: backOf(p)}
}

// cutOffBefore tells that the caller of this call was cut off on the way to a payment that nothing has come of, and can
// go on with it in the new call. One whose line dropped unnoticed is as good as one that hung up: who calls again from the
// same number cannot be on that line any more, and nobody keeps a line for ever.
func (c *Call) cutOffBefore(now *Call) bool {
	at, gone := c.State, c.State == hungUp
	if gone {
		at = c.Parked
	}
	st := c.dialogue.states[at]
	if st == nil || st.Leave != nil || st.stage == "amount" || st.stage == "charge" {
		return false // an amount is being chosen, a yes was said, or somebody else has the caller
	}
	quiet := lineHeld
	if c.sameNumber(now) {
		quiet = lineGone
	}
	age := now.Now.Sub(c.lastHeard())
	return c.ID != now.ID && c.TakenBy == "" && c.Identity.Account == now.Identity.Account && c.Amount.Positive() &&
		c.CurrentBill().ID != "" && age <= now.Settings.ResumeFor && (gone || age >= quiet)
}

// lastHeard is when the caller was heard last, to the second.
func (c *Call) lastHeard() time.Time { return c.Started.Add(time.Duration(c.Last) * time.Second) }

func aboutToPay(o *Call) *Earlier {
	e := &Earlier{Session: o.ID, Total: o.Amount, Payee: o.CurrentBill().Payee}
	if o.Draft != nil {
		e.Total = o.Draft.Total()
	}
	return e
}

// GoOn takes over, with the commit of this turn, what was chosen in the call of Session.Earlier: the bill, the amount,
// and what to pay with where that was one card or account, without gift cards or points. It is what the caller wanted then,
// and must be looked at again before it is read back. That a keyed card may be saved is not taken over: whoever agreed to
// it need not be who calls now. ok tells that no other call was faster. Repeating it is harmless.
func (c *Call) GoOn(ctx context.Context) (ok bool, err error) {
	o, err := c.openEarlier(ctx, c.Earlier.Session)
	if err != nil {
		return false, err
	}
	c.Earlier = nil
	if !o.cutOffBefore(c) {
		return false, nil
	}
	o.TakenBy = c.ID
	c.commitWith(o)
	c.nothingChosen()
	c.Bills, c.Bill, c.MoreBills, c.Amount = []payment.Bill{o.CurrentBill()}, 0, 0, o.Amount
	if o.Method != nil && !o.Split {
		m := *o.Method
		c.Method, c.Carried = &m, m.ID == ""
	}
	return true, nil
}

// BeginAnew notes, with the commit of this turn, that the call of Session.Earlier is not gone on with.
func (c *Call) BeginAnew(ctx context.Context) error {
	o, err := c.openEarlier(ctx, c.Earlier.Session)
	if err != nil {
		return err
	}
	c.Earlier = nil
	if o.TakenBy == "" {
		o.TakenBy = c.ID
		c.commitWith(o)
	}
	return nil
}

// DriveEarlier goes on with the payment of Session.Earlier, as the sweeper would, and notes how far it came.
func (c *Call) DriveEarlier(ctx context.Context) error {
	o, err := c.openEarlier(ctx, c.Earlier.Session)
	if err != nil {
		return err
	}
	leaser, leases := c.engine.store.(Leaser)
	var lease Lease
	if leases && o != c {
		lease, err = leaser.Acquire(ctx, o.ID, c.engine.node, leaseFor)
		if err == nil {
			o.epoch = lease.Epoch
			defer func() { _ = leaser.Release(context.WithoutCancel(ctx), lease) }() // it runs out by itself
		}
	}
	var p payment.Payment
	if err == nil {
		p, err = c.engine.drive(ctx, o, c.Earlier.Payment)
		if !errors.Is(err, errNotSaved) {
			c.engine.post(ctx, o)
			if len(o.tx.Update) > 0 && o != c {
				err = errors.Join(err, c.engine.save(context.WithoutCancel(ctx), o))
			}
		}
	}
	if p.ID != "" {
		c.Earlier = earlierOf(o.ID, p)
	}
	if errors.Is(err, ErrHeld) || errors.Is(err, ErrStale) || errors.Is(err, ErrFenced) {
		return nil // Somebody else is at it.
	}
	return err
}

// TellEarlier notes that the payer of Session.Earlier has heard how it ended: with the commit of this turn nobody is told
// again. Where it ended in another way since it was said, that is still to be told.
func (c *Call) TellEarlier(ctx context.Context) error {
	o, err := c.openEarlier(ctx, c.Earlier.Session)
	if err != nil {
		return err
	}
	// A person may have ended it since it was said (Engine.Resolve): then it is told anew.
	if p, err := o.paymentByID(c.Earlier.Payment); err != nil || p.State == c.Earlier.State {
		o.Told(c.Earlier.Payment)
		c.commitWith(o)
	}
	c.Earlier = nil
	return nil
}

// untold tells that the payer of a payment has neither heard nor been sent how it ended.
func (c *Call) untold(id string) bool {
	it, ok := c.item(ItemReceipt, id)
	if !ok {
		return false
	}
	n, err := readNotice(it)
	return err == nil && !n.Told
}
