package flowtest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
)

// checks are what the judges of a run know. They look at what callers, processors, billers and customers saw, and do
// not ask the code that they judge.
type checks struct {
	violation string
	consents  []consent
	postings  map[string]payment.Posting // by key
	messages  map[string]flow.Message    // by key
	told      map[string]bool            // transactions that a caller heard
	owners    map[string]string          // the sessions of stored payments, by payment ID
	latest    map[string]string          // the last stored payment of a session
	refused   map[string]bool            // payments of which a caller heard that they failed
	reminded  int                        // how often a later call was told that one failed
	review    map[string]bool            // payments that need a person
	reviewed  int
	last      handed
}

func newChecks() checks {
	return checks{postings: map[string]payment.Posting{}, messages: map[string]flow.Message{}, told: map[string]bool{},
		owners: map[string]string{}, latest: map[string]string{}, refused: map[string]bool{}, review: map[string]bool{}}
}

func (c checks) clone() checks {
	c.consents = slices.Clone(c.consents)
	c.postings, c.messages, c.told = maps.Clone(c.postings), maps.Clone(c.messages), maps.Clone(c.told)
	c.owners, c.latest = maps.Clone(c.owners), maps.Clone(c.latest)
	c.refused, c.review = maps.Clone(c.refused), maps.Clone(c.review)
	return c
}

// handed is the input that the line handed over last.
type handed struct {
	id string
	in entry
}

// consent is a yes that a caller pressed after a read-back.
type consent struct {
	call    string
	total   payment.Money
	parts   []int64 // that were read back, leg by leg
	payment string  // that was seen at a processor for it
}

// violated notes the first broken promise of a run.
func (r *simRun) violated(format string, args ...any) {
	if r.violation == "" {
		r.violation = fmt.Sprintf(format, args...)
		r.event("VIOLATION: %s", r.violation)
	}
}

func (c *checks) consented(id string) *consent {
	for i := range c.consents {
		if c.consents[i].payment == id {
			return &c.consents[i]
		}
	}
	return nil
}

// authorised looks, when a processor first sees a charge, that a caller agreed to it, and that it is a leg that was read
// back.
func (r *simRun) authorised(c payment.Charge) {
	if one := r.consented(c.Payment); one != nil {
		if !slices.Contains(one.parts, c.Amount.Minor) {
			r.violated("a charge of %v for %s is none of the parts that were read back: %v", c.Amount, c.Payment, one.parts)
		}
		return
	}
	for i := range r.consents {
		one := &r.consents[i]
		if one.payment == "" && slices.Contains(one.parts, c.Amount.Minor) && one.call == r.owners[c.Payment] {
			one.payment = c.Payment
			r.seen.note("consents", r.consents)
			return
		}
	}
	r.violated("charge of %v for %s, which is not stored or has no yes", c.Amount, c.Payment)
}

// moved is what processors took and hold for a payment.
func (r *simRun) moved(id string) (taken, held int64) {
	for i := range r.charges {
		switch c := &r.charges[i]; {
		case c.Payment != id:
		case c.state == payment.LegCaptured:
			taken += c.Amount.Minor
		case c.state == payment.LegHeld:
			held += c.Amount.Minor
		}
	}
	return taken, held
}

// heard judges what a caller is told.
func (r *simRun) heard(id string, t ivr.Turn) {
	if r.tracing {
		text := r.catalog.Text(t.Locale, t.Prompts...)
		r.event("%s hears: %s", id, text)
		r.noLeak(text)
	}
	for _, p := range t.Prompts {
		switch {
		case (p.Key == "receipt.id" || p.Key == "receipt.id.slow") && len(p.Args) > 0:
			r.approved(id, p.Args[0].Text)
		case p.Key == "resume.declined" || p.Key == "resume.back":
			r.reminded++
			r.seen.note("reminded", r.reminded)
		case declines[p.Key]:
			r.refused[r.latest[id]] = true
			r.seen.note("refused " + r.latest[id])
		case r.denies[p.Key]:
			r.denied(id)
		}
	}
}

// declines are the words by which a caller hears that a payment failed.
var declines = map[string]bool{"charge.declined.entry": true, "charge.declined.other": true, "charge.declined.later": true,
	"charge.declined.never": true, "charge.declined.gift": true, "charge.declined.points": true,
	"charge.declined.part": true, "charge.changed": true}

// owned notes whose a stored payment is.
func (c *checks) owned(payment, session string) {
	if c.owners[payment] == "" {
		c.owners[payment], c.latest[session] = session, payment
	}
}

// denied judges "nothing was charged": nothing may have moved for what this caller last agreed to.
func (r *simRun) denied(id string) {
	for i := len(r.consents) - 1; i >= 0; i-- {
		one := r.consents[i]
		if one.call != id || one.payment == "" {
			continue
		}
		if taken, held := r.moved(one.payment); taken+held > 0 && !r.told[payment.TransactionID(one.payment)] {
			r.violated("%s was told that nothing was charged, while %d is taken and %d held for %s", id, taken, held, one.payment)
		}
		return
	}
}

// approved judges a transaction ID that is spoken.
func (r *simRun) approved(id, transaction string) {
	for _, one := range r.consents {
		if one.payment == "" || payment.TransactionID(one.payment) != transaction {
			continue
		}
		if taken, _ := r.moved(one.payment); taken != one.total.Minor {
			r.violated("%s was told that %v was approved, while %d is taken", id, one.total, taken)
		}
		r.told[transaction] = true
		r.seen.note("told " + transaction)
		return
	}
	r.violated("%s hears the transaction ID %s, which is of no payment", id, transaction)
}

