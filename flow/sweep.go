package flow

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
)

// Sweep works on what is due: payments whose outcome is not known yet, postings that the biller has not got, receipts
// of calls that dropped, callbacks whose time has come. Run it every few seconds, in any number of processes. It returns
// how many items it looked at, and joins what went wrong; those items stay due. Afterwards it lets a Store that is a Purger
// forget at most 100 sessions that are older than Settings.KeepFor.
func (e *Engine) Sweep(ctx context.Context, limit int) (int, error) {
	var errs []error
	if k, ok := e.with.Keeper.(interface{ Expire(context.Context) error }); ok {
		if err := k.Expire(ctx); err != nil {
			errs = append(errs, fmt.Errorf("flow: sweep: forget kept secrets: %w", err))
		}
	}
	due, err := e.store.Due(ctx, max(limit, 0))
	if err != nil {
		return 0, errors.Join(append(errs, fmt.Errorf("flow: sweep: %w", err))...)
	}
	for _, it := range due {
		if err := e.sweep(ctx, it); err != nil && !errors.Is(err, ErrStale) && !errors.Is(err, ErrFenced) {
			errs = append(errs, fmt.Errorf("flow: sweep %s %q: %w", it.Kind, it.Key, err))
		}
	}
	if p, ok := e.store.(Purger); ok {
		if _, err := p.Purge(ctx, e.now().Add(-e.dialogue.settings.KeepFor), purgeAtMost); err != nil {
			errs = append(errs, fmt.Errorf("flow: sweep: purge: %w", err))
		}
	}
	return len(due), errors.Join(errs...)
}

// purgeAtMost bounds what one sweep forgets: the calls that are on the line must not wait for it.
const purgeAtMost = 100

// leaseFor is how long a sweeper has a session for itself; putOff, how long nobody looks at one that cannot be read: it
// must not keep the others waiting.
const (
	leaseFor = 15 * time.Second
	putOff   = 5 * time.Minute
)

func (e *Engine) sweep(ctx context.Context, due Item) (err error) {
	leaser, leases := e.store.(Leaser)
	var lease Lease
	if leases {
		lease, err = leaser.Acquire(ctx, due.Session, e.node, leaseFor)
		if errors.Is(err, ErrHeld) {
			return nil
		} else if err != nil {
			return err
		}
	}
	c, err := e.open(ctx, due.Session, ivr.Input{})
	if err == nil {
		c.epoch = lease.Epoch
		err = e.sweepItem(ctx, c, due)
	}
	switch {
	case !leases:
	case errors.Is(err, errUnreadable):
		_, late := leaser.Renew(ctx, lease, putOff)
		err = errors.Join(err, late)
	case !errors.Is(err, ErrStale) && (errors.Is(err, errNotLoaded) || errors.Is(err, errNotSaved)):
		// The store may be well again at any moment. Until the lease has run out by itself, the others have their turn.
	default:
		err = errors.Join(err, leaser.Release(context.WithoutCancel(ctx), lease))
	}
	return err
}

func (e *Engine) sweepItem(ctx context.Context, c *Call, due Item) error {
	it, ok := c.item(due.Kind, due.Key)
	if !ok || it.Due.IsZero() || it.Due.After(c.Now) {
		return nil // Somebody was faster.
	}
	bounded, cancel := context.WithTimeout(ctx, c.Settings.HoldBudget)
	defer cancel()
	err := e.workOn(bounded, c, it)
	if errors.Is(err, errNotSaved) {
		return err // What that commit allows has not been done: stored now, it would pass for done.
	}
	if now, ok := c.item(it.Kind, it.Key); ok && err != nil && now.Due.Equal(it.Due) {
		now.Due = e.now().Add(grace) // What cannot be done now must not keep the others waiting.
		c.update(now)
	}
	if len(c.tx.Insert)+len(c.tx.Update)+len(c.tx.Release) == 0 {
		return err // All of it is stored.
	}
	return errors.Join(err, e.save(context.WithoutCancel(ctx), c))
}

// workOn does what an item is about. A collaborator that panics has failed like any other: its item is put off.
func (e *Engine) workOn(ctx context.Context, c *Call, it Item) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("a collaborator panicked: %T", r) // not its text, which may hold anything
		}
	}()
	switch it.Kind {
	case ItemPayment:
		if _, err = e.drive(ctx, c, it.Key); !errors.Is(err, errNotSaved) {
			e.post(ctx, c)
		}
	case ItemPosting:
		e.post(ctx, c)
	case ItemReceipt:
		err = e.deliver(ctx, c, it)
	case ItemCallback:
		err = e.driveCallback(ctx, c, it)
	case ItemMessage:
		err = e.sendMessage(ctx, c, it)
	}
	return err
}

