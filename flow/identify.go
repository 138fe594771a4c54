package flow

import (
	"context"
	"errors"
	"fmt"

	"github.com/dialpay/dialpay/auth"
	"github.com/dialpay/dialpay/ivr"
)

// identify makes sure who is calling: first which account, then as many factors as the policy needs. Later stages come
// back here when something needs more (Identity.Then).
func identify() Stage {
	states := []State{
		{
			Name: "identify",
			Work: &Work{Do: nextFactor},
			On: []Go{{"account", "identify.account"}, {"verified", Next}, {"verified.confirm", "confirm"},
				{"challenge", "identify.challenge"}, {"verify", "identify.verify"}, {"unproven", "agent"}, {"locked", "agent"}},
			Says: []string{"identify.unproven", "identify.locked", "identify.more"},
		},
		{
			Name: "identify.account",
			Ask: &Ask{
				Field:  func(*Call) ivr.Field { return ivr.Field{Kind: ivr.FieldDigits, Least: 4, Most: 12} },
				Answer: keepCandidate,
			},
			On: []Go{{"given", "identify.lookup"}},
		},
		{
			Name: "identify.lookup",
			Work: &Work{Do: lookup},
			On:   []Go{{"found", "identify"}, {"lost", "identify.account"}, {"enough", "agent"}},
			Says: []string{"identify.unproven"},
		},
		{
			// Some questions need something done before they can be asked: a code is sent, a question is picked.
			Name: "identify.challenge",
			Work: &Work{Do: challenge},
			On:   []Go{{"useless", "identify"}},
			Says: []string{"identify.sent"},
		},
		{
			Name: "identify.verify",
			Work: &Work{Do: verify},
			On:   []Go{{"weighed", "identify"}, {"locked", "agent"}},
			Says: []string{"identify.rejected", "identify.rejected.2", "identify.locked"},
		},
	}
	for _, q := range factorQuestions {
		name := "identify." + string(q.factor)
		states = append(states, q.state(name))
		states[0].On = append(states[0].On, Go{askFor(q.factor), name})
		states[3].On = append(states[3].On, Go{askFor(q.factor), name})
	}
	return Stage{Name: "identify", States: states}
}

// factorQuestion is a factor that the caller answers by keys.
type factorQuestion struct {
	factor      auth.FactorName
	least, most int
	context     func(c *Call) []ivr.Prompt
}

var factorQuestions = []factorQuestion{
	{auth.FactorPIN, 4, 8, nil},
	{auth.FactorLast4, 4, 4, nil},
	{auth.FactorQuestion, 2, 12, func(c *Call) []ivr.Prompt { return []ivr.Prompt{ivr.Say(c.Identity.Challenge)} }},
	{auth.FactorEmail, 4, 40, nil},
	{auth.FactorCode, 6, 10, nil},
}

func askFor(f auth.FactorName) Event { return "ask " + Event(f) }

func (q factorQuestion) state(name string) State {
	return State{
		Name: name,
		Ask: &Ask{
			Context: q.context,
			Field: func(*Call) ivr.Field {
				return ivr.Field{Kind: ivr.FieldDigits, Least: q.least, Most: q.most, Capture: ivr.Capture{Field: ivr.CapturePIN}}
			},
			Answer: func(c *Call, a ivr.Answer) Event {
				c.Keep(keptFactor, a.Secret)
				return "given"
			},
		},
		On: []Go{{"given", "identify.verify"}, {EventBack, "identify.account"}},
	}
}

// The names under which what is keyed is kept. An account number is no secret, but what is keyed for one may be.
const (
	keptFactor    = "factor"
	keptCandidate = "candidate"
)

func keepCandidate(c *Call, a ivr.Answer) Event {
	if digits, err := ivr.NewSecret([]byte(a.Digits)); err == nil {
		c.Keep(keptCandidate, digits)
		digits.Clear()
	}
	return "given"
}

// maxLookups is how many accounts one call may ask about: each can cost its customer a message with a code.
const maxLookups = 5

// nextFactor decides what is needed next: an account number, another factor, or nothing more.
func nextFactor(ctx context.Context, c *Call) (Event, error) {
	id := &c.Identity
	if id.Account == "" {
		return "account", nil
	}
	a, err := c.With.Directory.ByID(ctx, id.Account)
	if err != nil {
		return "", err
	}
	if on, err := c.lockedOut(c.With.Lockout.Check(ctx, a, c.evidence())); on != "" || err != nil {
		return on, err
	}
	want := max(id.Want, c.With.Policy.Needs(auth.ActionHearBill, "", 0))
	for {
		if id.Level = c.With.Policy.Level(a.ID, id.Passed); id.Level >= want {
			c.CancelCallbacks(ctx)
			return verifiedFor(c), nil
		}
		f, ok := c.With.Policy.Next(a, id.Passed, id.Tried, want)
		if !ok || id.Rejected >= c.Settings.Rejections {
			c.Reason = "unproven"
			c.Notice(ivr.Say("identify.unproven"))
			return "unproven", nil
		}
		if id.Then != "" && f != auth.FactorCaller && (id.Asking == "" || id.Asking == auth.FactorCaller) {
			c.Notice(ivr.Say("identify.more"))
		}
		id.Asking, id.Challenge = f, ""
		if f != auth.FactorCaller {
			return askOrPrepare(c, f), nil
		}
		// The caller number needs no question.
		if err := c.weigh(ctx, a); err != nil {
			return "", err
		}
	}
}

func verifiedFor(c *Call) Event {
	if c.Identity.Then != "" {
		return Event("verified." + c.Identity.Then)
	}
	return "verified"
}

