// Package twiml serves telephone calls to providers that fetch TwiML, the XML of Twilio, over HTTP: a webhook comes
// in for each answer of the caller, and the reply tells what to say next and what to wait for.
//
//	engine := …                                   // an ivr.Handler: flow.Engine
//	calls, err := twiml.New(twiml.Config{
//		Handler: engine, Catalog: engine.Catalog(),
//		BaseURL: "https://pay.example.com/calls",  // as the provider reaches it
//		AuthTokens: []string{token},               // checks X-Twilio-Signature
//	})
//	http.Handle("/calls", calls)               // where a call begins
//	http.Handle("/calls/", calls)              // and goes on: without both, a ServeMux answers with a redirect
//
// At the provider, set the voice webhook of the number and its fallback URL to the BaseURL, and its status callback
// to the BaseURL with /status, all with POST. [examples/webhook] is a whole program.
//
// # What a call is made of
//
// A [Handler] keeps nothing: which turn a request answers is in the URL of the action that the reply named, the
// call's state in the store of the ivr.Handler. So any number of processes behind a balancer serve the same call, one
// that dies loses nothing, and a webhook that is sent twice gets the same reply and has no second effect. After one
// that failed, the provider asks the fallback URL, and the caller hears the question at which the call is.
//
//	ivr.Turn              TwiML
//	prompts               <Say> with language, voice and SSML; <Play> of those that are recorded (Config.Recorded)
//	ActionListen          <Gather> with the prompts in it, so that keys and words interrupt them; a read-back is said
//	                      before its <Gather>, so that nothing interrupts it
//	ActionCapture         the same, for keys alone; or <Pay> for a card, with Config.Pay
//	ActionWait            <Pause> and <Redirect>
//	ActionTransfer        <Dial> or <Enqueue> (Config.Transfer); when nobody answers, the dialogue goes on
//	ActionHangUp          <Hangup>
//
// # What is refused
//
// Only POST is served, and only from a body of at most Config.MaxBody bytes: keys in a query string would be in every
// log. A request without a signature that one of the AuthTokens made, one that is cut short, too large or of no known
// form is answered with a 4xx, and changes nothing.
//
// # What it cannot do
//
// [Abilities] declares in what the line differs from others: keys that nobody has asked for yet are lost, for example.
// With [Pay], keys of a card never reach this process; without, they do, in bodies that are overwritten after each
// request: docs/pci.md tells what either means.
//
// Facts about TwiML and the requests are from Twilio's public documentation, https://www.twilio.com/docs/voice/twiml.
//
// [examples/webhook]: https://github.com/dialpay/dialpay/tree/main/examples/webhook
package twiml
