package flowtest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dialpay/dialpay/payment"
)

// simCharge is what the simulated processor has in its ledger. It is never removed, also when the key is forgotten.
type simCharge struct {
	payment.Charge
	by        string           // the processor
	state     payment.LegState // HELD, CAPTURED, VOIDED, DECLINED
	at        time.Time
	reference string
}

// simProcessor is a processor with a ledger of its own. It forgets keys after their retention, and has no tombstones: a
// void of a key that it has not seen does nothing.
type simProcessor struct {
	profile payment.Profile
	r       *simRun
}

func (p *simProcessor) find(key string, since time.Time) *simCharge {
	for i := range slices.Backward(p.r.charges) {
		if c := &p.r.charges[i]; c.by == p.profile.Name && c.Key == key && !c.at.Before(since) {
			return c
		}
	}
	return nil
}

// noted writes a charge into the books of a search.
func (r *simRun) noted(c *simCharge) {
	r.seen.note("charge "+c.by+" "+c.reference, c.Charge, string(c.state), c.at)
}

// outcome is the stored answer to an authorisation.
func (c *simCharge) outcome() payment.Outcome {
	if c.state == payment.LegDeclined {
		return payment.Outcome{State: payment.Declined, Class: payment.OtherMethod, Code: "51", Reference: c.reference}
	}
	return payment.Outcome{State: payment.Approved, Reference: c.reference}
}

// Authorise is that of a payment.Processor.
func (p *simProcessor) Authorise(_ context.Context, c payment.Charge) (payment.Outcome, error) {
	now := p.r.clock.Now()
	if known := p.find(c.Key, now.Add(-p.profile.Normal().KeyRetention)); known != nil {
		if known.Charge != c {
			p.r.violated("a key was sent with other parameters: %+v, then %+v", known.Charge, c)
		}
		return known.outcome(), nil
	}
	p.r.authorised(c)
	made := simCharge{Charge: c, by: p.profile.Name, at: now, reference: fmt.Sprintf("ch-%d", len(p.r.charges)+1),
		state: payment.LegHeld}
	switch {
	case !p.r.funded(c), p.r.fate.choose(outcome, 2) == 1:
		made.state = payment.LegDeclined
		p.r.report.Declines++
	case !p.profile.AuthCapture:
		made.state = payment.LegCaptured
	}
	p.r.charges = append(p.r.charges, made)
	p.r.noted(&made)
	p.r.event("%s: %s for %v: %s", p.profile.Name, c.Payment, c.Amount, made.state)
	return made.outcome(), nil
}

// Lookup is that of a payment.Processor.
func (p *simProcessor) Lookup(_ context.Context, key string) (payment.Outcome, error) {
	if c := p.find(key, time.Time{}); c != nil {
		return c.outcome(), nil
	}
	return payment.Outcome{State: payment.Absent}, nil
}

var errNotHeld = errors.New("flowtest: nothing is held")

// turn moves a charge on, or says why not. Repeating it is harmless.
func (p *simProcessor) turn(h payment.Hold, from, to payment.LegState) (payment.Outcome, error) {
	c := p.find(h.ChargeKey, time.Time{})
	switch {
	case c == nil || c.state == payment.LegDeclined:
		return payment.Outcome{}, errNotHeld
	case c.state == from:
		c.state = to
		p.r.noted(c)
		p.r.event("%s: %s for %v: %s", p.profile.Name, c.Payment, c.Amount, to)
	case c.state != to:
		return payment.Outcome{State: payment.Declined, Code: "state"}, nil
	}
	return payment.Outcome{State: payment.Approved, Reference: c.reference}, nil
}

// Capture is that of a payment.Capturer.
func (p *simProcessor) Capture(_ context.Context, h payment.Hold) (payment.Outcome, error) {
	return p.turn(h, payment.LegHeld, payment.LegCaptured)
}

// Void is that of a payment.Capturer.
func (p *simProcessor) Void(_ context.Context, h payment.Hold) (payment.Outcome, error) {
	return p.turn(h, payment.LegHeld, payment.LegVoided)
}

// Refund is that of a payment.Refunder.
func (p *simProcessor) Refund(_ context.Context, h payment.Hold) (payment.Outcome, error) {
	return p.turn(h, payment.LegCaptured, payment.LegVoided)
}
