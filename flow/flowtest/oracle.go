package flowtest

import (
	"context"
	"errors"
	"strings"
	"time"
)

// errSlow is what comes of work that does not end in time, where nothing bounds it.
var errSlow = errors.New("flowtest: too slow")

// choices is one sequence of choices. Begun again and again, it goes through all sequences, depth first.
type choices struct {
	path, sizes []int
	at          int
}

// begin starts a run. Its first choices are those of the path, every further one is the first of its answers.
func (c *choices) begin(path []int) {
	c.path, c.sizes, c.at = append(c.path[:0], path...), c.sizes[:0], 0
}

// next is the path of the next run that has the first fixed choices of this one; nil after the last.
func (c *choices) next(fixed int) []int {
	for i := c.at - 1; i >= fixed; i-- {
		if c.path[i]+1 < c.sizes[i] {
			return append(append([]int(nil), c.path[:i]...), c.path[i]+1)
		}
	}
	return nil
}

// pick makes the next choice, of so many.
func (c *choices) pick(size int) int {
	if c.at == len(c.path) {
		c.path = append(c.path, 0)
	}
	c.sizes = append(c.sizes, size)
	c.at++
	return c.path[c.at-1]
}

// oracle makes every choice of a walk.
type oracle struct {
	choices
	made  map[string]string // what was chosen in this run, by question
	story []string
}

func (o *oracle) begin(path []int) {
	o.choices.begin(path)
	o.made, o.story = map[string]string{}, nil
}

// choose answers a question. Within a run, the same question has the same answer.
func (o *oracle) choose(question string, answers ...string) string {
	if answer, ok := o.made[question]; ok {
		return answer
	}
	answer := answers[o.pick(len(answers))]
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
