package flowtest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/wallet"
)

// walkEarlier are the earlier calls of the customer, by session: what became of them before the call of the walk. What the
// call of the walk stores in one of them is forgotten when its turn ends, since a walk goes back.
var walkEarlier = map[string]func(now time.Time) (flow.Session, []flow.Item){
	"cut off": cutOff(wallet.Method{ID: "pm_1", Kind: payment.KindCard, Token: "tok_1", Brand: payment.Visa, Last4: "4242",
		Expiry: payment.Expiry{Year: 2030, Month: 12}}),
	"cut off after a card was keyed": cutOff(wallet.Method{Kind: payment.KindCard, Token: "tok_new", Brand: payment.Visa,
		Last4: "4242", Expiry: payment.Expiry{Year: 2030, Month: 12}}),
	"paid":       hungUp(payment.StatePaid, func(*payment.Payment) {}),
	"failed":     hungUp(payment.StateFailed, func(*payment.Payment) {}),
	"in review":  hungUp(payment.StateReview, func(*payment.Payment) {}),
	"resolved":   hungUp(payment.StateFailed, func(p *payment.Payment) { p.Resolved = "Kim: asked the processor" }),
	"given back": hungUp(payment.StateFailed, func(p *payment.Payment) { p.Legs[0].Direct, p.Legs[0].State = true, payment.LegVoided }),
	"open":       hungUp(payment.StateConfirmed, func(*payment.Payment) {}),
	"on another line": func(now time.Time) (flow.Session, []flow.Item) {
		s, items := hungUp(payment.StateConfirmed, func(*payment.Payment) {})(now)
		s.State, s.Parked = "charge.send", ""
		return s, items
	},
}

// earlierCalls are the sessions of walkEarlier, in order.
func earlierCalls() (ids []string) {
	for id := range walkEarlier {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func earlierCall(now time.Time) flow.Session {
	s := flow.Session{State: "hung up", Parked: "confirm.readback", Locale: "en-US", Started: now.Add(-time.Minute)}
	s.Identity.Account = customer.ID
	return s
}

// cutOff is a call that dropped at the read-back.
func cutOff(m wallet.Method) func(now time.Time) (flow.Session, []flow.Item) {
	return func(now time.Time) (flow.Session, []flow.Item) {
		s := earlierCall(now)
		s.Bills = []payment.Bill{{ID: "2", Account: customer.ID, Payee: "City Water", Balance: payment.Money{Minor: 90000, Currency: "USD"}}}
		s.Amount, s.Method = payment.Money{Minor: 2500, Currency: "USD"}, &m
		return s, nil
	}
}

// hungUp is a call that dropped after the yes.
func hungUp(state payment.State, change func(*payment.Payment)) func(now time.Time) (flow.Session, []flow.Item) {
	return func(now time.Time) (flow.Session, []flow.Item) {
		p := payment.Payment{ID: "earlier", Account: customer.ID, Bill: "2", Payee: "City Water",
			Amount: payment.Money{Minor: 2500, Currency: "USD"}}
		p.Legs = []payment.Leg{{Kind: payment.KindCard, Token: "tok_1", Last4: "4242", Processor: processor{}.Profile().Name,
			Amount: p.Amount}}
		p, err := payment.Draft(p, now.Add(-time.Minute), func(string) payment.Profile { return processor{}.Profile() })
		if err == nil {
			err = p.Confirm(now.Add(-time.Minute))
		}
		if err != nil {
			panic(err) // it is the same in every walk
		}
		p.State = state
		change(&p)
		data, _ := json.Marshal(p)
		items := []flow.Item{{Kind: flow.ItemPayment, Key: p.ID, Data: data}}
		if !state.Open() {
			items = append(items, flow.Item{Kind: flow.ItemReceipt, Key: p.ID, Data: fmt.Appendf(nil, `{"p":%s}`, data)})
		}
		return earlierCall(now), items
	}
}

// loadEarlier is one of walkEarlier as another call, or nobody, has left it.
func (s *walkStore) loadEarlier(ctx context.Context, id string) (flow.Snapshot, []flow.Item, error) {
	answer, err := s.ask(ctx, "the earlier call", "as it was", "taken over")
	if err != nil {
		return flow.Snapshot{}, nil, err
	}
	session, items := walkEarlier[id](s.now())
	session.ID = id
	if answer == "taken over" {
		session.TakenBy = walkOther
	}
	for i := range items {
		items[i].Session = id
	}
	return flow.Snapshot{Version: 1, Data: []byte(encode(session))}, items, nil
}

// earlier is what matters of Session.Earlier.
func earlier(s *flow.Session) string {
	if s.Earlier == nil {
		return ""
	}
	return fmt.Sprint(s.Earlier.Session, s.Earlier.State, s.Earlier.Resolved, s.Earlier.Back.Positive())
}

// findsCalls tells that a name is by which the calls of an account are found.
func findsCalls(name string) bool { return strings.HasPrefix(name, "account ") }
