package flow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/dialpay/dialpay/ivr"
)

// Engine runs calls through a Dialogue. It holds no state of any call: that is in the Store. It implements
// ivr.Handler and may be used by any number of goroutines.
type Engine struct {
	dialogue *Dialogue
	with     Collaborators
	store    Store
	seal     *Seal
	now      func() time.Time
	newID    func() string
	log      *slog.Logger
	observe  func(Transition)
	node     string
}

// New makes an Engine. The error names everything that is missing.
func New(c Config) (*Engine, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.Store == nil {
		c.Store = NewMemory(c.Now)
	}
	if c.Keeper == nil {
		c.Keeper = NewMemoryKeeper(c.Now)
	}
	if c.Node == "" {
		c.Node = c.NewID()
	}
	if c.Log == nil {
		c.Log = silent
	}
	if err := c.normaliseIdentity(); err != nil {
		return nil, err
	}
	return &Engine{dialogue: c.Dialogue, with: c.Collaborators, store: c.Store, seal: c.Seal, now: c.Now, newID: c.NewID,
		log: c.Log, observe: c.Observe, node: c.Node}, nil
}

// Catalog holds the words of the dialogue, for the lines that speak them.
func (e *Engine) Catalog() *ivr.Catalog { return e.dialogue.catalog }

// Handle takes a call through one input and returns the next turn. The call is found by its ID, which the line makes
// up: unique for ever, and at most 128 characters. Handle implements ivr.Handler.
//
// The Turn can be spoken also beside an error: the caller hears an apology. ErrNoSession tells that the call is not
// known and did not begin with ivr.Answered; ErrCallID, that its ID is no good; ErrStale, that another process went
// on with it; every other error is of the store or of the dialogue itself. What collaborators do wrong is logged and
// is part of the dialogue.
func (e *Engine) Handle(ctx context.Context, call string, in ivr.Input) (ivr.Turn, error) {
	defer in.Secret.Clear()
	contested := false
	for try := 1; ; try++ {
		once := in
		once.Secret = in.Secret.Copy()
		t, err := e.handle(ctx, call, once, contested)
		once.Secret.Clear()
		switch {
		case err == nil:
			return t, nil
		case (errors.Is(err, ErrTaken) || errors.Is(err, errOther)) && try < maxTries:
			// Another call was faster with the callback of this case, or with an earlier call: that is found now. If it
			// is not, this call does without.
			contested = errors.Is(err, ErrTaken) && try == maxTries-1
		case !errors.Is(err, ErrStale):
			return e.apology(), e.report(ctx, call, err)
		case in.Turn == 0 && in.Kind != ivr.Answered || try == maxTries:
			return e.overtaken(ctx, call, err)
		}
		// The sweeper went on with the session, or a duplicate of this input was first: look again which.
	}
}

const maxTries = 3

// handle is one try of Handle.
func (e *Engine) handle(ctx context.Context, call string, in ivr.Input, contested bool) (ivr.Turn, error) {
	c, err := e.open(ctx, call, in)
	if err != nil {
		return ivr.Turn{}, err
	}
	c.contested = contested
	in = c.upgrade(ctx, in)
	if _, err := c.here(); err != nil {
		return ivr.Turn{}, err
	}
	// A caller who has gone has gone, however late that is reported.
	late := in.Turn != 0 && in.Turn != c.Seq && in.Kind != ivr.HangUp
	if in.Kind == ivr.Answered && c.Seq > 0 {
		// A number that we called may have been keyed in another form than the line has it.
		if c.Callback == nil && in.Call != (ivr.Call{}) && trimmed(in.Call) != c.Line {
			return ivr.Turn{}, fmt.Errorf("%w: it was answered before, for another caller", ErrCallID)
		}
		late = true
	}
	if late || in.Kind == ivr.PromptEnded && !c.upgraded && c.dialogue.states[c.State].Ask != nil {
		return c.again()
	}
	t, err := e.advance(ctx, c, in)
	if err == nil && e.observe != nil {
		for _, tr := range c.trail {
			e.observe(tr)
		}
	}
	return t, err
}

