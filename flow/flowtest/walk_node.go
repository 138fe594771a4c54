package flowtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/payment"
	"github.com/dialpay/dialpay/wallet"
)

// node is a place that a call can be at: a stored session, of all those that behave alike the one that was met first.
type node struct {
	saved saved
	at    time.Time
	turn  ivr.Turn
	state flow.StateInfo
	// from and by tell how the walk came here.
	from *node
	by   string
	// next are the nodes that one act leads to, other than hanging up.
	next map[*node]bool
	// effects are what the acts that were tried came to, stored the sessions that were stored then; person tells that one
	// that asks for a person led to one.
	effects map[string]bool
	stored  map[string]*node
	person  bool
}

// story is the way to a node, for whoever has to find out why.
func (n *node) story() string {
	var steps []string
	for ; n != nil; n = n.from {
		steps = append(steps, fmt.Sprintf("  %-20s after %s", n.state.Name, n.by))
	}
	slices.Reverse(steps)
	return strings.Join(steps, "\n")
}

// saved is what a Store has of one session.
type saved struct {
	flow.Snapshot
	items []flow.Item
}

// walkStore is a Store of one session that can be set back, and of other ones that are what the oracle says.
type walkStore struct {
	*oracle
	saved
	now   func() time.Time
	found string // the name that was looked for last
}

// Load implements flow.Store.
func (s *walkStore) Load(ctx context.Context, session string) (flow.Snapshot, []flow.Item, error) {
	if session == walkOther {
		data := encode(flow.Session{ID: walkOther, State: "hung up"})
		return flow.Snapshot{Version: 1, Data: []byte(data)}, []flow.Item{{Kind: flow.ItemCallback, Key: walkOther,
			Session: walkOther, Data: fmt.Appendf(nil, `{"k":"other","s":"scheduled","c":[%q]}`, s.found)}}, nil
	}
	if walkEarlier[session] != nil {
		return s.loadEarlier(ctx, session)
	}
	if s.Data == nil {
		return flow.Snapshot{}, nil, flow.ErrNoSession
	}
	return s.Snapshot, slices.Clone(s.items), nil
}

// Commit implements flow.Store.
func (s *walkStore) Commit(_ context.Context, txs ...flow.Tx) error {
	tx := txs[0]
	if tx.Session != walkCall {
		return nil
	}
	if tx.Expect != s.Version {
		return flow.ErrStale
	}
	for _, c := range tx.Claim {
		kind, _, _ := strings.Cut(c.Key, " ")
		if s.choose("claim of a "+kind, "free", "taken") == "taken" {
			return flow.ErrTaken
		}
	}
	s.Snapshot = flow.Snapshot{Version: s.Version + 1, Data: slices.Clone(tx.Next)}
	s.items = append(slices.Clone(s.items), tx.Insert...)
	for _, it := range tx.Update {
		for i := range s.items {
			if s.items[i].Kind == it.Kind && s.items[i].Key == it.Key {
				s.items[i] = it
			}
		}
	}
	return nil
}

// walkOther is an earlier call, which asked for a callback.
const walkOther = "other"

// Find implements flow.Finder. There may have been a call of the account, and once the call asks for a callback, there may
// be one of the same case.
func (s *walkStore) Find(ctx context.Context, name string, _ int) ([]string, error) {
	if findsCalls(name) {
		id, err := s.ask(ctx, "calls of the account", append([]string{"none"}, earlierCalls()...)...)
		if err != nil || id == "none" {
			return nil, err
		}
		return []string{id}, nil
	}
	s.found = name
	if s.choose("callback", "none", "arranged") == "arranged" {
		return []string{walkOther}, nil
	}
	return nil, nil
}

// Due implements flow.Store.
func (s *walkStore) Due(context.Context, int, ...flow.ItemKind) ([]flow.Item, error) {
	return nil, errors.New("nobody sweeps in a walk")
}

// session reads the stored session.
func (s *saved) session() (flow.Session, error) {
	var session flow.Session
	err := json.Unmarshal(s.Data, &session)
	return session, err
}

// bytes are all that is stored.
func (s *saved) bytes() string {
	all := string(s.Data)
	for _, it := range s.items {
		all += string(it.Data)
	}
	return all
}

