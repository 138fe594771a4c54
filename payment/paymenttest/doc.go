// Package paymenttest helps whoever builds on package payment: a [Sandbox] that plays vault and processor in memory,
// and the tests that every implementation of a payment.Processor or payment.Vault must pass ([TestProcessor],
// [TestVault]).
//
// The sandbox decides by the published test cards (4242 4242 4242 4242 is approved, 4000 0000 0000 0002 declined …) or
// by one of its saved tokens, keeps a ledger of all that it did, and fails on demand: an answer is lost, a request
// arrives late or twice, the processor is down. It reads no clock but the one that it is given, so that a test decides
// when a key is forgotten.
package paymenttest
