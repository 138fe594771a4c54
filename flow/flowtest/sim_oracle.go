package flowtest

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
)

// chance is what a choice of a Simulation is about.
type chance int

const (
	fault   chance = iota // something goes wrong: it spends one of the faults that a run may have
	outcome               // an answer that is nobody's fault: a card is declined
	manner                // the manner of a fault that was chosen before
	whim                  // the caller does something else than usual: by chance only
)

// fate makes every choice of a simulated run: the next path of an exhaustive search, by chance, or as a path says.
type fate struct {
	choices
	budget int     // faults that are left, where they are counted
	odds   float64 // of a fault at one choice
	random *rand.Rand
	replay map[int]int
	healed bool // nothing goes wrong any more
	given  int  // how many choices of this run were made before it began
	known  int  // how many led to states that are noted already
	spare  int  // faults that are left beside the budget, for later
	fixed  int  // how many first choices the runs of this branch have in common
}

func (f *fate) begin(path []int) {
	f.given = max(len(path), f.known)
	f.choices.begin(path)
}

// resume begins a run in the middle, after some choices that it has in common with the one before.
func (f *fate) resume(path []int, at, budget int) {
	sizes := f.sizes[:at]
	f.begin(path)
	f.sizes, f.at, f.budget = sizes, at, budget
}

// beyond tells whether the run has left the path that it was given.
func (f *fate) beyond() bool { return f.at >= f.given }

// choose makes one choice of so many; 0 is the one without which nothing out of the ordinary happens.
func (f *fate) choose(what chance, size int) int {
	switch {
	case f.healed:
		return 0
	case f.replay != nil:
		f.path = append(f.path[:f.at], min(f.replay[f.at], size-1))
	case f.random != nil:
		f.path = append(f.path[:f.at], f.draw(what, size))
	case what == whim || what == fault && f.budget == 0:
		size = 1
	}
	made := f.pick(size)
	if what == fault && made > 0 {
		f.budget--
	}
	return made
}

func (f *fate) draw(what chance, size int) int {
	odds := [...]float64{fault: f.odds, outcome: 1.0 / 6, manner: 1, whim: 1.0 / 12}[what]
	if f.random.Float64() >= odds {
		return 0
	}
	if what == manner {
		return f.random.IntN(size)
	}
	return 1 + f.random.IntN(size-1)
}

// format writes a path as the places where it leaves the usual: "12.3-40.1".
func format(path []int) string {
	var parts []string
	for i, made := range path {
		if made > 0 {
			parts = append(parts, fmt.Sprintf("%d.%d", i, made))
		}
	}
	return strings.Join(parts, "-")
}

// parsePath reads what format wrote.
func parsePath(s string) (map[int]int, error) {
	path := map[int]int{}
	for part := range strings.SplitSeq(s, "-") {
		if s == "" {
			break
		}
		at, made, _ := strings.Cut(part, ".")
		i, err := strconv.Atoi(at)
		if err == nil {
			path[i], err = strconv.Atoi(made)
		}
		if err != nil || i < 0 || path[i] < 1 {
			return nil, fmt.Errorf("flowtest: path %q: %q is no place and choice, such as 12.3", s, part)
		}
	}
	return path, nil
}
