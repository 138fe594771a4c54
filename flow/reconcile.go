package flow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
)

// Discrepancy is a charge that no payment of ours explains. A person decides on it: they post it to a bill, or give it back.
type Discrepancy struct {
	Processor string
	payment.Charged
	// Session is the call that has the payment; empty where none has.
	Session string
	// Reason is what does not fit, in English.
	Reason string
}

// Reconcile compares what the processors approved at the time from or later, and before until, with what is stored (R14).
// Call it every day, and before calls are taken again after a database was restored, or failed over without a synchronous
// standby. It changes nothing. It finds what was charged and is in no payment, twice with one key, or not as the payment
// says; a payment that is open or in REVIEW contradicts nothing yet. It needs a Store that is a Finder, and asks it twice
// for each charge.
//
// Beside an error, what was found so far is returned: a processor that is no payment.Lister or does not answer, and a call
// that cannot be read, hide nothing of the others. from must not be older than Settings.KeepFor: such calls are forgotten.
func (e *Engine) Reconcile(ctx context.Context, from, until time.Time) ([]Discrepancy, error) {
	finder, ok := e.store.(Finder)
	switch {
	case !ok:
		return nil, errors.New("flow: reconcile: needs a Config.Store that is a Finder")
	case from.Before(e.now().Add(-e.dialogue.settings.KeepFor)):
		return nil, fmt.Errorf("flow: reconcile: from %v: calls are kept for %v (Settings.KeepFor)",
			from.UTC().Format(time.DateTime), e.dialogue.settings.KeepFor)
	}
	var found []Discrepancy
	var errs []error
	asked := map[string]bool{}
	for _, p := range e.with.processors() {
		if p == nil || asked[p.Profile().Name] {
			continue
		}
		asked[p.Profile().Name] = true
		of := reconciler{e, finder, p.Profile().Name, map[string]string{}}
		lister, ok := p.(payment.Lister)
		if !ok {
			errs = append(errs, fmt.Errorf("flow: reconcile: processor %q is no payment.Lister", of.processor))
			continue
		}
		for c, err := range lister.Charged(ctx, from, until) {
			if err != nil {
				errs = append(errs, fmt.Errorf("flow: reconcile: processor %q: %w", of.processor, err))
				break
			}
			d, err := of.compare(ctx, c)
			if err != nil {
				errs = append(errs, fmt.Errorf("flow: reconcile: charge %q of processor %q: %w", c.Reference, of.processor, err))
			} else if d.Reason != "" {
				found = append(found, d)
			}
		}
	}
	return found, errors.Join(errs...)
}

// reconciler looks up the charges of one processor.
type reconciler struct {
	engine    *Engine
	finder    Finder
	processor string
	// moved are the charges that took money or hold it, their References by their Keys.
	moved map[string]string
}

// compare finds the payment of a charge; without a Reason they agree.
func (r reconciler) compare(ctx context.Context, c payment.Charged) (Discrepancy, error) {
	d := Discrepancy{Processor: r.processor, Charged: c}
	calls, err := r.finder.Find(ctx, r.engine.storedName(nameOf(namePayment, c.Payment)), 1)
	if err != nil {
		return d, err
	}
	again := r.again(c)
	if len(calls) == 0 {
		if c.State != payment.LegVoided {
			d.Reason = fmt.Sprintf("%s, no call has this payment", c.State)
		}
		return d, nil
	}
	d.Session = calls[0]
	call, err := r.engine.open(ctx, d.Session, ivr.Input{})
	if err != nil {
		return d, fmt.Errorf("call %q: %w", d.Session, err)
	}
	p, err := call.paymentByID(c.Payment)
	if err != nil {
		return d, err
	}
	if d.Reason = c.Contradicts(r.processor, p); d.Reason == "" && again {
		d.Reason = fmt.Sprintf("%s, and so is charge %q with the same key", c.State, r.moved[c.Key])
	}
	return d, nil
}

// again tells that another charge with this key was listed, which should have been the same one.
func (r reconciler) again(c payment.Charged) bool {
	if c.State == payment.LegVoided {
		return false
	}
	first, listed := r.moved[c.Key]
	if !listed {
		r.moved[c.Key] = c.Reference
	}
	return listed && first != c.Reference
}

// The names by which payments find their calls.
const (
	namePayment = "payment" // and its ID
	namePayer   = "payer"   // and the account: calls in which nothing was paid must not hide them
	nameReview  = "review"  // and nothing: all that ever were in REVIEW
)

// Reviewed is a payment in REVIEW, and the call that Resolve wants with it.
type Reviewed struct {
	Session string
	payment.Payment
}

// InReview returns at most limit payments that a person has to decide on (Resolve), the last first. It needs a Store that is
// a Finder. Beside an error, those that can be read are returned.
func (e *Engine) InReview(ctx context.Context, limit int) ([]Reviewed, error) {
	finder, ok := e.store.(Finder)
	if !ok {
		return nil, errors.New("flow: payments in review: needs a Config.Store that is a Finder")
	}
	calls, err := finder.Find(ctx, e.storedName(nameOf(nameReview, "")), everReviewed)
	if err != nil {
		return nil, fmt.Errorf("flow: payments in review: %w", err)
	}
	var found []Reviewed
	var errs []error
	for _, id := range calls {
		if len(found) >= limit {
			break
		}
		ps, err := e.reviewedOf(ctx, id)
		if err != nil {
			errs = append(errs, fmt.Errorf("flow: payments in review: call %q: %w", id, err))
		}
		found = append(found, ps[:min(len(ps), limit-len(found))]...)
	}
	return found, errors.Join(errs...)
}

// everReviewed bounds how many calls are looked at: those whose payments are resolved keep the name until they are purged.
const everReviewed = 100_000

func (e *Engine) reviewedOf(ctx context.Context, id string) (ps []Reviewed, err error) {
	c, err := e.open(ctx, id, ivr.Input{})
	if err != nil {
		return nil, err
	}
	for _, it := range c.items {
		if it.Kind != ItemPayment {
			continue
		}
		p, broken := c.paymentByID(it.Key)
		if broken != nil {
			err = errors.Join(err, broken)
		} else if p.State == payment.StateReview {
			ps = append(ps, Reviewed{id, p})
		}
	}
	return ps, err
}
