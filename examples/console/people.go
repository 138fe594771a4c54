package main

import (
	"context"
	"time"

	"github.com/dialpay/dialpay/flow"
)

// desk are the people of the company.
type desk struct{ closed bool }

// Open implements flow.People.
func (d desk) Open(context.Context, string, time.Time) (string, bool, error) {
	return "customer service", !d.closed, nil
}

// callbacks keeps the wishes to be called back. flow gives each of them until it is taken, here at once.
type callbacks struct{ asked []flow.CallbackRequest }

// Request implements flow.Callbacks.
func (c *callbacks) Request(_ context.Context, r flow.CallbackRequest) error {
	c.asked = append(c.asked, r)
	return nil
}

// clock is the real time, or later.
type clock struct{ later time.Duration }

func (c *clock) now() time.Time { return time.Now().Add(c.later) }
