package flow_test

import (
	"testing"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/flow/flowtest"
	"github.com/stretchr/testify/assert"
)

// TestWalk proves the whole machine: see flowtest.Walk for what it looks at. Each of the companies lacks something, and
// each transition is taken in the calls of one of them, but for those that never tells of.
func TestWalk(t *testing.T) {
	if testing.Short() {
		t.Skip("long: it tries every input in every state")
	}
	all := companies()
	walked := make([]*flowtest.Walked, len(all))
	t.Run("companies", func(t *testing.T) {
		for i, company := range all {
			t.Run(company.name, func(t *testing.T) {
				t.Parallel()
				walked[i] = company.walk.Run(t)
				t.Logf("%d states, %d nodes, %d edges", walked[i].States, walked[i].Nodes, walked[i].Edges)
			})
		}
	})
	if t.Failed() {
		return
	}
	taken := map[string]bool{}
	for _, w := range walked {
		for state, events := range w.Taken {
			for on := range events {
				taken[transition(state, on)] = true
			}
		}
	}
	table := walked[0].Table
	transitions, unused := 0, 0
	for _, st := range table {
		for _, g := range st.On {
			transitions++
			name := transition(st.Name, g.On)
			if reason := never(st, g.On); reason != "" {
				unused++
				assert.False(t, taken[name], "%s is taken, although %s", name, reason)
				continue
			}
			assert.True(t, taken[name], "no call took %s -> %s", name, g.To)
		}
	}
	t.Logf("%d states, %d transitions, of which no call takes %d", len(table), transitions, unused)
}

func transition(state string, on flow.Event) string { return state + ": " + string(on) }

// never tells why no call takes a transition of the table.
func never(st flow.StateInfo, on flow.Event) string {
	switch {
	case st.Kind == "work" && on == flow.EventEnd:
		return "it is for the work of an embedder's own stages"
	case st.Kind == "leave" && on == flow.EventHangUp && st.Name != "agent.transfer":
		return "the call was over before"
	case neverWaits[st.Name] != "" && (on == flow.EventFailed || on == flow.EventHangUp):
		return neverWaits[st.Name]
	}
	return notTaken[transition(st.Name, on)]
}

// neverWaits are the work states that always come to an end at once, and never fail.
var neverWaits = map[string]string{
	"greeting":      "without an answer about the caller number the call goes on without",
	"language":      "it only looks at the session",
	"card.token":    "it only looks at the session",
	"charge":        "it works with the store alone",
	"receipt.sms":   "what cannot be sent now is sent later",
	"receipt.email": "what cannot be sent now is sent later",
	"callback":      "it only looks at the session",
	"callback.save": "a directory that is down is asked again before the call",
}

// notTaken are single transitions. A factor that must be prepared is asked through identify.challenge, any other is not:
// an embedder's own factor of the same name may be the other way round.
var notTaken = map[string]string{
	"identify: ask question":        "a security question is picked first",
	"identify: ask code":            "a code is sent first",
	"identify.challenge: ask pin":   "a PIN needs no preparation",
	"identify.challenge: ask last4": "the last four digits need no preparation",
	"identify.challenge: ask email": "an address needs no preparation",
	"resume.check: failed":          "of a payment that cannot be looked into it is said that it is not known yet",
	"amount: units":                 "words leave small units open only where there are thousandths, and the bills are in dollars",
	"confirm: rest":                 "the fee does not change between the offer and the read-back",
	"charge: old":                   "the walk does not wait between the read-back and the yes",
	"confirm: nothing":              "the walk has a stage that takes a card, and does not come here without one",
	"identify.lookup: enough":       "the walk gives up on an account before it asks about so many",
}

func noGifts(c *flow.Collaborators) { c.GiftCards, c.Rewards, c.Preferences = nil, nil, nil }

type company struct {
	name string
	walk flowtest.Walk
}

func companies() []company {
	settings := flow.Settings{Company: "City Water", Attempts: 2, Rejections: 2, Declines: 2, Patience: 2, Claims: 2, AskPostal: true,
		Recorded: true, Phone: "+12125550111"}
	least := settings
	least.AskPostal, least.Recorded = false, false
	walk := func(s flow.Settings, without func(*flow.Collaborators)) flowtest.Walk {
		d := flow.Default("City Water")
		d.Settings = s
		return flowtest.Walk{Definition: d, Without: without, Entries: map[string][]string{
			"amount":       {"forty dollars", "eight hundred dollars and five cents", "nothing at all dollars"},
			"amount.other": {"0#", "40#", "900#", "99999#", "forty dollars", "eight hundred dollars and five cents"},
			"amount.minor": {"00", "50", "0#", "#"},
			"card":         {"4242424242424242#", "4242424242424241#", "378282246310005#"},
			"card.expiry":  {"1230", "1330", "0120"},
			"card.postal":  {"10001"},
		}}
	}
	return []company{
		{"a company with everything", walk(settings, noGifts)},
		{"a company that takes new cards only", walk(least, func(c *flow.Collaborators) {
			noGifts(c)
			c.Wallet, c.Messenger = nil, nil
		})},
		{"a company that takes gift cards and points", walk(least, func(c *flow.Collaborators) {
			c.Factors = c.Factors[1:2]
			c.Fees, c.Messenger, c.People, c.Dialler = nil, nil, nil, nil
		})},
		{"a company with the least", walk(least, func(c *flow.Collaborators) {
			c.Factors = c.Factors[1:2] // the PIN
			c.Vault, c.Wallet, c.Fees, c.Messenger, c.People, c.Dialler = nil, nil, nil, nil, nil, nil
			noGifts(c)
		})},
	}
}
