package flowtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/payment"
)

// settling is how long the last steps of a payment may take, once its outcome can be known for sure (R7): the pauses
// between tries, and the grace after each.
const settling = time.Hour

// settled judges the end of a run.
func (r *simRun) settled(took time.Duration) {
	r.report.Longest = max(r.report.Longest, took)
	if most := r.cards.profile.Normal().KeyRetention + lateness + settling; took > most {
		r.violated("nothing was open any more only after %v: it may take %v", took, most)
	}
	if len(r.open)+len(r.claims) > 0 {
		r.report.Stuck++
		r.violated("after %v there is still open: %v, claims %v", took, r.open, r.claims)
	}
	paid := 0
	var sum int64
	for _, one := range r.consents {
		if one.payment == "" {
			continue
		}
		taken, held := r.moved(one.payment)
		sum += taken
		switch {
		case held > 0:
			r.violated("%s: %d is still held", one.payment, held)
		case taken == 0:
		case taken != one.total.Minor:
			r.violated("%s: %d is taken, the caller agreed to %v", one.payment, taken, one.total)
		default:
			paid++
			r.receipted(one.payment)
		}
	}
	r.report.Approved += paid
	r.balanced(sum, paid)
	r.overdrawn()
	r.failuresTold()
}

// balanced compares the books of processors, biller and customer.
func (r *simRun) balanced(sum int64, paid int) {
	if sum > 12345 {
		r.report.DoubleCharges++
		r.violated("%d is taken for a bill of 12345: double charge", sum)
	}
	if 12345-r.bill.Balance.Minor != sum || len(r.postings) != paid {
		r.violated("%d is taken in %d payments, and the biller knows of %d in %d", sum, paid, 12345-r.bill.Balance.Minor, len(r.postings))
	}
}

// failuresTold looks that the customer was told of each payment that failed: on the line, in a later call, or in one
// message. A message follows also where the caller hung up before they answered to what they heard.
func (r *simRun) failuresTold() {
	failed, unheard, messages := 0, 0, 0
	for id := range r.owners {
		if taken, _ := r.moved(id); taken > 0 {
			continue
		}
		failed++
		if !r.refused[id] {
			unheard++
		}
	}
	for key, m := range r.messages {
		about := strings.HasPrefix(key, "callback ")
		for id := range r.owners {
			about = about || strings.Contains(m.Text, payment.TransactionID(id))
		}
		if !about {
			messages++
		}
	}
	switch {
	case messages > failed+r.reviewed: // that a person looks into it is a message of its own
		r.violated("%d messages about %d payments that failed", messages, failed)
	case unheard > messages+r.reminded:
		r.violated("%d payments failed without a word to the caller, and %d messages and %d later calls told of one", unheard,
			messages, r.reminded)
	}
}

// receipted looks that one payment was told once: on the line, or in one message.
func (r *simRun) receipted(id string) {
	transaction, sent := payment.TransactionID(id), 0
	for _, m := range r.messages {
		if strings.Contains(m.Text, transaction) {
			sent++
		}
	}
	posted := 0
	for _, p := range r.postings {
		if p.Transaction == transaction {
			posted++
		}
	}
	if posted != 1 {
		r.violated("%s: the biller has %d postings of it", id, posted)
	}
	if sent == 0 && !r.told[transaction] || sent > 1 {
		r.report.LostReceipts++
		r.violated("%s: %d receipts were sent", id, sent)
	}
}

// needsPerson notes a payment that comes to REVIEW, or leaves it. Only a processor that cannot say for more than a day
// what became of the money may bring one there (R15): that takes two outages, one after the other. But a refund cannot be
// looked up: one without an answer, for which nothing was done for a day, is for a person, since its key may be forgotten.
func (r *simRun) needsPerson(it flow.Item) {
	if r.sealed {
		return // the log tells
	}
	var p payment.Payment
	telling := it.Due.IsZero() && bytes.Contains(it.Data, []byte(payment.StateReview)) // only then it is read
	if !telling || json.Unmarshal(it.Data, &p) != nil || p.State != payment.StateReview {
		delete(r.review, it.Key)
		return
	}
	refund := r.Gifts && r.Direct && p.Reason == "a leg could not be given back" && r.outages+r.rests > 0
	if r.outages < 2 && !refund {
		r.violated("%s needs a person after %d outages: %s", it.Key, r.outages, p.Reason)
	}
	if !r.review[it.Key] {
		r.review[it.Key] = true
		r.reviewed++
	}
}

// byHand is the person: they look into the processors' books, give back what is not the whole, and say how it is. Of a run
// with a Seal only the log tells which payments need one, and it may name one whose commit failed.
func (r *simRun) byHand() {
	for _, id := range slices.Sorted(maps.Keys(r.review)) {
		taken, _ := r.moved(id)
		one := r.consented(id)
		paid := one != nil && taken == one.total.Minor
		by := flow.Resolution{Paid: paid, By: "Kim", Note: "asked the processor"}
		err := r.nodes[0].engine().Resolve(context.Background(), r.owners[id], id, by)
		if r.sealed && errors.Is(err, flow.ErrNotReview) {
			continue
		} else if err != nil {
			r.violated("a person cannot resolve %s: %v", id, err)
		}
		r.event("a person resolves %s: paid: %t", id, paid)
		if r.sealed {
			r.reviewed++
		}
		for i := range r.charges {
			if c := &r.charges[i]; c.Payment == id && !paid && c.state != payment.LegDeclined {
				c.state = payment.LegVoided
				r.noted(c)
			}
		}
	}
}
