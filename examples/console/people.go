package main

import (
	"context"
	"time"
)

// desk are the people of the company.
type desk struct{ closed bool }

// Open implements flow.People.
func (d desk) Open(context.Context, string, time.Time) (string, bool, error) {
	return "customer service", !d.closed, nil
}