// open loads the session, or begins one when a call is answered.
func (e *Engine) open(ctx context.Context, call string, in ivr.Input) (*Call, error) {
	if len(call) > maxCallID {
		return nil, fmt.Errorf("%w: %d characters, at most %d", ErrCallID, len(call), maxCallID)
	}
	c := e.dialogue.call(nil, e.now())
	c.With, c.Log, c.engine, c.driven = &e.with, e.log, e, &driven{}
	snap, items, err := e.store.Load(ctx, call)
	switch {
	case errors.Is(err, ErrNoSession) && in.Kind == ivr.Answered && call != "":
		c.Session = e.dialogue.NewSession(call, trimmed(in.Call), c.Now)
		if c.Line.From != "" {
			c.named("caller", c.Line.From)
		}
		return c, nil
	case err != nil:
		return nil, fmt.Errorf("%w: %w", errNotLoaded, err)
	}
	data, err := e.seal.openSession(call, snap, items)
	if err == nil {
		c.Session, err = decodeSession(data)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnreadable, err)
	}
	if e.dialogue.catalog.Locale(c.Locale) == nil {
		c.Locale = e.dialogue.locales[0] // The dialogue had one more language when the call began.
	}
	c.version, c.items = snap.Version, items
	return c, nil
}

// The errors of open: the store gave nothing this time, or what it gave will be no better the next time.
var (
	errNotLoaded  = errors.New("load the session")
	errUnreadable = errors.New("read the session")
)

// ErrCallID is returned for a call ID that cannot be one, or is another call's.
var ErrCallID = errors.New("flow: bad call ID")

const maxCallID = 128

// trimmed bounds what a line says of a call, which is stored with every turn.
func trimmed(call ivr.Call) ivr.Call {
	const most = 64
	for _, s := range []*string{&call.From, &call.To, &call.Attestation, &call.Locale} {
		*s = strings.Clone((*s)[:min(len(*s), most)])
	}
	return call
}

// advance reads the input, does the work that follows, and saves.
func (e *Engine) advance(ctx context.Context, c *Call, in ivr.Input) (ivr.Turn, error) {
	defer c.clearKept()
	over := c.dialogue.states[c.State].over()
	if in.Kind == ivr.Answered {
		if err := e.answered(ctx, c); err != nil {
			return ivr.Turn{}, err
		}
	}
	if err := c.take(in); err != nil {
		return ivr.Turn{}, err
	}
	if c.restarted {
		c.Notice(ivr.Say("restarted"))
	}
	if err := c.putKept(ctx); err != nil {
		return ivr.Turn{}, err
	}
	if in.Kind == ivr.HangUp {
		e.goForward(ctx, c)
		c.cutOff(ctx)
		if over && !c.upgraded && c.nothingPut() {
			return c.again()
		}
	}
	c.Last = int(c.Now.Sub(c.Started) / time.Second)
	t, err := e.work(ctx, c)
	if err != nil {
		return t, err
	}
	if c.Kept != c.stage() {
		if err := c.Forget(ctx); err != nil {
			return t, err
		}
	}
	if in.Kind == ivr.HangUp && c.dialogue.states[c.Parked].entry() {
		c.forget = true // A turn that failed may have left something there which the stored session does not know of.
	}
	if err := e.followUp(ctx, c, in, t); err != nil {
		return t, err
	}
	if err := e.save(ctx, c); err != nil {
		return t, err
	}
	if c.forget {
		if err := e.with.Keeper.Clear(context.WithoutCancel(ctx), c.ID); err != nil {
			e.log.ErrorContext(ctx, "secrets not cleared: they expire", "call", c.ID, "error", err)
		}
	}
	return t, nil
}

// work does the work of the states that the call goes through, until there is something to say.
func (e *Engine) work(ctx context.Context, c *Call) (t ivr.Turn, err error) {
	for n := 0; ; n++ {
		st, err := c.here()
		if err != nil {
			return t, err
		}
		announce := st.Work != nil && st.Work.Hold != "" && c.Waits == 0
		if announce {
			c.Waits, c.Since = 1, e.now()
		}
		if st.Work == nil || announce {
			c.Seq++
			return c.present(st), nil
		}
		if n > maxWorks {
			return t, fmt.Errorf("%w: more than %d work states in one turn, the last is %q", ErrState, maxWorks, st.Name)
		}
		on, err := e.do(ctx, c, st)
		if err != nil {
			return t, err
		}
		if on == Again {
			if c.Waits++; c.Since.IsZero() {
				c.Since = c.Now
			}
			c.Seq++
			return c.present(st), nil
		}
		if err := c.fire(on); err != nil {
			return t, err
		}
	}
}

// maxWorks bounds the work states of one turn: more is a loop in the definition.
const maxWorks = 50

