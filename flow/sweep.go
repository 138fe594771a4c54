package flow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
)

// Sweep works on what is due: payments whose outcome is not known yet, postings that the biller has not got, receipts
// of calls that dropped, callbacks that nobody took. Run it every few seconds, in any number of processes. It returns
// how many items it looked at, and joins what went wrong; those items stay due.
func (e *Engine) Sweep(ctx context.Context, limit int) (int, error) {
	due, err := e.store.Due(ctx, limit)
	if err != nil {
		return 0, fmt.Errorf("flow: sweep: %w", err)
	}
	var errs []error
	for _, it := range due {
		if err := e.sweep(ctx, it); err != nil && !errors.Is(err, ErrStale) {
			errs = append(errs, fmt.Errorf("flow: sweep %s %q: %w", it.Kind, it.Key, err))
		}
	}
	return len(due), errors.Join(errs...)
}

func (e *Engine) sweep(ctx context.Context, it Item) error {
	c, err := e.open(ctx, it.Session, ivr.Input{})
	if err != nil {
		return err
	}
	switch it.Kind {
	case ItemPayment:
		_, err = e.drive(ctx, c, it.Key)
		e.post(ctx, c)
	case ItemPosting:
		e.post(ctx, c)
	case ItemReceipt:
		err = e.deliver(ctx, c, it)
	case ItemCallback:
		err = e.requestCallback(ctx, c, it)
	}
	return errors.Join(err, e.save(ctx, c))
}

// goForward goes on with a confirmed payment when the caller hung up.
func (e *Engine) goForward(ctx context.Context, c *Call) {
	if c.Payment == "" {
		return
	}
	if p, err := c.paymentByID(c.Payment); err != nil || !p.State.Open() {
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

// Told closes the notice of a payment: the caller has heard how it ended.
func (c *Call) Told(id string) {
	if c.driven == nil {
		return // a step without an Engine has no items
	}
	if it, ok := c.item(ItemReceipt, id); ok && !it.Due.IsZero() {
		it.Due = time.Time{}
		c.update(it)
	}
}

// deliver sends the notice of how a payment ended to a caller who did not hear it.
func (e *Engine) deliver(ctx context.Context, c *Call, it Item) error {
	var p payment.Payment
	if err := json.Unmarshal(it.Data, &p); err != nil {
		return fmt.Errorf("stored receipt: %w", err)
	}
	channel := SMS
	if c.Identity.Phone == "" {
		channel = Email
	}
	err := e.message(ctx, c, p, channel)
	it.Due = time.Time{}
	if err != nil {
		it.Due = e.now().Add(receiptGrace)
	}
	c.update(it)
	return err
}

// SendReceipt sends the receipt of the last approved payment now, on the channel that the caller chose. After an error
// it is sent later, without being asked.
func (c *Call) SendReceipt(ctx context.Context, channel Channel) error {
	p, err := c.paymentByID(c.Receipt.Payment)
	if err != nil {
		return err
	}
	if err := c.engine.message(ctx, c, p, channel); err != nil {
		return err
	}
	c.Told(p.ID)
	return nil
}

// message sends the receipt, or the failure notice, of a payment.
func (e *Engine) message(ctx context.Context, c *Call, p payment.Payment, channel Channel) error {
	if e.with.Messenger == nil {
		return errors.New("flow: Config.Messenger is gone: a message that was promised cannot be sent")
	}
	return e.with.Messenger.Send(ctx, Message{Key: payment.Key("dialpay", p.Tenant, p.ID, 0, "receipt "+string(channel), 1),
		Account: p.Account, Channel: channel, Text: e.dialogue.catalog.Text(c.Locale, c.messageText(p))})
}

func (c *Call) messageText(p payment.Payment) ivr.Prompt {
	total, payee := ivr.Text(p.Total().String()), ivr.Text(p.Payee)
	contact := c.Settings.Phone
	if contact == "" {
		contact = c.Settings.Company
	}
	r, err := p.Receipt()
	switch {
	case err != nil:
		return ivr.Say("receipt.text.failed", total, payee)
	case fromBank(&r):
		return ivr.Say("receipt.text.bank", total, payee, ivr.Text(p.Transaction), ivr.Text(c.Identity.Name),
			ivr.Text(p.Confirmed.Add(time.Duration(c.Identity.Zone)*time.Second).Format(time.DateOnly)), ivr.Text(contact))
	}
	return ivr.Say("receipt.text.paid", total, payee, ivr.Text(p.Transaction))
}

// RequestCallback keeps a request to be called back at the number, in the words of c.Reason, until it is taken. One
// call makes one request, however often it is asked.
func (c *Call) RequestCallback(ctx context.Context, number string) error {
	r := CallbackRequest{Key: c.ID, Session: c.ID, Account: c.Identity.Account, Number: number, At: c.Now,
		Reason: c.Reason, Locale: c.Locale}
	if _, asked := c.item(ItemCallback, r.Key); asked {
		return nil
	}
	if err := c.insert(ItemCallback, r.Key, c.Now, r); err != nil {
		return err
	}
	if err := c.Save(ctx); err != nil {
		return err
	}
	it, _ := c.item(ItemCallback, r.Key)
	if err := c.engine.requestCallback(ctx, c, it); err != nil {
		c.Log.WarnContext(ctx, "callback is requested later", "call", c.ID, "error", err)
	}
	return nil
}

// requestCallback hands a request over to whoever calls back.
func (e *Engine) requestCallback(ctx context.Context, c *Call, it Item) error {
	if e.with.Callbacks == nil || it.Due.IsZero() {
		return nil
	}
	var r CallbackRequest
	if err := json.Unmarshal(it.Data, &r); err != nil {
		return fmt.Errorf("stored callback request: %w", err)
	}
	err := e.with.Callbacks.Request(ctx, r)
	it.Due = time.Time{}
	if err != nil {
		it.Due = e.now().Add(grace)
	}
	c.update(it)
	return err
}