// goForward goes on with a confirmed payment when the caller hung up.
func (e *Engine) goForward(ctx context.Context, c *Call) {
	if c.Payment == "" {
		return
	}
	if p, err := c.paymentByID(c.Payment); err == nil && !p.State.Open() {
		e.post(ctx, c)
		return
	}
	bounded, cancel := context.WithTimeout(ctx, c.Settings.HoldBudget)
	defer cancel()
	if _, err := c.Drive(bounded); err != nil {
		e.log.WarnContext(ctx, "payment goes on later", "call", c.ID, "payment", c.Payment, "error", err)
	}
}

// post tells the biller of the session's payments. Only then another payment of the same bill may begin: before, the
// balance that the biller names is the old one.
func (e *Engine) post(ctx context.Context, c *Call) {
	for _, it := range c.items {
		if it.Kind != ItemPosting || it.Due.IsZero() {
			continue
		}
		var p payment.Posting
		err := json.Unmarshal(it.Data, &p)
		if err == nil {
			err = e.with.Biller.Post(ctx, p)
		}
		if err != nil {
			e.log.WarnContext(ctx, "posting goes on later", "call", c.ID, "payment", it.Key, "error", err)
			it.Due = e.now().Add(grace)
			c.update(it)
			continue
		}
		it.Due = time.Time{}
		c.update(it)
		c.tx.Release = append(c.tx.Release, claimOf(payment.Payment{ID: it.Key, Account: p.Account, Bill: p.Bill}))
	}
}

// Told closes the notice of a payment: the caller has heard how it ended. One that must be written is sent all the same.
func (c *Call) Told(id string) {
	if c.driven == nil {
		return // a step without an Engine has no items
	}
	it, ok := c.item(ItemReceipt, id)
	if !ok {
		return
	}
	n, err := readNotice(it)
	if err != nil || !n.mustBeWritten() {
		it.Due = time.Time{}
	}
	n.Told = true
	c.putNotice(it, n, err)
}

// heard closes the notice of a payment of which the last turn said, on the way to something else, that it failed. Where
// the caller hung up, or spoke into it, they get a message: the answer that said it may have been lost.
func (c *Call) heard(in ivr.Input) {
	if c.Telling != "" && (in.Heard || in.Kind == ivr.Silence || in.Kind == ivr.PromptEnded) && in.Kind != ivr.HangUp {
		c.Told(c.Telling)
	}
	c.Telling = ""
}

// sent closes a notice that has left.
func (c *Call) sent(it Item) {
	n, err := readNotice(it)
	it.Due, n.Told, n.Sent = time.Time{}, true, true
	c.putNotice(it, n, err)
}

// putNotice puts a notice into the next commit. One that could not be read, for which there is an error, stays as it is.
func (c *Call) putNotice(it Item, n notice, unread error) {
	if data, err := json.Marshal(n); unread == nil && err == nil {
		it.Data = data
	}
	c.update(it)
}

// notice is what a customer is to be told of a payment, with all that it takes: the session may be about somebody else
// by the time that it is sent.
type notice struct {
	Payment payment.Payment `json:"p"`
	contact
	// Told: the payer has heard it, or it was sent. Sent: that it was.
	Told bool `json:"t,omitempty"`
	Sent bool `json:"s,omitempty"`
}

// mustBeWritten tells that hearing it is not enough (fromBank).
func (n notice) mustBeWritten() bool {
	r, err := n.Payment.Receipt()
	return err == nil && fromBank(&r)
}

func (c *Call) noticeOf(p payment.Payment) notice {
	return notice{Payment: p, contact: c.contact(p.ID)}
}

// deliver sends a notice whose time has come.
func (e *Engine) deliver(ctx context.Context, c *Call, it Item) error {
	n, err := readNotice(it)
	if err == nil {
		err = e.message(ctx, c, n)
	}
	if err != nil {
		it.Due = e.now().Add(receiptGrace)
		c.update(it)
		return err
	}
	c.sent(it)
	return nil
}

func readNotice(it Item) (n notice, err error) {
	if err := json.Unmarshal(it.Data, &n); err != nil {
		return n, fmt.Errorf("flow: stored notice %q: %w", it.Key, err)
	}
	return n, nil
}