// pressed notes a yes after a read-back.
func (r *simRun) pressed(id string, t ivr.Turn, e entry) {
	var total ivr.Arg
	for _, p := range t.Prompts {
		switch {
		case p.Key == "confirm.pay" && len(p.Args) > 0:
			total = p.Args[0]
		case p.Key == "confirm.yes" && (e.in.Keys == string(rune(p.Args[len(p.Args)-1].N)) || e.in.Speech == "one"):
			r.agreed(consent{call: id, total: payment.Money{Minor: total.N, Currency: total.Text}, parts: partsOf(t, total.N)})
		}
	}
}

// agreed notes a consent. What is read back leg by leg is the total.
func (r *simRun) agreed(one consent) {
	var sum int64
	for _, part := range one.parts {
		sum += part
	}
	if sum != one.total.Minor {
		r.violated("parts of %v were read back for %v", one.parts, one.total)
	}
	r.consents = append(r.consents, one)
	r.seen.note("consents", r.consents)
}

// finished tells whether a caller who was hung up on has heard what they called for.
func (r *simRun) finished(t ivr.Turn) bool {
	return slices.ContainsFunc(t.Prompts, func(p ivr.Prompt) bool { return p.Key == "goodbye" })
}

// posted is the biller's book.
func (r *simRun) posted(p payment.Posting) {
	if known, ok := r.postings[p.Key]; ok {
		if known != p {
			r.violated("the biller got a posting again, with other contents")
		}
		return
	}
	r.postings[p.Key] = p
	r.seen.note("posting "+p.Key, p)
	r.bill.Balance.Minor -= p.Amount.Minor
	r.event("posted: %v, %s", p.Amount, p.Transaction)
}

// messaged is the customer's telephone.
func (r *simRun) messaged(m flow.Message) {
	r.noLeak(m.Text)
	if _, ok := r.messages[m.Key]; !ok {
		r.messages[m.Key] = m
		r.seen.note("message "+m.Key, m)
		r.event("message: %s", m.Text)
	}
}

// commit is the store's. It keeps the books of what is open, and looks for secrets in what is stored.
func (r *simRun) commit(ctx context.Context, txs []flow.Tx) error {
	if err := r.store.Commit(ctx, txs...); err != nil {
		return err
	}
	r.seen.commit(txs)
	for _, tx := range txs {
		r.noLeakIn(tx.Next)
		r.sealedIn(tx.Next)
		for i, it := range append(slices.Clip(tx.Insert), tx.Update...) {
			name := string(it.Kind) + " " + it.Key
			if it.Kind == flow.ItemPayment {
				r.owned(it.Key, tx.Session)
				r.needsPerson(it)
			}
			if it.Kind == flow.ItemCallback {
				r.askedFor(it, i < len(tx.Insert))
			}
			_, known := r.open[name]
			r.noLeakIn(it.Data)
			r.sealedIn(it.Data)
			if i >= len(tx.Insert) || !known {
				r.open[name] = it.Due
			}
			if it.Due.IsZero() {
				delete(r.open, name)
			}
		}
		for _, c := range tx.Release {
			if r.claims[c.Key] == c.Owner {
				delete(r.claims, c.Key)
			}
		}
		for _, c := range tx.Claim {
			r.sealedIn([]byte(c.Key))
			r.claims[c.Key] = c.Owner
		}
		for _, name := range tx.Name {
			r.sealedIn([]byte(name))
		}
		r.roundTrip(tx.Next)
	}
	return nil
}

// sealedIn looks that the store of a run with a Seal does not get to know whose the call is.
func (r *simRun) sealedIn(data []byte) {
	if r.sealed && bytes.Contains(data, []byte(r.ann.ID)) {
		r.violated("the store sees plaintext: %s", data)
	}
}

// roundTrip looks that a session comes back from its stored form as it was: in one run of fifty, and where a story is told.
func (r *simRun) roundTrip(data []byte) {
	if r.sealed || r.report.Runs%50 > 0 && !r.tracing {
		return
	}
	var s flow.Session
	if err := json.Unmarshal(data, &s); err != nil {
		r.violated("a stored session cannot be read: %v", err)
	} else if again, _ := json.Marshal(s); !bytes.Equal(again, data) {
		r.violated("a session is another one after it was stored")
	}
}

func (r *simRun) noLeak(text string) { r.noLeakIn([]byte(text)) }
func (r *simRun) noLeakIn(data []byte) {
	if bytes.Contains(data, []byte(simCard[4:14])) || bytes.Contains(data, []byte(simClaimCode)) {
		r.violated("a card number or a claim code was stored, logged or said")
	}
}

// logger looks for secrets in what is logged.
func (r *simRun) logger() *slog.Logger { return slog.New(simLog{r}) }

type simLog struct{ r *simRun }

func (l simLog) Enabled(context.Context, slog.Level) bool { return true }
func (l simLog) Handle(_ context.Context, rec slog.Record) error {
	l.r.noLeak(rec.Message)
	rec.Attrs(func(a slog.Attr) bool {
		l.r.noLeak(a.Value.String())
		if rec.Message == "payment needs a person" && a.Key == "payment" && l.r.sealed {
			l.r.review[a.Value.String()] = true
			l.r.seen.note("needs a person " + a.Value.String())
		}
		return true
	})
	return nil
}
func (l simLog) WithAttrs([]slog.Attr) slog.Handler { return l }
func (l simLog) WithGroup(string) slog.Handler      { return l }
