package payconnector

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/dialpay/dialpay/payment"
)

// Config says what a Connector is made of. All but Log must be set.
type Config struct {
	// Vault makes the tokens.
	Vault payment.Vault
	// User and Password are those that the connector was installed with at the provider.
	User, Password string
	// Now is the clock, in the time zone in which cards expire.
	Now func() time.Time
	// Log gets what the Vault does wrong, and requests that were refused. Never a card. Nil: nothing is logged.
	Log *slog.Logger
}

// Connector is an http.Handler. It may be used by any number of goroutines.
type Connector struct {
	cfg            Config
	user, password [sha256.Size]byte
}

// New makes a Connector. The error names everything that is missing.
func New(c Config) (*Connector, error) {
	var errs []error
	for _, need := range []struct {
		missing bool
		what    string
	}{
		{c.Vault == nil, "Vault"}, {c.User == "", "User"}, {c.Password == "", "Password"}, {c.Now == nil, "Now"},
	} {
		if need.missing {
			errs = append(errs, errors.New("payconnector: Config."+need.what+" is required"))
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Connector{cfg: c, user: sha256.Sum256([]byte(c.User)), password: sha256.Sum256([]byte(c.Password))}, nil
}

// maxBody is more than a request of <Pay> ever has.
const maxBody = 16 << 10

// request is what <Pay> sends.
type request struct {
	Transaction string `json:"transaction_id"`
	Method      string `json:"method"`
	Number      digits `json:"cardnumber"`
	CVV         digits `json:"cvv"`
	Month       digits `json:"expiry_month"`
	Year        digits `json:"expiry_year"`
	Postal      string `json:"postal_code"`
}

// answer is what <Pay> wants to know. All of it is there, null where there is none.
type answer struct {
	Token   *string `json:"token_id"`
	Code    *string `json:"error_code"`
	Message *string `json:"error_message"`
}

// ServeHTTP takes one card.
func (c *Connector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	status, why := c.allowed(r)
	if status != 0 {
		c.cfg.Log.WarnContext(r.Context(), "card refused", "status", status, "why", why)
		if status == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Basic realm="payment connector"`)
		}
		http.Error(w, why, status)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	defer clear(body)
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		http.Error(w, "the body is too large", http.StatusRequestEntityTooLarge)
		return
	}
	var in request
	defer in.clear()
	// The error of a decoder may quote what it could not read.
	if err != nil || json.Unmarshal(body, &in) != nil || in.Transaction == "" {
		http.Error(w, "the body is no request of <Pay>", http.StatusBadRequest)
		return
	}
	c.serve(w, r, &in)
}

// allowed looks at a request before its body. The status is 0 for one that may go on.
func (c *Connector) allowed(r *http.Request) (status int, why string) {
	user, password, _ := r.BasicAuth()
	gotUser, gotPassword := sha256.Sum256([]byte(user)), sha256.Sum256([]byte(password))
	same := subtle.ConstantTimeCompare(gotUser[:], c.user[:]) & subtle.ConstantTimeCompare(gotPassword[:], c.password[:])
	switch {
	case r.Method != http.MethodPost:
		return http.StatusMethodNotAllowed, "only POST is served"
	case same != 1:
		return http.StatusUnauthorized, "user or password are wrong"
	}
	return 0, ""
}

func (c *Connector) serve(w http.ResponseWriter, r *http.Request, in *request) {
	if in.Method != "tokenize" {
		c.answer(w, "", "unsupported", "only tokens are made: leave chargeAmount out")
		return
	}
	token, err := c.tokenise(r, in)
	switch bad := (*payment.CardError)(nil); {
	case errors.Is(err, errOtherCard):
		c.answer(w, "", "transaction", "the transaction has another card")
	case errors.As(err, &bad):
		c.answer(w, "", "card_"+string(bad.Field)+"_"+string(bad.Reason), "the card was refused")
	case err != nil:
		// Whether there is a token now is not known. If the provider asks again, it is the same.
		c.cfg.Log.ErrorContext(r.Context(), "card not tokenised", "transaction", in.Transaction, "error", err)
		http.Error(w, "the vault cannot be reached", http.StatusServiceUnavailable)
	default:
		c.answer(w, token.ID, "", "")
	}
}

func (c *Connector) tokenise(r *http.Request, in *request) (payment.Token, error) {
	brand, err := payment.CheckNumber(in.Number.Secret)
	if err != nil {
		return payment.Token{}, err
	}
	expiry, err := in.expiry(c.cfg.Now())
	if err != nil {
		return payment.Token{}, err
	}
	card := payment.Card{Number: in.Number.Secret, CVV: in.CVV.Secret, Expiry: expiry, Brand: brand, Postal: in.Postal}
	number := in.Number.Copy() // the Vault may clear its own
	defer number.Clear()
	token, err := c.cfg.Vault.Tokenise(r.Context(), card, payment.Key("dialpay", "pay", in.Transaction, 0, "tokenise", 1))
	if err != nil {
		return token, err
	}
	same := token.Expiry == expiry
	number.Open(func(b []byte) { same = same && string(b[max(0, len(b)-4):]) == token.Last4 })
	if !same {
		return payment.Token{}, errOtherCard
	}
	return token, nil
}

// errOtherCard tells that a transaction came before, with another card. The Vault knows it by its key, and returned the
// token of that one: who heard the digits of this card would pay with the other.
var errOtherCard = errors.New("payconnector: the transaction has another card")

// expiry reads a month of two digits and a year of two or four.
func (in *request) expiry(now time.Time) (payment.Expiry, error) {
	var mmyy []byte
	in.Month.Open(func(m []byte) { mmyy = append(mmyy, m...) })
	in.Year.Open(func(y []byte) {
		if len(y) == 4 {
			y = y[2:]
		}
		mmyy = append(mmyy, y...)
	})
	s, err := payment.NewSecret(mmyy)
	if err != nil {
		return payment.Expiry{}, err
	}
	defer s.Clear()
	return payment.ParseExpiry(s, now)
}

// answer writes the answer. A refusal is one with a code, not a status.
func (c *Connector) answer(w http.ResponseWriter, token, code, message string) {
	var a answer
	for to, s := range map[**string]string{&a.Token: token, &a.Code: code, &a.Message: message} {
		if s != "" {
			*to = &s
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	if err := json.NewEncoder(w).Encode(a); err != nil {
		c.cfg.Log.Warn("answer not sent", "error", err)
	}
}

func (in *request) clear() {
	for _, s := range []payment.Secret{in.Number.Secret, in.CVV.Secret, in.Month.Secret, in.Year.Secret} {
		s.Clear()
	}
}

// digits are a secret in JSON: a string, or a number.
type digits struct{ payment.Secret }

var errDigits = errors.New("payconnector: no digits")

// UnmarshalJSON implements json.Unmarshaler. No string is made of a secret.
func (d *digits) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		return nil
	}
	b = bytes.Trim(b, `"`)
	if len(bytes.Trim(b, "0123456789")) > 0 {
		return errDigits
	}
	var err error
	d.Secret, err = payment.NewSecret(b)
	return err
}
