// Package payment moves the money of a call: amounts, bills, card checks, and the protocol by which a payment is made
// once and only once.
//
// Four interfaces connect it to the world. A [Biller] knows what is owed, a [Vault] turns a keyed card into a token, a
// [Processor] charges the token, and a [Capturer] or [Refunder] is a Processor that can also hold or give back.
// Package paymenttest has a sandbox for each and the tests that an implementation must pass.
//
// # A payment
//
// A [Payment] is plain data: what is paid, and the [Leg] of each funding source. It moves like this, and a leg below
// it:
//
//	DRAFT -> CONFIRMED -> COMMIT -> PAID          NONE -> SENT -> HELD -> CAPTURED | VOIDED
//	  |          +------> ABORT  -> FAILED                  +---> DECLINED
//	  +-> CANCELLED                                         +---> CAPTURED   (direct: cannot be held)
//
// REVIEW is for what only a person can decide, with [Payment.Resolve]. An outcome that is not known is no state: the leg
// stays SENT, and is sent again with the same key, or looked up, until it is known.
//
// # The loop
//
// The protocol does no I/O. [Payment.Next] says what to do next, [Do] calls the processor, [Payment.Apply] records what
// came of it. Whoever has a store drives a payment with this loop, during the call as well as after a crash:
//
//	p, err := store.load(id)
//	for {
//		step, err := p.Advance(now(), profile) // all steps up to the next call
//		err = store.commit(p)                  // compare-and-set, together with the outbox where p.State is final
//		if !step.Calls() {
//			return step                        // over, or to be woken at step.Until
//		}
//		out, err := payment.Do(ctx, step, p, processors[step.Processor])
//		err = p.Apply(step, out, now())
//	}
//
// What must be durable before the processor is called, is: the yes, the write-ahead of the leg (Confirm, R4) in the
// first commit; the outcome and the decision (R9) in the second; the last outcome, PAID and the receipt (R12) in the
// third. A commit that fails, because another process was faster, ends the loop: load and begin again.
//
// A stored payment may be driven by two processes at once. One of them loses the compare-and-set; until then both send
// the same key, which the processor takes for one request.
//
// # Secrets
//
// Card numbers and security codes are only ever held in a [Secret], for the length of one call to a Vault. A Payment, a
// Token and every error are free of them (PCI DSS 3.3.1, 3.4.1).
package payment
