package storetest

import (
	"testing"
	"time"

	"github.com/dialpay/dialpay/flow"
)

// Fixtures are a store to test, and its clock.
type Fixtures struct {
	// Store is empty.
	Store flow.Store
	// Now is the store's clock, to within a second, and Advance lets time pass. Both nil for a store that goes by the
	// real time; then the rules sleep for some milliseconds.
	Now     func() time.Time
	Advance func(time.Duration)
}

// TestStore tests that a flow.Store keeps the rules that the dialogue and its money stand on. open is called once for
// each rule.
func TestStore(t *testing.T, open func(t *testing.T) Fixtures) {
	for _, group := range ruleGroups {
		for _, r := range group.rules {
			t.Run(r.name, func(t *testing.T) {
				fx := open(t)
				if fx.Now == nil {
					fx.Now, fx.Advance = time.Now, time.Sleep
				}
				if !group.offered(fx.Store) {
					t.Skip("the store does not offer it")
				}
				r.run(&kit{t, fx.Store, fx})
			})
		}
	}
}

// rule is one promise, with the sentence that is shown when it is broken.
type rule struct {
	name, sentence string
	check          func(k *kit)
}

func (r rule) run(k *kit) {
	defer tell(k, r.sentence)
	r.check(k)
}

// tell shows the sentence of a rule that was broken. It is deferred: a check may end its test.
func tell(t testing.TB, sentence string) {
	if t.Failed() {
		t.Log("The rule: " + sentence)
	}
}

// ruleGroups are the rules by what a store must be for them.
var ruleGroups = []struct {
	offered func(flow.Store) bool
	rules   []rule
}{
	{func(flow.Store) bool { return true }, storeRules},
	{func(flow.Store) bool { return true }, severalRules},
	{is[flow.Leaser], leaserRules},
	{is[flow.Finder], finderRules},
	{is[flow.Purger], purgerRules},
	{is[flow.Shelf], shelfRules},
}

func is[T any](s flow.Store) bool {
	_, ok := s.(T)
	return ok
}