// SendReceipt sends the receipt of the last approved payment now, on the channel that the caller chose. After an error
// it is sent later on that channel, without being asked. One that was sent meanwhile, on whatever channel, is not sent
// again.
func (c *Call) SendReceipt(ctx context.Context, channel Channel) error {
	it, ok := c.item(ItemReceipt, c.Receipt.Payment)
	if !ok {
		return fmt.Errorf("flow: call %q has no receipt to send", c.ID)
	}
	n, err := readNotice(it)
	if err != nil || n.Sent {
		return err
	}
	if n.Channel != channel || n.Locale != c.Locale || it.Due.IsZero() {
		// The choice is stored before the receipt leaves: a sweeper that is faster sends this one, and not another.
		n.Channel, n.Locale = channel, c.Locale
		if it.Due.IsZero() { // another call has told it
			it.Due = c.engine.now().Add(receiptGrace)
		}
		if it.Data, err = json.Marshal(n); err != nil {
			return fmt.Errorf("flow: encode notice %q: %w", it.Key, err)
		}
		c.update(it)
		if err = c.Save(ctx); err != nil {
			return err
		}
	}
	if err = c.engine.message(ctx, c, n); err != nil {
		return err
	}
	c.sent(it)
	return nil
}

// message sends a notice.
func (e *Engine) message(ctx context.Context, c *Call, n notice) error {
	if e.with.Messenger == nil {
		return errors.New("flow: Config.Messenger is gone: a message that was promised cannot be sent")
	}
	what := "receipt"
	if n.Payment.Resolved != "" {
		what = "resolved" // That the payment is looked into was another message.
	}
	key := payment.Key(product, n.Payment.Tenant, n.Payment.ID, 0, what, 1) // R13: whatever the channel
	return e.with.Messenger.Send(ctx, Message{Key: key, Account: n.Payment.Account, Channel: n.Channel,
		Text: e.dialogue.catalog.Text(n.Locale, n.text(c.Settings)...)})
}

func (n notice) text(s *Settings) []ivr.Prompt {
	p := n.Payment
	total, payee, contact := ivr.Text(p.Total().String()), ivr.Text(p.Payee), ivr.Text(cmp.Or(s.Phone, s.Company))
	switch r, err := p.Receipt(); {
	case p.State == payment.StateReview:
		return []ivr.Prompt{ivr.Say("receipt.text.review", total, payee, contact)}
	case err != nil && p.Resolved != "":
		return []ivr.Prompt{ivr.Say("receipt.text.notmade", total, payee, contact)}
	case err != nil && len(p.GivenBack()) > 0:
		return []ivr.Prompt{ivr.Say("receipt.text.back", total, payee)}
	case err != nil:
		return []ivr.Prompt{ivr.Say("receipt.text.failed", total, payee)}
	case fromBank(&r):
		day := p.Confirmed.Add(time.Duration(n.Zone) * time.Second).Format(time.DateOnly)
		return append([]ivr.Prompt{ivr.Say("receipt.text.bank", ivr.Text(debit(&r).String()), payee, ivr.Text(p.Transaction),
			ivr.Text(n.Name), ivr.Text(day), contact)}, partsOf(&r)...)
	default:
		return append([]ivr.Prompt{ivr.Say("receipt.text.paid", total, payee, ivr.Text(p.Transaction))}, partsOf(&r)...)
	}
}

// debit is what was debited from a bank account.
func debit(r *payment.Receipt) payment.Money {
	i := slices.IndexFunc(r.Parts, func(p payment.Part) bool { return p.Kind == payment.KindBank })
	return r.Parts[i].Amount
}

// partsOf names the parts of a receipt that has several.
func partsOf(r *payment.Receipt) (ps []ivr.Prompt) {
	if len(r.Parts) < 2 {
		return nil
	}
	for _, p := range r.Parts {
		amount := ivr.Text(p.Amount.String())
		switch p.Kind {
		case payment.KindGift:
			ps = append(ps, ivr.Say("receipt.text.part.gift", amount, ivr.Text(p.Last4)))
		case payment.KindPoints:
			ps = append(ps, ivr.Say("receipt.text.part.points", amount, ivr.Text(strconv.FormatInt(p.Points, 10))))
		case payment.KindBank:
			ps = append(ps, ivr.Say("receipt.text.part.bank", amount, ivr.Text(string(p.Brand)), ivr.Text(p.Last4)))
		default:
			ps = append(ps, ivr.Say("receipt.text.part.card", amount, brandName(p.Brand), ivr.Text(p.Last4)))
		}
	}
	return ps
}
