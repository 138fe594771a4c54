package payconnector_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/dialpay/dialpay/ivr/twiml/payconnector"
	"github.com/dialpay/dialpay/payment/paymenttest"
)

// A provider sends the card that a caller has keyed, and gets a token.
func Example() {
	now := func() time.Time { return time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC) }
	connector, err := payconnector.New(payconnector.Config{Vault: paymenttest.New(paymenttest.Config{Now: now}),
		User: "pay", Password: "12345", Now: now})
	if err != nil {
		panic(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/connector", strings.NewReader(`{"transaction_id": "t1", "method": "tokenize",
		"cardnumber": "4242424242424241", "cvv": "737", "expiry_month": "12", "expiry_year": "29"}`))
	r.SetBasicAuth("pay", "12345")
	w := httptest.NewRecorder()
	connector.ServeHTTP(w, r)
	fmt.Print(w.Code, " ", w.Body) // the check digit is wrong
	// Output: 200 {"token_id":null,"error_code":"card_number_luhn","error_message":"the card was refused"}
}
