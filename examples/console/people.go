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

// dialler keeps the calls that it was told to place. A terminal has no bell: nobody answers them.
type dialler struct{ placed []flow.Dial }

// Dial implements flow.Dialler.
func (d *dialler) Dial(_ context.Context, call flow.Dial) error {
	d.placed = append(d.placed, call)
	return nil
}
