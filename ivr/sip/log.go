package sip

import (
	"context"
	"log/slog"
)

// quiet is a logger for the SIP library: its warnings and errors, without the messages in them. What a peer sends may
// be the keys of a card number.
func quiet(to *slog.Logger) *slog.Logger { return slog.New(discreet{to.Handler()}) }

type discreet struct{ slog.Handler }

// Enabled implements slog.Handler.
func (d discreet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && d.Handler.Enabled(ctx, level)
}

// Handle implements slog.Handler. Only what is known to hold no part of a message passes.
func (d discreet) Handle(ctx context.Context, r slog.Record) error {
	bare := slog.NewRecord(r.Time, r.Level, "sip: "+r.Message, r.PC)
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "laddr" || a.Key == "raddr" || a.Key == "method" {
			bare.AddAttrs(a)
		}
		return true
	})
	return d.Handler.Handle(ctx, bare)
}

// WithAttrs implements slog.Handler.
func (d discreet) WithAttrs([]slog.Attr) slog.Handler { return d }

// WithGroup implements slog.Handler.
func (d discreet) WithGroup(string) slog.Handler { return d }
