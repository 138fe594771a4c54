package ivr_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/ivr"
)

// tape is a Line that plays one list of events for each turn, in virtual time.
type tape struct {
	turns       [][]ivr.Event
	queue       []ivr.Event
	now         time.Time
	performed   []int
	interrupted int
	performErr  error
	nextErr     error
}

func (l *tape) Perform(_ context.Context, t ivr.Turn) error {
	l.performed = append(l.performed, t.Seq)
	if len(l.turns) > 0 {
		l.queue, l.turns = append(l.queue, l.turns[0]...), l.turns[1:]
	}
	return l.performErr
}

func (l *tape) Next(ctx context.Context, deadline time.Time) (ivr.Event, error) {
	if err := ctx.Err(); err != nil {
		return ivr.Event{}, err
	}
	if len(l.queue) > 0 {
		ev := l.queue[0]
		l.queue = l.queue[1:]
		ev.At = l.now
		return ev, nil
	}
	if l.nextErr != nil {
		return ivr.Event{}, l.nextErr
	}
	if deadline.IsZero() {
		return ivr.Event{At: l.now}, io.EOF
	}
	l.now = deadline
	return ivr.Event{At: deadline}, nil
}

func (l *tape) Interrupt(context.Context) error {
	l.interrupted++
	return nil
}

// asker is a Handler that gives out turns in order and notes what it was told.
type asker struct {
	turns []ivr.Turn
	got   []string
	errs  map[string]error
	ctx   context.Context // of the last Handle
}

func (h *asker) Handle(ctx context.Context, call string, in ivr.Input) (ivr.Turn, error) {
	h.ctx = ctx
	h.got = append(h.got, call+" "+show(in))
	err := h.errs[show(in)]
	if len(h.turns) == 0 {
		return ivr.Turn{}, err
	}
	t := h.turns[0]
	h.turns = h.turns[1:]
	return t, err
}

var ended = ivr.Event{Input: ivr.Input{Kind: ivr.PromptEnded}}

func press(keys string) (evs []ivr.Event) {
	for i := range keys {
		evs = append(evs, ivr.Event{Key: keys[i]})
	}
	return evs
}

func goodbye(seq int) ivr.Turn { return ivr.Turn{Seq: seq, Action: ivr.ActionHangUp} }

var answered = ivr.Input{Kind: ivr.Answered, Call: ivr.Call{From: "+15550100"}}

func TestServe(t *testing.T) {
	l := &tape{turns: [][]ivr.Event{append([]ivr.Event{ended}, press("1#12")...), press("34#"), {ended}, {ended}}}
	h := &asker{turns: []ivr.Turn{menu(1), field(2), menu(3), goodbye(4)}}
	require.NoError(t, ivr.Serve(t.Context(), "c1", answered, l, h))
	assert.Equal(t, []string{"c1 0 answered", "c1 1 keys '1' heard", "c1 2 keys '1234'", "c1 3 silence"}, h.got,
		"each answer goes to the handler; a call that the handler ended has no hang-up")
	assert.Equal(t, []int{1, 2, 3, 4}, l.performed, "each turn is performed, also the goodbye")
}

func TestServeInterrupts(t *testing.T) {
	l := &tape{turns: [][]ivr.Event{press("12345#"), press("1"), {ended}}}
	h := &asker{turns: []ivr.Turn{field(1), menu(2), goodbye(3)}}
	require.NoError(t, ivr.Serve(t.Context(), "c1", answered, l, h))
	assert.Equal(t, 2, l.interrupted, "a line is told once in each turn that its prompts were cut short")
}

func TestServeHangUp(t *testing.T) {
	for name, events := range map[string][]ivr.Event{
		"reported": {ended, {Key: '1'}, {Input: ivr.Input{Kind: ivr.HangUp}}},
		"io.EOF":   {},
	} {
		h := &asker{turns: []ivr.Turn{field(1)}}
		require.NoError(t, ivr.Serve(t.Context(), "c1", answered, &tape{turns: [][]ivr.Event{events}}, h), name)
		assert.Equal(t, []string{"c1 0 answered", "c1 1 hang up"}, h.got, "the handler learns of it: %s", name)
	}
}

func TestServeCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h := &asker{turns: []ivr.Turn{field(1)}}
	l := &tape{}
	assert.Equal(t, context.Canceled, ivr.Serve(ctx, "c1", answered, l, h))
	assert.Equal(t, []string{"c1 0 answered", "c1 1 hang up"}, h.got, "the handler learns of it")
	assert.NoError(t, h.ctx.Err(), "with a context in which it can still save the session")
	assert.Empty(t, l.performed, "nothing is said any more")
}

func TestServeErrors(t *testing.T) {
	broken := errors.New("broken")
	t.Run("of the handler do not end the call", func(t *testing.T) {
		l := &tape{turns: [][]ivr.Event{{ended, {Key: '1'}}, {ended}}}
		h := &asker{turns: []ivr.Turn{menu(1), goodbye(2)}, errs: map[string]error{"0 answered": broken, "1 keys '1' heard": errors.New("other")}}
		err := ivr.Serve(t.Context(), "c1", answered, l, h)
		assert.ErrorIs(t, err, broken, "but the first is returned")
		assert.Contains(t, err.Error(), "after answered", "with where it happened")
		assert.Equal(t, []int{1, 2}, l.performed, "and the turns beside them are performed")
	})
	t.Run("of the handler at the end", func(t *testing.T) {
		h := &asker{turns: []ivr.Turn{menu(1)}, errs: map[string]error{"1 hang up": broken}}
		assert.ErrorIs(t, ivr.Serve(t.Context(), "c1", answered, &tape{}, h), broken)
	})
	for name, l := range map[string]*tape{"Perform": {performErr: broken}, "Next": {nextErr: broken}} {
		t.Run("of the line's "+name+" end the call", func(t *testing.T) {
			h := &asker{turns: []ivr.Turn{menu(1)}, errs: map[string]error{"1 hang up": io.ErrShortWrite}}
			err := ivr.Serve(t.Context(), "c1", answered, l, h)
			assert.ErrorIs(t, err, broken)
			assert.ErrorIs(t, err, io.ErrShortWrite, "with an error that the handler had")
			assert.Equal(t, []string{"c1 0 answered", "c1 1 hang up"}, h.got)
		})
	}
	t.Run("a turn without an action ends the call", func(t *testing.T) {
		h := &asker{}
		assert.ErrorContains(t, ivr.Serve(t.Context(), "c1", answered, &tape{}, h), "no action")
		assert.Len(t, h.got, 2)
	})
}
