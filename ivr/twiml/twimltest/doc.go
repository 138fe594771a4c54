// Package twimltest is the other end of a TwiML line: a telephony provider and a caller, for tests without either.
//
// [Parse] reads TwiML as strictly as Twilio's public documentation describes it: elements, attributes, values, nesting.
// A [Phone] calls an http.Handler as the provider would, with signed requests, walks through the TwiML that it replies,
// and lets a caller press keys, speak, wait and hang up:
//
//	phone := twimltest.NewPhone(twimltest.Config{Handler: calls, BaseURL: "https://pay.example.com/calls",
//		AuthToken: "token", CallSid: "CA1"})
//	phone.Dial(ivr.Call{From: "+12125550100", Attestation: "A"})
//	phone.Listen()                // to the end of what is said
//	phone.Press("1")
//	fmt.Println(phone.Words())
//
// Time is virtual: it is told with every event of [Phone.Feed], or passes as Listen and Press need it.
package twimltest
