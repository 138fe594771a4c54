package flowtest

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A search that begins runs where they leave another one, and ends them where another one was before, comes to the same
// ends as one that plays all of them from the beginning to the end, and goes through far fewer events.
func TestTheSearchLeavesOutNoEnd(t *testing.T) {
	all := []Simulation{{}, {Legs: 2}, {Legs: 2, Direct: true}, {Gifts: true, Direct: true}, {Callbacks: true}}
	if testing.Short() {
		all = all[:1]
	}
	for _, s := range all {
		var searches [2]*simRun
		for i := range searches {
			r, err := newSimRun(s, newReport())
			require.NoError(t, err)
			r.seen = newSeen(nil)
			r.seen.whole, r.seen.ends = i == 0, map[uint64]bool{}
			if i > 0 {
				r.seen.from = searches[0].seen.from
			}
			r.oneFault(1)
			require.Empty(t, r.violation)
			searches[i] = r
		}
		whole, joined := searches[0], searches[1]
		assert.True(t, maps.Equal(whole.seen.ends, joined.seen.ends), "%d ends, not %d", len(joined.seen.ends), len(whole.seen.ends))
		assert.Greater(t, len(joined.seen.ends), 100)
		assert.Zero(t, whole.report.Joined)
		assert.Less(t, 2*joined.report.Events, whole.report.Events)
	}
}
