package twiml

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/dialpay/dialpay/ivr"
)

// ServeHTTP serves the webhooks of all calls.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q, err := h.read(w, r)
	defer q.clear()
	if err == nil {
		err = h.serve(r.Context(), w, q)
	}
	if bad := (*refusal)(nil); errors.As(err, &bad) {
		// Who sends it, and what, is not logged: it may hold anything.
		h.cfg.Log.WarnContext(r.Context(), "webhook refused", "status", bad.status, "why", bad.why)
		http.Error(w, bad.why, bad.status)
	}
}

// what a request is about.
type what struct {
	call   string // the ID of the call
	turn   int    // that it answers; 0 for none
	action string // what the reply was that it answers: one of those below
	// loose tells that the entry before ended by its length: a # may still come.
	loose bool
	// after tells that all prompts had been said.
	after bool
}

// The actions, as they are in URLs.
const (
	actAnswer  = ""        // a call begins
	actStatus  = "status"  // a call changed its status
	actKeys    = "keys"    // <Gather>
	actRead    = "read"    // <Gather> after what must be heard
	actSecret  = "secret"  // <Gather> of a secret
	actWait    = "wait"    // <Redirect>
	actDial    = "dial"    // <Dial>
	actQueue   = "queue"   // <Enqueue>
	actNowhere = "nowhere" // a transfer without a destination
	actPay     = "pay"     // <Pay>
)

// about finds out what the request is about.
func (q *request) about() (what, error) {
	it := what{call: q.query.Get("call"), loose: q.query.Has("loose")}
	// Every webhook has a CallSid. Without parameters its signature would be the one of a GET, or of JSON, for that URL.
	sid := q.got.text(keyCallSid)
	if it.call == "" {
		it.call = sid
	}
	if sid == "" || strings.ContainsFunc(it.call, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return it, &refusal{http.StatusBadRequest, "there is no CallSid"}
	}
	switch path := strings.Trim(q.path, "/"); path {
	case actAnswer, actStatus:
		it.action = path
		return it, nil
	default:
		turn, action, _ := strings.Cut(strings.TrimPrefix(path, "turn/"), "/")
		n, err := strconv.Atoi(turn)
		switch action {
		case actKeys, actRead, actSecret, actWait, actDial, actQueue, actNowhere, actPay:
			if err == nil && n > 0 {
				it.turn, it.action, it.after = n, action, action == actRead
				return it, nil
			}
		}
	}
	return it, &refusal{http.StatusNotFound, "there is nothing at this URL"}
}

// input is what the request reports.
func (q *request) input(it what) (in ivr.Input, none bool) {
	if reason, ended := q.ended(); ended {
		return ivr.Input{Kind: ivr.HangUp, Reason: reason}, false
	}
	switch it.action {
	case actAnswer:
		in = q.answered()
	case actStatus:
		return in, true
	case actKeys, actRead, actSecret:
		in = q.heard(it.action == actSecret, it.after)
	case actWait:
		in = ivr.Input{Kind: ivr.PromptEnded, Heard: true}
	case actDial:
		in = q.dialled()
	case actQueue:
		in = q.queued()
	case actNowhere:
		in = ivr.Input{Kind: ivr.TransferFailed, Reason: "no destination"}
	case actPay:
		in = q.paid()
	}
	in.Turn = it.turn
	if it.loose && q.pound() {
		in.Secret.Clear()
		// It belongs to the entry before. What answers an earlier turn changes nothing and gets the present one again.
		in = ivr.Input{Kind: ivr.Silence, Turn: it.turn - 1}
	}
	return in, false
}

// serve answers one request.
func (h *Handler) serve(ctx context.Context, w http.ResponseWriter, q *request) error {
	it, err := q.about()
	if err != nil {
		return err
	}
	in, none := q.input(it)
	if none {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	if in.Kind == ivr.Answered && in.Call != (ivr.Call{}) {
		in.Call.Locale = h.cfg.Locales[in.Call.To]
	}
	if in.Captured != nil {
		h.logPay(ctx, it, q, in)
	}
	t, err := h.cfg.Handler.Handle(ctx, it.call, in)
	if err != nil && in.Kind == ivr.Answered && q.got.get(keyErrorURL) != nil {
		// The first webhook was served, its reply was lost, and the provider tells less of the caller now.
		t, err = h.cfg.Handler.Handle(ctx, it.call, ivr.Input{Kind: ivr.Answered})
	}
	if err != nil {
		// The turn can be spoken all the same.
		h.cfg.Log.ErrorContext(ctx, "call failed", "call", it.call, "turn", it.turn, "error", err)
	}
	switch {
	case it.action == actStatus:
		w.WriteHeader(http.StatusNoContent)
		return nil
	case in.Kind == ivr.HangUp:
		t = ivr.Turn{Action: ivr.ActionHangUp}
	}
	rep := reply{h: h, base: q.base, call: q.query.Get("call"), loose: in.Kind == ivr.Keys && !q.finished()}
	rep.b = buffers.Get().(*[]byte)
	defer buffers.Put(rep.b)
	rep.write(&t)
	header := w.Header()
	header.Set("Content-Type", "text/xml; charset=utf-8")
	header.Set("Cache-Control", "no-store")
	if _, err := w.Write(*rep.b); err != nil {
		// The provider has gone, or sends the request again and gets the same.
		h.cfg.Log.LogAttrs(ctx, slog.LevelWarn, "reply not sent", slog.String("call", it.call), slog.Any("error", err))
	}
	return nil
}

var buffers = sync.Pool{New: func() any { b := make([]byte, 0, 4096); return &b }}
