// Package payconnector is what a provider's <Pay> sends cards to: the HTTP side of the Generic Pay Connector, served
// over a payment.Vault.
//
//	connector, err := payconnector.New(payconnector.Config{Vault: vault, User: "pay", Password: secret, Now: time.Now})
//	http.Handle("/connector", connector)
//
// At the provider, install a Generic Pay Connector with that URL, user and password, and give its name to twiml.Pay.
// The caller keys the card there; the connector gets it, gives it to the Vault, and answers with a token, which the
// dialogue charges after the read-back. A card never reaches the process that serves the calls, where that is another
// one: only the process with the connector is in PCI DSS scope for cards.
//
// Only tokens are made. A <Pay> with a chargeAmount would charge before the read-back, and in a way that nobody could
// ask about when its answer is lost: it is refused.
//
// The protocol is from https://www.twilio.com/docs/voice/twiml/pay/generic-pay-connector and the tutorial for it: a
// POST of JSON with HTTP Basic authentication; the answer has a token_id, or an error_code. A transaction_id is the
// same when a request is sent again, so the token is the same, too.
package payconnector
