package flowtest

import (
	"slices"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/ivr"
)

// What a call is decides which faults it can have. What only reads has no crash after it: nothing was done, and the dead
// process has forgotten the answer, so it is the crash before it. Nor is it done twice or late: nobody would notice.
var (
	readFaults = []string{faultLost, faultBefore}
	storeRead  = []string{faultLost, faultBefore, faultPause}
	writes     = []string{faultLost, faultUnanswered, faultBefore, faultAfter, faultPause}
	sends      = []string{faultLost, faultUnanswered, faultBefore, faultAfter, faultPause, faultTwice, faultLate}
	charges    = append(slices.Clip(sends), faultOutage, faultOutAfter)
)

// simSites are the calls of collaborators, and the faults that each can have.
var simSites = map[string][]string{
	"load": storeRead, "commit": writes, "due": readFaults, "find": readFaults,
	"acquire": writes, "renew": writes, "release": writes,
	"authorise": charges, "look up": charges, "capture": charges, "void": charges, "refund": charges,
	"account by caller": readFaults, "account by number": readFaults, "account by ID": readFaults, "attempts": writes,
	"bills": readFaults, "post": sends, "methods": readFaults, "save method": writes, "tokenise": writes, "send": sends,
	"people": readFaults, "dial": writes, "gift cards": readFaults, "points": readFaults, "preferences": readFaults, "redeem": writes,
}

// unreached are the sites that no run comes to, with the reason.
var unreached = map[string]string{
	"renew": "the sweeper renews the lease of a session only to put off one that cannot be read",
}

// moneyStages are those whose every transition a simulation must come to.
var moneyStages = []string{"confirm", "charge", "resume"}

// anywhere are the events of all states, which go the same way in each.
var anywhere = []flow.Event{flow.EventHangUp, flow.EventGiveUp, flow.EventEnd, flow.EventAgent, flow.EventBack}

// untaken are the transitions of the money part that no run makes, with the reason.
var untaken = map[string]string{
	"confirm: step up":     "the PIN is enough for this policy",
	"confirm: nothing":     "the amount is never zero",
	"confirm: failed":      "the draft asks nobody",
	"confirm: rest":        "it takes a fee that changes, and there is none",
	"resume.check: failed": "it takes a processor that is slow, which the walk has",
}

// wants notes the transitions that there are.
func (r *Report) wants(d *flow.Dialogue) {
	for _, row := range d.Table() {
		for _, g := range row.On {
			if slices.Contains(moneyStages, row.Stage) && !slices.Contains(anywhere, g.On) {
				r.Taken[row.Name+": "+string(g.On)] += 0
			}
		}
	}
}

// Missing names what no run came to: calls of collaborators with each of their faults ("crash after: commit"), what
// callers do ("hangs up"), and transitions of the stages that confirm, charge and resume ("charge: taken"). A report
// of very many runs of all tenders together (Add) misses nothing.
func (r *Report) Missing() (missing []string) {
	for on, n := range r.Taken {
		if n == 0 && untaken[on] == "" {
			missing = append(missing, on)
		}
	}
	if r.CallsBack == 0 {
		missing = append(missing, "a call that the company places")
	}
	if r.Sealed == 0 {
		missing = append(missing, "a sealed store")
	}
	for _, act := range mischief {
		if r.Faults[act] == 0 {
			missing = append(missing, "the caller "+act)
		}
	}
	for _, kind := range []ivr.InputKind{ivr.Answered, ivr.Keys, ivr.Speech, ivr.Silence, ivr.PromptEnded, ivr.HangUp} {
		if r.Inputs[string(kind)] == 0 {
			missing = append(missing, "input: "+string(kind))
		}
	}
	for site, faults := range simSites {
		for _, kind := range faults {
			if unreached[site] == "" && r.Faults[kind+": "+site] == 0 {
				missing = append(missing, kind+": "+site)
			}
		}
	}
	slices.Sort(missing)
	return missing
}
