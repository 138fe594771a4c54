package authtest

import (
	"context"
	"testing"
)

// rule is one promise, with the sentence that is shown when it is broken. check returns what is wrong.
type rule[S any] struct {
	name, sentence string
	check          func(ctx context.Context, first, second S) error
}

func run[S any](t *testing.T, rules []rule[S], open func(t *testing.T) (first, second S)) {
	for _, r := range rules {
		t.Run(r.name, func(t *testing.T) {
			first, second := open(t)
			if err := r.check(t.Context(), first, second); err != nil {
				t.Errorf("%s\n%v", r.sentence, err)
			}
		})
	}
}

// workers is how many work at once, half of them in each process; rounds is how often each does.
const (
	workers = 8
	rounds  = 10
)
