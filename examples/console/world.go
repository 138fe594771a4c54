package main

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"time"

	"github.com/dialpay/dialpay/flow"
	"github.com/dialpay/dialpay/ivr"
)

const (
	company = "City Water"
	// hotline is the number that is called.
	hotline = "+12125550199"
)

// definition is the library's own dialogue, with the time that it takes to read prompts instead of hearing them.
func definition() flow.Definition {
	d := flow.Default(company)
	d.Settings.Phone = hotline
	d.Settings.TimeZone = "America/New_York"
	d.Settings.Ring = 20 * time.Second
	d.Settings.CallHours = flow.CallHours{From: 0, Until: 24, Wide: true} // a terminal wakes nobody
	d.Settings.Timing = ivr.Timing{Menu: 25 * time.Second, Field: 25 * time.Second, Fetch: 40 * time.Second}
	return d
}

// world is a company with its customers, and everything else that a call needs, made up.
type world struct {
	dialogue  *flow.Dialogue
	engine    *flow.Engine
	screen    *screen
	clock     *clock
	folder    *folder
	processor noted
	purse     purse
	biller    *biller
	phone     *phone
	bell      *bell
}

type worldConfig struct {
	data, postgres, processor string
	closed                    bool
	log                       *slog.Logger
	trace                     func(flow.Transition)
}

func newWorld(ctx context.Context, d *flow.Dialogue, s *screen, c worldConfig) (w *world, err error) {
	w = &world{dialogue: d, screen: s, clock: &clock{}, bell: &bell{}}
	if w.folder, err = openFolder(ctx, c.data, c.postgres, w.clock); err != nil {
		return nil, err
	}
	w.biller = &biller{books: w.folder.books}
	w.phone = &phone{screen: s, clock: w.clock, books: w.folder.books}
	w.engine, err = w.newEngine(ctx, c)
	if err != nil {
		return nil, errors.Join(err, w.folder.close())
	}
	return w, nil
}

func (w *world) newEngine(ctx context.Context, c worldConfig) (*flow.Engine, error) {
	with, err := w.identify()
	if err != nil {
		return nil, err
	}
	service, vault, err := process(ctx, w.folder.books, c.processor, w.clock.now)
	if err != nil {
		return nil, err
	}
	w.processor = note(service)
	w.purse = purse{w.folder.books, service}
	with.Biller, with.Processor, with.Vault = w.biller, w.processor, vault
	with.Wallet, with.GiftCards, with.Rewards = w.purse, w.purse, w.purse
	with.Messenger, with.People, with.Dialler = w.phone, desk{closed: c.closed}, w.bell
	return flow.New(flow.Config{Dialogue: w.dialogue, Collaborators: with, Store: w.folder.calls, Seal: w.folder.seal,
		Now: w.clock.now, NewID: rand.Text, Log: c.log, Observe: c.trace})
}