// abstract is the same for sessions that behave alike. It leaves out what only counts or is only said, values of which
// only matters that they are there, and what matters nowhere from this stage on. Of stages that the library does not
// have, all matters.
func abstract(s flow.Session, stage string, items []flow.Item) string {
	know := s.Identity
	key := flow.Session{State: s.State, Waits: s.Waits, Vars: s.Vars,
		Question: flow.Question{Silences: s.Question.Silences, Mistakes: s.Question.Mistakes}}
	switch stage {
	case "greeting", "language":
		key.Line, key.Identity.Account = s.Line, know.Account
	case "identify":
		key.Identity = flow.Identity{Account: know.Account, Passed: know.Passed, Tried: know.Tried, Asking: know.Asking,
			Rejected: know.Rejected, Level: know.Level, Want: know.Want, Then: know.Then}
		if strings.HasPrefix(know.Account, "decoy-") {
			key.Identity.Account = "decoy"
		}
	case "agent", "callback", "goodbye", "":
		key.Line.From, key.Number = s.Line.From, there(s.Number != "")
	default:
		key.Identity.Level, key.Declines = know.Level, s.Declines
		return encode(key) + fmt.Sprint(matters(&s, stage, items)...)
	}
	return encode(key)
}

// matters are the values that matter from a stage of the payment on.
func matters(s *flow.Session, stage string, items []flow.Item) []any {
	switch stage {
	case "resume":
		return []any{earlier(s), len(s.Bills), need(s.Amount), s.Amount.Minor == 0, method(s.Method)}
	case "bill", "receipt", "more":
		return nil
	case "amount":
		return []any{len(s.Bills), s.Bill, need(s.Amount), s.Amount.Minor == 0}
	case "funding":
		return []any{need(s.Amount), len(s.Methods), split(s), has(s, payment.KindGift) && has(s, payment.KindPoints)}
	case "gift":
		return []any{need(s.Amount), s.Kept, s.Claims}
	case "card":
		return []any{need(s.Amount), s.Brand, s.Kept, method(s.Method), split(s)}
	case "confirm":
		return []any{need(s.Amount), method(s.Method), s.SaveMethod, split(s)}
	case "charge":
		return []any{method(s.Method), s.SaveMethod, progress(s.Payment, items)}
	}
	return []any{len(s.Bills), s.Bill, need(s.Amount), len(s.Methods), s.Brand, s.Kept, method(s.Method), s.SaveMethod,
		progress(s.Payment, items)}
}

// split is what matters of gift cards and points: whether there are any, were chosen among, are used, and pay all.
func split(s *flow.Session) string {
	return fmt.Sprint(len(s.Sources) > 0, len(s.Order) > 0, s.Split, s.Rest.Positive(), s.NewGift, s.Claims)
}

func has(s *flow.Session, kind payment.Kind) bool {
	return slices.ContainsFunc(s.Sources, func(from wallet.Source) bool { return from.Kind == kind })
}

func encode(s flow.Session) string {
	data, _ := json.Marshal(s) // plain data
	return string(data)
}

func there(yes bool) string {
	if yes {
		return "there"
	}
	return ""
}

func method(m *wallet.Method) string {
	if m == nil {
		return "none"
	}
	return string(m.Kind) + there(m.ID != "")
}

// need is the level that an amount needs: that is all that matters of it.
func need(m payment.Money) auth.Level {
	return auth.DefaultPolicy().Needs(auth.ActionPaySaved, m.Currency, m.Minor)
}

// progress is how far a payment has come.
func progress(id string, items []flow.Item) string {
	i := slices.IndexFunc(items, func(it flow.Item) bool { return it.Kind == flow.ItemPayment && it.Key == id })
	if i < 0 {
		return ""
	}
	var p payment.Payment
	_ = json.Unmarshal(items[i].Data, &p) // the engine wrote it
	if !p.State.Open() {
		return string(p.State)
	}
	far := fmt.Sprint(p.State)
	for _, l := range p.Legs {
		far += fmt.Sprint(" ", l.State, l.Tries)
	}
	return far
}
