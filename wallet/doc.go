// Package wallet knows with what a customer can pay: the saved cards and bank accounts of an account.
//
// A [Wallet] keeps them; [Memory] is one for tests, demonstrations and small installations. [Usable] puts what it
// returns into the order in which a caller is offered it. A card that was just keyed and tokenised is a [Method] too
// ([FromToken]), saved or not. [Method.Leg] makes it the part of a payment.
package wallet
