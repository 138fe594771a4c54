package flowtest

import (
	"context"
	"errors"
	"strings"
	"time"
)

// errSlow is what comes of work that does not end in time, where nothing bounds it.
var errSlow = errors.New("flowtest: too slow")

// oracle makes every choice of a walk. Begun again and again, it goes through all sequences of choices, depth first.
type oracle struct {
	path, sizes []int
	at          int
	made        map[string]string // what was chosen in this run, by question
	story       []string
}

// begin starts a run. Its first choices are those of the path, every further one is the first of its answers.
func (o *oracle) begin(path []int) {
	*o = oracle{path: append(o.path[:0], path...), sizes: o.sizes[:0], made: map[string]string{}}
}

// next is the path of the next run; nil after the last one.
func (o *oracle) next() []int {
	for i := o.at - 1; i >= 0; i-- {
		if o.path[i]+1 < o.sizes[i] {
			return append(append([]int(nil), o.path[:i]...), o.path[i]+1)
		}
	}
	return nil
}

// choose answers a question. Within a run, the same question has the same answer.
func (o *oracle) choose(question string, answers ...string) string {
	if answer, ok := o.made[question]; ok {
		return answer
	}
	if o.at == len(o.path) {
		o.path = append(o.path, 0)
	}
	answer := answers[o.path[o.at]]
	o.sizes = append(o.sizes, len(answers))
	o.at++
	o.made[question] = answer
	o.story = append(o.story, question+": "+answer)
	return answer
}

// ask chooses how a collaborator answers: with one of the answers, with an error, or not in time.
func (o *oracle) ask(ctx context.Context, question string, answers ...string) (string, error) {
	switch answer := o.choose(question, append(answers, "down", "slow")...); answer {
	case "down":
		return "", ErrDown
	case "slow":
		if _, bounded := ctx.Deadline(); !bounded {
			return "", errSlow
		}
		<-ctx.Done()
		return "", ctx.Err()
	default:
		return answer, nil
	}
}

// told is the story of the run: " (bills: several, people: closed)"; empty where nobody was asked.
func (o *oracle) told() string {
	if len(o.story) == 0 {
		return ""
	}
	return " (" + strings.Join(o.story, ", ") + ")"
}

// walkClock is the time of a walk, which goes back with every node that it goes back to.
type walkClock struct {
	base  time.Time // of the session
	since time.Time // when the run began, in the time of the bubble
}

func (c *walkClock) now() time.Time { return c.base.Add(time.Since(c.since)) }
