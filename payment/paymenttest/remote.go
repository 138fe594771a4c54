package paymenttest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/dialpay/dialpay/payment"
)

// Handler serves a sandbox to the Remotes of other processes, so that its ledger outlives a process that is killed. It
// is a processor without a vault: no card number goes over it. It knows no user: serve it to this machine only.
func Handler(s *Sandbox) http.Handler {
	mux := http.NewServeMux()
	answer := func(path string, do func(ctx context.Context, body []byte) (any, error)) {
		mux.HandleFunc("POST /"+path, func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
			var result any
			if err == nil {
				result, err = do(r.Context(), body)
			}
			if err != nil {
				http.Error(w, err.Error(), http.StatusBadGateway)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(result) // a caller that is gone has no answer
		})
	}
	answer("profile", func(context.Context, []byte) (any, error) { return s.Profile(), nil })
	answer("charges", func(context.Context, []byte) (any, error) { return s.Charges(), nil })
	answer("left", func(_ context.Context, body []byte) (any, error) {
		var token string
		if err := json.Unmarshal(body, &token); err != nil {
			return nil, err
		}
		left, ok := s.Left(token)
		return balance{left, ok}, nil
	})
	answer("authorise", with(s.Authorise))
	answer("lookup", with(s.Lookup))
	answer("capture", with(s.Capture))
	answer("void", with(s.Void))
	answer("refund", with(s.Refund))
	return mux
}

// balance is what a token has left; not Known where it is not funded.
type balance struct {
	Left  int64
	Known bool
}

func with[T any](do func(context.Context, T) (payment.Outcome, error)) func(context.Context, []byte) (any, error) {
	return func(ctx context.Context, body []byte) (any, error) {
		var request T
		if err := json.Unmarshal(body, &request); err != nil {
			return nil, err
		}
		return do(ctx, request)
	}
}

// Remote is the processor of a sandbox in another process (Handler). Make one with Dial.
type Remote struct {
	url     string
	profile payment.Profile
}

// Dial connects to a Handler at a URL such as "http://127.0.0.1:8421".
func Dial(ctx context.Context, url string) (*Remote, error) {
	r := &Remote{url: strings.TrimSuffix(url, "/")}
	return r, r.post(ctx, "profile", struct{}{}, &r.profile)
}

func (r *Remote) post(ctx context.Context, path string, request, result any) error {
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url+"/"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNoAnswer, err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 1<<10)) // what there is of it
		return fmt.Errorf("%w: %s: %s", ErrNoAnswer, res.Status, bytes.TrimSpace(text))
	}
	if err := json.NewDecoder(res.Body).Decode(result); err != nil {
		return fmt.Errorf("%w: %w", ErrNoAnswer, err)
	}
	return nil
}

func (r *Remote) outcome(ctx context.Context, path string, request any) (out payment.Outcome, err error) {
	err = r.post(ctx, path, request, &out)
	return out, err
}

// Profile implements payment.Processor.
func (r *Remote) Profile() payment.Profile { return r.profile }

// Charges is the sandbox's ledger.
func (r *Remote) Charges(ctx context.Context) (charges []Charge, err error) {
	err = r.post(ctx, "charges", struct{}{}, &charges)
	return charges, err
}

// Left is what a gift card or points have left, as Sandbox.Left tells it.
func (r *Remote) Left(ctx context.Context, token string) (left int64, known bool, err error) {
	var b balance
	err = r.post(ctx, "left", token, &b)
	return b.Left, b.Known, err
}

// Authorise implements payment.Processor.
func (r *Remote) Authorise(ctx context.Context, c payment.Charge) (payment.Outcome, error) {
	return r.outcome(ctx, "authorise", c)
}

// Lookup implements payment.Processor.
func (r *Remote) Lookup(ctx context.Context, key string) (payment.Outcome, error) {
	return r.outcome(ctx, "lookup", key)
}

// Capture implements payment.Capturer.
func (r *Remote) Capture(ctx context.Context, h payment.Hold) (payment.Outcome, error) {
	return r.outcome(ctx, "capture", h)
}

// Void implements payment.Capturer.
func (r *Remote) Void(ctx context.Context, h payment.Hold) (payment.Outcome, error) {
	return r.outcome(ctx, "void", h)
}

// Refund implements payment.Refunder.
func (r *Remote) Refund(ctx context.Context, h payment.Hold) (payment.Outcome, error) {
	return r.outcome(ctx, "refund", h)
}