// do calls a collaborator within its budget. What it does wrong is an event; the error is that of a turn that is cut
// short from outside, which leaves the session as it was stored last.
func (e *Engine) do(ctx context.Context, c *Call, st *state) (Event, error) {
	budget := c.Settings.Budget
	if st.Work.Hold != "" {
		budget = c.Settings.HoldBudget
	}
	bounded, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	on, err := st.Work.Do(bounded, c)
	switch {
	case err == nil && on != Again:
		return on, nil
	case ctx.Err() != nil:
		return "", fmt.Errorf("work of state %q: %w", st.Name, context.Cause(ctx))
	case errors.Is(err, ErrStale):
		return "", err
	case (err == nil || bounded.Err() != nil) && !c.OutOfPatience():
		return Again, nil
	case err == nil:
		err = errors.New("flow: it took too long")
	}
	e.log.ErrorContext(ctx, "work failed", "call", c.ID, "state", st.Name, "error", err)
	c.Reason = "technical"
	return EventFailed, nil
}

// again is the present turn once more, for an input that was answered before.
func (c *Call) again() (ivr.Turn, error) {
	st, err := c.here()
	if err != nil {
		return ivr.Turn{}, err
	}
	return c.present(st), nil
}

// overtaken answers an input that another process was faster with: with the turn that the call is at.
func (e *Engine) overtaken(ctx context.Context, call string, cause error) (ivr.Turn, error) {
	c, err := e.open(ctx, call, ivr.Input{})
	if err != nil {
		return e.apology(), e.report(ctx, call, errors.Join(cause, err))
	}
	c.upgrade(ctx, ivr.Input{}) // That the other process is of another version is no reason to hang up.
	t, err := c.again()
	return t, errors.Join(cause, err)
}

// save commits the session with all that was put in this turn, and the other sessions that were changed with it.
func (e *Engine) save(ctx context.Context, c *Call) error {
	calls := append([]*Call{c}, c.also...)
	txs, items := make([]Tx, len(calls)), make([][]Item, len(calls))
	for i, one := range calls {
		data, err := one.encode()
		if err != nil {
			return fmt.Errorf("flow: encode session %q: %w", one.ID, err)
		}
		tx := one.tx
		tx.Session, tx.Expect, tx.Epoch, tx.Next = one.ID, one.version, one.epoch, data
		items[i] = one.stamped()
		txs[i] = e.seal.sealTx(tx, items[i])
	}
	if err := e.store.Commit(ctx, txs...); err != nil {
		return fmt.Errorf("%w: %w", errNotSaved, e.whose(ctx, c, err))
	}
	for i, one := range calls {
		one.version, one.items, one.tx, one.also = one.version+1, items[i], Tx{}, nil
	}
	return nil
}

// errNotSaved is beside every error of a commit: nothing of what the Call holds is known to be stored.
var errNotSaved = errors.New("save the session")

// errOther is beside an ErrStale of another session than the call's own: the turn can be made again.
var errOther = errors.New("flow: another process went on with an earlier call")

// whose tells an ErrStale of the session's own from one of those that are committed with it.
func (e *Engine) whose(ctx context.Context, c *Call, err error) error {
	if len(c.also) == 0 || !errors.Is(err, ErrStale) {
		return err
	}
	snap, _, loading := e.store.Load(ctx, c.ID)
	if loading == nil && snap.Version == c.version || c.version == 0 && errors.Is(loading, ErrNoSession) {
		return errors.Join(errOther, err)
	}
	return err
}

// nothingPut tells that nothing but the session itself would be committed.
func (c *Call) nothingPut() bool {
	return len(c.tx.Insert)+len(c.tx.Update)+len(c.tx.Name)+len(c.tx.Claim)+len(c.tx.Release)+len(c.also) == 0
}

// stamped are the items as they are once the next commit has come through: those that it writes have its version.
func (c *Call) stamped() []Item {
	if len(c.tx.Insert)+len(c.tx.Update) == 0 {
		return c.items
	}
	items := slices.Clone(c.items)
	for i := range items {
		it := &items[i]
		written := func(o Item) bool { return o.Kind == it.Kind && o.Key == it.Key }
		if slices.ContainsFunc(c.tx.Insert, written) || slices.ContainsFunc(c.tx.Update, written) {
			it.Version = c.version + 1
		}
	}
	return items
}

// apology is what a caller hears when the store or the dialogue itself fails.
func (e *Engine) apology() ivr.Turn {
	return ivr.Turn{Locale: e.dialogue.locales[0], Prompts: []ivr.Prompt{ivr.Say("sorry")}, Action: ivr.ActionHangUp}
}

func (e *Engine) report(ctx context.Context, call string, err error) error {
	call = call[:min(len(call), maxCallID)]
	e.log.ErrorContext(ctx, "call failed", "call", call, "error", err)
	return fmt.Errorf("flow: call %q: %w", call, err)
}
