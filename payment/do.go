package payment

import (
	"cmp"
	"context"
	"errors"
	"fmt"
)

var (
	// ErrFingerprint means that a leg does not ask for what its key was made for. Nothing was sent.
	ErrFingerprint = errors.New("payment: the leg was changed after it was drafted")
	// ErrProcessor means that there is no such processor, or that it cannot do what the step needs. Nothing was sent.
	ErrProcessor = errors.New("payment: no processor for this step")
)

// Do calls the processor for a step of the payment, which must have been stored before. The Outcome is for Apply, and
// Unknown beside an error, which is for the log: the processor did not answer, or nothing was sent (ErrFingerprint,
// ErrProcessor). Steps that call no processor have no outcome.
func Do(ctx context.Context, s Step, p Payment, processor Processor) (Outcome, error) {
	if !s.Calls() {
		return Outcome{}, nil
	}
	if s.Leg < 0 || s.Leg >= len(p.Legs) {
		return Outcome{State: Unknown}, p.misfit(s, effects[s.Kind].to)
	}
	out, err := p.call(ctx, s, processor)
	if err != nil {
		return Outcome{State: Unknown}, fmt.Errorf("payment: leg %d of %s: processor %q: %s: %w", s.Leg+1, p.ID,
			s.Processor, s.Kind, err)
	}
	return out, nil
}

func (p *Payment) call(ctx context.Context, s Step, processor Processor) (Outcome, error) {
	l := p.Legs[s.Leg]
	if processor == nil {
		return Outcome{}, ErrProcessor
	}
	if l.Fingerprint != p.fingerprint(s.Leg) {
		return Outcome{}, ErrFingerprint
	}
	hold := Hold{Key: p.keyOf(s.Leg, s.Kind), ChargeKey: l.Key, Reference: l.Reference, Amount: cmp.Or(l.Held, l.Amount)}
	switch s.Kind {
	case StepAuthorise:
		return processor.Authorise(ctx, Charge{Key: l.Key, Token: l.Token, Amount: l.Amount, Points: l.Points, Payment: p.ID,
			Statement: p.Payee})
	case StepLookup:
		return processor.Lookup(ctx, l.Key)
	case StepRefund:
		if refunder, ok := processor.(Refunder); ok {
			return refunder.Refund(ctx, hold)
		}
	case StepCapture, StepVoid:
		capturer, ok := processor.(Capturer)
		if ok && s.Kind == StepCapture {
			return capturer.Capture(ctx, hold)
		}
		if ok {
			return capturer.Void(ctx, hold)
		}
	}
	return Outcome{}, ErrProcessor
}
