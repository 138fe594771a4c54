package flow

import (
	"context"
	"slices"

	"github.com/dialpay/dialpay/auth"
)

// cutOff schedules a call to a customer whose line dropped on the way to a payment, where they agreed to it beforehand.
func (c *Call) cutOff(ctx context.Context) {
	stage := c.dialogue.states[c.Parked]
	onTheWay := stage != nil && slices.Contains([]string{"amount", "funding", "card", "confirm"}, stage.stage)
	before := func(it Item) bool {
		if it.Kind != ItemCallback {
			return false
		}
		cb, err := readCallback(it)
		return err == nil && cb.Purpose == purposePay
	}
	if slices.ContainsFunc(c.items, before) {
		return // A hang-up may be reported again, also when that call was made and is over.
	}
	if !onTheWay || c.Callback != nil || c.Identity.Level < auth.LevelIdentified || !c.CallsBack() {
		return
	}
	a, err := c.With.Directory.ByID(ctx, c.Identity.Account)
	since := false
	if err == nil {
		since, err = c.calledSince(ctx)
	}
	if err == nil && !since && a.CallBack && len(a.Phones) > 0 {
		c.Reason = "cut off"
		_, _, err = c.schedule(ctx, a.Phones[0], purposePay, c.Settings.RetryGap)
	}
	if err != nil {
		c.Log.ErrorContext(ctx, "no callback after a call that was cut off", "call", c.ID, "error", err)
	}
}

// calledSince tells that the customer has spoken with us in another call since the last turn of this one: its hang-up was
// reported late.
func (c *Call) calledSince(ctx context.Context) (bool, error) {
	calls, err := c.earlier(ctx)
	return slices.ContainsFunc(calls, func(o *Call) bool { return o.ID != c.ID && o.lastHeard().After(c.lastHeard()) }), err
}