func askOrPrepare(c *Call, f auth.FactorName) Event {
	if _, ok := c.With.Factor(f).(auth.Challenger); ok {
		return "challenge"
	}
	if f == auth.FactorVoice {
		return "verify"
	}
	return askFor(f)
}

// canAsk tells whether the state identify leads to a question for the factor, or needs none for it.
func (st *state) canAsk(f auth.FactorName) bool {
	_, ok := st.on[askFor(f)]
	return ok || f == auth.FactorCaller || f == auth.FactorVoice
}

func (c *Call) evidence() auth.Evidence {
	return auth.Evidence{Caller: c.Line.From, Attestation: c.Line.Attestation, Challenge: c.Identity.Challenge, Call: c.ID}
}

// lockedOut turns a *auth.LockedError into its event and its words, which are the same for every lock.
func (c *Call) lockedOut(err error) (Event, error) {
	if locked := (*auth.LockedError)(nil); errors.As(err, &locked) {
		c.Reason = "lockout"
		c.Notice(ivr.Say("identify.locked"))
		return "locked", nil
	}
	return "", err
}

// lookup finds the account of the number that was keyed. Whatever was known or chosen before belongs to another
// account and is forgotten.
func lookup(ctx context.Context, c *Call) (Event, error) {
	kept, err := c.Secret(ctx, keptCandidate)
	if errors.Is(err, ErrNotKept) {
		return "lost", nil
	} else if err != nil {
		return "", err
	}
	defer kept.Clear()
	var number string
	kept.Open(func(b []byte) { number = string(b) })
	a, err := c.With.Directory.ByNumber(ctx, number)
	if err != nil {
		return "", err
	}
	c.Identity = Identity{Rejected: c.Identity.Rejected, Lookups: c.Identity.Lookups + 1}
	c.Bills, c.Bill = nil, 0
	c.nothingChosen()
	if c.Identity.Lookups > maxLookups {
		c.Reason = "unproven"
		c.Notice(ivr.Say("identify.unproven"))
		return "enough", c.Forget(ctx)
	}
	c.identified(a)
	return "found", c.Forget(ctx)
}

func challenge(ctx context.Context, c *Call) (Event, error) {
	id := &c.Identity
	a, err := c.With.Directory.ByID(ctx, id.Account)
	if err != nil {
		return "", err
	}
	// One challenge for each time the factor is asked: a repetition after a crash sends nothing twice.
	key := fmt.Sprintf("%s %s %d", c.Nonce(), id.Asking, id.Rejected)
	f, ok := c.With.Factor(id.Asking).(auth.Challenger)
	if !ok {
		c.dropFactor()
		return "useless", nil
	}
	made, err := f.Challenge(ctx, a, key)
	if err != nil {
		return "", err
	}
	id.Challenge = made
	switch {
	case id.Asking == auth.FactorQuestion && !c.Catalog.Has(c.Locale, made):
		c.Log.ErrorContext(ctx, "a security question has no message", "locale", c.Locale, "message", made)
		c.dropFactor()
		return "useless", nil
	case id.Asking == auth.FactorCode:
		c.Notice(ivr.Say("identify.sent"))
	}
	return askFor(id.Asking), nil
}

// verify weighs the answer to the factor that was asked.
func verify(ctx context.Context, c *Call) (Event, error) {
	// A code can be used once, and a wrong answer counts once: whoever else goes on with this session must be found out
	// before that, and a duplicate of this input must be late from now on.
	c.Seq++
	if err := c.Save(ctx); err != nil {
		return "", err
	}
	a, err := c.With.Directory.ByID(ctx, c.Identity.Account)
	if err != nil {
		return "", err
	}
	if err := c.weigh(ctx, a); err != nil {
		return c.lockedOut(err)
	}
	return "weighed", c.SaveAnswer(context.WithoutCancel(ctx)) // what came of it must not be lost with the turn
}

// dropFactor goes on without the factor that is asked now: it leads nowhere, or the call began in a process that is
// configured with it and goes on in one that is not.
func (c *Call) dropFactor() { c.Identity.Tried = append(c.Identity.Tried, c.Identity.Asking) }

// weigh verifies the asked factor and notes the result. A rejected answer may be given again; everything else that is
// not accepted leads to another factor.
func (c *Call) weigh(ctx context.Context, a auth.Account) error {
	id := &c.Identity
	e := c.evidence()
	if id.Asking != auth.FactorCaller && id.Asking != auth.FactorVoice {
		keyed, err := c.Secret(ctx, keptFactor)
		if errors.Is(err, ErrNotKept) {
			return nil // It lies in another process: it is asked for again, and nobody was wrong.
		} else if err != nil {
			return err
		}
		e.Keyed = keyed
		defer keyed.Clear()
	}
	f := c.With.Factor(id.Asking)
	if f == nil {
		c.dropFactor()
		return c.Forget(ctx)
	}
	result, err := c.With.Lockout.Verify(ctx, f, a, e)
	if err != nil {
		return err
	}
	switch result {
	case auth.Accepted:
		id.Passed = append(id.Passed, id.Asking)
		id.Level = c.With.Policy.Level(a.ID, id.Passed)
	case auth.Rejected:
		id.Rejected++
		rejected := "identify.rejected"
		if id.Rejected > 1 {
			rejected = "identify.rejected.2"
		}
		c.Notice(ivr.Say(rejected))
		if id.Asking == auth.FactorVoice {
			c.dropFactor()
		}
	default:
		c.dropFactor()
	}
	return c.Forget(ctx)
}
